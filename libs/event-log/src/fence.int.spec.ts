import { randomUUID } from 'node:crypto';
import { testDatabase, type TestDatabase } from '@attesta/testing';
import type { Appender } from './appender.js';
import type { Appended, Draft } from './draft.js';
import { sealedLogFunctions, sealedLogTables } from './sealed-log.schema.js';
import { frame, SealedLogReader, unframe } from './sealed-log.js';
import { appenderOn, draft } from './spec-drafts.js';

let db: TestDatabase;
let reader: SealedLogReader;
const open: Appender[] = [];

beforeEach(async () => {
  db = await testDatabase();
  await db.pool.query(sealedLogTables + sealedLogFunctions);
  reader = new SealedLogReader(db.pool);
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((appender) => appender.close()));
  await db.drop();
});

const raise = async (...subjects: string[]) =>
  (await db.pool.query<{ fence: string; size: string }>('select * from close_fence($1::uuid[])', [subjects])).rows[0]!;

/** Appends in one batch, each made at the fence given. */
function appendAt(
  appender: Appender,
  ids: readonly string[],
  subject: string,
  fence: number,
  cipher: Buffer | null = null,
): Promise<Appended[]> {
  return Promise.all(ids.map((id) => new Promise<Appended>((settle) => appender.submit({ ...draft(id, subject, settle), fence, cipher }))));
}

function appender(renew?: (drafts: readonly Draft[]) => Promise<ReadonlySet<Draft>>): Appender {
  const one = appenderOn(db.url, { ...(renew && { renew }) });
  open.push(one);
  return one;
}

const idsInOrder = async () => (await reader.read(-1, 1000)).map(({ bytes }) => (JSON.parse(bytes.toString()) as { id: string }).id);

test('what was made before a closing is made anew before it is appended, in its order', async () => {
  const subject = randomUUID();
  const renewed: string[] = [];
  const one = appender(async (drafts) => {
    for (const each of drafts) {
      renewed.push(each.before);
      each.fence = 1;
    }
    return Promise.resolve(new Set());
  });
  await appendAt(one, ['before'], subject, 0);
  expect(await raise(subject)).toEqual({ fence: '1', size: '1' });
  const outcomes = await appendAt(one, ['a', 'b', 'c'], subject, 0);
  expect(outcomes.map((outcome) => outcome.status === 'sealed' && outcome.position)).toEqual([1, 2, 3]);
  expect(renewed).toHaveLength(3);
  expect(await idsInOrder()).toEqual(['before', 'a', 'b', 'c']);
});

test('what can no longer be sealed is withdrawn, and takes nothing else along', async () => {
  const subject = randomUUID();
  const one = appender((drafts) => {
    for (const each of drafts) each.fence = 1;
    return Promise.resolve(new Set(drafts.filter(({ before }) => before.includes('"b"'))));
  });
  await raise(subject);
  expect((await appendAt(one, ['a', 'b', 'c'], subject, 0)).map(({ status }) => status)).toEqual(['sealed', 'withdrawn', 'sealed']);
  expect(one.queued).toBe(0);
});

test('without a way to make it anew it is unavailable; what has no sealed parts is not concerned', async () => {
  const subject = randomUUID();
  const one = appender();
  await raise(subject);
  expect(await appendAt(one, ['a'], subject, 0)).toMatchObject([{ status: 'unavailable' }]);
  expect(await appendAt(one, ['b'], subject, Number.MAX_SAFE_INTEGER)).toMatchObject([{ status: 'sealed', position: 0 }]);
});

test('a batch that fails to be made anew is unavailable, and the next one is not', async () => {
  let tries = 0;
  const one = appender((drafts) => {
    if (tries++ === 0) return Promise.reject(new Error('the vault is away'));
    for (const each of drafts) each.fence = 1;
    return Promise.resolve(new Set());
  });
  await raise();
  expect(await appendAt(one, ['a'], randomUUID(), 0)).toMatchObject([{ status: 'unavailable' }]);
  expect(await appendAt(one, ['a'], randomUUID(), 0)).toMatchObject([{ status: 'sealed' }]);
});

describe('ciphertexts', () => {
  const parts = ['first', 'second', 'third'].map((text) => Buffer.from(text.repeat(700)));
  const remove = async (positions: number[], places: number[]) =>
    (await db.pool.query<{ n: string }>('select remove_ciphers($1, $2) as n', [positions, places])).rows[0]!.n;
  const lengths = async (position: number) => (await reader.entry(position))!.cipher.map(({ length }) => length);

  beforeEach(async () => {
    const one = appender();
    await appendAt(one, ['a', 'b'], randomUUID(), 0, frame(parts));
    await appendAt(one, ['none'], randomUUID(), 0);
  });

  test('go part by part, once, and the entry stays as it was', async () => {
    const before = (await reader.entry(0))!.bytes;
    expect(await remove([0, 1, 0, 2, 7], [1, 2, 1, 0, 0])).toBe('2');
    expect(await lengths(0)).toEqual([parts[0]!.length, 0, parts[2]!.length]);
    expect(await lengths(1)).toEqual([parts[0]!.length, parts[1]!.length, 0]);
    expect(await lengths(2)).toEqual([]);
    expect(await remove([0, 1], [1, 2])).toBe('0');
    expect(await remove([0, 0, 0], [0, 1, 2])).toBe('2');
    expect(await lengths(0)).toEqual([0, 0, 0]);
    expect((await reader.entry(0))!.bytes.equals(before)).toBe(true);
  });

  test.each<[string, string]>([
    ['bytes', `set bytes = bytes || 'x'`],
    ['position', 'set position = 99'],
    ['key', 'set key = gen_random_uuid()'],
    ['content', 'set content = gen_random_uuid()'],
    ['trace', `set trace = 'x'`],
    ['a ciphertext taken away whole', 'set cipher = null'],
    ['a ciphertext cut short', 'set cipher = substring(cipher from 1 for length(cipher) - 1)'],
    ['another ciphertext of the same length', `set cipher = set_byte(cipher, 6, 0)`],
    ['another part', `set cipher = '\\x00000000'::bytea || cipher`],
    ['parts removed, and bytes with them', `set cipher = '\\x000000000000000000000000', bytes = 'x'`],
  ])('the owner cannot change %s', async (_, change) => {
    await expect(db.pool.query(`update entry ${change} where position = 0`)).rejects.toThrow(/append-only/);
    await expect(db.pool.query('delete from entry where position = 0')).rejects.toThrow(/append-only/);
    expect(unframe(frame(parts)).map(({ length }) => length)).toEqual(await lengths(0));
  });

  test('what was removed cannot be put back', async () => {
    await remove([0], [1]);
    await expect(
      db.pool.query('update entry set cipher = (select cipher from entry where position = 1) where position = 0'),
    ).rejects.toThrow(/append-only/);
  });

  test('the fence never goes back, and what it says stays', async () => {
    await raise(randomUUID());
    await expect(db.pool.query('update log_head set fence = 0')).rejects.toThrow(/append-only/);
    await expect(db.pool.query('delete from key_fence')).rejects.toThrow(/append-only/);
  });
});
