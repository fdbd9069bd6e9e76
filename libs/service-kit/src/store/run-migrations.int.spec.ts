import { testDatabase } from '@attesta/testing';
import type { TestDatabase } from '@attesta/testing';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { createPool, databaseAnswers } from './pool.js';
import { useJsonLogs } from '../logging/json-logger.js';
import { runMigrations } from './run-migrations.js';

useJsonLogs({ service: 'test', level: 'off' });

class CreateVisits1700000000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    // Slow on purpose: replicas that do not wait for each other collide here.
    await runner.query('select pg_sleep(0.2)');
    await runner.query('create table visit (id int primary key)');
  }
  async down(): Promise<void> {}
}

class FillVisits1700000000002 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('insert into visit values (1)');
  }
  async down(): Promise<void> {}
}

class Broken1700000000003 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('insert into visit values (2)');
    await runner.query('insert into nowhere values (1)');
  }
  async down(): Promise<void> {}
}

describe('migrations', () => {
  let database: TestDatabase;
  beforeEach(async () => (database = await testDatabase()));
  afterEach(() => database.drop());
  const visits = async () => (await database.pool.query<{ id: number }>('select id from visit order by id')).rows.map(({ id }) => id);

  it('run once although four replicas start together', async () => {
    const replicas = Array.from({ length: 4 }, () => runMigrations(database.url, [CreateVisits1700000000001, FillVisits1700000000002]));
    const ran = await Promise.all(replicas);
    expect(ran.map((names) => names.length).sort()).toEqual([0, 0, 0, 2]);
    expect(await visits()).toEqual([1]);
  });

  it('run only those that are new', async () => {
    await runMigrations(database.url, [CreateVisits1700000000001]);
    expect(await runMigrations(database.url, [CreateVisits1700000000001, FillVisits1700000000002])).toEqual(['FillVisits1700000000002']);
  });

  it('leave nothing of one that fails, and give the lock back', async () => {
    await runMigrations(database.url, [CreateVisits1700000000001]);
    await expect(runMigrations(database.url, [CreateVisits1700000000001, Broken1700000000003])).rejects.toThrow(/nowhere/);
    expect(await visits()).toEqual([]);
    expect(await runMigrations(database.url, [CreateVisits1700000000001, FillVisits1700000000002])).toHaveLength(1);
  });
});

describe('a pool', () => {
  let database: TestDatabase;
  beforeEach(async () => (database = await testDatabase()));
  afterEach(() => database.drop());

  it('ends statements that run too long, and is named for whoever looks', async () => {
    const pool = createPool({ url: database.url, name: 'attesta-test', statementTimeoutMs: 100 });
    await expect(pool.query('select pg_sleep(5)')).rejects.toMatchObject({ code: '57014' });
    expect((await pool.query<{ name: string }>("select current_setting('application_name') as name")).rows[0]?.name).toBe('attesta-test');
    await pool.end();
  });

  it('outlives connections that the server closes', async () => {
    const pool = createPool({ url: database.url, name: 'attesta-test' });
    const { rows } = await pool.query<{ pid: number }>('select pg_backend_pid() as pid');
    const lost = new Promise((resolve) => pool.once('error', resolve));
    await database.pool.query('select pg_terminate_backend($1)', [rows[0]?.pid]);
    await lost;
    await expect(databaseAnswers(pool)()).resolves.toBeUndefined();
    await pool.end();
  });
});
