// `npm run check`: format, lint, types, import rules, generated files fresh. One line per step; output only of what failed.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { GENERATED } from './generated.mjs';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const bin = (name) => path.join('node_modules', name);

const boundaryTests = fs.readdirSync(path.join(root, 'tools/boundaries')).filter((name) => name.endsWith('.test.mjs'));
const steps = [
  { name: 'format', args: [bin('prettier/bin/prettier.cjs'), '--check', '--log-level=warn', '.'] },
  {
    name: 'lint',
    args: ['--max-old-space-size=4096', bin('eslint/bin/eslint.js'), '.', '--max-warnings=0'],
  },
  { name: 'types', args: [bin('typescript/bin/tsc'), '-p', 'tsconfig.json'] },
  { name: 'types of pages', args: [bin('typescript/bin/tsc'), '-p', 'apps/console/tsconfig.json'] },
  { name: 'import rules', args: ['--test', ...boundaryTests.map((name) => `tools/boundaries/${name}`)] },
  { name: 'variables documented', args: ['--test', 'tools/documented-variables.test.mjs'] },
  { name: 'licences', args: ['--test', 'tools/audit/audit.test.mjs'] },
  ...GENERATED.filter(({ cwd, script }) => fs.existsSync(path.join(root, cwd, script))).map(({ what, cwd, script }) => ({
    name: `fresh: ${what}`,
    cwd,
    args: [script, '--check'],
  })),
];

let failed = 0;
for (const step of steps) {
  const started = performance.now();
  const { status, output } = await run(step);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  process.stdout.write(`${status === 0 ? 'ok  ' : 'FAIL'}  ${step.name} (${seconds} s)\n`);
  if (status !== 0) {
    failed++;
    process.stdout.write(`${output.trimEnd()}\n`);
  }
}
process.stdout.write(`${steps.length - failed} passed, ${failed} failed\n`);
process.exit(failed === 0 ? 0 : 1);

function run({ args, cwd = '.' }) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, { cwd: path.join(root, cwd), stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
    child.on('error', (error) => resolve({ status: 1, output: error.message }));
    child.on('close', (status) => resolve({ status: status ?? 1, output }));
  });
}
