import { randomUUID } from 'node:crypto';
import { testDatabase, type TestDatabase } from '@attesta/testing';
import { ServiceLog, serviceLogAppend, serviceLogTables, VersionConflict, type NewEvent } from './service-log.js';

let db: TestDatabase;
let log: ServiceLog;
beforeAll(async () => {
  db = await testDatabase();
  await db.pool.query(serviceLogTables + serviceLogAppend);
  log = new ServiceLog(db.pool);
});
afterAll(() => db.drop());

const event = (n: number): NewEvent => ({ id: randomUUID(), type: 'attesta.spec.v1', time: '2026-01-01T00:00:00.000Z', data: { n } });

async function inTransaction<T>(
  work: (tx: Parameters<ServiceLog['append']>[0]) => Promise<T>,
  end: 'commit' | 'rollback' = 'commit',
): Promise<T> {
  const client = await db.pool.connect();
  try {
    await client.query('begin');
    const result = await work(client);
    await client.query(end);
    return result;
  } catch (error) {
    await client.query('rollback');
    throw error;
  } finally {
    client.release();
  }
}

test('a stream grows by the version it was read at, and a stale writer is told', async () => {
  expect(await inTransaction((tx) => log.append(tx, 's', 0, [event(1), event(2)]))).toEqual({ position: 1, version: 2 });
  await expect(inTransaction((tx) => log.append(tx, 's', 0, [event(3)]))).rejects.toThrow(VersionConflict);
  await inTransaction((tx) => log.append(tx, 's', 2, [event(3)]));
  expect((await log.readStream('s')).map(({ data, version }) => [data.n, version])).toEqual([
    [1, 1],
    [2, 2],
    [3, 3],
  ]);
});

test('a rolled back decision leaves no hole', async () => {
  const before = await log.size();
  await inTransaction((tx) => log.append(tx, 'gone', 0, [event(1)]), 'rollback');
  await Promise.all(Array.from({ length: 8 }, (_, i) => inTransaction((tx) => log.append(tx, `many-${i}`, 0, [event(i)]))));
  const positions = (await log.read(before - 1, 100)).map(({ position }) => position);
  expect(positions).toEqual(Array.from({ length: 8 }, (_, i) => before + i));
});

test('writers at once get places one after the other, each in a transaction of its own', async () => {
  const before = await log.size();
  const placed = await Promise.all(Array.from({ length: 24 }, (_, n) => log.append(db.pool, 'crowded', 'any', [event(n), event(n)])));
  expect(placed.map(({ position }) => position).sort((a, b) => a - b)).toEqual(Array.from({ length: 24 }, (_, n) => before + 2 * n + 1));
  expect(placed.map(({ version }) => version).sort((a, b) => a - b)).toEqual(Array.from({ length: 24 }, (_, n) => 2 * (n + 1)));
});
