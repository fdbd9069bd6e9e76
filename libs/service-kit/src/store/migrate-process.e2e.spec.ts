import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { testDatabase, type TestDatabase } from '@attesta/testing';
import pg from 'pg';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { grantToService } from './grant.js';
import { runMigrations } from './run-migrations.js';
import { useJsonLogs } from '../logging/json-logger.js';

useJsonLogs({ service: 'test', level: 'off' });

const HERE = path.dirname(fileURLToPath(import.meta.url));

class CreateVisits1700000000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('create table visit (id int primary key)');
  }
  async down(): Promise<void> {}
}

class Newer1700000000002 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('create table newer (id int primary key)');
  }
  async down(): Promise<void> {}
}

describe('a process that migrates', () => {
  let database: TestDatabase;
  beforeEach(async () => (database = await testDatabase()));
  afterEach(() => database.drop());

  const run = async (env: Record<string, string>) => {
    const code = `import { runMigrationProcess } from '@attesta/service-kit';
      await runMigrationProcess('shop', ['SHOP', 'TILL'], async (...databases) => console.log(JSON.stringify(databases)));`;
    const args = [
      '--conditions=attesta-source',
      `--import=${path.join(HERE, '../../scripts/ts-sources.mjs')}`,
      '--input-type=module',
      '-e',
      code,
    ];
    const child = spawn(process.execPath, args, { cwd: HERE, env: { PATH: process.env['PATH'], ...env } });
    const [stdout, stderr, [status]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
    return { stdout, stderr, status: status as number };
  };

  it('gets its databases in the order of their names, and ends', async () => {
    const urls = ['SHOP_DATABASE_URL', 'SHOP_MIGRATION_URL', 'TILL_DATABASE_URL', 'TILL_MIGRATION_URL'].map(
      (name, index) => [name, `postgres://role${index}@localhost/db`] as const,
    );
    const { status, stdout } = await run(Object.fromEntries(urls));
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toEqual([
      { databaseUrl: urls[0]![1], migrationUrl: urls[1]![1] },
      { databaseUrl: urls[2]![1], migrationUrl: urls[3]![1] },
    ]);
  });

  it("does not take the service's role for the owner's", async () => {
    const { status, stderr } = await run({ SHOP_DATABASE_URL: 'postgres://role@localhost/db' });
    expect(status).toBe(78);
    for (const name of ['SHOP_MIGRATION_URL', 'TILL_DATABASE_URL', 'TILL_MIGRATION_URL']) expect(stderr).toContain(`  ${name}: `);
  });

  it("leaves services that start without the owner's URL nothing to do, and refuses them what is newer", async () => {
    const role = `visitor_${database.url.split('/').at(-1)}`;
    await database.pool.query(`create role ${role} login password 'visitor'`);
    const service = new URL(database.url);
    [service.username, service.password] = [role, 'visitor'];
    try {
      await runMigrations(database.url, [CreateVisits1700000000001]);
      await grantToService(service.href, database.url, (name) => `grant select on visit to ${name};`);
      expect(await runMigrations(service.href, [CreateVisits1700000000001])).toEqual([]);
      await expect(runMigrations(service.href, [CreateVisits1700000000001, Newer1700000000002])).rejects.toThrow(/permission denied/);
      const client = new pg.Client({ connectionString: service.href });
      await client.connect();
      await expect(client.query("insert into migration (timestamp, name) values (1, 'x')")).rejects.toThrow(/permission denied/);
      await client.end();
    } finally {
      await database.pool.query(`drop owned by ${role}; drop role ${role}`);
    }
  });
});
