import fc from 'fast-check';
import { fromBase64, toBase64 } from './base64.js';
import { decodeEntryBundle, encodeEntryBundle, entriesPath, parseTilePath, tilePath, tileWidth, tilesBetween } from './tile.js';

describe('tile paths (C2SP tlog-tiles)', () => {
  test('split the index into groups of three digits', () => {
    expect(tilePath(0, 1_234_067)).toBe('tile/0/x001/x234/067');
    expect(tilePath(2, 0, 1)).toBe('tile/2/000.p/1');
    expect(entriesPath(273, 112)).toBe('tile/entries/273.p/112');
    expect(entriesPath(1000)).toBe('tile/entries/x001/000');
  });

  test('read back, each in one spelling only', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 63 }),
        fc.maxSafeInteger().map(Math.abs),
        fc.integer({ min: 1, max: 256 }),
        (level, n, width) => {
          expect(parseTilePath(tilePath(level, n, width))).toEqual({ level, n, width });
          expect(parseTilePath(entriesPath(n, width))).toEqual({ level: 'entries', n, width });
        },
      ),
    );
  });

  test.each([
    'tile/0/0',
    'tile/00/000',
    'tile/64/000',
    'tile/-1/000',
    'tile/0/000.p/0',
    'tile/0/000.p/256',
    'tile/0/000.p/01',
    'tile/0/x000/001',
    'tile/0/001/002',
    'tile/0/x001',
    'tile/0/000/',
    '/tile/0/000',
    'tile/entry/000',
    'tile/0/000\n',
    'tile/0/x009/x999/x999/x999/x999/999',
    'checkpoint',
    '',
  ])('%j is no tile path', (path) => {
    expect(parseTilePath(path)).toBeUndefined();
  });

  test('a tree of 70,000 has the tiles of the specification', () => {
    const tiles = [...tilesBetween(0, 70_000)];
    expect(tiles.filter(({ width }) => width === 256)).toHaveLength(273 + 1);
    expect(tiles.filter(({ width }) => width < 256)).toEqual([
      { level: 0, n: 273, width: 112 },
      { level: 1, n: 1, width: 17 },
      { level: 2, n: 0, width: 1 },
    ]);
    expect([...tilesBetween(0, 256)]).toEqual([
      { level: 0, n: 0, width: 256 },
      { level: 1, n: 0, width: 1 },
    ]);
  });

  test('growth touches only the tiles that changed', () => {
    expect([...tilesBetween(300, 301)]).toEqual([{ level: 0, n: 1, width: 45 }]);
    expect([...tilesBetween(511, 512)]).toEqual([
      { level: 0, n: 1, width: 256 },
      { level: 1, n: 0, width: 2 },
    ]);
    expect([...tilesBetween(512, 512)]).toEqual([]);
    expect(tileWidth(0, 5, 100)).toBe(0);
  });
});

describe('entry bundles', () => {
  test('read back as written, the empty and the largest entry too', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 600 }), { maxLength: 256 }), (entries) => {
        expect(decodeEntryBundle(encodeEntryBundle(entries)).map((entry) => Buffer.from(entry))).toEqual(
          entries.map((entry) => Buffer.from(entry)),
        );
      }),
      { numRuns: 50 },
    );
    expect(encodeEntryBundle([Buffer.from('ab'), new Uint8Array(0)])).toEqual(Uint8Array.of(0, 2, 97, 98, 0, 0));
    expect(decodeEntryBundle(encodeEntryBundle([new Uint8Array(65_535)]))[0]).toHaveLength(65_535);
    expect(() => encodeEntryBundle([new Uint8Array(65_536)])).toThrow(RangeError);
  });

  test.each([
    ['half a length', Uint8Array.of(0)],
    ['a length without its entry', Uint8Array.of(0, 1)],
    ['half an entry', Uint8Array.of(0, 1, 7, 0, 9, 1, 2)],
    ['257 entries', new Uint8Array(257 * 2)],
  ])('%s is no bundle', (_name, bytes) => {
    expect(() => decodeEntryBundle(bytes)).toThrow(RangeError);
  });
});

describe('base64', () => {
  test('is that of RFC 4648 section 4, with one spelling for each value', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        expect(toBase64(bytes)).toBe(Buffer.from(bytes).toString('base64'));
        expect(Buffer.from(fromBase64(toBase64(bytes))!)).toEqual(Buffer.from(bytes));
      }),
    );
    for (const text of ['A', 'AA', 'AA=', 'AB==', 'AAB=', 'A===', '====', 'AA==AA==', 'A A=', 'AAA\n', 'AA-_', 'AAA=\n', 'ÀAA='])
      expect(fromBase64(text)).toBeUndefined();
  });
});
