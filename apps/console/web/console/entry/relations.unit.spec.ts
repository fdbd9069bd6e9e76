import { relationsOf } from './relations.js';

const ID = '6f9619ff-8b86-4d01-b42d-00cf4fc964ff';

describe('what an entry relates to', () => {
  it('is the entries that it names, each once and in order', () => {
    expect(relationsOf({ data: { positions: [9, 3], consent: 3, destroyed: 12, parts: [{ position: 5, part: 0 }] } }).positions).toEqual([
      3, 5, 9, 12,
    ]);
  });

  it('is not a number of parts, nor a size', () => {
    expect(relationsOf({ data: { parts: 4, fence: 100, rows: 3, asOf: 8 } }).positions).toEqual([]);
  });

  it('is the people beside its subject, and what other pages show', () => {
    const { people, things, cause } = relationsOf({
      data: {
        related: [{ subject: ID, role: 'guardian' }],
        request: ID,
        finding: '3/late:1',
        cause: { source: '//attesta/consent', id: 'x' },
      },
    });
    expect(people).toEqual([{ subject: ID, role: 'guardian' }]);
    expect(things).toEqual([
      { kind: 'request', id: ID, to: `/search?q=request%3A${ID}` },
      { kind: 'finding', id: '3/late:1', to: '/search?q=finding%3A%223%2Flate%3A1%22' },
    ]);
    expect(cause).toEqual({ source: '//attesta/consent', id: 'x' });
  });

  it('is nothing in an entry that is left in part', () => {
    expect(relationsOf({ data: {} })).toEqual({ positions: [], people: [], things: [], cause: undefined });
  });
});
