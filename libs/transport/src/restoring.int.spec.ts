import { serviceLogAppend, serviceLogTables, type NewEvent } from '@attesta/event-log';
import { FeedConsumer } from './feed-consumer.js';
import { Register, testEntry, TestLog } from './feed-rig.js';
import { relayTables } from './feed-tables.js';
import type { FeedHandler } from './feed.js';
import { PostgresFeed } from './postgres-feed.js';
import { restoreFromLog, sayUnsaid, WithholdingLog, type Restored } from './restoring.js';

const GROUP = 'consent';

describe('a database built from the log', () => {
  let log: TestLog;
  let service: Register;
  let own: WithholdingLog;

  beforeEach(async () => {
    log = await TestLog.create();
    service = await Register.create();
    await service.db.pool.query(serviceLogTables + serviceLogAppend + relayTables);
    own = new WithholdingLog(service.db.pool);
  });
  afterEach(async () => {
    await log.db.drop();
    await service.db.drop();
  });

  /** Everything that is sealed has this follow from it, and what the service sealed itself is all from '/test'. */
  const follows = (id: string): NewEvent => ({ id, type: 'attesta.test.v1', time: '2026-01-02T03:04:05Z', data: {} });

  const restore = (handle: FeedHandler): Promise<Restored> =>
    restoreFromLog({
      group: GROUP,
      source: testEntry('-').source,
      pool: service.db.pool,
      entries: log.reader,
      streamOf: ({ data }) => String(data.operation),
      handle: service.handler(GROUP, handle),
      finish: (tx) => sayUnsaid(tx, own, own.release()),
    });

  it('says what follows and was never said, and nothing else', async () => {
    await log.append(['a', 'b', 'a']);
    const NEVER = '00000000-0000-4000-8000-000000000001';
    const restored = await restore(async (events, tx) => {
      for (const { entry } of events) await own.append(tx, 'said', 'any', [follows(entry.id)]);
      await own.append(tx, 'unsaid', 'any', [follows(NEVER)]);
    });
    expect(restored).toEqual({ entries: 3, own: 3, unsaid: 1 });
    const said = await own.read(-1, 10);
    expect(said.map(({ position, stream, version }) => [position, stream, version])).toEqual([
      [0, 'a', 1],
      [1, 'b', 1],
      [2, 'a', 2],
      [3, 'unsaid', 1],
    ]);
    expect(said[3]!.id).toBe(NEVER);
    const { rows } = await service.db.pool.query(`select position from relay_cursor where relay = 'outbox /test'`);
    expect(rows).toEqual([{ position: '2' }]); // what was sealed is not carried again, what was not is next
  });

  it.each([1, 3])('goes on behind what it holds, over %d partitions', async (partitions) => {
    await log.append(['a', 'b', 'c']);
    await restore(() => Promise.resolve());
    const consumer = new FeedConsumer({ group: GROUP, pool: service.db.pool, handle: () => Promise.resolve() }, 'topic');
    await consumer.prepare(partitions);
    await consumer.prepare(partitions);
    expect((await consumer.progress()).map(({ position }) => position)).toEqual(Array(partitions).fill(2));
  });

  it('applies only what is sealed later', async () => {
    await log.append(['a', 'b']);
    await restore(() => Promise.resolve());
    const feed = await new PostgresFeed(log.reader).subscribe({ group: GROUP, pool: service.db.pool, handle: service.handler(GROUP) });
    await feed.caughtUp(await log.append(['c']));
    await feed.stop();
    expect(await service.positions(GROUP)).toEqual([0, 1, 2]);
  });

  it('is refused by its consumer when an entry could not be applied, and is not filled again', async () => {
    await log.append(['a', 'b']);
    const failing = restore(() => Promise.reject(new Error('no such rule')));
    await expect(failing).rejects.toThrow(/^Entry 0 could not be applied to the database of consent \(Error: no such rule\)/);
    const feed = new PostgresFeed(log.reader).subscribe({ group: GROUP, pool: service.db.pool, handle: () => Promise.resolve() });
    await expect(feed).rejects.toThrow('left half restored');
    await expect(restore(() => Promise.resolve())).rejects.toThrow('is not empty');
  });
});
