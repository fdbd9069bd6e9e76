import fc from 'fast-check';
import { events, type EventType } from './catalog.js';
import { EXAMPLES, example } from './examples-rig.js';
import { parseEvent } from './parse-event.js';

const now = Date.UTC(2025, 1, 1);
const TYPES = Object.keys(EXAMPLES) as EventType[];
const COLLECTION = 'attesta.collection.recorded.v1';
const parse = (value: unknown) => parseEvent(value, { now });

/** Problems as `field code`, for tables. */
function problemsOf(value: unknown): string[] {
  const parsed = parse(value);
  return parsed.ok ? [] : parsed.problems.map((problem) => `${problem.field} ${problem.code}`);
}
const withData = (changes: object) => example(COLLECTION, { data: { ...example(COLLECTION).data, ...changes } });

describe('a well-formed event', () => {
  test.each(TYPES)('of type %s is accepted as it is', (type) => {
    const event = example(type);
    expect(parse(event)).toEqual({ ok: true, event });
  });

  it('keeps the trace that it came with, without the free text of its tracestate, and drops one that does not parse', () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const event = example(COLLECTION, { traceparent });
    expect(parse({ ...event, tracestate: 'shop=1101700230708' })).toEqual({ ok: true, event });
    for (const bad of ['00-xyz', `00-${'0'.repeat(32)}-b7ad6b7169203331-01`, `ff-${'1'.repeat(32)}-b7ad6b7169203331-01`]) {
      expect(parse(example(COLLECTION, { traceparent: bad }))).toEqual({ ok: true, event: example(COLLECTION) });
    }
  });

  it('may carry extension attributes, which are dropped, and null attributes, which are absent', () => {
    const parsed = parse({ ...example(COLLECTION), partitionkey: 'x', sampledrate: 3, dataschema: null, actor: null });
    expect(parsed).toEqual({ ok: true, event: example(COLLECTION) });
  });

  it('has its envelope copied: what the sender’s object does later does not reach us', () => {
    const sent = example(COLLECTION);
    const parsed = parse(sent);
    sent.id = 'changed';
    expect(parsed.ok && parsed.event.id).toBe('0192f0c1-7b2a-7abc-8def-000000000001');
  });

  it('may write t and z small, as RFC 3339 allows; everyone after us reads them large', () => {
    const parsed = parse(example(COLLECTION, { time: '2025-01-31t09:30:00z' }));
    expect(parsed.ok && parsed.event.time).toBe('2025-01-31T09:30:00Z');
  });

  it.each(['application/json', 'application/json; charset=utf-8', 'application/vnd.shop+json'])(
    'may say that its data is %s',
    (datacontenttype) => {
      expect(parse(example(COLLECTION, { datacontenttype })).ok).toBe(true);
    },
  );

  it('may hold a personal part that was encrypted to the intake key', () => {
    expect(problemsOf(withData({ personal: `${'e'.repeat(40)}..${'a'.repeat(16)}.${'b'.repeat(80)}.${'c'.repeat(22)}` }))).toEqual([]);
  });
});

describe('something that is no event', () => {
  test.each([[undefined], [null], [''], ['{}'], [7], [true], [[]], [[example(COLLECTION)]], [() => 1], [Symbol('x')], [10n]])(
    'like %p is refused',
    (value) => {
      expect(problemsOf(value)).toEqual([' not-an-object']);
    },
  );

  it('is told everything that is missing at once', () => {
    expect(problemsOf({})).toEqual([
      '/specversion unknown-specversion',
      '/id missing-field',
      '/source missing-field',
      '/time missing-field',
      '/type missing-field',
      '/data missing-field',
    ]);
  });
});

describe('a bad envelope', () => {
  const long = (n: number) => 'x'.repeat(n);
  test.each<[string, Record<string, unknown>, string]>([
    ['another specversion', { specversion: '0.3' }, '/specversion unknown-specversion'],
    ['specversion as number', { specversion: 1 }, '/specversion unknown-specversion'],
    ['an empty id', { id: '' }, '/id too-short'],
    ['a number as id', { id: 5 }, '/id wrong-type'],
    ['an id of 201 characters', { id: long(201) }, '/id too-long'],
    ['a control character in the id', { id: 'a\u0000b' }, '/id bad-format'],
    ['half a surrogate pair in the id', { id: 'a\ud800' }, '/id bad-format'],
    ['an empty source', { source: '' }, '/source too-short'],
    ['a source of 301 characters', { source: `/${long(300)}` }, '/source too-long'],
    ['a source with a space', { source: '/my shop' }, '/source bad-format'],
    ['a source with a line break', { source: '/shop\n' }, '/source bad-format'],
    ['a source with a bad escape', { source: '/shop%2' }, '/source bad-format'],
    ['a source with a scheme that is none', { source: '1shop:x' }, '/source bad-format'],
    ['a source in Thai, not encoded', { source: '/ร้าน' }, '/source bad-format'],
    ['a source object', { source: {} }, '/source wrong-type'],
    ['a time without zone', { time: '2025-01-31T09:30:00' }, '/time bad-format'],
    ['a date alone', { time: '2025-01-31' }, '/time bad-format'],
    ['30 February', { time: '2024-02-30T00:00:00Z' }, '/time bad-format'],
    ['29 February of a common year', { time: '2023-02-29T00:00:00Z' }, '/time bad-format'],
    ['month 13', { time: '2024-13-01T00:00:00Z' }, '/time bad-format'],
    ['24 o’clock', { time: '2024-01-01T24:00:00Z' }, '/time bad-format'],
    ['a leap second', { time: '2016-12-31T23:59:60Z' }, '/time bad-format'],
    ['a zone of 25 hours', { time: '2024-01-01T00:00:00+25:00' }, '/time bad-format'],
    ['seconds since the epoch', { time: 1738315800 }, '/time wrong-type'],
    ['a Buddhist year', { time: '2568-01-31T09:30:00Z' }, '/time time-in-future'],
    ['six minutes ahead', { time: new Date(now + 360_000).toISOString() }, '/time time-in-future'],
    ['the year 1899', { time: '1899-12-31T23:59:59Z' }, '/time time-too-old'],
    ['no subject where one is needed', { subject: undefined }, '/subject missing-field'],
    ['a subject without scheme', { subject: 'somchai' }, '/subject bad-subject'],
    ['an empty subject', { subject: '' }, '/subject bad-subject'],
    ['a subject ref that is too short', { subject: 'ref1.abc' }, '/subject bad-subject'],
    ['a subject id in capitals', { subject: '00000000-0000-4000-8000-00000000000A' }, '/subject bad-subject'],
    ['a subject with a control character', { subject: 'account|a\u0007' }, '/subject bad-subject'],
    ['a subject with half a surrogate pair', { subject: 'account|\udc00' }, '/subject bad-subject'],
    ['a subject array', { subject: ['account|1'] }, '/subject wrong-type'],
    ['XML', { datacontenttype: 'text/xml' }, '/datacontenttype wrong-content-type'],
    ['another character set', { datacontenttype: 'application/json; charset=tis-620' }, '/datacontenttype wrong-content-type'],
    ['an actor with a line break', { actor: 'a\nb' }, '/actor bad-format'],
    ['an actor of 201 characters', { actor: long(201) }, '/actor too-long'],
    ['a schema that is no URI', { dataschema: 'not a uri' }, '/dataschema bad-format'],
    ['an attribute with a dash', { 'my-ext': '1' }, '/my-ext bad-attribute-name'],
    ['an attribute with capitals', { TraceId: '1' }, '/TraceId bad-attribute-name'],
    ['an attribute that looks like a person', { 'somchai@example.com': '1' }, '/? bad-attribute-name'],
    ['an attribute with structure', { ext: { a: 1 } }, '/ext bad-attribute-value'],
    ['base64 data beside', { data_base64: 'AA==' }, '/data_base64 binary-data'],
    ['the attribute constructor', { constructor: 'x' }, '/constructor forbidden-key'],
    ['the attribute prototype', { prototype: 'x' }, '/prototype forbidden-key'],
    ['data as a string', { data: '{}' }, '/data wrong-type'],
    ['data as an array', { data: [] }, '/data wrong-type'],
    ['no data', { data: null }, '/data missing-field'],
  ])('with %s is refused by field', (_, changes, problem) => {
    expect(problemsOf({ ...example(COLLECTION), ...changes })).toEqual([problem]);
  });

  it('may be at most maxFutureMs ahead of the receiver', () => {
    const ahead = (ms: number, maxFutureMs?: number) =>
      parseEvent(example(COLLECTION, { time: new Date(now + ms).toISOString() }), {
        now: new Date(now),
        ...(maxFutureMs === undefined ? {} : { maxFutureMs }),
      }).ok;
    expect([ahead(300_000), ahead(300_001), ahead(1_000, 1_000), ahead(1_001, 1_000)]).toEqual([true, false, true, false]);
  });

  it('keeps the names that were usable, for the rejection', () => {
    expect(parse({ ...example(COLLECTION), time: 'never', source: 'a\nb' })).toMatchObject({
      ok: false,
      id: '0192f0c1-7b2a-7abc-8def-000000000001',
      type: COLLECTION,
    });
    expect(parse({ ...example(COLLECTION), source: 'a\nb' })).not.toHaveProperty('source');
  });
});

describe('an unknown type', () => {
  const fixOf = (type: string) => {
    const parsed = parse(example(COLLECTION, { type }));
    return parsed.ok ? [] : parsed.problems.map((problem) => `${problem.code}: ${problem.message}; ${problem.fix}`);
  };

  it('is answered with the nearest known ones', () => {
    expect(fixOf('attesta.colection.recorded.v1')).toEqual([
      expect.stringMatching(/^unknown-type: .*nearest are: attesta\.collection\.recorded\.v1, /),
    ]);
  });

  it('is not repeated: it may be anything', () => {
    expect(fixOf('somchai@example.com').join()).not.toContain('somchai');
  });

  it('of a known name says which versions there are', () => {
    expect(fixOf('attesta.collection.recorded.v9')).toEqual([
      'unknown-version: attesta.collection.recorded has no version 9; it has v1; use one of: attesta.collection.recorded.v1',
    ]);
  });

  it.each(['__proto__', 'constructor', 'toString', 'attesta.collection.recorded', 'attesta.collection.recorded.v0', 'x'.repeat(200)])(
    'like %s is just unknown',
    (type) => {
      expect(problemsOf(example(COLLECTION, { type }))).toEqual(['/type unknown-type']);
    },
  );
});

describe('bad data', () => {
  test.each<[string, object, string[]]>([
    ['a missing field', { basis: undefined }, ['/data/basis missing-field']],
    ['an undeclared field', { colour: 'red' }, ['/data/colour unknown-field']],
    ['a field named like a person', { 'somchai jaidee': 1 }, ['/data/? unknown-field']],
    ['no category', { categories: [] }, ['/data/categories too-few']],
    ['33 categories', { categories: Array.from({ length: 33 }, (_, i) => `c${i}`) }, ['/data/categories too-many']],
    ['a category twice', { categories: ['a', 'a'] }, ['/data/categories repeated']],
    ['a category object', { categories: [{}] }, ['/data/categories/0 wrong-type']],
    ['a purpose in capitals', { purposes: ['Marketing'] }, ['/data/purposes/0 bad-format']],
    ['an unknown channel', { channel: 'fax' }, ['/data/channel not-allowed']],
    ['a basis of 65 characters', { basis: 'b'.repeat(65) }, ['/data/basis too-long']],
    ['a negative consent position', { consent: -1 }, ['/data/consent out-of-range']],
    ['half a consent position', { consent: 1.5 }, ['/data/consent wrong-type']],
    ['a page with a query string', { context: { page: '/p?email=a@b.c' } }, ['/data/context/page bad-format']],
    ['an unknown context', { context: { mood: 'good' } }, ['/data/context/mood unknown-field']],
    ['an e-mail address as order', { context: { order: 'a@b.c' } }, ['/data/context/order bad-format']],
    ['a control character in a notice version', { noticeVersion: 'v\u0000' }, ['/data/noticeVersion bad-format']],
    ['half a surrogate pair in a citation', { basisCitation: 'x\ud83d' }, ['/data/basisCitation bad-format']],
    ['an empty personal part', { personal: {} }, ['/data/personal too-few']],
    ['an empty category of personal values', { personal: { identity: {} } }, ['/data/personal/identity too-few']],
    ['a personal part that is no JWE', { personal: 'somchai' }, ['/data/personal bad-format']],
    ['a personal array', { personal: ['x'] }, ['/data/personal bad-format']],
    ['a nested personal value', { personal: { identity: { name: { first: 'x' } } } }, ['/data/personal/identity/name bad-format']],
    ['a value as personal key', { personal: { identity: { 'a@b.c': 1 } } }, ['/data/personal/identity/? bad-name']],
    ['an id number as personal key', { personal: { identity: { id1234567890123: 1 } } }, []],
    [
      '65 personal values',
      { personal: { identity: Object.fromEntries(Array.from({ length: 65 }, (_, i) => [`f${i}`, 1])) } },
      ['/data/personal/identity too-many'],
    ],
    ['a long personal value', { personal: { identity: { name: 'x'.repeat(4097) } } }, ['/data/personal/identity/name too-long']],
    ['NUL in a personal value', { personal: { identity: { name: 'a\u0000' } } }, ['/data/personal/identity/name bad-format']],
    ['a related person without subject', { related: [{ role: 'x' }] }, ['/data/related/0/subject missing-field']],
    ['a related person who is none', { related: ['x'] }, ['/data/related/0 wrong-type']],
    ['a related person with a bad subject', { related: [{ subject: 'x' }] }, ['/data/related/0/subject bad-format']],
    ['two things at once', { basis: 5, channel: 'fax' }, ['/data/basis wrong-type', '/data/channel not-allowed']],
  ])('with %s is refused by field', (_, changes, problems) => {
    expect(problemsOf(withData(changes)).sort()).toEqual(problems.sort());
  });

  it('may not name a person in an outbound link', () => {
    expect(problemsOf({ ...example('attesta.outbound-link.recorded.v1'), subject: 'account|1' })).toEqual(['/subject subject-forbidden']);
    expect(
      problemsOf(example('attesta.outbound-link.recorded.v1', { data: { recipient: 'x', personal: { identity: { a: 1 } } } })),
    ).toEqual(['/data/personal unknown-field']);
  });

  it('carries personal values only where the event type has them', () => {
    const use = example('attesta.use.recorded.v1');
    expect(problemsOf({ ...use, data: { ...use.data, personal: { identity: { a: 'x' } } } })).toEqual(['/data/personal unknown-field']);
    expect(problemsOf({ ...use, data: { ...use.data, related: [{ subject: 'account|1', personal: { identity: { a: 'x' } } }] } })).toEqual([
      '/data/related/0/personal unknown-field',
    ]);
  });

  it('links exactly one other identity', () => {
    const link = (related: unknown) =>
      example('attesta.identifier.linked.v1', { data: { kind: 'device', rule: 'login', related: related as [] } });
    expect(problemsOf(link([]))).toEqual(['/data/related too-few']);
    expect(
      problemsOf(
        link([
          { subject: 'device|1', role: 'linked' },
          { subject: 'device|2', role: 'linked' },
        ]),
      ),
    ).toEqual(['/data/related too-many']);
    expect(problemsOf(link([{ subject: 'device|1', role: 'owner' }]))).toEqual(['/data/related/0/role not-allowed']);
  });
});

describe('a hostile event', () => {
  const hostile = (data: string) => ({ ...example(COLLECTION), data: JSON.parse(data) as object });

  test.each([
    ['{"__proto__":{"admin":true}}', '/data/__proto__ forbidden-key'],
    ['{"personal":{"__proto__":{"a":1}}}', '/data/personal/__proto__ forbidden-key'],
    ['{"personal":{"identity":{"__proto__":1}}}', '/data/personal/identity/__proto__ forbidden-key'],
    ['{"personal":{"constructor":{"a":1}}}', '/data/personal/constructor forbidden-key'],
    ['{"personal":{"identity":{"prototype":1}}}', '/data/personal/identity/prototype forbidden-key'],
    ['{"related":[{"subject":"account|1","constructor":{}}]}', '/data/related/0/constructor forbidden-key'],
  ])('cannot reach a prototype by %s', (data, problem) => {
    expect(problemsOf(hostile(data))).toEqual([problem]);
    expect(({} as Record<string, unknown>).admin).toBeUndefined();
  });

  it('cannot reach one by its envelope either', () => {
    const value = JSON.parse(`{"__proto__":{"id":"stolen"},${JSON.stringify(example(COLLECTION)).slice(1)}`) as unknown;
    expect(problemsOf(value)).toEqual(['/__proto__ forbidden-key']);
  });

  it('does not lend its attributes from a prototype', () => {
    expect(problemsOf(Object.create(example(COLLECTION)))).toContain('/id missing-field');
  });

  it('is not followed into the depth', () => {
    const deep = `{"personal":${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}}`;
    expect(problemsOf(hostile(deep))).toEqual([expect.stringMatching(/^\/data\/personal.* too-deep$/)]);
    const array = `{"categories":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
    expect(problemsOf(hostile(array))).toEqual([expect.stringMatching(/ too-deep$/)]);
  });

  it('gets at most twenty problems back', () => {
    const data = Object.fromEntries(Array.from({ length: 1_000 }, (_, i) => [`f${i}`, 1]));
    expect(problemsOf({ ...example(COLLECTION), data })).toHaveLength(20);
    expect(
      problemsOf({ ...example(COLLECTION), ...Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`F${i}`, 1])), data }).length,
    ).toBeLessThanOrEqual(20);
  });

  it('never throws and never says back what it was sent, whatever it is', () => {
    const secret = 'S3CRET-VALUE';
    const anything = fc.anything({
      withBigInt: true,
      withDate: true,
      withMap: true,
      withNullPrototype: true,
      values: [fc.constant(secret), fc.string(), fc.integer(), fc.constant(null)],
    });
    const field = fc.constantFrom(
      'specversion',
      'id',
      'source',
      'type',
      'time',
      'subject',
      'data',
      'actor',
      'datacontenttype',
      'dataschema',
      'traceparent',
    );
    fc.assert(
      fc.property(
        fc.dictionary(field, anything),
        fc.dictionary(fc.constantFrom('categories', 'basis', 'personal', 'related', 'context', 'origin'), anything),
        (envelope, data) => {
          for (const value of [envelope, { ...example(COLLECTION), ...envelope }, withData(data)]) {
            const parsed = parse(value);
            if (!parsed.ok) expect(JSON.stringify(parsed.problems)).not.toContain(secret);
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  it('is read the same way for every type', () => {
    for (const definition of events.all()) {
      fc.assert(
        fc.property(fc.object({ maxDepth: 3 }), (data) => Array.isArray(definition.validate(data))),
        { numRuns: 50 },
      );
    }
  });
});

describe('a list that may hold each item once', () => {
  const fulfilled = (survivors: unknown) => {
    const one = example('attesta.request.fulfilled.v1');
    return problemsOf({ ...one, data: { ...one.data, survivors } });
  };
  const kept = (more: object = {}) => ({ category: 'payment', ground: 'tax', law: 'Revenue Code s.87', ...more });

  it('tells items apart by what they hold, whatever the order of their members', () => {
    const { category, ground, law } = kept();
    expect(fulfilled([kept(), { law, ground, category }])).toEqual(['/data/survivors repeated']);
    expect(fulfilled([kept(), kept({ category: 'contact' })])).toEqual([]);
  });

  it('calls no method that the items bring along', () => {
    for (const name of ['toString', 'valueOf', 'toJSON', 'hasOwnProperty', 'length', 'constructor'])
      expect(fulfilled([kept({ [name]: 1 }), kept({ [name]: 2 })])).not.toEqual([]);
  });

  it('is not compared when there are too many anyway', () => {
    const started = performance.now();
    expect(fulfilled(Array.from({ length: 40_000 }, (_, i) => i))).toContain('/data/survivors too-many');
    expect(performance.now() - started).toBeLessThan(500);
  });
});
