// Writes docs/configuration.md from the configuration classes; with --check it only says whether the file is fresh.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { fileURLToPath } from 'node:url';

const CHILD = 'ATTESTA_GENERATE_CONFIGURATION';
if (!process.env[CHILD]) {
  const hooks = new URL('./ts-sources.mjs', import.meta.url).href;
  const args = [
    '--conditions=attesta-source',
    '--disable-warning=ExperimentalWarning',
    '--import',
    hooks,
    fileURLToPath(import.meta.url),
    ...process.argv.slice(2),
  ];
  process.exit(spawnSync(process.execPath, args, { stdio: 'inherit', env: { ...process.env, [CHILD]: '1' } }).status ?? 1);
}

const { CONFIGURATION } = await import('./configuration.mjs');
const { configurationMarkdown } = await import('@attesta/service-kit/configuration');
const prettier = await import('prettier');
const sections = await Promise.all(
  CONFIGURATION.map(async ({ title, about, module, name, variables }) => {
    if (variables) return { title, about, variables };
    const Class = (await import(module))[name];
    if (typeof Class !== 'function') throw new Error(`${module} exports no class ${name}; correct scripts/configuration.mjs`);
    return { title, about, Class };
  }),
);
const file = new URL('../../../docs/configuration.md', import.meta.url);
const options = await prettier.resolveConfig(fileURLToPath(file));
const text = await prettier.format(configurationMarkdown(sections), { ...options, parser: 'markdown' });

if (!process.argv.includes('--check')) {
  fs.writeFileSync(file, text);
} else if (!fs.existsSync(file) || fs.readFileSync(file, 'utf8') !== text) {
  process.stderr.write(
    'docs/configuration.md is not what the configuration classes say; run `npm run generate -w @attesta/service-kit`.\n',
  );
  process.exit(1);
}
