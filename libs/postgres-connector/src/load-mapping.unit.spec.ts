import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { loadMapping, MappingError } from './index.js';

const sample = fileURLToPath(new URL('../sample/storefront.yaml', import.meta.url));

/** Paths and problems of a mapping that cannot be loaded. */
function problems(yaml: string): Record<string, string> {
  try {
    loadMapping(yaml);
  } catch (error) {
    if (error instanceof MappingError) return Object.fromEntries(error.problems.map(({ at, problem }) => [at, problem]));
    throw error;
  }
  return {};
}
const column = '{ column: full_name, category: identity, provenance: provided }';

test('the sample loads, parents before children', () => {
  const { system, tables } = loadMapping(readFileSync(sample, 'utf8'));
  expect(system).toBe('storefront');
  const order = tables.map(({ name }) => name);
  expect(order.indexOf('customer')).toBeLessThan(order.indexOf('order'));
  expect(order.indexOf('order')).toBeLessThan(order.indexOf('order line'));
});

test('defaults are filled in, also when a child stands before its parent', () => {
  const { tables } = loadMapping(`
system: crm
tables:
  - { table: note, through: { table: app.person, column: person_id }, columns: [{ column: body, category: feedback, provenance: provided, erase: null }], erase: row }
  - { table: app.person, find: { email: mail }, ignoreCase: [email], columns: [${column}], erase: row }
`);
  const [person, note] = tables;
  expect(person).toMatchObject({ table: 'app.person', name: 'person', rows: { by: 'key', key: 'id' } });
  expect(person?.rows.by === 'key' && person.rows.find.get('email')).toEqual({ column: 'mail', ignoreCase: true });
  expect(note).toMatchObject({ name: 'note', rows: { by: 'parent', parent: person, references: 'id' } });
  expect(note?.columns).toEqual([
    { column: 'body', field: 'body', category: 'feedback', provenance: 'provided', erase: 'null', rectify: false },
  ]);
});

test('all problems of the form at once', () => {
  const found = problems(`
system: Store Front
tables:
  - table: a.b.c
    find: { Account: id, email: 7 }
    columns:
      - { column: full_name, categry: identity, provenance: told, erase: shred }
    erase: all
    keep: { law: X }
  - { columns: [], erase: row }
colour: red
`);
  expect(Object.keys(found).sort()).toEqual([
    'colour',
    'system',
    'tables[0].columns[0].category',
    'tables[0].columns[0].categry',
    'tables[0].columns[0].erase',
    'tables[0].columns[0].provenance',
    'tables[0].erase',
    'tables[0].find.Account',
    'tables[0].find.email',
    'tables[0].keep.reason',
    'tables[0].table',
    'tables[1].columns',
    'tables[1].table',
  ]);
  expect(() => loadMapping('system: s\ntables: 3')).toThrow('The mapping is not valid:\n  tables: is no array; write an array');
});

test('all that tables say against one another at once', () => {
  const found = problems(`
system: crm
tables:
  - { table: a, columns: [${column}], erase: keep }
  - { table: b, find: { account: id }, through: { table: nowhere, column: x }, many: true, key: k, columns: [${column}], erase: row }
  - { table: c, through: { table: d, column: x }, columns: [${column}], erase: row }
  - { table: d, through: { table: c, column: x }, columns: [${column}, ${column}], erase: columns }
  - table: e
    find: { account: id }
    ignoreCase: [email]
    columns:
      - { column: id, category: account, provenance: provided, erase: anonymise, rectify: true }
      - { column: n, field: name, category: identity, provenance: provided, rectify: true }
      - { column: m, field: name, category: identity, provenance: provided, rectify: true }
      - { column: k, category: contact, provenance: provided, erase: keep }
    erase: row
  - { table: e, find: { account: id }, columns: [{ column: '${'ข'.repeat(22)}', category: a, provenance: provided }], erase: row }
`);
  expect(found).toEqual({
    'tables[0]': 'nothing says whose its rows are',
    'tables[0].keep': 'is missing, and something is kept',
    'tables[1]': 'has both find and through',
    'tables[1].key': 'goes with find of a single row alone',
    'tables[1].many': 'goes with find alone',
    'tables[1].through.table': 'nowhere is not mapped',
    'tables[2].erase': 'rows go while those of d stay',
    'tables[2].through': 'leads round in a circle',
    'tables[3].columns[1].column': 'full_name is mapped twice',
    'tables[3].columns[1].field': 'identity has another field full_name here',
    'tables[3].through': 'leads round in a circle',
    'tables[4].columns[0].erase': 'id is what rows are found by',
    'tables[4].columns[0].rectify': 'id is what rows are found by',
    'tables[4].columns[2].field': 'identity has another field name here',
    'tables[4].columns[2].rectify': 'identity name is rectified in e too',
    'tables[4].columns[3].erase': 'is kept in a row that is deleted',
    'tables[4].ignoreCase': 'email is no scheme of find',
    'tables[4].keep': 'is missing, and something is kept',
    'tables[4].table': 'e is mapped again further down',
    'tables[5].columns[0].column': 'is longer than 63 bytes',
  });
});

test('what is no YAML is told with its line', () => {
  expect(Object.keys(problems('system: a\nsystem: b\ntables: ['))[0]).toMatch(/^line \d+, column \d+$/);
  expect(() => loadMapping('system: a\nsystem: b')).toThrow('Map keys must be unique; write valid YAML');
});
