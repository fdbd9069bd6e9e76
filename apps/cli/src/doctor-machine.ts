import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { codeOf } from './failure.js';
import { note, ok, problem, skipped, type Finding } from './finding.js';

export interface Machine {
  /** Data directory of the local system; need not exist. */
  home: string;
  env: Record<string, string | undefined>;
}

/** Folders of the home that hold secrets. */
const SECRETS = ['keys', 'oidc', 'databases.json', 'postgres.password'];
const LEAST_FREE_BYTES = 1 << 30;

/** What can be told without asking the server. */
export async function checkMachine({ home, env }: Machine): Promise<Finding[]> {
  // Loaded only here: the declarations bring their validators along.
  const { checkEnvironment } = await import('./doctor-environment.js');
  return [
    checkNode(process.versions.node),
    checkEnvironment(env),
    checkSecrets(home),
    await checkDisk(home),
    await checkTool('Java', 'java', ['-version'], env),
    await checkTool('Maven', 'mvn', ['-version'], env),
  ];
}

/** The versions of `engines`: 20.19 and later of 20, 22.12 and later. */
export function checkNode(version: string): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if ((major === 20 && minor >= 19) || (major === 22 && minor >= 12) || major > 22) return ok('Node.js', version);
  return problem('Node.js', version, 'Use Node.js 20.19 or later of 20, or 22.12 or later.');
}

/** Private keys, client secrets and database passwords must be their owner's alone. */
export function checkSecrets(home: string): Finding {
  const check = 'key files';
  if (!fs.existsSync(home))
    return skipped(check, `there is no ${home} here`, 'Name the data directory with --home, if the system runs on this machine.');
  if (process.platform === 'win32') return skipped(check, 'file modes say nothing on Windows');
  const files = SECRETS.flatMap((name) => filesUnder(path.join(home, name)));
  if (files.length === 0) return skipped(check, `${home} holds no keys`);
  const open = files.filter((file) => (fs.statSync(file).mode & 0o077) !== 0).map((file) => path.relative(home, file));
  if (open.length === 0) return ok(check, `${files.length} files, readable by their owner only`);
  return problem(
    check,
    `others may read ${open.slice(0, 5).join(', ')}`,
    `chmod 600 ${open.map((file) => path.join(home, file)).join(' ')}; then change what was readable.`,
  );
}

function filesUnder(place: string): string[] {
  const stat = fs.statSync(place, { throwIfNoEntry: false });
  if (!stat) return [];
  if (!stat.isDirectory()) return [place];
  return fs.readdirSync(place).flatMap((name) => filesUnder(path.join(place, name)));
}

async function checkDisk(home: string): Promise<Finding> {
  const check = 'free disk';
  try {
    const { bavail, bsize } = await fs.promises.statfs(fs.existsSync(home) ? home : '.');
    const free = bavail * bsize;
    const text = `${(free / (1 << 30)).toFixed(1)} GiB`;
    return free >= LEAST_FREE_BYTES ? ok(check, text) : problem(check, text, 'Free some: PostgreSQL stops the log when the disk is full.');
  } catch (error) {
    return skipped(check, `cannot be told (${codeOf(error)})`);
  }
}

/** Only `npm run kafka` needs them: without, everything embedded still runs. */
async function checkTool(check: string, command: string, args: string[], env: Machine['env']): Promise<Finding> {
  try {
    const { stdout, stderr } = await promisify(execFile)(command, args, { timeout: 20_000, env: env as NodeJS.ProcessEnv });
    // eslint-disable-next-line no-control-regex -- Maven colours its version
    const [line = ''] = (stdout || stderr).replaceAll(/\u001b\[[0-9;]*m/g, '').split('\n');
    return ok(check, line.trim());
  } catch {
    return note(check, 'not found', 'Install Java 17 and Maven to run a real Kafka with npm run kafka; nothing else needs them.');
  }
}
