import { testDatabase } from './postgres.js';

test('a test database is a real, empty PostgreSQL of its own', async () => {
  const one = await testDatabase();
  const two = await testDatabase();
  await one.pool.query('create table t (v int)');
  expect((await two.pool.query("select to_regclass('t') as t")).rows[0].t).toBeNull();
  expect((await one.pool.query('show server_version')).rows[0].server_version).toMatch(/^18/);
  await Promise.all([one.drop(), two.drop()]);
});
