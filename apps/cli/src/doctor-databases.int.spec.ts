import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { createLogin, freePort, startPostgres } from '@attesta/event-log/embedded';
import { migrate } from '@attesta/ledger/migrate';
import { testDatabase, type TestDatabase } from '@attesta/testing';
import { checkDatabases } from './doctor-databases.js';
import type { Finding } from './finding.js';

describe('what the doctor says of databases', () => {
  let log: TestDatabase;
  let vault: TestDatabase;
  let service: { log: string; vault: string };
  const roles: string[] = [];
  beforeEach(async () => {
    [log, vault] = [await testDatabase(), await testDatabase()];
    service = { log: await login(log), vault: await login(vault) };
  });
  afterEach(async () => {
    for (const database of [log, vault]) await database.pool.query(roles.map((role) => `drop owned by ${role};`).join(''));
    await log.pool.query(roles.map((role) => `drop role ${role};`).join(''));
    roles.length = 0;
    await Promise.all([log.drop(), vault.drop()]);
  });

  async function login(database: TestDatabase): Promise<string> {
    const name = new URL(database.url).pathname.slice(1);
    roles.push(`${name}_service`);
    return createLogin(database.url, `${name}_service`, 'secret', name);
  }
  const migrated = () =>
    migrate({ databaseUrl: service.log, migrationUrl: log.url, vaultUrl: service.vault, vaultMigrationUrl: vault.url });
  const look = async (env: Record<string, string> = { LEDGER_DATABASE_URL: service.log, VAULT_DATABASE_URL: service.vault }) => {
    const findings = await checkDatabases(env);
    return (check: string): Finding | undefined => findings.find((finding) => finding.check === check);
  };
  const wrong = (detail: RegExp): unknown => ({
    status: 'problem',
    detail: expect.stringMatching(detail) as string,
    fix: expect.any(String) as string,
  });

  it('nothing is wrong with those that are as they should be', async () => {
    await migrated();
    const of = await look();
    for (const name of ['ledger', 'vault']) {
      for (const part of ['', ': connections', ': migrations', ': rights'])
        expect(of(`database ${name}${part}`)).toMatchObject({ status: 'ok' });
    }
    expect(of('database audit')).toBeUndefined();
  });

  it('one that is not there is named, without its password', async () => {
    const of = await look({ CONSENT_DATABASE_URL: `postgres://consent:hidden@127.0.0.1:${await freePort()}/attesta_consent` });
    expect(of('database consent')).toMatchObject(wrong(/cannot be reached \(ECONNREFUSED\)/) as object);
    expect(JSON.stringify(of('database consent'))).not.toContain('hidden');
  });

  it('migrations that are still to be applied are told and left alone, whoever looks', async () => {
    expect((await look())('database ledger: migrations')).toMatchObject(wrong(/still to be applied/) as object);
    expect((await look({ LEDGER_DATABASE_URL: log.url }))('database ledger: migrations')).toMatchObject(
      wrong(/still to be applied/) as object,
    );
    const { rows } = await log.pool.query("select relname from pg_class where relnamespace = 'public'::regnamespace");
    expect(rows).toEqual([]);
  });

  it('a service that may change the log is', async () => {
    await migrated();
    await log.pool.query(`grant update on entry to ${roles[0]}`);
    expect((await look())('database ledger: rights')).toMatchObject(wrong(/may change what is sealed in entry/) as object);
  });

  it('a service that comes as the superuser is', async () => {
    await migrated();
    expect((await look({ LEDGER_DATABASE_URL: log.url }))('database ledger: rights')).toMatchObject(wrong(/above all rights/) as object);
  });

  it('a server that soon takes no more connections is', async () => {
    const dataDir = await fs.mkdtemp(path.join(os.tmpdir(), 'attesta-doctor-'));
    await fs.chmod(dataDir, 0o755);
    const server = await startPostgres({ dataDir, persistent: false, settings: { max_connections: '12' } });
    try {
      const of = await look({ LEDGER_DATABASE_URL: server.adminUrl() });
      expect(of('database ledger: connections')).toMatchObject(wrong(/8 of 9 are free/) as object);
    } finally {
      await server.stop();
      await fs.rm(dataDir, { recursive: true, force: true });
    }
  });
});
