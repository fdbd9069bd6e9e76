import fs from 'node:fs';
import { Parser } from '@asyncapi/parser';
import { events } from './catalog.js';
import { compareSchemas } from './compatibility.js';
import { asyncApi, jsonSchema } from './documents.js';

const file = (name: string) =>
  JSON.parse(fs.readFileSync(new URL(`../../../docs/events/${name}`, import.meta.url), 'utf8')) as Record<string, unknown>;

describe('the published documents', () => {
  it('hold a valid AsyncAPI 3 description of the topics', async () => {
    const { document, diagnostics } = await new Parser().parse(JSON.stringify(file('asyncapi.json')));
    expect(diagnostics.filter(({ severity }) => severity === 0)).toEqual([]);
    expect(document?.version()).toBe('3.0.0');
    expect(
      document
        ?.channels()
        .all()
        .map((channel) => channel.address())
        .sort(),
    ).toEqual(['attesta.intake.v1', 'attesta.rejected.v1', 'attesta.sealed.v1', 'attesta.tasks.v1']);
  });

  it('are what the sources say today', () => {
    expect(file('asyncapi.json')).toEqual(JSON.parse(JSON.stringify(asyncApi(events, '0.1.0'))));
    for (const definition of events.all()) {
      expect(file(`${definition.type}.schema.json`)).toEqual(JSON.parse(JSON.stringify(jsonSchema(definition))));
    }
  });

  it('give every schema an identifier of its own', () => {
    const ids = events.all().map((definition) => jsonSchema(definition).$id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toContain('https://attesta.dev/events/attesta.use.recorded.v1.schema.json');
  });

  it('break nothing that was released', () => {
    const folder = new URL('../baseline/', import.meta.url);
    const names = fs.readdirSync(folder);
    expect(names.length).toBeGreaterThan(0);
    for (const name of names) {
      const definition = events.get(name.replace(/\.json$/, ''));
      expect(definition).toBeDefined();
      if (definition !== undefined)
        expect(compareSchemas(JSON.parse(fs.readFileSync(new URL(name, folder), 'utf8')), jsonSchema(definition))).toEqual([]);
    }
  });
});
