// Compiles src/ of the project in the current directory to dist/ (types are checked once for all by `npm run check`).
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
fs.rmSync('dist', { recursive: true, force: true });
const run = spawnSync(
  process.execPath,
  [
    path.join(root, 'node_modules/@swc/cli/bin/swc.js'),
    'src',
    '--out-dir',
    'dist',
    '--strip-leading-paths',
    '--copy-files',
    '--quiet',
    '--config-file',
    path.join(root, '.swcrc'),
    '--ignore',
    '**/*.spec.ts',
  ],
  { stdio: 'inherit' },
);
process.exit(run.status ?? 1);
