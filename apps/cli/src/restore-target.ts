import fs from 'node:fs';
import path from 'node:path';
import { AuditConfig } from '@attesta/audit/configuration';
import { ConsentConfig } from '@attesta/consent/configuration';
import { SealedLogReader, type EntrySource } from '@attesta/event-log';
import { NotificationConfig } from '@attesta/notification/configuration';
import type { PolicySource } from '@attesta/policy';
import { RequestsConfig } from '@attesta/requests/configuration';
import { RetentionConfig } from '@attesta/retention/configuration';
import { KeyProviderConfig, loadConfig, openKeyProvider, readPolicySource, useJsonLogs } from '@attesta/service-kit';
import { transaction } from '@attesta/transport';
import type { KeyProvider } from '@attesta/vault';
import pg from 'pg';
import { homeOf } from './credentials.js';
import { Failure } from './failure.js';
import { RESTORABLE } from './restorable.js';
import { withStoppedSystem } from './stopped-system.js';
import type { Terminal } from './terminal.js';

/** The database of a service that does not run, and the log it follows. */
export interface RestoreTarget {
  policy: PolicySource;
  log: EntrySource;
  keys(): Promise<KeyProvider>;
  /** Whether the database holds anything. */
  isFilled(): Promise<boolean>;
  /** Empties it. */
  recreate(): Promise<{ databaseUrl: string; migrationUrl: string }>;
  digest(): Promise<Record<string, string>>;
}

interface Configured {
  databaseUrl: string;
  migrationUrl?: string;
  policy: string;
  /** Directory of keys; not of services that have none. */
  keys?: string;
}

const CONFIGS: Readonly<Record<string, new () => Configured>> = {
  audit: AuditConfig,
  consent: ConsentConfig,
  requests: RequestsConfig,
  retention: RetentionConfig,
  notification: NotificationConfig,
};

/** The service's in a data directory, or, where there is none, the one that the environment configures, as it does the service itself. */
export async function withRestoreTarget<T>(
  service: string,
  options: { home?: string },
  terminal: Terminal,
  work: (target: RestoreTarget) => Promise<T>,
): Promise<T> {
  const atHome = fs.existsSync(path.join(homeOf(options, terminal), 'databases.json'));
  if (atHome || options.home !== undefined || terminal.env[`${service.toUpperCase()}_DATABASE_URL`] === undefined) {
    return withStoppedSystem(options, terminal, (system) =>
      work({
        policy: system.policy,
        log: system.log,
        keys: () => system.keysOf(service),
        isFilled: () => system.isFilled(service),
        recreate: () => system.recreate(service),
        digest: () => system.digest(service),
      }),
    );
  }
  return withConfigured(service, terminal.env, work);
}

async function withConfigured<T>(service: string, env: Terminal['env'], work: (target: RestoreTarget) => Promise<T>): Promise<T> {
  useJsonLogs({ service: 'cli', level: 'warn' });
  const ledgerUrl = env['LEDGER_DATABASE_URL'];
  if (ledgerUrl === undefined)
    throw new Failure(
      'LEDGER_DATABASE_URL is not set',
      "Set it to the ledger's database, from whose log this one is built; reading is enough.",
    );
  const config = loadConfig(CONFIGS[service]!, env);
  const { databaseUrl } = config;
  const migrationUrl = config.migrationUrl ?? databaseUrl;
  const policy = readPolicySource(config.policy);
  const provider = loadConfig(KeyProviderConfig, env);
  const owner = poolOf(migrationUrl);
  const ledger = poolOf(ledgerUrl);
  try {
    await refuseRunning(owner, service);
    return await work({
      policy,
      log: new SealedLogReader(ledger),
      keys: () => openKeyProvider(provider, { service, keyring: path.join(config.keys!, 'keyring.json') }),
      isFilled: async () => ((await owner.query(`select 1 from pg_tables where schemaname = 'public' limit 1`)).rowCount ?? 0) > 0,
      recreate: async () => {
        await owner.query('drop schema public cascade; create schema public; grant usage on schema public to public');
        return { databaseUrl, migrationUrl };
      },
      digest: () => transaction(owner, (tx) => RESTORABLE[service]!.digest(tx, policy), 'isolation level repeatable read read only'),
    });
  } finally {
    await Promise.all([owner.end(), ledger.end()]);
  }
}

/** What is built beside a service that goes on would be built on what it does meanwhile. */
async function refuseRunning(owner: pg.Pool, service: string): Promise<void> {
  const { rows } = await owner.query<{ who: string }>(
    `select distinct coalesce(nullif(application_name, ''), usename) as who from pg_stat_activity
      where datname = current_database() and pid <> pg_backend_pid() and usename is not null`,
  );
  if (rows.length > 0)
    throw new Failure(
      `somebody is connected to the database of ${service}: ${rows.map(({ who }) => who).join(', ')}`,
      'Stop every process of the service first.',
    );
}

function poolOf(connectionString: string): pg.Pool {
  const pool = new pg.Pool({ connectionString, max: 2, application_name: 'attesta-restore' });
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}
