import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { identifierRef, type FulfilmentTask } from '@attesta/sdk';
import { testDatabase, type TestDatabase } from '@attesta/testing';
import pg from 'pg';
import { connector, loadMapping, type Connector } from './index.js';
import { KnownRefs } from './known-refs.js';

const sample = (name: string) => readFile(new URL(`../sample/${name}`, import.meta.url), 'utf8');
const MAPPING = loadMapping(await sample('storefront.yaml'));
const PEPPER = randomBytes(32);
const ISSUED = '2026-03-01T09:00:00.000Z';
const MINUTE = 60_000;

const ref = (scheme: string, value: string) => identifierRef(PEPPER, scheme, value)!;
const aTask = (refs: string[], change: Partial<FulfilmentTask> = {}): FulfilmentTask => ({
  task: '0b7e4a4e-6f3c-4d0e-9a55-000000000001',
  disposal: '0b7e4a4e-6f3c-4d0e-9a55-000000000002',
  system: 'storefront',
  kind: 'erasure',
  subject: '0b7e4a4e-6f3c-4d0e-9a55-000000000003',
  identifiers: [],
  refs,
  categories: ['contact'],
  issuedAt: ISSUED,
  dueAt: '2026-03-08T09:00:00.000Z',
  ...change,
});

let database: TestDatabase;
let pool: pg.Pool;
let storefront: Connector;
let time: number;
/** Columns that were read for identifiers. */
let readings: string[];

beforeEach(async () => {
  database = await testDatabase();
  await database.pool.query(await sample('storefront.sql'));
  pool = new pg.Pool({ connectionString: database.url, max: 4 });
  pool.on('error', () => undefined); // the database is dropped under it in the end
  readings = [];
  pool.on('connect', (client) => {
    const query = client.query.bind(client) as (...args: unknown[]) => unknown;
    client.query = ((...args: unknown[]) => {
      if (typeof args[0] === 'string' && args[0].startsWith('declare')) readings.push(args[0]);
      return query(...args);
    }) as typeof client.query;
  });
  time = Date.parse(ISSUED) + 5 * MINUTE;
  storefront = connector(MAPPING, pool, { pepper: PEPPER, now: () => time });
});
afterEach(async () => {
  await pool.end();
  await database.drop();
});

const rows = async (sql: string) => (await database.pool.query<Record<string, unknown>>(sql)).rows;
const phoneOf = async (id: string) => (await rows(`select phone from storefront.customer where id = '${id}'`))[0]?.phone;

describe('a person named by refs', () => {
  it('is found by any of them, as the ledger writes them, and nobody else is touched', async () => {
    const done = { outcome: 'done', categories: ['contact'] };
    expect(await storefront.erase(aTask([ref('email', 'somchai@MAIL.example')]))).toEqual(done);
    expect(await phoneOf('c-1001')).toBeNull();
    expect(await storefront.erase(aTask([ref('phone', '+66899999999'), ref('account', 'c-1003')]))).toEqual(done);
    expect(await phoneOf('c-1003')).toBeNull();
    expect(await rows(`select email from storefront.customer where email not like 'erased-%'`)).toEqual([{ email: 'malee@mail.example' }]);
  });

  it('is found in every table that has one of their identifiers', async () => {
    const device = '6a1f7f0e-93a8-4a35-9a0c-111111111111';
    await storefront.erase(aTask([ref('device', device)], { categories: ['page-view', 'device'] }));
    expect(await rows(`select 1 from storefront.browsing_event where device_id = '${device}'`)).toEqual([]);
  });

  it('is nobody here, when none of them is', async () => {
    expect(await storefront.erase(aTask([ref('account', 'c-9')]))).toEqual({ outcome: 'nothing-held' });
    expect(await storefront.erase(aTask(['ref1.nonsense']))).toEqual({ outcome: 'nothing-held' });
  });

  it('fails for good without the pepper, and says what to give', async () => {
    const blind = connector(MAPPING, pool);
    const failed = { outcome: 'failed', reason: expect.stringContaining('give it as ATTESTA_PEPPER') as string, retry: false };
    expect(await blind.erase(aTask([ref('account', 'c-1001')]))).toEqual(failed);
    expect(await blind.dryRun(aTask([ref('account', 'c-1001')]))).toMatchObject({ outcome: 'failed', statements: [] });
    expect(await blind.erase(aTask([]))).toMatchObject({ outcome: 'failed', reason: expect.stringContaining('names nobody') as string });
    const clear = { identifiers: [{ scheme: 'account', value: 'c-1001' }] };
    expect(await blind.erase(aTask([ref('account', 'c-1001')], clear))).toMatchObject({ outcome: 'done' });
  });

  it('is told more than one apart: refs that lead to two people fail', async () => {
    expect(await storefront.erase(aTask([ref('account', 'c-1001'), ref('email', 'malee@mail.example')]))).toMatchObject({
      outcome: 'failed',
      reason: 'the identifiers lead to more than one person in customer',
    });
  });
});

describe('reading whose rows they are', () => {
  const columns = 4; // account and e-mail of customers, account and device of page views

  it('is done once for a thousand tasks in a row on a hundred thousand customers', async () => {
    await database.pool.query(
      `insert into storefront.customer (id, email, full_name) select 'm-' || n, 'm-' || n || '@mail.example', 'Somebody' from generate_series(1, 100000) n`,
    );
    for (let n = 1; n <= 1000; n++) {
      // A tenth of them is not known here.
      const account = n % 10 === 0 ? `x-${n}` : `m-${n * 90}`;
      const { outcome } = await storefront.erase(aTask([ref('account', account)]));
      expect(outcome).toBe(n % 10 === 0 ? 'nothing-held' : 'done');
    }
    expect(readings).toHaveLength(columns);
    expect(await rows(`select count(*)::int as n from storefront.customer where email like 'erased-%'`)).toEqual([{ n: 900 }]);
  }, 60_000);

  it('is done again for a task that is newer', async () => {
    await storefront.erase(aTask([ref('account', 'c-1001')]));
    await database.pool.query(
      `insert into storefront.customer (id, email, full_name, phone) values ('c-new', 'new@mail.example', 'New', '1')`,
    );
    expect(await storefront.erase(aTask([ref('account', 'c-new')]))).toEqual({ outcome: 'nothing-held' });
    const later = new Date(time - MINUTE + 1).toISOString();
    expect(await storefront.erase(aTask([ref('account', 'c-new')], { issuedAt: later }))).toMatchObject({ outcome: 'done' });
    expect(readings).toHaveLength(2 * columns);
  });

  it('is done once for all that wait, and forgets nobody who is asked for, where there are more people than it remembers', async () => {
    const refs = new KnownRefs(MAPPING, pool, PEPPER, { now: () => time, capacity: 2 });
    const asked = ['c-1001', 'c-1002', 'c-1003'].map((account) =>
      refs.identifiersOf({ refs: [ref('account', account)], issuedAt: ISSUED }),
    );
    expect((await Promise.all(asked)).flat().map(({ value }) => value)).toEqual(['c-1001', 'c-1002', 'c-1003']);
    expect(readings).toHaveLength(columns);
    expect(await refs.identifiersOf({ refs: [ref('email', 'anan@mail.example')], issuedAt: ISSUED })).toEqual([
      { scheme: 'email', value: 'anan@mail.example' },
    ]);
    expect(readings).toHaveLength(2 * columns);
  });

  it('that fails fails the tasks that wait, and is tried again with the next', async () => {
    await database.pool.query('alter table storefront.browsing_event rename to elsewhere');
    await storefront.check().catch(() => undefined);
    expect(await storefront.erase(aTask([ref('account', 'c-1001')]))).toMatchObject({ outcome: 'failed', retry: true });
    await database.pool.query('alter table storefront.elsewhere rename to browsing_event');
    expect(await storefront.erase(aTask([ref('account', 'c-1001')]))).toMatchObject({ outcome: 'done' });
  });
});

describe('what was collected later', () => {
  const JANUARY = '2026-02-01T00:00:00Z';
  const ofSomchai = (categories: string[], change: Partial<FulfilmentTask> = {}) =>
    aTask([ref('account', 'c-1001')], { categories, collectedUntil: JANUARY, ...change });
  const notes = () => rows(`select id, delivery_note from storefront.orders where customer_id = 'c-1001' order by id`);

  it('is spared, row by row; what hangs on a row is as old as the mapping says', async () => {
    await database.pool.query(`update storefront.orders set delivery_note = 'Ring' where id = 2`);
    expect(await storefront.erase(ofSomchai(['communications', 'transaction']))).toMatchObject({
      outcome: 'done',
      categories: ['communications', 'transaction'],
    });
    expect(await notes()).toEqual([
      { id: '1', delivery_note: null },
      { id: '2', delivery_note: 'Ring' },
    ]);
    expect(await rows('select order_id, product from storefront.order_line order by 1')).toEqual([
      { order_id: '2', product: 'Soap' },
      { order_id: '3', product: 'Lamp' },
    ]);
    const until = '2026-01-09T12:00:00Z';
    await storefront.erase(
      aTask([ref('device', '6a1f7f0e-93a8-4a35-9a0c-111111111111')], { categories: ['page-view', 'device'], collectedUntil: until }),
    );
    expect(await rows(`select page from storefront.browsing_event where page <> '/lamps'`)).toEqual([{ page: '/rice-cookers' }]);
  });

  it('keeps the row that it belongs to, which is emptied', async () => {
    await database.pool.query(`
      create table visit (id int primary key, login text, note text, at timestamptz);
      create table step (visit int not null references visit, text text, at date);
      insert into visit values (1, 'x', 'old', '2026-01-01'), (2, 'y', 'old', '2026-01-01');
      insert into step values (1, 'old', '2026-01-01'), (1, 'new', '2026-02-20'), (1, 'undated', null), (2, 'old', '2026-01-01')`);
    const shop = connector(
      loadMapping(`
system: storefront
tables:
  - { table: visit, find: { login: login }, collected: at, columns: [{ column: note, category: usage, provenance: observed }], erase: row }
  - { table: step, through: { table: visit, column: visit }, collected: at, columns: [{ column: text, category: usage, provenance: observed }], erase: row }
`),
      pool,
      { pepper: PEPPER },
    );
    for (const login of ['x', 'y'])
      expect(await shop.erase(aTask([ref('login', login)], { categories: ['usage'], collectedUntil: JANUARY }))).toEqual({
        outcome: 'done',
        categories: ['usage'],
      });
    expect(await rows('select id, note from visit')).toEqual([{ id: 1, note: null }]);
    expect(await rows('select visit, text from step')).toEqual([{ visit: 1, text: 'new' }]);
  });

  it('cannot be spared where nobody says how old rows are: the task fails for good, unless the mapping says to ignore it', async () => {
    const undated = (collected: string) =>
      connector(
        loadMapping(`
system: storefront
tables:
  - table: storefront.customer
    find: { account: id }
    ${collected}
    columns: [{ column: phone, category: contact, provenance: provided }]
    erase: columns
`),
        pool,
        { pepper: PEPPER },
      );
    const before = await phoneOf('c-1001');
    expect(await undated('').erase(ofSomchai(['contact']))).toEqual({
      outcome: 'failed',
      reason: expect.stringContaining(
        'does not say when a customer was: name its column as collected, or write collected: ignore',
      ) as string,
      retry: false,
    });
    expect(await phoneOf('c-1001')).toBe(before);
    expect(await undated('collected: ignore').erase(ofSomchai(['contact']))).toMatchObject({ outcome: 'done' });
    expect(await phoneOf('c-1001')).toBeNull();
    await expect(undated('collected: full_name').check()).rejects.toThrow(
      'storefront.customer.full_name: is neither a date nor an instant',
    );
    await expect(undated('collected: when').check()).rejects.toThrow('storefront.customer.when: there is no such column');
    expect(() => undated('collected: parent')).toThrow('tables[0].collected: goes with through alone');
  });
});

describe('where it is enough to anonymise', () => {
  const club = (name: string, find: string) =>
    connector(
      loadMapping(`
system: storefront
tables:
  - table: ${name}
    find: { ${find} }
    columns:
      - { column: login, category: account, provenance: provided, erase: anonymise }
      - { column: name, category: identity, provenance: provided, erase: anonymise }
      - { column: born, category: identity, provenance: provided, erase: anonymise }
      - { column: note, category: identity, provenance: provided }
    erase: row
`),
      pool,
      { pepper: PEPPER },
    );
  const task = (login: string, change: Partial<FulfilmentTask> = {}) =>
    aTask([ref('login', login)], { categories: ['identity', 'account'], action: 'anonymise', ...change });

  beforeEach(async () => {
    for (const name of ['member', 'guest'])
      await database.pool.query(`
        create table ${name} (id int primary key, login text not null, name text not null, born date, note text);
        insert into ${name} values (1, 'x', 'Somchai', '1985-04-12', 'n'), (2, 'y', 'Malee', '1990-11-30', 'n'), (3, '3', 'Anan', null, 'n')`);
  });

  it('a row stays without the person', async () => {
    const done = { outcome: 'done', categories: ['identity', 'account'] };
    expect(await club('member', 'login: login').erase(task('x'))).toEqual(done);
    const erased = expect.stringMatching(/^erased-/) as string;
    expect(await rows('select id, login, name, born::text, note from member where id = 1')).toEqual([
      { id: 1, login: erased, name: erased, born: '1985-01-01', note: null },
    ]);
    await club('member', 'login: login').erase(task('y', { action: 'destroy' }));
    expect(await rows('select id from member where id < 3')).toEqual([{ id: 1 }]);
  });

  it('a row goes that would still tell whose it is', async () => {
    await club('guest', 'login: id').erase(task('3'));
    expect(await rows('select id from guest')).toEqual([{ id: 1 }, { id: 2 }]);
    const views = aTask([ref('account', 'c-1001')], { categories: ['page-view', 'device'], action: 'anonymise' });
    expect(await storefront.erase(views)).toMatchObject({ outcome: 'done' });
    expect(await rows(`select 1 from storefront.browsing_event where customer_id = 'c-1001'`)).toEqual([]);
  });
});
