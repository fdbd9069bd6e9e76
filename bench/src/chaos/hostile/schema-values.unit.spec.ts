import path from 'node:path';
import { events } from '@attesta/events';
import { readPolicy } from '@attesta/service-kit';
import { generator } from '@attesta/testing/random';
import { breakOne, breakText } from './breaking.js';
import { Dice } from './dice.js';
import { SchemaValues, type Schema } from './schema-values.js';
import { supplyOf } from './supply.js';

const policy = readPolicy(path.resolve(import.meta.dirname, '../../../../policies/m-med.yaml'));
const supply = supplyOf(policy, {
  Inner: { type: 'object', properties: { n: { type: 'integer', minimum: 3, maximum: 3 } }, required: ['n'] },
});
const dice = (seed: number) => new Dice(generator(seed));

describe('values of a schema', () => {
  it.each(events.all().map(({ type }) => type))('of %s are what it takes', (type) => {
    const values = new SchemaValues(supply, dice(7));
    const { dataSchema, validate } = events.get(type)!;
    for (let i = 0; i < 40; i++) {
      const data = values.of(dataSchema as unknown as Schema);
      expect({ data, problems: validate(data) }).toEqual({ data, problems: [] });
    }
  });

  it('are the same for the same seed', () => {
    const draw = (seed: number) =>
      JSON.stringify(events.all().map(({ dataSchema }) => new SchemaValues(supply, dice(seed)).of(dataSchema as unknown as Schema)));
    expect(draw(1)).toBe(draw(1));
    expect(draw(1)).not.toBe(draw(2));
  });

  it('follow references, alternatives and what is laid over each other', () => {
    const ref = { $ref: '#/components/schemas/Inner' };
    const values = new SchemaValues(supply, dice(1));
    expect(values.of({ allOf: [ref] })).toEqual({ n: 3 });
    expect(values.of({ anyOf: [ref] })).toEqual({ n: 3 });
    expect(() => values.of({ type: 'string', pattern: '^no such text$' })).toThrow('no text');
  });
});

describe('what is broken', () => {
  const event = { id: 'e-1', data: { categories: ['contact'], n: 1 } };

  it('is broken in many ways, and what was given stays as it is', () => {
    const before = JSON.stringify(event);
    const ways = new Set(Array.from({ length: 2_000 }, (_, seed) => breakOne(event, dice(seed)).how));
    expect(ways.size).toBeGreaterThan(35);
    expect(JSON.stringify(event)).toBe(before);
  });

  it('carries prototype keys into the text, and pollutes nothing here', () => {
    const texts = Array.from({ length: 2_000 }, (_, seed) => JSON.stringify(breakOne(event, dice(seed)).value));
    expect(texts.some((text) => text.includes('"__proto__":'))).toBe(true);
    expect(({} as Record<string, unknown>).unexpected).toBeUndefined();
  });

  it('as text is mostly no JSON any more', () => {
    const isJson = (bytes: Buffer) => {
      try {
        JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
        return true;
      } catch {
        return false;
      }
    };
    const broken = Array.from({ length: 500 }, (_, seed) => breakText(JSON.stringify(event), dice(seed)).bytes).filter(
      (bytes) => !isJson(bytes),
    );
    expect(broken.length).toBeGreaterThan(300);
  });
});
