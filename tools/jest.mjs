// Runs jest for the project in the current directory; its result is summed by tools/test.mjs.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const project = path.basename(process.cwd());
fs.mkdirSync(path.join(root, '.test-results'), { recursive: true });
const run = spawnSync(
  process.execPath,
  [
    '--experimental-vm-modules',
    '--disable-warning=ExperimentalWarning',
    path.join(root, 'node_modules/jest/bin/jest.js'),
    `--config=${path.join(root, 'jest.config.mjs')}`,
    `--rootDir=${process.cwd()}`,
    '--passWithNoTests',
    '--json',
    `--outputFile=${path.join(root, '.test-results', `${project}.json`)}`,
    ...process.argv.slice(2),
  ],
  { stdio: ['ignore', 'ignore', 'inherit'] },
);
process.exit(run.status ?? 1);
