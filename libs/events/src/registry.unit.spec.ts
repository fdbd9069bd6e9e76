import { Type } from '@sinclair/typebox';
import { events } from './catalog.js';
import { defineEvent } from './define.js';
import { EXAMPLES } from './examples-rig.js';
import { closed, id } from './fields.js';
import { parseEvent } from './parse-event.js';
import { EventRegistry } from './registry.js';

/** A made-up event with a history: v1 had one name, v2 split it, v3 made the second part optional. */
const first = defineEvent({
  type: 'test.greeting.v1',
  title: 'Greeting',
  clauses: ['0'],
  subject: 'optional',
  data: closed({ name: Type.String() }),
  upcast: ({ name }) => {
    const [given, ...rest] = String(name).split(' ');
    return { given, family: rest.join(' ') };
  },
});
const second = defineEvent({
  type: 'test.greeting.v2',
  title: 'Greeting',
  clauses: ['0'],
  subject: 'optional',
  data: closed({ given: Type.String(), family: Type.String() }),
  upcast: ({ given, family }) => (family === '' ? { given } : { given, family }),
});
const third = defineEvent({
  type: 'test.greeting.v3',
  title: 'Greeting',
  clauses: ['0'],
  subject: 'optional',
  data: closed({ given: Type.String(), family: Type.Optional(Type.String()), tone: Type.Optional(id()) }),
});
const registry = new EventRegistry([third, first, second]);

describe('an event that was sealed under an old version', () => {
  it('reads as the newest version: this literal was sealed as v1', () => {
    expect(registry.upcast('test.greeting.v1', { name: 'Somchai Jaidee' })).toEqual({
      type: 'test.greeting.v3',
      data: { given: 'Somchai', family: 'Jaidee' },
    });
    expect(registry.upcast('test.greeting.v1', { name: 'Nok' })).toEqual({ type: 'test.greeting.v3', data: { given: 'Nok' } });
  });

  it('reads as the newest version: this literal was sealed as v2', () => {
    expect(registry.upcast('test.greeting.v2', { given: 'Nok', family: '' })).toEqual({ type: 'test.greeting.v3', data: { given: 'Nok' } });
  });

  it('gives data that the newest schema accepts', () => {
    const { type, data } = registry.upcast('test.greeting.v1', { name: 'Somchai Jaidee' });
    expect(registry.get(type)?.validate(data)).toEqual([]);
  });

  it('leaves the sealed data itself alone', () => {
    const sealed = Object.freeze({ name: 'Somchai Jaidee' });
    registry.upcast('test.greeting.v1', sealed);
    expect(sealed).toEqual({ name: 'Somchai Jaidee' });
  });

  it('of the newest version is itself', () => {
    const data = { given: 'Nok' };
    expect(registry.upcast('test.greeting.v3', data)).toEqual({ type: 'test.greeting.v3', data });
  });

  it('of an unknown type is an error', () => {
    expect(() => registry.upcast('test.farewell.v1', {})).toThrow('not a known event type');
  });
});

describe('a registry', () => {
  it('tells the versions of a type, oldest first', () => {
    expect(registry.versions('test.greeting').map((definition) => definition.version)).toEqual([1, 2, 3]);
    const parsed = parseEvent(
      { specversion: '1.0', id: '1', source: '/s', type: 'test.greeting.v7', time: '2025-01-01T00:00:00Z', data: {} },
      { now: Date.UTC(2026, 0), registry },
    );
    expect(!parsed.ok && parsed.problems[0]?.message).toBe('test.greeting has no version 7; it has v1, v2, v3');
  });

  it('refuses a hole in the versions', () => {
    expect(() => new EventRegistry([first, third])).toThrow('test.greeting has no version 2');
  });

  it('refuses the same version twice', () => {
    expect(() => new EventRegistry([third, third])).toThrow('defined twice');
  });

  it('refuses an old version without a way to the next', () => {
    const { upcast: _upcast, ...stranded } = second;
    expect(() => new EventRegistry([first, stranded, third])).toThrow('test.greeting.v2 needs an upcast');
  });

  it('refuses a way that leads nowhere', () => {
    expect(() => new EventRegistry([first])).toThrow('upcasts to nothing');
  });

  it('refuses a type without version', () => {
    expect(() => defineEvent({ type: 'test.greeting', title: '', clauses: [], subject: 'optional', data: closed({}) })).toThrow('name.v1');
  });

  it('knows Attesta’s own types, each with clauses and a closed schema', () => {
    expect(
      events
        .all()
        .map(({ type }) => type)
        .sort(),
    ).toEqual(Object.keys(EXAMPLES).sort());
    for (const definition of events.all()) {
      expect(definition.type).toBe(`${definition.name}.v${definition.version}`);
      expect(definition.clauses.length).toBeGreaterThan(0);
      expect(definition.dataSchema.additionalProperties).toBe(false);
    }
  });
});
