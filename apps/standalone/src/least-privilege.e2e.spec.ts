import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { startPostgres, type EmbeddedServer } from '@attesta/event-log/embedded';
import pg from 'pg';
import { DEPLOYED, FACTS, inRepository, read } from './helm-rig.js';

const SERVICES = DEPLOYED.filter((service) => FACTS[service].databases.length > 0);
const DATABASES = SERVICES.flatMap((service) => FACTS[service].databases.map((prefix) => prefix.toLowerCase()));

describe('databases made by deploy/postgres-init.sql and migrated as they are in production', () => {
  let server: EmbeddedServer;
  let dataDir: string;

  const urlOf = (user: string, password: string, database: string) => {
    const url = new URL(server.adminUrl(`attesta_${database}`));
    [url.username, url.password] = [user, password];
    return url.href;
  };
  const service = (name: string, database = name) => urlOf(`attesta_${name}_service`, name, database);
  const owner = (name: string) => urlOf(`attesta_${name}`, `${name}-owner`, name);

  async function inDatabase<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      return await work(client);
    } finally {
      await client.end();
    }
  }

  /** What PostgreSQL answers to a statement: `done`, or why not. Nothing of it stays. */
  const attempt = (url: string, sql: string) =>
    inDatabase(url, async (client) => {
      await client.query('begin');
      return client.query(sql).then(
        () => 'done',
        (error: Error) => error.message,
      );
    });

  beforeAll(async () => {
    dataDir = await fs.mkdtemp(path.join(os.tmpdir(), 'attesta-privileges-'));
    await fs.chmod(dataDir, 0o755);
    server = await startPostgres({ dataDir, persistent: false });
    await inDatabase(server.adminUrl(), async (client) => {
      for (const statement of read('deploy/postgres-init.sql').split(';\n')) await client.query(statement);
    });
    for (const name of SERVICES) {
      const env = Object.fromEntries(
        FACTS[name].databases.flatMap((prefix) => [
          [`${prefix}_DATABASE_URL`, service(prefix.toLowerCase())],
          [`${prefix}_MIGRATION_URL`, owner(prefix.toLowerCase())],
        ]),
      );
      const child = spawn(process.execPath, [inRepository(`apps/${name}/dist/migrate.main.js`)], { env });
      const [stderr, [status]] = await Promise.all([text(child.stderr), once(child, 'exit'), text(child.stdout)]);
      if (status !== 0) throw new Error(`${name} was not migrated: ${stderr}`);
    }
  }, 240_000);

  afterAll(async () => {
    await server?.stop();
    await fs.rm(dataDir, { recursive: true, force: true });
  });

  it.each(DATABASES)('%s: its service reaches no other database', async (name) => {
    for (const other of DATABASES.filter((one) => one !== name)) {
      await expect(inDatabase(service(name, other), () => Promise.resolve())).rejects.toThrow(/permission denied for database/);
    }
    await expect(inDatabase(service(name), (client) => client.query('select 1'))).resolves.toMatchObject({ rowCount: 1 });
  });

  it.each(DATABASES)('%s: its service owns nothing, makes nothing and is nobody above others', async (name) => {
    const [role] = await inDatabase(service(name), async (client) => {
      const { rows } = await client.query<Record<string, boolean>>(
        `select rolsuper or rolcreaterole or rolcreatedb or rolreplication or rolbypassrls as above,
                exists (select from pg_class where relowner = r.oid) or exists (select from pg_proc where proowner = r.oid) as owns,
                exists (select from pg_auth_members where member = r.oid) as member from pg_roles r where rolname = current_user`,
      );
      return rows;
    });
    expect(role).toEqual({ above: false, owns: false, member: false });
    expect(await attempt(service(name), 'create table planted (x int)')).toMatch(/permission denied for schema/);
  });

  it('ledger: its service can change nothing in the log, whatever it says', async () => {
    const tried = [
      "update entry set bytes = bytes || 'x'",
      'delete from entry',
      'truncate entry',
      'insert into entry select * from entry',
      'update log_head set size = 0',
      'update subject_head set seq = 0',
      'delete from sealed_batch',
      'delete from tile',
      'delete from checkpoint',
      'update checkpoint set size = 0',
      'delete from rejection',
      'update rejection set problems = null',
      'delete from amendment',
      'alter table entry disable trigger all',
      'drop table entry',
      'set session_replication_role = replica',
    ];
    const answers = [];
    for (const sql of tried) answers.push([sql, await attempt(service('ledger'), sql)]);
    expect(answers).toEqual(tried.map((sql) => [sql, expect.stringMatching(/permission denied|must be owner/)]));
  });

  it.each(['audit', 'consent', 'requests', 'retention', 'notification'])('%s: its service cannot take back what it said', async (name) => {
    const tried = [
      'update service_event set id = id',
      'delete from service_event',
      'truncate service_event',
      'delete from service_log_head',
    ];
    for (const sql of tried) expect([sql, await attempt(service(name), sql)]).toEqual([sql, expect.stringMatching(/permission denied/)]);
  });
});
