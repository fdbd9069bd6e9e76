// Bundles src/verify-main.ts into generated/verify.mjs, the one-file checker that goes into every evidence bundle.
// With --check nothing is written: exits 1 if the committed file is not what the sources give.
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import prettier from 'prettier';

const here = path.dirname(fileURLToPath(import.meta.url));
const target = path.join(here, 'generated/verify.mjs');

const banner = `#!/usr/bin/env node
// Attesta evidence checker. One file, no dependencies, Node 18 or later:
//
//   node verify.mjs [--key <verifier key line>]      in the unzipped evidence bundle
//
// Exits 0 if every entry of the bundle is proved to stand in the log, 1 naming what is wrong, 2 if it was called wrongly.
// It opens no connection. Generated from libs/proof by build-verify.mjs: change the sources there, not this file.
`;

const result = await build({
  absWorkingDir: here,
  entryPoints: ['src/verify-main.ts'],
  bundle: true,
  write: false,
  platform: 'node',
  format: 'esm',
  target: 'node18',
  charset: 'utf8',
  legalComments: 'none',
  tsconfigRaw: {},
  banner: { js: banner },
});
// Formatted as the repository is: people are to read it before they run it, and the format check covers it too.
const program = await prettier.format(result.outputFiles[0].text, { ...(await prettier.resolveConfig(target)), parser: 'babel' });

if (process.argv.includes('--check')) {
  const committed = fs.existsSync(target) ? fs.readFileSync(target, 'utf8') : '';
  if (committed !== program) {
    process.stderr.write('generated/verify.mjs is not what the sources give: run `npm run generate` in libs/proof\n');
    process.exitCode = 1;
  }
} else {
  fs.mkdirSync(path.dirname(target), { recursive: true });
  fs.writeFileSync(target, program);
}
