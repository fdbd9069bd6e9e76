// node tools/run.mjs <file> [arguments]: makes the clone ready, then runs a built program in this process's place.
import { spawn } from 'node:child_process';
import path from 'node:path';
import { root, setup } from './setup.mjs';

const [file, ...args] = process.argv.slice(2);
setup();
const child = spawn(process.execPath, [path.join(root, file), ...args], { stdio: 'inherit' });
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
child.on('exit', (code, signal) => process.exit(code ?? (signal ? 1 : 0)));
