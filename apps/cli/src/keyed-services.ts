import fs from 'node:fs';
import path from 'node:path';
import { isRunning, startPostgres } from '@attesta/event-log/embedded';
import { ConsentConfig } from '@attesta/consent/configuration';
import { LedgerConfig } from '@attesta/ledger/configuration';
import { NotificationConfig } from '@attesta/notification/configuration';
import { RequestsConfig } from '@attesta/requests/configuration';
import { KeyProviderConfig, loadConfig, openKeyProvider, useJsonLogs } from '@attesta/service-kit';
import type { KeyProvider, WrappedColumn } from '@attesta/vault';
import pg from 'pg';
import { homeOf } from './credentials.js';
import { Failure } from './failure.js';
import type { Terminal } from './terminal.js';
import { KEYED_SERVICES, WRAPPED_COLUMNS, type KeyedService } from './wrapped-columns.js';

/** A service's keys and what hangs on them; it may run meanwhile. */
export interface Keyed {
  service: KeyedService;
  /** Its keys directory. */
  keys: string;
  keyring: string;
  /** Whether new keys are wrapped by the keyring file, and not by Transit or KMS. */
  local: boolean;
  provider: KeyProvider;
  /** Database of what is wrapped. */
  pool: pg.Pool;
  columns: readonly WrappedColumn[];
  /** The log's database; only the ledger's. */
  log?: pg.Pool | undefined;
}

export interface KeyedOptions {
  home?: string;
  service?: string;
}

/**
 * The services of a data directory, whether they run or not; or, with --service and no --home, the one that the environment configures, as it does the
 * process itself.
 */
export async function withKeyed<T>(options: KeyedOptions, terminal: Terminal, work: (keyed: Keyed[]) => Promise<T>): Promise<T> {
  useJsonLogs({ service: 'cli', level: 'warn' });
  const pools: pg.Pool[] = [];
  const poolOf = (connectionString: string) => {
    const pool = new pg.Pool({ connectionString, max: 2 });
    pool.on('error', () => undefined);
    pools.push(pool);
    return pool;
  };
  const wanted = options.service === undefined ? KEYED_SERVICES : [known(options.service)];
  const home = homeOf(options, terminal);
  const atHome = fs.existsSync(path.join(home, 'databases.json'));
  if (!atHome && options.service === undefined)
    throw new Failure(
      `there is no system in ${home}`,
      'Name its data directory with --home, or one service with --service where its environment is set.',
    );
  const started = atHome && !(await isRunning(home));
  const server = atHome ? await startPostgres({ dataDir: home }) : undefined;
  const config = loadConfig(KeyProviderConfig, terminal.env);
  const open = async (service: KeyedService): Promise<Keyed> => {
    const place = server ? placeAtHome(home, server.adminUrl, service) : placeByEnvironment(service, terminal.env);
    const provider = await openKeyProvider(config, { service, keyring: place.keyring });
    return {
      service,
      keys: place.keys,
      keyring: place.keyring,
      local: config.provider === 'local',
      provider,
      columns: WRAPPED_COLUMNS[service],
      pool: poolOf(place.database),
      log: place.log === undefined ? undefined : poolOf(place.log),
    };
  };
  try {
    const keyed: Keyed[] = [];
    for (const service of wanted) keyed.push(await open(service));
    return await work(keyed);
  } finally {
    await Promise.all(pools.map((pool) => pool.end()));
    if (started) await server?.stop();
  }
}

interface Place {
  keys: string;
  keyring: string;
  database: string;
  log?: string;
}

function placeAtHome(home: string, adminUrl: (database: string) => string, service: KeyedService): Place {
  const keys = path.join(home, 'keys');
  if (service === 'ledger')
    return { keys, keyring: path.join(keys, 'keyring.json'), database: adminUrl('attesta_vault'), log: adminUrl('attesta_ledger') };
  return { keys, keyring: path.join(keys, `${service}-keyring.json`), database: adminUrl(`attesta_${service}`) };
}

function placeByEnvironment(service: KeyedService, env: Terminal['env']): Place {
  const at = (keys: string, database: string): Place => ({ keys, keyring: path.join(keys, 'keyring.json'), database });
  if (service === 'ledger') {
    const { keys, vaultUrl, databaseUrl } = loadConfig(LedgerConfig, env);
    return { ...at(keys, vaultUrl), log: databaseUrl };
  }
  const { keys, databaseUrl, migrationUrl } = loadConfig(
    { consent: ConsentConfig, requests: RequestsConfig, notification: NotificationConfig }[service],
    env,
  );
  return at(keys, migrationUrl ?? databaseUrl);
}

function known(service: string): KeyedService {
  if ((KEYED_SERVICES as string[]).includes(service)) return service as KeyedService;
  throw new Failure(`there is no service ${JSON.stringify(service)} with keys of its own`, `Name one of ${KEYED_SERVICES.join(', ')}.`);
}
