import fc from 'fast-check';
import { auditRig, collection, disclosure, forgotten, person, type AuditRig } from './audit-rig.js';
import { BLOCK } from './search-blocks.js';
import { buildBlock, dropBlocks } from './search-index.js';
import { parseSearch, type SearchQuery } from './search-language.js';
import { matcherOf } from './search-matching.js';
import { buildAll, fillRegisters, madeEntry } from './search-rig.js';
import { look, type Budget } from './search.js';

const queryOf = (text: string): SearchQuery => {
  const parsed = parseSearch(text);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.query;
};

describe('a log of several blocks', () => {
  const LAST = 5 * BLOCK + 1_234;
  let rig: AuditRig;
  beforeAll(async () => {
    rig = await auditRig();
    await fillRegisters(rig.db.pool, 0, LAST);
    await buildAll(rig.db.pool);
  });
  afterAll(() => rig.close());

  const entries = Array.from({ length: LAST + 1 }, (_, n) => madeEntry(n));
  const expected = (text: string, from = LAST) => {
    const matches = matcherOf(queryOf(text));
    return entries.flatMap((entry, n) => (n <= from && matches(n, entry) ? [n] : [])).reverse();
  };

  /** All pages. */
  async function found(text: string, from = LAST, limit = 200, budget?: Budget): Promise<{ positions: number[]; looks: number }> {
    const positions: number[] = [];
    let looks = 0;
    for (let next: number | undefined = from; next !== undefined; looks++) {
      const { rows, down } = await look(rig.audit.pool, queryOf(text), { from: next, limit }, budget);
      positions.push(...rows.map(({ position }) => position));
      expect(down ?? -1).toBeLessThanOrEqual(next);
      next = down === undefined ? undefined : down - 1;
    }
    return { positions, looks };
  }

  it('is built but for what is not yet there, and built once', async () => {
    const { rows } = await rig.db.pool.query<{ block: number; upto: string }>('select block, upto from search_built order by block');
    expect(rows.map(({ upto }) => Number(upto))).toEqual([...[1, 2, 3, 4, 5].map((n) => n * BLOCK - 1), LAST]);
    expect(await buildBlock(rig.db.pool)).toBe(false);
  });

  it.each([
    ['type:request.received', (n: number) => n % 1_000 === 7],
    ['type:attesta.consent.captured.v1', (n: number) => n % 50 === 3 && n % 1_000 !== 7],
    ['type:disclosure.* recipient:bank', (n: number) => n % 15 === 0],
    ['-type:collection.* -type:disclosure.recorded', (n: number) => n % 1_000 === 7 || n % 50 === 3],
    ['recipient:bank,logistics-provider basis:consent', (n: number) => n % 20 === 0 && (n / 5) % 3 !== 2],
    ['actor:svc-3 source://attesta/*', (n: number) => n % 7 === 3 && n % 2 === 0],
    ['choice captured', (n: number) => n % 50 === 3 && n % 1_000 !== 7],
    [`request:${person(3_007)}`, (n: number) => n === 3_007],
    [`subject:${person(31)}`, (n: number) => (n * 31) % 1_000 === 31],
    [`subject:${person(31)} -channel:web`, (n: number) => (n * 31) % 1_000 === 31 && n % 2 === 0],
    ['position:4090..4100,9000 position:<9000', (n: number) => n >= 4_090 && n <= 4_100],
    ['created:2026-01-01T01:00:00Z..2026-01-01T01:00:09Z', (n: number) => n >= 3_600 && n <= 3_609],
    ['created:2026-01-01 type:request.*', (n: number) => n % 1_000 === 7],
    ['created:>2026-01-01', () => false],
    ['recipient:nobody', () => false],
    ['purpose:marketing -purpose:marketing', () => false],
  ])('%s', async (text, wanted) => {
    expect((await found(text)).positions).toEqual(entries.flatMap((_, n) => (wanted(n) ? [n] : [])).reverse());
  });

  it('by when things happened, though the log is not in that order', async () => {
    const { positions } = await found('occurred:2026-01-01T01:00:00Z..2026-01-01T01:00:30Z');
    expect(positions.length).toBeGreaterThan(5);
    expect(positions).toEqual(expected('occurred:2026-01-01T01:00:00Z..2026-01-01T01:00:30Z'));
  });

  it('ends when it has read enough, says how far it looked, and goes on from there', async () => {
    const { positions, looks } = await found('occurred:2026-01-01T02:00:00Z actor:svc-1', LAST, 200, { reads: 100, milliseconds: 10_000 });
    expect(positions).toEqual(expected('occurred:2026-01-01T02:00:00Z actor:svc-1'));
    await dropBlocks(rig.db.pool as never, [0, 1, 2, 3, 4, 5]);
    const slow = await found(`request:${person(7)}`, LAST, 200, { reads: 2_000, milliseconds: 10_000 });
    expect(slow.positions).toEqual([7]);
    expect(slow.looks).toBeGreaterThan(8);
    expect(looks).toBeLessThan(slow.looks);
    await buildAll(rig.db.pool);
  });

  it('ends when time is up', async () => {
    const { rows, down } = await look(
      rig.audit.pool,
      queryOf('recipient:nobody'),
      { from: LAST, limit: 10 },
      { reads: 1e9, milliseconds: -1 },
    );
    expect(rows).toEqual([]);
    expect(down).toBeGreaterThan(0);
  });

  it('is found whole whatever is built of it, from wherever one looks and in pages of any size', async () => {
    const term = fc.constantFrom(
      'type:collection.*',
      'type:disclosure.recorded',
      'type:request.*',
      'consent',
      'recipient:bank',
      'recipient:bank,logistics-provider',
      'purpose:marketing',
      'purpose:service-fulfilment',
      'category:contact',
      'basis:consent',
      'channel:app',
      'actor:svc-2',
      'source://storefront.*',
      `subject:${person(5)}`,
      `subject:${person(5)},${person(6)}`,
      'position:3000..9000',
      'created:>=2026-01-01T02:00:00Z',
      'occurred:<2026-01-01T03:00:00Z',
      'method:checkbox',
    );
    const query = fc
      .array(fc.tuple(term, fc.boolean()), { maxLength: 4 })
      .map((terms) => terms.map(([one, not]) => (not ? `-${one}` : one)).join(' '));
    await fc.assert(
      fc.asyncProperty(
        query,
        fc.integer({ min: -1, max: LAST }),
        fc.constantFrom(700, 2_000),
        fc.subarray([0, 1, 2, 3, 4, 5]),
        fc.nat(2),
        async (text, from, limit, missing, cut) => {
          await dropBlocks(rig.db.pool as never, missing);
          if (cut === 0) await rig.db.pool.query('update search_built set upto = upto - 100 where block = 2');
          expect((await found(text, from, limit, { reads: 5_000, milliseconds: 10_000 })).positions).toEqual(expected(text, from));
          await buildAll(rig.db.pool);
        },
      ),
      { numRuns: 12 },
    );
  }, 120_000);

  it('a block that has a parked entry waits for it', async () => {
    await dropBlocks(rig.db.pool as never, [3]);
    await rig.db.pool.query(
      `insert into feed_parked (consumer, topic, partition, position, key, poison, bytes, leaf_hash) values ('audit', 't', 0, $1, 'k', false, '', '')`,
      [3 * BLOCK + 5],
    );
    expect(await buildAll(rig.db.pool)).toBe(0);
    await rig.db.pool.query('delete from feed_parked');
    expect(await buildAll(rig.db.pool)).toBe(1);
  });
});

describe('somebody who is forgotten', () => {
  it('is found by nothing that led to them, and by what was done', async () => {
    const rig = await auditRig();
    try {
      const [anna, ben] = [person(1), person(2)];
      await rig.report({ ...collection(anna), actor: 'anna-herself' });
      await rig.report(disclosure(ben, 'bank', { related: [{ subject: anna, role: 'friend' }] }));
      await buildAll(rig.db.pool);
      const positions = async (text: string) =>
        (await look(rig.audit.pool, queryOf(text), { from: 9, limit: 9 })).rows.map(({ position }) => position);
      expect(await positions('actor:anna-herself')).toEqual([0]);
      expect(await positions(`subject:${anna}`)).toEqual([1, 0]);

      await rig.report(forgotten(anna));
      for (const built of [false, true]) {
        if (built) await buildAll(rig.db.pool);
        const { rows } = await rig.db.pool.query<{ term: string }>('select term from search_block');
        expect(rows.map(({ term }) => term).filter((term) => term.includes('anna'))).toEqual([]);
        expect(await positions('actor:anna-herself')).toEqual([]);
        expect(await positions(`subject:${anna}`)).toEqual([2, 0]);
        expect(await positions('type:collection.*')).toEqual([0]);
        expect(await positions('recipient:bank')).toEqual([1]);
      }
    } finally {
      await rig.close();
    }
  });

  it('after a rebuild the same is found', async () => {
    const rig = await auditRig();
    try {
      for (let n = 0; n < 20; n++) await rig.report(collection(person(n)));
      await buildAll(rig.db.pool);
      const count = async () => (await look(rig.audit.pool, queryOf('type:collection.*'), { from: 19, limit: 50 })).rows.length;
      expect(await count()).toBe(20);
      await rig.audit.rebuild();
      await rig.audit.caughtUp(19);
      expect(await count()).toBe(20);
      await buildAll(rig.db.pool);
      expect(await count()).toBe(20);
    } finally {
      await rig.close();
    }
  });
});
