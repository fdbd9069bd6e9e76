import { Frontier, openNote, parseCheckpoint, parseVerifierKey, signNote } from '@attesta/proof';
import { generateLogKey, nodePrimitives, signEd25519 } from '@attesta/proof/node';
import { testDatabase, type TestDatabase } from '@attesta/testing';
import { Integrator, IntegratorFenced } from './integrator.js';
import { sealedLogFunctions, sealedLogTables } from './sealed-log.schema.js';
import { SealedLogReader } from './sealed-log.js';
import { append, appenderOn } from './spec-drafts.js';

const origin = 'spec.example/log';
const key = generateLogKey(origin);
let db: TestDatabase;

beforeEach(async () => {
  db = await testDatabase();
  await db.pool.query(sealedLogTables + sealedLogFunctions);
});
afterEach(() => db.drop());

const integrator = (batches?: number) =>
  new Integrator({
    pool: db.pool,
    origin,
    sign: (text) => signNote(text, origin, key.publicKey, (message) => signEd25519(key.privateKeyPem, message)),
    ...(batches && { batches }),
  });

async function seal(count: number): Promise<void> {
  const appender = appenderOn(db.url, { batch: 100 });
  await Promise.all(Array.from({ length: count }, () => append(appender)));
  await appender.close();
}

async function newest() {
  const { rows } = await db.pool.query<{ note: string }>('select note from checkpoint order by size desc limit 1');
  return parseCheckpoint(openNote(nodePrimitives, rows[0]!.note, [parseVerifierKey(key.verifierKey)]).text);
}

async function rootOfAll(): Promise<Uint8Array> {
  const frontier = new Frontier(nodePrimitives.sha256);
  for (const { leafHash } of await new SealedLogReader(db.pool).read(-1, 100_000)) frontier.append(leafHash);
  return frontier.root();
}

test('the signed checkpoint covers every sealed entry, and tiles fill level by level', async () => {
  const one = integrator(3); // several steps per run
  await seal(700);
  expect(await one.integrate()).toBe(700);
  const checkpoint = await newest();
  expect(checkpoint.size).toBe(700);
  expect(Buffer.from(checkpoint.root).equals(await rootOfAll())).toBe(true);
  const { rows } = await db.pool.query('select level, n::int, length(hashes) / 32 as width from tile order by level, n');
  expect(rows).toEqual([
    { level: 0, n: 0, width: 256 },
    { level: 0, n: 1, width: 256 },
    { level: 0, n: 2, width: 188 },
    { level: 1, n: 0, width: 2 },
  ]);
  await seal(68);
  expect(await one.integrate()).toBe(768);
  expect(Buffer.from((await newest()).root).equals(await rootOfAll())).toBe(true);
  await one.stop();
});

test('integrations asked for at the same time take turns', async () => {
  const one = integrator(1);
  await one.start();
  for (let size = 50; size <= 500; size += 50) {
    await seal(50);
    expect(await Promise.all([one.integrate(), one.integrate()])).toEqual([size, size]);
  }
  await one.stop();
  const checkpoint = await newest();
  expect(checkpoint.size).toBe(500);
  expect(Buffer.from(checkpoint.root).equals(await rootOfAll())).toBe(true);
});

test('a second integrator waits for the first, and takes over where it ended', async () => {
  const [one, two] = [integrator(), integrator()];
  await seal(10);
  expect(await one.integrate()).toBe(10);
  expect(await two.integrate()).toBeUndefined();
  await one.stop();
  await seal(5);
  expect(await two.integrate()).toBe(15);
  await two.stop();
});

test('an integrator that lost the lead without noticing is fenced', async () => {
  const one = integrator();
  await seal(1);
  await one.integrate();
  await db.pool.query('update tree_head set epoch = epoch + 1');
  await seal(1);
  await expect(one.integrate()).rejects.toThrow(IntegratorFenced);
  expect((await newest()).size).toBe(1);
  await one.stop();
});

test('a connection cut on the way to the lead is given up, and the next try leads', async () => {
  const one = integrator();
  await seal(3);
  const holder = await db.pool.connect();
  await holder.query('begin; select 1 from tree_head for update');
  const waiting = one.integrate();
  const cut = `select pg_terminate_backend(pid) from pg_stat_activity where query like 'update tree_head set epoch%' and wait_event_type = 'Lock'`;
  while ((await db.pool.query(cut)).rowCount === 0);
  await expect(waiting).rejects.toThrow(/terminat/);
  await holder.query('commit');
  holder.release();
  while (db.pool.idleCount < db.pool.totalCount) await new Promise(setImmediate); // given back, or closed
  expect(await one.integrate()).toBe(3);
  await one.stop();
});

test('a batch that went missing stops the signing', async () => {
  const one = integrator();
  await seal(3);
  await one.integrate();
  await seal(3);
  await seal(3);
  await db.pool.query(
    'alter table sealed_batch disable trigger all; delete from sealed_batch where first = 3; alter table sealed_batch enable trigger all',
  );
  await expect(one.integrate()).rejects.toThrow(/expected at 3/);
  await one.stop();
});
