import { testDatabase, type TestDatabase } from '@attesta/testing';
import type pg from 'pg';
import { createPool } from './pool.js';

let db: TestDatabase;
beforeAll(async () => {
  db = await testDatabase();
});
afterAll(() => db.drop());

const pidOf = async (client: pg.PoolClient) => (await client.query<{ pid: number }>('select pg_backend_pid() as pid')).rows[0]!.pid;

test('a connection that is cut while somebody has it, and asks nothing, does not end the process', async () => {
  const pool = createPool({ url: db.url, name: 'spec', max: 1 });
  const client = await pool.connect();
  const ended = new Promise((resolve) => client.once('end', resolve)); // events.once would listen for errors as well
  await db.pool.query('select pg_terminate_backend($1)', [await pidOf(client)]);
  await ended;
  await expect(client.query('select 1')).rejects.toThrow();
  client.release(true);
  expect((await pool.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
  await pool.end();
});
