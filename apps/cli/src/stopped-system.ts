import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { SealedLogReader } from '@attesta/event-log';
import { createDatabase, createLogin, dropDatabase, isRunning, startPostgres } from '@attesta/event-log/embedded';
import type { PolicySource } from '@attesta/policy';
import { EmbeddedConfig, KeyProviderConfig, loadConfigs, openKeyProvider, readPolicySource, useJsonLogs } from '@attesta/service-kit';
import { transaction } from '@attesta/transport';
import type { KeyProvider } from '@attesta/vault';
import pg from 'pg';
import { homeOf } from './credentials.js';
import { Failure } from './failure.js';
import { RESTORABLE } from './restorable.js';
import type { Terminal } from './terminal.js';

/** What comes with Attesta: relative to this file both in src and in dist. */
const SHIPPED_POLICY = fileURLToPath(new URL('../../../policies/m-med.yaml', import.meta.url));

/** The databases of a system that nothing runs on. */
export interface StoppedSystem {
  /** Directory of keys. */
  keys: string;
  /** What wraps a service's keys. */
  keysOf(service: string): Promise<KeyProvider>;
  policy: PolicySource;
  ledger: pg.Pool;
  log: SealedLogReader;
  /** Whether a service's database holds anything. */
  isFilled(service: string): Promise<boolean>;
  /** Drops a service's database, and makes it again, empty. @param name another one's, beside it */
  recreate(service: string, name?: string): Promise<{ databaseUrl: string; migrationUrl: string }>;
  drop(name: string): Promise<void>;
  /** Digests of a service's database. @param name another one than its own */
  digest(service: string, name?: string): Promise<Record<string, string>>;
  /** In one moment of a database. */
  look<T>(database: string, work: (tx: pg.PoolClient) => Promise<T>): Promise<T>;
}

/**
 * Starts PostgreSQL on a data directory of which no process has hold, and stops it afterwards.
 * @throws Failure where the system runs, or was never there
 */
export async function withStoppedSystem<T>(
  options: { home?: string },
  terminal: Terminal,
  work: (system: StoppedSystem) => Promise<T>,
): Promise<T> {
  useJsonLogs({ service: 'cli', level: 'warn' });
  const home = homeOf(options, terminal);
  const [{ policy: file = SHIPPED_POLICY }, provider] = loadConfigs([EmbeddedConfig, KeyProviderConfig], terminal.env);
  const passwords = readPasswords(home);
  if (await isRunning(home)) throw new Failure(`Attesta runs on ${home}`, 'Stop it first.');
  const server = await startPostgres({ dataDir: home });
  const pools: pg.Pool[] = [];
  const poolOf = (database: string): pg.Pool => {
    const pool = new pg.Pool({ connectionString: server.adminUrl(database), max: 2 });
    pool.on('error', () => undefined);
    pools.push(pool);
    return pool;
  };
  const recreate = async (service: string, name = `attesta_${service}`) => {
    await dropDatabase(server.adminUrl(), name);
    const owner = await createDatabase(server.adminUrl(), `attesta_${service}`, passwords[`${service}_owner`]!);
    const migrationUrl = name === `attesta_${service}` ? owner : await beside(server.adminUrl(), owner, name);
    const databaseUrl = await createLogin(server.adminUrl(), `attesta_${service}_service`, passwords[service]!, name);
    return { databaseUrl, migrationUrl };
  };
  const look: StoppedSystem['look'] = async (database, looking) => {
    const pool = new pg.Pool({ connectionString: server.adminUrl(database), max: 1 });
    pool.on('error', () => undefined);
    try {
      return await transaction(pool, looking, 'isolation level repeatable read read only');
    } finally {
      await pool.end();
    }
  };
  try {
    const policy = readPolicySource(file);
    const ledger = poolOf('attesta_ledger');
    return await work({
      keys: path.join(home, 'keys'),
      keysOf: (service) => openKeyProvider(provider, { service, keyring: path.join(home, 'keys', `${service}-keyring.json`) }),
      policy,
      ledger,
      log: new SealedLogReader(ledger),
      isFilled: (service) => isFilled(server.adminUrl(), look, `attesta_${service}`),
      recreate,
      drop: (name) => dropDatabase(server.adminUrl(), name),
      digest: (service, name = `attesta_${service}`) => look(name, (tx) => RESTORABLE[service]!.digest(tx, policy)),
      look,
    });
  } finally {
    await Promise.all(pools.map((pool) => pool.end()));
    await server.stop();
  }
}

/** Made by the first start; without them nothing of the databases can be opened as their services. */
function readPasswords(home: string): Record<string, string> {
  try {
    return JSON.parse(fs.readFileSync(path.join(home, 'databases.json'), 'utf8')) as Record<string, string>;
  } catch (cause) {
    throw new Failure(`there is no system in ${home}`, 'Name its data directory with --home; databases.json is a part of it.', { cause });
  }
}

/** A database of an owner whose own has another name. */
async function beside(adminUrl: string, owner: string, name: string): Promise<string> {
  const admin = new pg.Client({ connectionString: adminUrl });
  await admin.connect();
  try {
    const url = new URL(owner);
    await admin.query(`create database ${admin.escapeIdentifier(name)} owner ${admin.escapeIdentifier(url.username)}`);
    await admin.query(`revoke connect on database ${admin.escapeIdentifier(name)} from public`);
    url.pathname = `/${name}`;
    return url.href;
  } finally {
    await admin.end();
  }
}

async function isFilled(adminUrl: string, look: StoppedSystem['look'], database: string): Promise<boolean> {
  const admin = new pg.Client({ connectionString: adminUrl });
  await admin.connect();
  try {
    const { rowCount } = await admin.query('select 1 from pg_database where datname = $1', [database]);
    if (!rowCount) return false;
  } finally {
    await admin.end();
  }
  return look(database, async (tx) => {
    const { rowCount } = await tx.query(`select 1 from pg_tables where schemaname = 'public' limit 1`);
    return rowCount !== 0;
  });
}
