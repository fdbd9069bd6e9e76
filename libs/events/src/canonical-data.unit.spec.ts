import { canonical } from '@attesta/proof';
import fc from 'fast-check';
import { reduceData } from './canonical-data.js';
import { events, type EventType } from './catalog.js';
import { EXAMPLES } from './examples-rig.js';

const TYPES = Object.keys(EXAMPLES) as EventType[];
const compiled = (type: EventType, data: object) => events.get(type)?.canonicalData(data as Record<string, unknown>);

describe('the canonical writer of an event type', () => {
  test.each(TYPES)('writes %s as RFC 8785 does', (type) => {
    const data = EXAMPLES[type] as Record<string, unknown>;
    expect(compiled(type, data)).toBe(canonical(reduceData(data)));
  });

  test.each(TYPES)('writes %s the same without any of its optional fields', (type) => {
    const schema = events.get(type)?.dataSchema;
    const data: Record<string, unknown> = { ...EXAMPLES[type] };
    for (const field of Object.keys(data)) if (!schema?.required?.includes(field)) delete data[field];
    expect(compiled(type, data)).toBe(canonical(data));
    // and with each single optional field, so that every comma is seen
    for (const [field, value] of Object.entries(EXAMPLES[type])) {
      expect(compiled(type, { ...data, [field]: value })).toBe(canonical(reduceData({ ...data, [field]: value })));
    }
  });

  it('leaves personal values out, and of related people all but subject and role', () => {
    const text = compiled('attesta.collection.recorded.v1', EXAMPLES['attesta.collection.recorded.v1']);
    expect(text).not.toMatch(/personal|somchai|66812345678/);
    expect(text).toContain(`"related":[{"role":"recipient","subject":"account|c-1002"},{"subject":"ref1.`);
  });

  it('escapes any text as RFC 8785 does', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'binary' }), (reason, explanation) => {
        const data = { ...EXAMPLES['attesta.finding.raised.v1'], law: reason, explanation };
        expect(compiled('attesta.finding.raised.v1', data)).toBe(canonical(data));
      }),
    );
  });

  it('refuses half a surrogate pair: it has no bytes to seal', () => {
    for (const reason of ['\ud800', 'a\udc00b', '\udc00\ud800']) {
      expect(() => compiled('attesta.finding.resolved.v1', { finding: 'f', reason })).toThrow(TypeError);
    }
  });

  it('does not change what it writes', () => {
    const data = structuredClone(EXAMPLES['attesta.collection.recorded.v1']);
    compiled('attesta.collection.recorded.v1', data);
    expect(data).toEqual(EXAMPLES['attesta.collection.recorded.v1']);
  });
});
