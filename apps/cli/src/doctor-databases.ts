import fs from 'node:fs';
import { unprotectedDatabase, type Environment } from '@attesta/service-kit/configuration';
import pg from 'pg';
import { codeOf } from './failure.js';
import { note, ok, problem, type Finding } from './finding.js';

type Migrate = (url: string) => Promise<void>;

interface Database {
  name: string;
  /** Runs what is still to be migrated; here on a connection that may not write. */
  migrate: Migrate;
  /** Tables of which the service may change no row. */
  sealed: string[];
}

/** The services' own migrations, loaded only where their database is looked at. */
const DATABASES: Database[] = [
  {
    name: 'LEDGER',
    migrate: async (url) => (await import('@attesta/ledger/migrate')).migrateLog({ databaseUrl: url }),
    sealed: ['entry', 'log_head', 'sealed_batch'],
  },
  { name: 'VAULT', migrate: async (url) => (await import('@attesta/ledger/migrate')).migrateVault({ vaultUrl: url }), sealed: [] },
  {
    name: 'AUDIT',
    migrate: async (url) => (await import('@attesta/audit/migrate')).migrate({ databaseUrl: url }),
    sealed: ['service_event'],
  },
  {
    name: 'CONSENT',
    migrate: async (url) => (await import('@attesta/consent/migrate')).migrate({ databaseUrl: url }),
    sealed: ['service_event'],
  },
  {
    name: 'REQUESTS',
    migrate: async (url) => (await import('@attesta/requests/migrate')).migrate({ databaseUrl: url }),
    sealed: ['service_event'],
  },
  {
    name: 'RETENTION',
    migrate: async (url) => (await import('@attesta/retention/migrate')).migrate({ databaseUrl: url }),
    sealed: ['service_event'],
  },
  {
    name: 'NOTIFICATION',
    migrate: async (url) => (await import('@attesta/notification/migrate')).migrate({ databaseUrl: url }),
    sealed: ['service_event'],
  },
];

const LEAST_FREE_CONNECTIONS = 10;
const CONNECT_MS = 5_000;
/** SQLSTATE of what a connection that only reads, or a role that may not, is refused. */
const STILL_TO_DO = new Set(['25006', '42501']);

/** Of each database that a variable names: whether it is there, up to date, protected, and who may do what in it. */
export async function checkDatabases(env: Environment): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const database of DATABASES) {
    const url = urlIn(env, `${database.name}_DATABASE_URL`);
    if (url !== undefined) findings.push(...(await checkDatabase(database, url)));
  }
  return findings;
}

/** Undefined where it is not given, or wrong: then it is the environment's finding. */
function urlIn(env: Environment, name: string): string | undefined {
  const file = env[`${name}_FILE`];
  try {
    const url = (env[name] ?? (file === undefined ? undefined : fs.readFileSync(file, 'utf8')))?.trim();
    return url && /^postgres(ql)?:$/.test(new URL(url).protocol) ? url : undefined;
  } catch {
    return undefined;
  }
}

async function checkDatabase({ name, migrate, sealed }: Database, url: string): Promise<Finding[]> {
  const check = `database ${name.toLowerCase()}`;
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: CONNECT_MS, application_name: 'attesta-doctor' });
  client.on('error', () => undefined);
  try {
    await client.connect();
  } catch (error) {
    return [
      problem(check, `cannot be reached (${codeOf(error)})`, `Start it, or correct ${name}_DATABASE_URL: host, name, role and password.`),
    ];
  }
  try {
    return [
      ok(check, 'answers'),
      ...protection(check, url),
      await connections(check, client),
      await migrations(`${check}: migrations`, name, url, migrate),
      await rights(`${check}: rights`, client, sealed),
    ];
  } catch (error) {
    return [problem(check, `does not answer as PostgreSQL should (${codeOf(error)})`, "Look at PostgreSQL's log.")];
  } finally {
    await client.end();
  }
}

function protection(check: string, url: string): Finding[] {
  const unprotected = unprotectedDatabase(url);
  return unprotected ? [problem(`${check}: TLS`, unprotected.message, unprotected.fix)] : [];
}

async function connections(check: string, client: pg.Client): Promise<Finding> {
  const { rows } = await client.query<{ most: number; used: number }>(
    `select current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int as most,
            (select count(*)::int from pg_stat_activity where backend_type = 'client backend') as used`,
  );
  const { most, used } = rows[0]!;
  const text = `${most - used} of ${most} are free`;
  if (most - used >= LEAST_FREE_CONNECTIONS) return ok(`${check}: connections`, text);
  return problem(`${check}: connections`, text, 'Raise max_connections, or find in pg_stat_activity who holds them.');
}

async function migrations(check: string, name: string, url: string, migrate: Migrate): Promise<Finding> {
  const reading = new URL(url);
  reading.searchParams.set('options', '-c default_transaction_read_only=on');
  try {
    await migrate(reading.href);
    return ok(check, 'up to date');
  } catch (error) {
    const { code } = error as { code?: string };
    if (code === undefined || !STILL_TO_DO.has(code))
      return problem(check, `cannot be told (${codeOf(error)})`, "Look at PostgreSQL's log.");
    return problem(
      check,
      'some are still to be applied, by this version of Attesta',
      `Run the service's migrate.main.js with ${name}_MIGRATION_URL, the owner's; or start the service with it.`,
    );
  }
}

async function rights(check: string, client: pg.Client, sealed: string[]): Promise<Finding> {
  const { rows } = await client.query<{ above: boolean; owns: boolean; may: string[] | null }>(
    `select r.rolsuper or r.rolbypassrls or r.rolcreaterole as above,
            exists (select from pg_class c where c.relowner = r.oid and c.relnamespace = 'public'::regnamespace) as owns,
            (select array_agg(distinct c.relname::text) from pg_class c, unnest(array['update', 'delete', 'truncate']) p
              where c.relname = any($1) and c.relnamespace = 'public'::regnamespace and has_table_privilege(r.oid, c.oid, p)) as may
       from pg_roles r where r.rolname = current_user`,
    [sealed],
  );
  const { above, owns, may } = rows[0]!;
  const fix = 'Give the service a role of its own and the owner as ..._MIGRATION_URL, as deploy/postgres-init.sql does.';
  if (above) return problem(check, 'the role of the service stands above all rights (superuser or the like)', fix);
  if (owns) return note(check, 'the service owns its tables: only triggers keep it from changing them', fix);
  if (may)
    return problem(
      check,
      `the service may change what is sealed in ${may.join(', ')}`,
      `revoke update, delete, truncate on ${may.join(', ')}`,
    );
  return ok(check, 'no more than the service needs');
}
