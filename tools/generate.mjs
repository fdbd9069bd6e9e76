// `npm run generate`: every committed file that is made from another.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { GENERATED } from './generated.mjs';
import { root } from './setup.mjs';

for (const { what, cwd, script } of GENERATED) {
  const { status } = spawnSync(process.execPath, [script], { cwd: path.join(root, cwd), stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
  process.stdout.write(`${what}\n`);
}
