// Makes a fresh clone ready: installs what the lockfile names, compiles what changed. Plain node, for it runs before anything is installed.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';

/** Runs in the repository; standard output goes to standard error, so that a caller's own output stays clean. Ends the process on failure. */
function must(command, args, what) {
  const run = spawnSync(command, args, { cwd: root, stdio: ['ignore', 2, 2], env: { ...process.env, NX_DAEMON: 'false' }, shell: false });
  if (run.status === 0) return;
  console.error(`${what} failed${run.error ? `: ${run.error.message}` : ''}. Run it by itself to see why: ${command} ${args.join(' ')}`);
  process.exit(run.status || 1);
}

/** Node 20.19 or 22.12 and later: older ones lack what we are built on. */
function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if ((major === 20 && minor >= 19) || (major === 22 && minor >= 12) || major > 22) return;
  console.error(`Attesta needs Node 20.19, 22.12 or later; this is ${process.versions.node}.`);
  process.exit(1);
}

/**
 * Installs when node_modules is not what the lockfile says. Not `npm ci`: it refuses a lockfile that lacks optional packages of platforms whose
 * files the registry at hand does not carry. `npm install` takes the locked versions all the same, and --no-save leaves the lockfile alone.
 */
export function install() {
  checkNode();
  const lock = createHash('sha256')
    .update(fs.readFileSync(path.join(root, 'package-lock.json')))
    .digest('hex');
  const stamp = path.join(root, 'node_modules', '.attesta-lock');
  if (fs.existsSync(stamp) && fs.readFileSync(stamp, 'utf8') === lock) return;
  console.error('Installing what package-lock.json names (once) ...');
  must(npm, ['install', '--no-save', '--no-audit', '--no-fund', '--loglevel=error'], 'npm install');
  fs.writeFileSync(stamp, lock);
}

/** Compiles every package that changed. */
export function build() {
  must(
    process.execPath,
    [
      path.join(root, 'node_modules/nx/dist/bin/nx.js'),
      'run-many',
      '-t',
      'build',
      '--output-style=stream-without-prefixes',
      '--verbose=false',
    ],
    'the build',
  );
}

export function setup() {
  install();
  build();
}
