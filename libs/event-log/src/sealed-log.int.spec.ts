import { createHash, randomUUID } from 'node:crypto';
import { testDatabase, type TestDatabase } from '@attesta/testing';
import pg from 'pg';
import { Appender } from './appender.js';
import type { Appended } from './draft.js';
import { sealedLogFunctions, sealedLogTables } from './sealed-log.schema.js';
import { listen, SealedLogReader } from './sealed-log.js';
import { append, appenderOn } from './spec-drafts.js';

interface SubjectLink {
  id: string;
  seq: number;
  prev?: string;
}

let db: TestDatabase;
let reader: SealedLogReader;

beforeEach(async () => {
  db = await testDatabase();
  await db.pool.query(sealedLogTables + sealedLogFunctions);
  reader = new SealedLogReader(db.pool);
});
afterEach(() => db.drop());

/** Re-derives what the log promises: contiguous positions, leaf hashes in the batches, subject chains without gaps. */
async function recheck(): Promise<number> {
  const entries = await reader.read(-1, 1_000_000);
  const { rows } = await db.pool.query<{ first: string; leaves: Buffer }>('select first, leaves from sealed_batch order by first');
  const leaves = Buffer.concat(rows.map(({ leaves }) => leaves));
  expect(leaves.length).toBe(entries.length * 32);
  const heads = new Map<string, SubjectLink & { leaf: string }>();
  for (const [i, { position, bytes, leafHash }] of entries.entries()) {
    expect(position).toBe(i);
    const leaf = createHash('sha256')
      .update(Buffer.concat([Buffer.from([0]), bytes]))
      .digest();
    expect(leaf.equals(leafHash)).toBe(true);
    expect(leaf.equals(leaves.subarray(32 * i, 32 * i + 32))).toBe(true);
    const { subject } = JSON.parse(bytes.toString()) as { subject?: SubjectLink };
    if (!subject) continue;
    const before = heads.get(subject.id);
    expect(subject.seq).toBe((before?.seq ?? 0) + 1);
    expect(subject.prev).toBe(before?.leaf);
    heads.set(subject.id, { ...subject, leaf: leaf.toString('base64') });
  }
  return entries.length;
}

test('events of one turn share a batch, each with its own position and its place in its subject’s chain', async () => {
  const appender = appenderOn(db.url);
  const [a, b] = [randomUUID(), randomUUID()];
  const outcomes = await Promise.all([append(appender, a), append(appender, b), append(appender, a), append(appender)]);
  expect(outcomes.map(({ status }) => status)).toEqual(['sealed', 'sealed', 'sealed', 'sealed']);
  expect(await recheck()).toBe(4);
  await appender.close();
});

test('the same event again is a duplicate with the first position, other content under its id a conflict, also within one batch', async () => {
  const appender = appenderOn(db.url);
  const subject = randomUUID();
  const together = await Promise.all([
    append(appender, subject, 'one'),
    append(appender, subject, 'one'),
    append(appender, subject, 'one', 'other'),
  ]);
  expect(together).toMatchObject([
    { status: 'sealed', position: 0 },
    { status: 'duplicate', position: 0 },
    { status: 'conflict', position: 0 },
  ]);
  await append(appender, subject);
  expect(await append(appender, subject, 'one')).toMatchObject({ status: 'duplicate', position: 0 });
  expect(await recheck()).toBe(2);
  await appender.close();
});

test('a duplicate in the middle of a batch leaves the others sealed and the chain whole', async () => {
  const first = appenderOn(db.url);
  const subject = randomUUID();
  await append(first, subject, 'seen');
  const fresh = appenderOn(db.url, { lanes: 1 }); // another process, that knows nothing of the first
  const outcomes = await Promise.all(['a', 'seen', 'b', 'c'].map((id) => append(fresh, subject, id)));
  expect(outcomes.map(({ status }) => status)).toEqual(['sealed', 'duplicate', 'sealed', 'sealed']);
  expect(await recheck()).toBe(4);
  await Promise.all([first.close(), fresh.close()]);
});

test('two processes writing about the same few people settle every event once', async () => {
  const appenders = [appenderOn(db.url, { batch: 20 }), appenderOn(db.url, { batch: 20 })];
  const people = Array.from({ length: 5 }, () => randomUUID());
  const ids = Array.from({ length: 600 }, (_, i) => `event-${i}`);
  const outcomes = await Promise.all(appenders.flatMap((appender) => ids.map((id, i) => append(appender, people[i % 5], id))));
  const count = (status: Appended['status']) => outcomes.filter((outcome) => outcome.status === status).length;
  expect(count('sealed')).toBe(600);
  expect(count('duplicate')).toBe(600);
  expect(await recheck()).toBe(600);
  await Promise.all(appenders.map((appender) => appender.close()));
});

test('an entry over 65,535 bytes is refused by itself', async () => {
  const appender = appenderOn(db.url);
  const outcomes = await Promise.all([append(appender, undefined, 'long', 'ก'.repeat(30_000)), append(appender, undefined, 'short')]);
  expect(outcomes).toMatchObject([{ status: 'too-long' }, { status: 'sealed', position: 0 }]);
  await appender.close();
});

test('a cut connection is an answer, not a loss: sending the same ids again seals each once', async () => {
  const appender = appenderOn(db.url, { lanes: 1, batch: 10 });
  const subject = randomUUID();
  await append(appender, subject, 'before');
  await db.pool.query(
    "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and query like 'select first, kept%'",
  );
  const ids = Array.from({ length: 50 }, (_, i) => `cut-${i}`);
  let missing = ids;
  for (let round = 0; missing.length > 0 && round < 20; round++) {
    const outcomes = await Promise.all(missing.map((id) => append(appender, subject, id)));
    missing = missing.filter((_, i) => outcomes[i]!.status === 'unavailable');
  }
  expect(missing).toEqual([]);
  expect(await recheck()).toBe(51);
  await appender.close();
});

test('what waits behind an event that was not appended does not overtake it', async () => {
  const appender = new Appender({
    lanes: 1,
    connect: async () => {
      const client = new pg.Client({ connectionString: db.url });
      client.on('error', () => undefined);
      await client.connect();
      const query = client.query.bind(client) as (...args: unknown[]) => Promise<unknown>;
      const breaking = async (...args: unknown[]) => {
        if (!breaks || (args[0] as { name?: string }).name !== 'append') return query(...args);
        breaks = false;
        behind = Promise.all([append(appender, ours, 'second'), append(appender, theirs, 'other')]);
        throw new Error('the connection broke');
      };
      return Object.assign(client, { query: breaking });
    },
  });
  let breaks = true;
  let behind: Promise<Appended[]> | undefined;
  const [ours, theirs] = [randomUUID(), randomUUID()];
  expect(await append(appender, ours, 'first')).toMatchObject({ status: 'unavailable' });
  expect(await behind).toMatchObject([{ status: 'unavailable' }, { status: 'sealed', position: 0 }]);
  const again = await Promise.all([append(appender, ours, 'first'), append(appender, ours, 'second')]);
  expect(again).toMatchObject([
    { status: 'sealed', position: 1 },
    { status: 'sealed', position: 2 },
  ]);
  expect(await recheck()).toBe(3);
  await appender.close();
});

test('a connection cut while idle is made anew, and nobody who sends hears of it', async () => {
  const connections: pg.Client[] = [];
  const connect = async () => {
    const client = new pg.Client({ connectionString: db.url });
    client.on('error', () => undefined);
    connections.push(client);
    await client.connect();
    return client;
  };
  const appender = new Appender({ connect, lanes: 1 });
  await append(appender, undefined, 'before');
  const ended = new Promise<void>((resolve) => connections[0]!.once('end', resolve));
  await db.pool.query(
    'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
  );
  await ended;
  expect(await append(appender, undefined, 'after')).toMatchObject({ status: 'sealed', position: 1 });
  expect(connections).toHaveLength(2);
  await appender.close();
});

test('neither the owner nor a superuser changes the log by SQL', async () => {
  const appender = appenderOn(db.url);
  await append(appender);
  await appender.close();
  for (const sql of [
    "update entry set bytes = 'x'",
    'delete from entry',
    'truncate entry',
    'delete from sealed_batch',
    "update sealed_batch set leaves = ''",
    'truncate sealed_batch',
    'update log_head set size = 0',
    'delete from log_head',
    'truncate checkpoint',
  ]) {
    await expect(db.pool.query(sql)).rejects.toThrow(/append-only/);
  }
});

test('sixteen writers, some rolling back, and tight readers: nobody misses an entry', async () => {
  const stop = { now: false };
  const seen: number[][] = [[], [], []];
  const readers = seen.map(async (positions) => {
    for (let after = -1; ;) {
      const last = stop.now;
      const entries = await reader.read(after, 1000);
      for (const { position } of entries) positions.push(position);
      after = entries.at(-1)?.position ?? after;
      if (entries.length === 0 && last) return;
    }
  });
  const writers = Array.from({ length: 16 }, async (_, w) => {
    const appender = appenderOn(db.url, { lanes: 1, batch: 5 });
    for (let i = 0; i < 40; i++)
      await Promise.all([append(appender, undefined, `w${w}-${i}-a`), append(appender, undefined, `w${w}-${i}-b`)]);
    await appender.close();
  });
  const rollers = Array.from({ length: 4 }, async () => {
    const client = new pg.Client({ connectionString: db.url });
    await client.connect();
    for (let i = 0; i < 50; i++) {
      await client.query('begin');
      await client.query('update log_head set size = size + 1');
      await client.query('rollback');
    }
    await client.end();
  });
  await Promise.all([...writers, ...rollers]);
  stop.now = true;
  await Promise.all(readers);
  const all = Array.from({ length: 16 * 80 }, (_, i) => i);
  for (const positions of seen) expect(positions).toEqual(all);
});

it('is listened to through one connection, however long a new one takes', async () => {
  let open: () => void = () => undefined;
  let taken = 0;
  const slow = {
    connect: async () => {
      if (taken++ > 0) await new Promise<void>((resolve) => (open = resolve));
      return db.pool.connect();
    },
  } as unknown as pg.Pool;
  let wakes = 0;
  const stop = await listen(slow, 'slow_spec', () => wakes++, 5);
  await db.pool.query("select pg_terminate_backend(pid) from pg_stat_activity where query = 'listen slow_spec'");
  const until = async (done: () => boolean) => {
    for (const end = Date.now() + 20_000; !done(); await new Promise((wake) => setTimeout(wake, 5))) expect(Date.now()).toBeLessThan(end);
  };
  await until(() => taken === 2);
  const before = wakes;
  await until(() => wakes > before + 20);
  expect(taken).toBe(2);
  open();
  await until(() => db.pool.totalCount > db.pool.idleCount);
  await stop();
});
