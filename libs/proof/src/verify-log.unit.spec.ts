import fc from 'fast-check';
import { canonical } from './canonical.js';
import { readerOf, sampleEntries, serve, serveEntries, sign, type ServedLog } from './fixtures/sample-log.js';
import { LogReader } from './log-reader.js';
import type { LogProblem } from './log-report.js';
import type { LogState } from './log-state.js';
import { generateLogKey, nodePrimitives } from './node.js';
import { entriesPath, tilePath } from './tile.js';
import { leafHash } from './tree-hash.js';
import { verifyLog } from './verify-log.js';

const ORIGIN = 'log.example/attesta';
const key = generateLogKey(ORIGIN);
const SIZE = 600;
const entries = sampleEntries(SIZE);
const entriesAgain = () => [...entries];

const check = (served: ServedLog, state?: LogState) =>
  verifyLog(nodePrimitives, readerOf(served), { key: key.verifierKey, ...(state ? { state } : {}) });
const told = (problems: readonly LogProblem[]) =>
  problems.map(({ kind, position }) => (position === undefined ? kind : `${kind} ${position}`));

function tampered(change: (list: Uint8Array[]) => void): ServedLog {
  const served = serve(key, ORIGIN, entries);
  const list = entriesAgain();
  change(list);
  serveEntries(served, list, SIZE);
  return served;
}

function edit(entry: Uint8Array): Uint8Array {
  return Buffer.from(Buffer.from(entry).toString().replace('"contract"', '"consents"'));
}

function swap(list: Uint8Array[], p: number, q: number): void {
  [list[p], list[q]] = [list[q]!, list[p]!];
}

describe('a log as it was sealed', () => {
  test.each([0, 1, 255, 256, 257, 600])('of %d entries is good, and visit after visit stays so', async (size) => {
    const served = serve(key, ORIGIN, entries.slice(0, size));
    const first = await check(served);
    expect(first).toMatchObject({ ok: true, checked: size, problems: [], omitted: 0 });
    expect(first.state).toMatchObject({ origin: ORIGIN, size, key: key.verifierKey });
    expect(JSON.parse(JSON.stringify(first.state))).toEqual(first.state);
    expect(await check(served, first.state)).toMatchObject({ ok: true, problems: [] });
    expect(await check(serve(key, ORIGIN, entries), first.state)).toMatchObject({ ok: true, problems: [] });
  });

  test('tells its progress and counts subjects', async () => {
    const seen: [number, number][] = [];
    const report = await verifyLog(nodePrimitives, readerOf(serve(key, ORIGIN, entries)), {
      key: key.verifierKey,
      onProgress: (...at) => seen.push(at),
    });
    expect(seen).toEqual([
      [256, SIZE],
      [512, SIZE],
      [600, SIZE],
    ]);
    expect(report.subjects).toBe(7);
  });

  test('grows past the table of subjects it began with', async () => {
    const many = sampleEntries(4000, { subjects: 2999 });
    expect(await check(serve(key, ORIGIN, many))).toMatchObject({ ok: true, subjects: 2600 });
  });
});

describe('a changed entry', () => {
  test('is named, whichever byte it is', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(SIZE - 1), fc.nat(), fc.integer({ min: 1, max: 255 }), async (position, where, by) => {
        const served = tampered((list) => {
          const bytes = new Uint8Array(list[position]!);
          bytes[where % bytes.length]! ^= by;
          list[position] = bytes;
        });
        const report = await check(served);
        expect(report.state).toBeUndefined();
        expect(told(report.problems)).toEqual([`edit ${position}`]);
      }),
      { numRuns: 25 },
    );
  });

  test('is named with every other one, and the chains around it are not blamed', async () => {
    const report = await check(
      tampered((list) => {
        for (const position of [3, 10, 17, 599]) list[position] = edit(list[position]!);
      }),
    );
    expect(told(report.problems)).toEqual(['edit 3', 'edit 10', 'edit 17', 'edit 599']);
  });

  test('is found although its hash tile was changed with it', async () => {
    const list = entriesAgain();
    list[300] = edit(list[300]!);
    const served = tampered(() => {});
    serveEntries(served, list);
    const tile = Buffer.from(served.get(tilePath(0, 1))!);
    tile.set(leafHash(nodePrimitives.sha256, list[300]), (300 - 256) * 32);
    served.set(tilePath(0, 1), tile);
    const report = await check(served);
    expect(told(report.problems)).toContain('edit 256');
    expect(report.problems.find(({ kind }) => kind === 'edit')).toMatchObject({ position: 256, lastPosition: 511 });
    expect(report.problems.some(({ kind, position }) => kind === 'chain' && position! > 300)).toBe(true);
  });

  test('is found although everything but the signature was made again, and named from what was seen at the last visit', async () => {
    const { state } = await check(serve(key, ORIGIN, entries));
    const list = entriesAgain();
    list[300] = edit(list[300]!);
    const served = serve(key, ORIGIN, list);
    served.set('checkpoint', serve(key, ORIGIN, entries).get('checkpoint')!);
    expect((await check(served)).problems.filter(({ kind }) => kind === 'edit')).toEqual([
      expect.objectContaining({ message: expect.stringContaining('signed root') }),
    ]);
    expect(told((await check(served, state)).problems)).toContain('edit 300');
  });

  test('swapped with its hash tile, is told from a changed hash tile', async () => {
    const served = serve(key, ORIGIN, entries);
    const tile = Buffer.from(served.get(tilePath(0, 1))!);
    tile[5]! ^= 1;
    served.set(tilePath(0, 1), tile);
    const { problems } = await check(served);
    expect(told(problems)).toEqual(['edit 256']);
    expect(problems[0]!.message).toContain('hash tile is wrong');
  });

  test('an upper tile is not left unchecked', async () => {
    const served = serve(key, ORIGIN, entries);
    const tile = Buffer.from(served.get(tilePath(1, 0, 2))!);
    tile[40]! ^= 1;
    served.set(tilePath(1, 0, 2), tile);
    expect(told((await check(served)).problems)).toEqual(['edit 256']);
    served.delete(tilePath(1, 0, 2));
    expect(told((await check(served)).problems)).toEqual(['gap 0']);
  });
});

describe('moved entries', () => {
  test.each([
    [5, 6],
    [0, 599],
    [255, 256],
    [12, 500],
  ])('%d and %d, swapped, are both named', async (p, q) => {
    const { problems } = await check(tampered((list) => swap(list, p, q)));
    expect(problems).toEqual([expect.objectContaining({ kind: 'reorder', position: p, positions: [p, q] })]);
  });

  test('three that went round are named together', async () => {
    const { problems } = await check(
      tampered((list) => {
        swap(list, 7, 8);
        swap(list, 8, 9);
      }),
    );
    expect(problems).toEqual([expect.objectContaining({ kind: 'reorder', positions: [7, 8, 9] })]);
  });

  test('one copied over another is an edit that says whose entry stands there', async () => {
    const { problems } = await check(tampered((list) => (list[20] = list[400]!)));
    expect(told(problems)).toEqual(['edit 20']);
  });

  test('a swap hidden in the hash tile shows in the chains', async () => {
    const list = entriesAgain();
    swap(list, 0, 7 * 5);
    const served = serve(key, ORIGIN, list);
    served.set('checkpoint', serve(key, ORIGIN, entries).get('checkpoint')!);
    const { ok, problems } = await check(served);
    expect(ok).toBe(false);
    expect(problems.some(({ kind }) => kind === 'chain')).toBe(true);
  });
});

describe('missing entries', () => {
  test('in the middle of a bundle are a gap at their position', async () => {
    const served = serve(key, ORIGIN, entries);
    const bundle = entries.slice(256, 512).filter((_, i) => i !== 44 && i !== 45);
    serveOneBundle(served, 1, 256, bundle);
    const { problems } = await check(served);
    expect(problems).toEqual([expect.objectContaining({ kind: 'gap', position: 300, lastPosition: 301 })]);
  });

  test('closed up by those behind are a gap at their position', async () => {
    const { problems } = await check(tampered((list) => list.splice(300, 1)));
    expect(told(problems)).toEqual(['gap 300']);
  });

  test('an entry slipped in, with the others moved down, is named', async () => {
    const served = tampered((list) => {
      list.splice(300, 0, edit(list[300]!));
      list.pop();
    });
    expect(told((await check(served)).problems)).toContain('edit 300');
  });

  test('at the end are a truncation', async () => {
    const report = await check(tampered((list) => list.splice(590)));
    expect(report.problems).toEqual([expect.objectContaining({ kind: 'truncation', position: 590, lastPosition: 599 })]);
    expect(told((await check(tampered((list) => list.splice(512)))).problems)).toEqual(['truncation 512']);
    expect(told((await check(tampered((list) => list.splice(0)))).problems)).toEqual(['truncation 0']);
  });

  test('as a whole bundle are a gap', async () => {
    const served = serve(key, ORIGIN, entries);
    served.delete(entriesPath(1));
    expect((await check(served)).problems).toEqual([expect.objectContaining({ kind: 'gap', position: 256, lastPosition: 511 })]);
  });

  test('together with their hash tiles leave nothing to claim about the chains behind', async () => {
    const served = serve(key, ORIGIN, entries);
    served.delete(entriesPath(1));
    served.delete(tilePath(0, 1));
    expect(told((await check(served)).problems)).toEqual(['gap 256', 'gap 256']);
  });

  test('of a log that claims far more than it has are a truncation, soon', async () => {
    const served = serve(key, ORIGIN, entries);
    sign(served, key, ORIGIN, 2 ** 50, new Uint8Array(32));
    const { problems } = await check(served);
    expect(problems.find(({ kind }) => kind === 'truncation')).toMatchObject({ lastPosition: 2 ** 50 - 1 });
  });
});

describe('a log seen before', () => {
  const before = entries.slice(0, 500);

  test('that is shorter now was rolled back', async () => {
    const { state } = await check(serve(key, ORIGIN, entries));
    const { problems } = await check(serve(key, ORIGIN, before), state);
    expect(told(problems)).toEqual(['rollback 500']);
  });

  test.each([300, 500, 600])('restored from a backup and %d entries long again is a fork, where they part', async (size) => {
    const { state } = await check(serve(key, ORIGIN, before));
    const forked = [...entries.slice(0, 250), ...continued(250, size)];
    const { problems } = await check(serve(key, ORIGIN, forked), state);
    expect(told(problems)).toEqual(size < 500 ? ['fork 250', 'rollback 300'] : ['fork 250']);
  });

  test('with more entries than marks is a fork within the stretch where they part', async () => {
    const long = sampleEntries(9000);
    const { state } = await check(serve(key, ORIGIN, long));
    const forked = long.slice();
    forked[5001] = edit(forked[5001]!);
    const { problems } = await check(serve(key, ORIGIN, forked), state);
    expect(problems.find(({ kind }) => kind === 'fork')).toMatchObject({ position: 5000, lastPosition: 5003 });
  });

  test('without marks is a fork all the same', async () => {
    const { marks, ...state } = (await check(serve(key, ORIGIN, before))).state!;
    expect(marks).toBeDefined();
    const forked = [...entries.slice(0, 250), ...continued(250, 600)];
    expect(told((await check(serve(key, ORIGIN, forked), state)).problems)).toEqual(['fork']);
  });

  test('under another key or origin is not that log', async () => {
    const { state } = await check(serve(key, ORIGIN, before));
    const thief = generateLogKey(ORIGIN);
    const report = await verifyLog(nodePrimitives, readerOf(serve(thief, ORIGIN, before)), { key: thief.verifierKey, state: state! });
    expect(told(report.problems)).toEqual(['signature']);
    expect(told((await check(serve(key, ORIGIN, before), { ...state!, origin: 'else.example' })).problems)).toEqual(['fork']);
  });

  test('with a saved state that cannot be read is not called good', async () => {
    for (const state of [null, {}, { size: -1 }, { origin: ORIGIN, size: 5, root: 'x', key: '' }]) {
      const { ok, problems } = await verifyLog(nodePrimitives, readerOf(serve(key, ORIGIN, before)), {
        key: key.verifierKey,
        state: state as LogState,
      });
      expect(ok).toBe(false);
      expect(told(problems)).toEqual(['format']);
    }
  });

  /** Other entries from a position on, linked to the same ones before. */
  function continued(from: number, to: number): Uint8Array[] {
    return sampleEntriesAfter(entries.slice(0, from), to - from);
  }
});

describe('what the ledger itself could get wrong', () => {
  const sealed = (list: readonly Record<string, unknown>[]) =>
    serve(
      key,
      ORIGIN,
      list.map((entry) => Buffer.from(canonical(entry))),
    );
  const base = { v: 1, id: 'a', source: 's', type: 't', time: 'now', recordedAt: 'now', data: {} };
  const subject = { id: '00000000-0000-4000-8000-000000000001' };

  test.each([
    ['white space', '{ }', 'canonical'],
    ['no JSON', '{', 'not JSON'],
    ['no object', '7', 'not a JSON object'],
    ['broken UTF-8', Buffer.of(0xff), 'UTF-8'],
    ['nothing', '', 'not JSON'],
    ['no id', canonical({ v: 1 }), 'has no "id"'],
    ['another version', canonical({ ...base, v: 2 }), 'version 1'],
    ['an unknown member', canonical({ ...base, extra: 1 }), 'does not know'],
    ['a subject that is no UUID', canonical({ ...base, subject: { id: 'x', seq: 1 } }), 'in their types'],
    ['a number of 0', canonical({ ...base, subject: { ...subject, seq: 0 } }), 'in their types'],
    ['a second entry without link', canonical({ ...base, subject: { ...subject, seq: 2 } }), 'in their types'],
  ])('an entry with %s is named', async (_name, text, message) => {
    const { problems } = await check(serve(key, ORIGIN, [...entries.slice(0, 5), Buffer.from(text as string)]));
    expect(problems).toEqual([expect.objectContaining({ kind: 'format', position: 5, message: expect.stringContaining(message) })]);
  });

  test('a gap in the numbers of a subject, a wrong link and a second beginning are named', async () => {
    const first = { ...base, subject: { ...subject, seq: 1 } };
    const prev = Buffer.from(leafHash(nodePrimitives.sha256, Buffer.from(canonical(first)))).toString('base64');
    const next = (seq: number, link = prev) => ({ ...base, subject: { ...subject, seq, prev: link } });
    expect(told((await check(sealed([first, next(2)]))).problems)).toEqual([]);
    expect(told((await check(sealed([first, next(3)]))).problems)).toEqual(['chain 1']);
    expect(told((await check(sealed([first, next(2, Buffer.alloc(32).toString('base64'))]))).problems)).toEqual(['chain 1']);
    expect(told((await check(sealed([first, first]))).problems)).toEqual(['chain 1']);
    expect(told((await check(sealed([next(2)]))).problems)).toEqual(['chain 0']);
  });
});

describe('a checkpoint', () => {
  test.each([
    ['signed by somebody else', (served: ServedLog) => sign(served, generateLogKey(ORIGIN), ORIGIN, SIZE, new Uint8Array(32)), 'signature'],
    ['with one byte changed', (served: ServedLog) => (served.get('checkpoint')![ORIGIN.length + 1]! ^= 1), 'signature'],
    ['that is not there', (served: ServedLog) => served.delete('checkpoint'), 'format'],
    ['that is no text', (served: ServedLog) => served.set('checkpoint', Buffer.of(0xff, 0xfe)), 'format'],
    ['that is empty', (served: ServedLog) => served.set('checkpoint', new Uint8Array(0)), 'signature'],
    ['that is endless', (served: ServedLog) => served.set('checkpoint', Buffer.alloc(2_000_000, 97)), 'format'],
  ])('%s ends the check', async (_name, change, kind) => {
    const served = serve(key, ORIGIN, entries);
    change(served);
    expect(await check(served)).toMatchObject({ ok: false, checked: 0, problems: [expect.objectContaining({ kind })] });
  });

  test('of a root that the entries do not lead to is not believed', async () => {
    const served = serve(key, ORIGIN, entries);
    sign(served, key, ORIGIN, SIZE, new Uint8Array(32));
    expect(told((await check(served)).problems)).toEqual(['edit']);
  });

  test('under a key line that is none is refused', async () => {
    const report = await verifyLog(nodePrimitives, readerOf(serve(key, ORIGIN, entries)), { key: 'nonsense' });
    expect(told(report.problems)).toEqual(['signature']);
  });
});

describe('a hostile server', () => {
  const served = serve(key, ORIGIN, entries);
  const garbage = [
    () => new Uint8Array(0),
    () => Buffer.from('<html>not found</html>'),
    () => new Uint8Array(8192),
    () => new Uint8Array(20_000_000),
    (path: string) => Buffer.concat([served.get(path) ?? Buffer.alloc(0), Buffer.of(1)]),
    (path: string) => (served.get(path) ?? Buffer.alloc(0)).subarray(1),
    () => Promise.reject(new Error('\u001b[31mboom\n'.repeat(100))),
    () => Promise.reject('not even an error' as unknown as Error),
    () => undefined as unknown as Uint8Array,
    () => 'text' as unknown as Uint8Array,
  ];

  test('whatever it answers where, ends in a report that names a problem', async () => {
    const paths = [...served.keys()];
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...paths), fc.nat(garbage.length - 1), async (bad, which) => {
        const answer = (path: string) => Promise.resolve(path === bad ? garbage[which]!(path) : served.get(path)!);
        const reader = new LogReader(nodePrimitives, async (path) => (served.has(path) ? answer(path) : Promise.reject(new Error('404'))));
        const report = await verifyLog(nodePrimitives, reader, { key: key.verifierKey });
        expect(report.ok).toBe(false);
        expect(report.problems.length).toBeGreaterThan(0);
        for (const { message } of report.problems) expect(message).toMatch(/^[^\p{Cc}]{1,400}$/u);
      }),
      { numRuns: 80 },
    );
  });

  test('that answers everything with the same garbage, for a log without end, ends in a bounded report', async () => {
    const huge = new Map(served);
    sign(huge, key, ORIGIN, 2 ** 52, new Uint8Array(32));
    for (const answer of garbage.slice(0, 4)) {
      const reader = new LogReader(nodePrimitives, async (path) => (path === 'checkpoint' ? huge.get(path)! : answer(path)));
      const report = await verifyLog(nodePrimitives, reader, { key: key.verifierKey });
      expect(report.ok).toBe(false);
      expect(report.problems.length).toBeLessThanOrEqual(1000);
    }
  });
});

function serveOneBundle(served: ServedLog, n: number, width: number, list: readonly Uint8Array[]): void {
  served.set(entriesPath(n, width), Buffer.concat(list.flatMap((entry) => [Buffer.of(entry.length >> 8, entry.length & 255), entry])));
}

/** Entries without subjects, to follow any log. */
function sampleEntriesAfter(before: readonly Uint8Array[], count: number): Uint8Array[] {
  return Array.from({ length: count }, (_, i) =>
    Buffer.from(canonical({ v: 1, id: `other-${before.length + i}`, source: 's', type: 't', time: 'now', recordedAt: 'now', data: {} })),
  );
}
