import fc from 'fast-check';
import { CanonicalScanner } from './canonical-scanner.js';
import { canonical, quote } from './canonical.js';

const isCanonical = (bytes: Uint8Array) => new CanonicalScanner().isCanonical(bytes);

/** What the scanner must agree with: parse strictly, write canonically, compare. */
function isCanonicalSlowly(bytes: Uint8Array): boolean {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    return canonical(JSON.parse(text)) === text;
  } catch {
    return false;
  }
}

describe('canonical JSON (RFC 8785)', () => {
  test('writes the example of section 3.2.2', () => {
    const value = {
      numbers: [Number('333333333.33333329'), 1e30, 4.5, 2e-3, 0.000000000000000000000000001],
      string: '\u20ac$\u000f\nA\'B"\\\\"/',
      literals: [null, true, false],
    };
    expect(canonical(value)).toBe(
      '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    );
  });

  test('sorts member names by UTF-16 code units, as section 3.2.3 shows', () => {
    const value = {
      '\u20ac': 'Euro Sign',
      '\r': 'Carriage Return',
      '\ufb33': 'Hebrew',
      '1': 'One',
      '\ud83d\ude00': 'Emoji',
      '\u0080': 'Control',
      ö: 'o',
    };
    expect([...canonical(value).matchAll(/:"(\w+)/g)].map(([, name]) => name)).toEqual([
      'Carriage',
      'One',
      'Control',
      'o',
      'Euro',
      'Emoji',
      'Hebrew',
    ]);
  });

  test.each([
    [0, '0'],
    [-0, '0'],
    [5e-324, '5e-324'],
    [-1.7976931348623157e308, '-1.7976931348623157e+308'],
    [9007199254740992, '9007199254740992'],
    [Number('295147905179352825856'), '295147905179352830000'],
    [9.999999999999997e22, '9.999999999999997e+22'],
    [1e21, '1e+21'],
    [333333333.3333332, '333333333.3333332'],
    [Number('1424953923781206.2'), '1424953923781206.2'],
  ])('writes the number %d of appendix B as %s', (number, text) => {
    expect(canonical(number)).toBe(text);
  });

  test.each([
    ['NaN', NaN],
    ['an infinity', [Infinity]],
    ['undefined', { a: undefined }],
    ['a bigint', 1n],
    ['a function', () => 1],
    ['a date', new Date(0)],
    ['a map', new Map()],
    ['a lone surrogate in a text', 'a\ud800'],
    ['a lone surrogate in a name', { '\udc00': 1 }],
  ])('refuses %s', (_name, value) => {
    expect(() => canonical(value)).toThrow(TypeError);
  });

  test('quotes as JSON.stringify does wherever that is well-formed', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => expect(quote(text)).toBe(JSON.stringify(text))));
  });
});

describe('the canonical scanner', () => {
  const names = fc.oneof(
    fc.constantFrom('id', 'data', 'a', 'ab', '', '\ud83d\ude00', '\ufb33', '\u0001', '"'),
    fc.string({ unit: 'binary', maxLength: 4 }),
  );
  const { json } = fc.letrec((tie) => ({
    json: fc.oneof(
      { maxDepth: 4 },
      fc.constantFrom(null, true, false),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.integer(),
      fc.string({ unit: 'binary' }),
      fc.array(tie('json'), { maxLength: 4 }),
      fc.dictionary(names, tie('json'), { maxKeys: 5 }),
    ),
  }));

  test('accepts whatever was written canonically', () => {
    fc.assert(
      fc.property(json, (value) => isCanonical(Buffer.from(canonical(value)))),
      { numRuns: 2000 },
    );
  });

  test('agrees with parsing and writing again on bytes with something changed', () => {
    const changed = fc.tuple(
      json,
      fc.nat(),
      fc.constantFrom('set', 'insert', 'remove'),
      fc.oneof(fc.integer({ min: 0, max: 255 }), fc.constantFrom(...Buffer.from('{}[],:"\\ 0.-+eEu19 \n'))),
    );
    fc.assert(
      fc.property(changed, ([value, where, how, byte]) => {
        const bytes = Buffer.from(canonical(value));
        const at = where % bytes.length;
        const after = bytes.subarray(how === 'insert' ? at : at + 1);
        const result = Buffer.concat([bytes.subarray(0, at), how === 'remove' ? Buffer.alloc(0) : Buffer.of(byte), after]);
        expect(isCanonical(result)).toBe(isCanonicalSlowly(result));
      }),
      { numRuns: 20_000 },
    );
  });

  test('agrees on any spelling of numbers and escapes', () => {
    const number = fc.string({ unit: fc.constantFrom(...'0123456789.-+eE'), minLength: 1, maxLength: 24 });
    const escape = fc
      .string({ unit: fc.constantFrom('\\', 'u', '0', '1', '8', 'a', 'd', 'f', 'A', 'n', '/', '"', 'é'), maxLength: 9 })
      .map((text) => `"${text}"`);
    fc.assert(
      fc.property(fc.oneof(number, escape), (text) => expect(isCanonical(Buffer.from(text))).toBe(isCanonicalSlowly(Buffer.from(text)))),
      { numRuns: 20_000 },
    );
  });

  test('agrees on any bytes within a text', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 6 }), (inner) => {
        const bytes = Buffer.concat([Buffer.from('"'), inner, Buffer.from('"')]);
        expect(isCanonical(bytes)).toBe(isCanonicalSlowly(bytes));
      }),
      { numRuns: 20_000 },
    );
  });

  test('refuses nesting that could exhaust the stack', () => {
    expect(isCanonical(Buffer.from('['.repeat(60_000) + ']'.repeat(60_000)))).toBe(false);
  });
});
