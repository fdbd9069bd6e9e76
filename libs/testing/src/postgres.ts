import { spawn } from 'node:child_process';
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { randomBytes } from 'node:crypto';
import { startPostgres } from '@attesta/event-log/embedded';
import pg from 'pg';
import { LOCAL_TLS } from './smtp-tls.js';

export interface TestDatabase {
  url: string;
  pool: pg.Pool;
  /** Closes the pool and drops the database. */
  drop(): Promise<void>;
}

let server: Promise<(database?: string) => string> | undefined;

/** Superuser's connection strings of the real server that the suites share: $TEST_POSTGRES_URL, or one started for this process. */
export function testServer(): Promise<(database?: string) => string> {
  server ??= process.env.TEST_POSTGRES_URL ? Promise.resolve(shared(process.env.TEST_POSTGRES_URL)) : own();
  return server;
}

/** A fresh, empty database on a real PostgreSQL. */
export async function testDatabase(): Promise<TestDatabase> {
  const urlOf = await testServer();
  const name = `test_${process.pid}_${randomBytes(5).toString('hex')}`;
  await asAdmin(urlOf(), `create database ${name}`);
  const pool = new pg.Pool({ connectionString: urlOf(name), max: 20 });
  pool.on('error', () => undefined); // a database dropped under an idle connection
  return {
    url: urlOf(name),
    pool,
    async drop() {
      await pool.end();
      await asAdmin(urlOf(), `drop database if exists ${name} with (force)`);
    },
  };
}

export interface TlsServer {
  /** Superuser's connection string over TLS, with everything verified. `host`: 127.0.0.2 answers too, and is not in the certificate. */
  url(parameters: Record<string, string>, host?: string): string;
  /** File of the authority that signed the server's certificate. */
  ca: string;
  stop(): Promise<void>;
}

/** A real PostgreSQL that takes connections over TLS alone. */
export async function tlsServer(): Promise<TlsServer> {
  const dataDir = await fs.mkdtemp(path.join(os.tmpdir(), 'attesta-test-tls-'));
  await fs.chmod(dataDir, 0o755);
  const server = await startPostgres({ dataDir, persistent: false, settings: { listen_addresses: '127.0.0.1,127.0.0.2' } });
  const inside = path.join(dataDir, 'postgres');
  const { uid, gid } = await fs.stat(inside);
  for (const [name, text] of Object.entries({ 'server.crt': LOCAL_TLS.cert, 'server.key': LOCAL_TLS.key })) {
    await fs.writeFile(path.join(inside, name), text, { mode: 0o600 });
    await fs.chown(path.join(inside, name), uid, gid);
  }
  await fs.writeFile(path.join(inside, 'pg_hba.conf'), 'hostssl all all 127.0.0.0/8 scram-sha-256\n');
  await asAdmin(server.adminUrl(), 'alter system set ssl = on');
  await asAdmin(server.adminUrl(), 'select pg_reload_conf()').catch(() => undefined);
  const ca = path.join(dataDir, 'ca.pem');
  await fs.writeFile(ca, LOCAL_TLS.cert);
  return {
    ca,
    url(parameters, host = '127.0.0.1') {
      const url = new URL(server.adminUrl());
      url.hostname = host;
      for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
      return url.href;
    },
    async stop() {
      await server.stop();
      await fs.rm(dataDir, { recursive: true, force: true });
    },
  };
}

async function own() {
  const dataDir = await fs.mkdtemp(path.join(os.tmpdir(), 'attesta-test-pg-'));
  await fs.chmod(dataDir, 0o755);
  const started = await startPostgres({ dataDir, persistent: false });
  stopWithThisProcess(dataDir);
  return started.adminUrl;
}

/** Test processes are killed at will, so another process watches this one and clears up after it. */
function stopWithThisProcess(dataDir: string): void {
  const script =
    'while kill -0 "$1" 2>/dev/null; do sleep 1; done; kill -INT "$(head -n1 "$2/postgres/postmaster.pid")"; sleep 2; rm -rf "$2"';
  spawn('sh', ['-c', script, 'sh', String(process.pid), dataDir], { detached: true, stdio: 'ignore' }).unref();
}

const shared = (base: string) => (database?: string) => {
  const url = new URL(base);
  if (database) url.pathname = `/${database}`;
  return url.href;
};

async function asAdmin(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
