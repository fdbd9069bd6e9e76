import fc from 'fast-check';
import { LONGEST_QUERY, parseSearch, printSearch, type Clause, type SearchQuery } from './search-language.js';

const ANNA = '00000000-0000-4000-8000-000000000001';

function read(text: string): SearchQuery {
  const parsed = parseSearch(text);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.query;
}
const wrongs = (text: string) => {
  const parsed = parseSearch(text);
  return parsed.ok ? [] : parsed.problems;
};
const values = (qualifier: string, ...texts: string[]) => ({
  kind: 'values',
  qualifier,
  values: texts.map((text) => ({ text, prefix: false })),
});

describe('a query', () => {
  it('is clauses of qualifiers, each with the values it may have', () => {
    expect(read(`type:consent.* purpose:marketing,analytics -channel:app subject:${ANNA.toUpperCase()} withdrawn`).clauses).toMatchObject([
      { kind: 'values', qualifier: 'type', negated: false, column: 1, values: [{ text: 'consent.', prefix: true }] },
      { ...values('purpose', 'marketing', 'analytics'), negated: false },
      { ...values('channel', 'app'), negated: true },
      { ...values('subject', ANNA), negated: false },
      { ...values('word', 'withdrawn'), negated: false },
    ]);
  });

  it('means any of them where a qualifier comes twice, and none of them where it is negated', () => {
    expect(read('purpose:a -basis:x purpose:b,a -basis:y').clauses).toMatchObject([
      { ...values('purpose', 'a', 'b'), negated: false },
      { ...values('basis', 'x', 'y'), negated: true },
    ]);
  });

  it('takes positions and times as ranges, all of which hold', () => {
    expect(read('position:100..200 position:>=150 created:2026-01-01 occurred:<2026-01-01T00:00:00+07:00').clauses).toMatchObject([
      { ranges: [{ from: { text: '100', inclusive: true }, to: { text: '200', inclusive: true } }] },
      { ranges: [{ from: { text: '150', inclusive: true } }] },
      { ranges: [{ from: { text: '2026-01-01' }, to: { text: '2026-01-01' } }] },
      { ranges: [{ to: { text: '2026-01-01T00:00:00+07:00', inclusive: false } }] },
    ]);
  });

  it('keeps blanks, commas and signs in quotes', () => {
    expect(read(String.raw`actor:"a b, \"c\" \\" "-x"`).clauses).toMatchObject([
      values('actor', String.raw`a b, "c" \ `.trim()),
      values('word', '-x'),
    ]);
  });

  it('may be empty', () => expect(read(' \t ').clauses).toEqual([]));
});

describe('what is wrong with a query', () => {
  it.each([
    ['purposes:a', 1, 8, 'no such qualifier'],
    ['type:a bogus:x', 8, 5, 'no such qualifier'],
    ['purpose:', 1, 8, 'no value'],
    ['purpose:a,', 10, 1, 'missing after the comma'],
    ['purpose:,a', 9, 1, 'missing before the comma'],
    ['purpose:a* ', 9, 2, 'takes no *'],
    ['-subject:anna', 10, 4, 'no value of subject:'],
    ['position:x', 10, 1, 'no range of position:'],
    ['position:9..3', 10, 4, 'ends before it begins'],
    ['position:1..', 10, 3, 'no range of position:'],
    ['position:>1..2', 10, 5, 'no range of position:'],
    ['created:2026-02-30', 9, 10, 'no range of created:'],
    ['created:2026-01-01T00:00', 9, 16, 'no range of created:'],
    ['created:0000-01-01', 9, 10, 'no range of created:'],
    ['actor:"open', 7, 5, 'not closed'],
    ['actor:"a"b', 10, 1, 'blank belongs before'],
    ['a,b', 1, 3, 'needs a qualifier'],
    ['-', 1, 1, 'neither a word'],
    ['a\u0000b', 1, 3, 'neither a word'],
    ['\ud800', 1, 1, 'neither a word'],
  ])('%j: at column %i, %i long: %s', (text, column, length, message) => {
    const [problem] = wrongs(text);
    expect(problem).toMatchObject({ column, length });
    expect(problem!.message).toContain(message);
    expect(problem!.allowed).not.toBe('');
  });

  it('is said of all of it at once', () => expect(wrongs('bogus:1 fine:2 position:x').map(({ column }) => column)).toEqual([1, 9, 25]));

  it('is that it is too long, or names too much', () => {
    expect(wrongs('a'.repeat(LONGEST_QUERY + 1))[0]).toMatchObject({ column: LONGEST_QUERY + 1 });
    expect(wrongs(`purpose:${Array.from({ length: 51 }, (_, i) => `p${i}`).join(',')}`)[0]!.message).toContain('too many');
    expect(wrongs('x '.repeat(51))[0]!.message).toContain('too many');
  });

  it('repeats nothing of what was written', () =>
    fc.assert(
      fc.property(fc.stringMatching(/^[xyz]{12,20}$/), fc.constantFrom('', 'subject:', 'position:', '-', '"'), (secret, before) => {
        for (const problem of wrongs(`${before}${secret}:q,`)) expect(JSON.stringify(problem)).not.toContain(secret);
      }),
    ));
});

const text = fc.string({ unit: fc.constantFrom('a', 'b', '-', '.', ':', ' ', ',', '"', '\\', '*', '9', 'é'), minLength: 1, maxLength: 12 });
const id = fc.stringMatching(/^[a-z0-9][a-z0-9._-]{0,9}$/);
const listOf = (value: fc.Arbitrary<string>) =>
  fc.uniqueArray(value, { minLength: 1, maxLength: 3 }).map((texts) => texts.map((one) => ({ text: one, prefix: false })));
const bounds = fc
  .tuple(fc.nat(1_000), fc.nat(1_000), fc.boolean(), fc.constantFrom('both', 'from', 'to'))
  .map(([a, b, inclusive, which]) => {
    const [low, high] = [Math.min(a, b), Math.max(a, b)].map(String) as [string, string];
    if (which === 'both') return { from: { text: low, inclusive: true }, to: { text: high, inclusive: true } };
    return which === 'from' ? { from: { text: low, inclusive } } : { to: { text: high, inclusive } };
  });
const clause: fc.Arbitrary<object> = fc.oneof(
  fc.record({ kind: fc.constant('values'), qualifier: fc.constantFrom('purpose', 'basis'), values: listOf(id) }),
  fc.record({ kind: fc.constant('values'), qualifier: fc.constant('actor'), values: listOf(text) }),
  fc.record({
    kind: fc.constant('values'),
    qualifier: fc.constant('source'),
    values: text.map((one) => [{ text: one.replaceAll(/[\s",\\*]/g, 'x'), prefix: true }]),
  }),
  fc.record({ kind: fc.constant('values'), qualifier: fc.constant('word'), values: text.map((one) => [{ text: one, prefix: false }]) }),
  fc.record({ kind: fc.constant('ranges'), qualifier: fc.constant('position'), ranges: fc.array(bounds, { minLength: 1, maxLength: 3 }) }),
);
const keyOf = (one: object) => {
  const { kind, qualifier, negated } = one as Clause;
  return kind === 'ranges' || qualifier === 'word' ? {} : `${qualifier}${negated}`;
};
const query = fc.uniqueArray(
  fc.tuple(clause, fc.boolean()).map(([one, negated]) => ({ ...one, negated })),
  { maxLength: 6, selector: keyOf },
);

it('a query that is printed and read again is the same', () =>
  fc.assert(
    fc.property(query, (clauses) => {
      const again = read(printSearch({ clauses: clauses as unknown as Clause[] })).clauses.map(({ column: _, ...one }) => one);
      expect(again).toEqual(clauses);
    }),
    { numRuns: 2_000 },
  ));

it('whatever is written is read or refused, and what is read can be printed and read again', () =>
  fc.assert(
    fc.property(
      fc.oneof(fc.string({ unit: 'binary', maxLength: 60 }), text, fc.string({ unit: fc.constantFrom(...'type:a,".*- <>=0') })),
      (any) => {
        const parsed = parseSearch(any);
        if (parsed.ok) expect(printSearch(read(printSearch(parsed.query)))).toBe(printSearch(parsed.query));
        else expect(parsed.problems.length).toBeGreaterThan(0);
      },
    ),
    { numRuns: 5_000 },
  ));
