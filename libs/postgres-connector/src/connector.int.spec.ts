import { readFile } from 'node:fs/promises';
import { Fulfilment, type FulfilmentTask, type HandlerAnswer } from '@attesta/sdk';
import { testDatabase, type TestDatabase } from '@attesta/testing';
import { connector, loadMapping, type Connector } from './index.js';

const sample = (name: string) => readFile(new URL(`../sample/${name}`, import.meta.url), 'utf8');
const MAPPING = loadMapping(await sample('storefront.yaml'));
const EVERY = [...new Set(MAPPING.tables.flatMap(({ columns }) => columns.map(({ category }) => category)))];
const DEVICE = '6a1f7f0e-93a8-4a35-9a0c-111111111111';

const aTask = (change: Partial<FulfilmentTask> = {}): FulfilmentTask => ({
  task: '0b7e4a4e-6f3c-4d0e-9a55-000000000001',
  request: '0b7e4a4e-6f3c-4d0e-9a55-000000000002',
  system: 'storefront',
  kind: 'access',
  subject: '0b7e4a4e-6f3c-4d0e-9a55-000000000003',
  identifiers: [{ scheme: 'account', value: 'c-1001' }],
  categories: EVERY,
  issuedAt: '2026-03-01T09:00:00.000Z',
  dueAt: '2026-03-08T09:00:00.000Z',
  ...change,
});
const by = (...pairs: [scheme: string, value: string][]) => ({ identifiers: pairs.map(([scheme, value]) => ({ scheme, value })) });
const rectification = (...changes: [category: string, field: string, value: string][]): FulfilmentTask =>
  aTask({
    kind: 'rectification',
    categories: [...new Set(changes.map(([category]) => category))],
    changes: changes.map(([category, field, value]) => ({ category, field, value })),
  });

let database: TestDatabase;
let storefront: Connector;

beforeEach(async () => {
  database = await testDatabase();
  await database.pool.query(await sample('storefront.sql'));
  storefront = connector(MAPPING, database.pool);
});
afterEach(() => database.drop());

const TABLES = ['customer', 'address', 'orders', 'order_line', 'browsing_event', 'tax_invoice'];
/** Everything in the database, as text by table. */
async function contents(): Promise<Record<string, string[]>> {
  const found: Record<string, string[]> = {};
  for (const table of TABLES) {
    const { rows } = await database.pool.query<{ row: string }>(`select t::text as row from storefront.${table} t order by 1`);
    found[table] = rows.map(({ row }) => row);
  }
  return found;
}
const rows = async (sql: string) => (await database.pool.query<Record<string, unknown>>(sql)).rows;
const recordsOf = (answer: HandlerAnswer, name?: string) =>
  answer.outcome === 'data' ? answer.records.filter((record) => name === undefined || record.name === name) : [];

describe('access', () => {
  it('finds everything of the person in every table, by category, provenance and basis', async () => {
    await storefront.check();
    const answer = await storefront.access(aTask(by(['account', 'c-1001'], ['device', DEVICE])));
    expect(recordsOf(answer, 'customer')).toEqual([
      {
        category: 'contact',
        name: 'customer',
        provenance: 'provided',
        basis: 'contract',
        values: { email: 'Somchai@mail.example', phone: '+66812345678' },
      },
      { category: 'identity', name: 'customer', provenance: 'provided', basis: 'contract', values: { name: 'Somchai Jaidee' } },
      { category: 'identity', name: 'customer', provenance: 'provided', basis: 'consent', values: { birth_date: '1985-04-12' } },
      { category: 'preferences', name: 'customer', provenance: 'provided', basis: 'consent', values: { newsletter: true } },
      { category: 'usage', name: 'customer', provenance: 'derived', basis: 'legitimate-interest', values: { loyalty_score: '7.25' } },
      {
        category: 'account',
        name: 'customer',
        provenance: 'observed',
        basis: 'contract',
        values: { created_at: '2024-01-05T03:00:00.000Z' },
      },
    ]);
    expect(recordsOf(answer, 'order').map(({ values }) => values)).toContainEqual({
      number: 1,
      ordered_at: '2026-01-10T08:30:00.000Z',
      total: '1290.00',
    });
    expect(recordsOf(answer, 'order line').map(({ values }) => values.product)).toEqual(['Rice cooker', 'Tea', 'Soap']);
    expect(recordsOf(answer, 'page view').filter(({ category }) => category === 'page-view')).toHaveLength(2);
    expect(recordsOf(answer, 'tax invoice').map(({ values }) => values.number ?? null)).toContain('T-1');
    expect(JSON.stringify(answer)).not.toMatch(/Malee|Anan|c-1002|lamp/i);
  });

  it('keeps to the categories of the task, and to what was provided for portability', async () => {
    const contact = recordsOf(await storefront.access(aTask({ categories: ['contact'] })));
    expect(contact.map(({ category }) => category)).toEqual(['contact']);
    const portable = recordsOf(await storefront.access(aTask({ kind: 'portability' })));
    expect(new Set(portable.map(({ provenance }) => provenance))).toEqual(new Set(['provided']));
    expect(portable.length).toBeGreaterThan(3);
  });

  it('finds a person by the e-mail in whatever case, by a device alone, and by what the system does not know of at all: nothing', async () => {
    const byMail = await storefront.access(aTask({ ...by(['email', 'somchai@mail.example']), categories: ['identity'] }));
    expect(recordsOf(byMail, 'customer')).toHaveLength(2);
    const byDevice = await storefront.access(aTask(by(['device', DEVICE])));
    expect(new Set(recordsOf(byDevice).map(({ name }) => name))).toEqual(new Set(['page view']));
    expect(recordsOf(byDevice, 'page view').map(({ values }) => values.page ?? null)).toContain('/');
    for (const unknown of [by(['account', 'c-9']), by(['phone', '+66812345678']), by(['device', 'not a uuid'])]) {
      expect(await storefront.access(aTask(unknown))).toEqual({ outcome: 'nothing-held' });
    }
    const nobody = { outcome: 'failed', reason: expect.stringContaining('names nobody'), retry: false };
    expect(await storefront.access(aTask(by()))).toEqual(nobody);
    const fresh = by(['account', 'c-1002']);
    expect(await storefront.access(aTask({ ...fresh, categories: ['usage'] }))).toEqual({ outcome: 'nothing-held' });
  });

  it('is of one moment, whatever is committed meanwhile', async () => {
    const writer = await database.pool.connect();
    await writer.query('begin');
    // The reader has its snapshot when it waits for the second table.
    await writer.query('lock storefront.address in access exclusive mode');
    const reading = storefront.access(aTask());
    const waiting = `select 1 from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`;
    while ((await rows(waiting)).length === 0);
    await writer.query(`update storefront.tax_invoice set billed_to = 'Somebody Else'`);
    await writer.query('commit');
    writer.release();
    expect(recordsOf(await reading, 'tax invoice').map(({ values }) => values.billed_to ?? null)).toContain('Somchai Jaidee');
  });
});

describe('two people', () => {
  const two = by(['account', 'c-1001'], ['email', 'malee@mail.example']);

  it('found by two identifiers fail for good, whatever the task; nothing is shown or changed', async () => {
    const before = await contents();
    const reason = 'the identifiers lead to more than one person in customer';
    const failed = { outcome: 'failed', reason, retry: false };
    expect(await storefront.access(aTask(two))).toEqual(failed);
    expect(await storefront.erase(aTask({ ...two, kind: 'erasure' }))).toEqual(failed);
    expect(await storefront.rectify({ ...rectification(['contact', 'phone', '+66800000000']), ...two })).toEqual(failed);
    expect(await contents()).toEqual(before);
  });

  it('with the same identifier do as well', async () => {
    await database.pool.query(`update storefront.customer set email = 'SOMCHAI@mail.example' where id = 'c-1002'`);
    expect(await storefront.access(aTask(by(['email', 'somchai@mail.example'])))).toMatchObject({ outcome: 'failed', retry: false });
  });

  it('are one when both identifiers are the same person’s', async () => {
    const same = by(['account', 'c-1001'], ['email', 'somchai@mail.example'], ['account', 'c-none']);
    expect(recordsOf(await storefront.access(aTask(same)), 'customer')).toHaveLength(6);
  });
});

describe('erasure', () => {
  it('removes and blanks what is of the person, keeps what must be kept and says so, and touches nobody else', async () => {
    const before = await contents();
    const answer = await storefront.erase(aTask({ kind: 'erasure', ...by(['account', 'c-1001'], ['device', DEVICE]) }));
    expect(answer).toEqual({
      outcome: 'done',
      categories: EVERY.filter((category) => !['preferences', 'payment'].includes(category)),
      kept: expect.arrayContaining([
        { category: 'identity', reason: 'A tax invoice is kept for five years', law: 'Revenue Code s.87/3' },
        { category: 'transaction', reason: 'The accounts need the order', law: 'Accounting Act B.E. 2543 s.14' },
        { category: 'preferences', reason: 'What somebody chose about the newsletter is kept so that it can be shown' },
      ]),
    });
    const told = answer.outcome === 'done' ? [...answer.categories, ...(answer.kept ?? []).map(({ category }) => category)] : [];
    expect(new Set(told)).toEqual(new Set(EVERY));
    const after = await contents();
    expect(after.tax_invoice).toEqual(before.tax_invoice);
    for (const table of TABLES) {
      const others = (of: Record<string, string[]>) => of[table]?.filter((row) => !/c-1001|Somchai/.test(row) && !row.includes(DEVICE));
      if (table !== 'order_line') expect(others(after)).toEqual(others(before));
    }
    const [customer] = await rows(`select *, birth_date::text, created_at::text from storefront.customer where id = 'c-1001'`);
    expect(customer).toEqual({
      id: 'c-1001',
      email: expect.stringMatching(/^erased-[0-9a-f-]{36}$/),
      full_name: expect.stringMatching(/^erased-[0-9a-f-]{36}$/),
      phone: null,
      birth_date: null,
      newsletter: true,
      loyalty_score: null,
      created_at: expect.stringMatching(/^2024-01-01/),
    });
    expect(await rows(`select order_id from storefront.order_line`)).toEqual([{ order_id: '3' }]);
    expect(await rows(`select id, delivery_note from storefront.orders where customer_id = 'c-1001' order by id`)).toEqual([
      { id: '1', delivery_note: null },
      { id: '2', delivery_note: null },
    ]);
    expect(await rows(`select count(*)::int as n from storefront.address`)).toEqual([{ n: 2 }]);
    expect(await rows(`select count(*)::int as n from storefront.browsing_event`)).toEqual([{ n: 1 }]);

    const again = await storefront.erase(aTask({ kind: 'erasure' }));
    expect(again).toMatchObject({ outcome: 'done' });
  });

  it('keeps to the categories of the task: a row goes only whole, else its columns are blanked', async () => {
    const answer = await storefront.erase(aTask({ kind: 'erasure', categories: ['device', 'contact'] }));
    expect(answer).toEqual({ outcome: 'done', categories: ['device', 'contact'] });
    expect(await rows(`select page, ip from storefront.browsing_event where customer_id = 'c-1001'`)).toEqual([
      { page: '/rice-cookers', ip: null },
    ]);
    expect(await rows(`select full_name, phone from storefront.customer where id = 'c-1001'`)).toEqual([
      { full_name: 'Somchai Jaidee', phone: null },
    ]);
    expect(await rows(`select 1 as there from storefront.address where customer_id = 'c-1001'`)).toHaveLength(1);
  });

  it('is nothing for a person who is not there, and names no kept category where no record is kept', async () => {
    expect(await storefront.erase(aTask({ kind: 'erasure', ...by(['account', 'c-9']) }))).toEqual({ outcome: 'nothing-held' });
    const answer = await storefront.erase(aTask({ kind: 'erasure', ...by(['account', 'c-1003']), categories: ['payment', 'contact'] }));
    expect(answer).toEqual({ outcome: 'done', categories: ['payment', 'contact'] });
  });

  it('changes nothing when any of it is not allowed, and says which constraint', async () => {
    await database.pool.query(`
      create table storefront.complaint (customer_address bigint references storefront.address);
      insert into storefront.complaint select id from storefront.address where customer_id = 'c-1001'`);
    const before = await contents();
    expect(await storefront.erase(aTask({ kind: 'erasure' }))).toEqual({
      outcome: 'failed',
      reason: 'the database does not allow it: complaint_customer_address_fkey',
      retry: false,
    });
    expect(await contents()).toEqual(before);
  });

  it('deletes a whole family of rows children first, and none while one of them has to stay', async () => {
    await database.pool.query(`
      create table a (id int primary key, login text, name text);
      create table b (id int primary key, a int not null references a, note text);
      create table c (b int not null references b, text text);
      insert into a values (1, 'x', 'X'), (2, 'y', 'Y'); insert into b values (1, 1, 'bx'), (2, 2, 'by'); insert into c values (1, 'cx'), (2, 'cy')`);
    const family = connector(
      loadMapping(`
system: s
tables:
  - { table: a, find: { login: login }, columns: [{ column: name, category: identity, provenance: provided }], erase: row }
  - { table: c, through: { table: b, column: b }, columns: [{ column: text, category: feedback, provenance: provided }], erase: row }
  - { table: b, through: { table: a, column: a }, columns: [{ column: note, category: identity, provenance: provided }], erase: row }
`),
      database.pool,
    );
    const task = aTask({ kind: 'erasure', ...by(['login', 'x']) });
    expect(await family.erase({ ...task, categories: ['identity'] })).toEqual({ outcome: 'done', categories: ['identity'] });
    expect(
      await rows(`select (select name from a where id = 1), (select note from b where id = 1), (select text from c where b = 1)`),
    ).toEqual([{ name: null, note: null, text: 'cx' }]);
    await family.erase({ ...task, categories: ['identity', 'feedback'] });
    expect(await rows(`select a.id, b.note, c.text from a join b on b.a = a.id join c on c.b = b.id`)).toEqual([
      { id: 2, note: 'by', text: 'cy' },
    ]);
    expect(await rows(`select (select count(*) from a) + (select count(*) from b) + (select count(*) from c) as n`)).toEqual([{ n: '3' }]);
  });

  it('takes with it what another transaction adds meanwhile', async () => {
    const shop = await database.pool.connect();
    await shop.query('begin');
    await shop.query(
      `insert into storefront.address (customer_id, street, city, country) values ('c-1001', '9 Late Road', 'Hua Hin', 'TH')`,
    );
    const erasing = storefront.erase(aTask({ kind: 'erasure' }));
    const waiting = `select 1 from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`;
    let done = false;
    void erasing.then(() => (done = true));
    while (!done && (await rows(waiting)).length === 0);
    await shop.query('commit');
    shop.release();
    expect(await erasing).toMatchObject({ outcome: 'done' });
    expect(await rows(`select 1 from storefront.address where customer_id = 'c-1001'`)).toEqual([]);
  });

  it('anonymises within the length of a column and by the year of a date, and makes no value where there was none', async () => {
    await database.pool.query(`
      create table member (id int primary key, code varchar(10) not null unique, nickname text, born date not null, seen timestamptz);
      insert into member values (1, 'AB-1', null, '1985-04-12', null), (2, 'AB-2', 'Lek', '1990-11-30', '2026-03-01T09:00:00Z')`);
    const members = connector(
      loadMapping(`
system: s
tables:
  - table: member
    find: { account: id }
    columns:
      - { column: code, category: account, provenance: observed, erase: anonymise }
      - { column: nickname, category: account, provenance: provided, erase: anonymise }
      - { column: born, category: account, provenance: provided, erase: anonymise }
      - { column: seen, category: account, provenance: observed, erase: anonymise }
    erase: columns
`),
      database.pool,
    );
    for (const id of ['1', '2']) await members.erase(aTask({ kind: 'erasure', categories: ['account'], ...by(['account', id]) }));
    const code = expect.stringMatching(/^erased[0-9a-f]{4}$/) as string;
    expect(await rows(`select code, nickname, born::text, seen::date::text from member order by id`)).toEqual([
      { code, nickname: null, born: '1985-01-01', seen: null },
      { code, nickname: expect.stringMatching(/^erased-/) as string, born: '1990-01-01', seen: '2026-01-01' },
    ]);
  });

  it('is tried again after a lost connection, and ends neither the process nor the pool', async () => {
    const holder = await database.pool.connect();
    await holder.query('begin');
    await holder.query(`select 1 from storefront.address where customer_id = 'c-1001' for update`);
    const erasing = storefront.erase(aTask({ kind: 'erasure' }));
    const waiting = `select pid from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`;
    while ((await rows(waiting)).length === 0);
    await database.pool.query(`select pg_terminate_backend(pid) from (${waiting}) w`);
    expect(await erasing).toEqual({ outcome: 'failed', reason: 'the database failed with 57P01', retry: true });
    await holder.query('rollback');
    holder.release();
    expect(await storefront.erase(aTask({ kind: 'erasure' }))).toMatchObject({ outcome: 'done' });
  });
});

describe('rectification', () => {
  it('changes the fields named, by their own names and kinds', async () => {
    const task = rectification(
      ['identity', 'name', "Somchai O'Jaidee"],
      ['identity', 'birth_date', '1985-04-21'],
      ['address', 'city', 'Nonthaburi'],
    );
    expect(await storefront.rectify(task)).toEqual({ outcome: 'done', categories: ['identity', 'address'] });
    expect(
      await rows(
        `select full_name, birth_date::text, city from storefront.customer c join storefront.address a on a.customer_id = c.id where c.id = 'c-1001'`,
      ),
    ).toEqual([{ full_name: "Somchai O'Jaidee", birth_date: '1985-04-21', city: 'Nonthaburi' }]);
    expect(await rows(`select count(*)::int as n from storefront.address where city = 'Nonthaburi'`)).toEqual([{ n: 1 }]);
  });

  it('is all or nothing, and for good, when a change cannot be made', async () => {
    const before = await contents();
    const phone: [string, string, string] = ['contact', 'phone', '+66800000000'];
    const bad: [FulfilmentTask, string][] = [
      [rectification(), 'the task names no change'],
      [rectification(phone, phone), 'the task changes a field twice'],
      [rectification(phone, ['contact', 'fax', '1']), 'contact fax cannot be rectified here'],
      [rectification(phone, ['preferences', 'newsletter', 'false']), 'preferences newsletter cannot be rectified here'],
      [rectification(phone, ['identity', 'phone', '1']), 'identity phone cannot be rectified here'],
      [rectification(phone, ['contact', 'phone" = null; --', '1']), 'a field of the task cannot be rectified here'],
      [{ ...rectification(phone), categories: ['identity'] }, 'contact phone cannot be rectified here'],
      [rectification(phone, ['identity', 'birth_date', 'tomorrow-ish']), 'a value has not the form of its column'],
      [rectification(phone, ['address', 'postcode', 'much too long for it']), 'a value has not the form of its column'],
      [rectification(phone, ['contact', 'email', 'malee@mail.example']), 'the database does not allow it: customer_email_key'],
      [
        { ...rectification(phone, ['address', 'city', 'X']), ...by(['account', 'c-1002']) },
        'there is more than one address; which is meant has to be found out',
      ],
      [{ ...rectification(phone, ['address', 'city', 'X']), ...by(['account', 'c-1003']) }, 'there is no address to change'],
    ];
    for (const [task, reason] of bad) expect(await storefront.rectify(task)).toEqual({ outcome: 'failed', reason, retry: false });
    expect(await storefront.rectify({ ...rectification(phone), ...by(['account', 'c-9']) })).toEqual({ outcome: 'nothing-held' });
    expect(await contents()).toEqual(before);
  });
});

test('a category that the mapping has nothing of fails, rather than passing for one that nothing is held of', async () => {
  const before = await contents();
  const task = aTask({ categories: ['contact', 'religion', 'health'] });
  const failed = { outcome: 'failed', reason: 'the mapping has no column of religion, health', retry: false };
  expect(await storefront.access(task)).toEqual(failed);
  expect(await storefront.erase({ ...task, kind: 'erasure' })).toEqual(failed);
  expect(await storefront.rectify({ ...rectification(['contact', 'phone', '+66800000000']), categories: task.categories })).toEqual(failed);
  expect(await contents()).toEqual(before);
});

describe('hostile input', () => {
  const attacks = [
    "' or '1'='1",
    "c-1001'; drop table storefront.customer; --",
    '1 or 1=1',
    '%',
    '\\',
    'c-100_',
    '$1',
    'nul\0byte',
    '"',
    "E'\\047",
  ];

  it('in identifiers finds nobody and changes nothing', async () => {
    const before = await contents();
    for (const value of attacks) {
      for (const scheme of ['account', 'email', 'device']) {
        const person = by([scheme, value]);
        expect(await storefront.access(aTask(person))).toEqual({ outcome: 'nothing-held' });
        expect(await storefront.erase(aTask({ kind: 'erasure', ...person }))).toEqual({ outcome: 'nothing-held' });
      }
    }
    const odd = by(['__proto__', 'c-1001'], ['constructor', 'c-1001'], ['id" = id or "id', 'c-1001']);
    expect(await storefront.access(aTask(odd))).toEqual({ outcome: 'nothing-held' });
    expect(await contents()).toEqual(before);
  });

  it('in values is stored as it is, for this person alone', async () => {
    for (const value of attacks.filter((one) => !one.includes('\0'))) {
      expect(await storefront.rectify(rectification(['identity', 'name', value]))).toMatchObject({ outcome: 'done' });
      expect(await rows(`select id, full_name from storefront.customer order by id`)).toEqual([
        { id: 'c-1001', full_name: value },
        { id: 'c-1002', full_name: 'Malee Suksan' },
        { id: 'c-1003', full_name: 'Anan Thongdee' },
      ]);
    }
    expect(await storefront.rectify(rectification(['identity', 'name', 'nul\0byte']))).toMatchObject({ outcome: 'failed', retry: false });
  });

  it('in names of tables and columns is quoted', async () => {
    await database.pool.query(`
      create schema "s""x";
      create table "s""x"."p; drop schema storefront cascade; --" ("i""d" int primary key, "n' or '1'='1" text, "__proto__" text);
      insert into "s""x"."p; drop schema storefront cascade; --" values (1, 'one', 'p'), (2, 'two', 'q')`);
    const odd = connector(
      loadMapping(`
system: s
tables:
  - table: 's"x.p; drop schema storefront cascade; --'
    find: { account: 'i"d' }
    key: 'i"d'
    columns:
      - { column: "n' or '1'='1", category: identity, provenance: provided, rectify: true }
      - { column: __proto__, category: identity, provenance: provided }
    erase: row
`),
      database.pool,
    );
    const task = aTask({ ...by(['account', '1']), categories: ['identity'] });
    const [record] = recordsOf(await odd.access(task));
    expect(Object.entries(record?.values ?? {})).toEqual([
      ["n' or '1'='1", 'one'],
      ['__proto__', 'p'],
    ]);
    expect(await odd.access({ ...task, ...by(['account', '1 or 1=1']) })).toEqual({ outcome: 'nothing-held' });
    expect(await odd.access({ ...task, ...by(['account', '99999999999999999999']) })).toEqual({ outcome: 'nothing-held' });
    expect(await odd.erase({ ...task, kind: 'erasure' })).toEqual({ outcome: 'done', categories: ['identity'] });
    expect(await rows(`select "i""d" as id from "s""x"."p; drop schema storefront cascade; --"`)).toEqual([{ id: 2 }]);
    expect(await rows('select 1 from storefront.customer')).toHaveLength(3);
  });
});

describe('a dry run', () => {
  it('tells statements and rows without values, and changes nothing', async () => {
    const before = await contents();
    const run = await storefront.dryRun(aTask({ kind: 'erasure' }));
    expect(run).toMatchObject({ outcome: 'done', kept: expect.arrayContaining([expect.objectContaining({ law: 'Revenue Code s.87/3' })]) });
    const of = (start: string) =>
      run.statements.filter(({ sql }) => sql.startsWith(start)).map(({ sql, rows }) => [sql.split(' ')[2], rows]);
    expect(of('delete')).toEqual([
      ['"storefront"."browsing_event"', 1],
      ['"storefront"."order_line"', 3],
      ['"storefront"."address"', 1],
    ]);
    expect(run.statements.filter(({ sql }) => sql.startsWith('update')).map(({ rows }) => rows)).toEqual([2, 1]);
    expect(JSON.stringify(run)).not.toMatch(/c-1001|Somchai/);
    expect(await storefront.dryRun(rectification(['identity', 'name', 'New Name']))).toMatchObject({
      outcome: 'done',
      categories: ['identity'],
    });
    expect(await storefront.dryRun(aTask())).toMatchObject({
      outcome: 'data',
      statements: expect.arrayContaining([{ sql: expect.stringContaining('select'), rows: 3 }]),
    });
    expect(await contents()).toEqual(before);
  });

  it('tells what would fail, also what only the commit would find', async () => {
    await database.pool.query(`
      create table storefront.complaint (address bigint constraint late references storefront.address deferrable initially deferred);
      insert into storefront.complaint select id from storefront.address where customer_id = 'c-1001'`);
    expect(await storefront.dryRun(aTask({ kind: 'erasure' }))).toMatchObject({
      outcome: 'failed',
      reason: 'the database does not allow it: late',
    });
    expect(await storefront.erase(aTask({ kind: 'erasure' }))).toMatchObject({
      outcome: 'failed',
      reason: 'the database does not allow it: late',
    });
    expect(await storefront.dryRun(aTask({ kind: 'restriction' }))).toMatchObject({
      outcome: 'failed',
      reason: expect.stringContaining('handler of its own'),
    });
  });
});

describe('the check', () => {
  it('names every table and column that is not there, or cannot be what the mapping says', async () => {
    const wrong = connector(
      loadMapping(`
system: storefront
tables:
  - table: storefront.customer
    find: { account: id, phone: mobile, birth: birth_date }
    ignoreCase: [birth]
    key: city
    columns:
      - { column: full_name, category: identity, provenance: provided }
      - { column: loyalty_score, category: usage, provenance: derived, erase: anonymise }
      - { column: shoe_size, category: identity, provenance: provided }
    erase: columns
  - { table: storefront.address, through: { table: storefront.customer, column: client, references: phone }, columns: [{ column: city, category: address, provenance: provided }], erase: row }
  - { table: storefront.review, through: { table: storefront.customer, column: x }, columns: [{ column: y, category: feedback, provenance: provided }], erase: row }
`),
      database.pool,
    );
    const error = await wrong.check().then(
      () => new Error('no error'),
      (thrown: Error) => thrown,
    );
    expect(error.message.split('\n').map((line) => line.trim().replace(/;.*$/, ''))).toEqual([
      'The mapping does not fit the database:',
      'storefront.customer.mobile: there is no such column',
      'storefront.customer.birth_date: is no text, and has no case to ignore',
      'storefront.customer.phone: is not unique',
      'storefront.customer.city: there is no such column',
      'storefront.customer.full_name: may not be null',
      'storefront.customer.loyalty_score: is neither text nor a date, which alone can be anonymised',
      'storefront.customer.shoe_size: there is no such column',
      'storefront.address.client: there is no such column',
      'storefront.review: there is no such table',
    ]);
    expect(await wrong.access(aTask())).toEqual({
      outcome: 'failed',
      reason: 'the mapping does not fit the database; its check says where',
      retry: true,
    });
  });

  it('names what the user of the database may not do, and passes once it may', async () => {
    const role = `reader_${process.pid}`;
    await database.pool.query(`
      create role ${role} login; grant usage on schema storefront to ${role};
      grant select on all tables in schema storefront to ${role}; grant select, update, delete on storefront.address to ${role}`);
    const { Pool } = (await import('pg')).default;
    const url = new URL(database.url);
    const pool = new Pool({ connectionString: url.href, options: `-c role=${role}` });
    try {
      const limited = connector(MAPPING, pool);
      const error = await limited.check().catch((thrown: Error) => thrown);
      const said = error instanceof Error ? error.message : '';
      expect(said).toContain('storefront.customer.phone: may not be changed; grant update to this user');
      expect(said).toContain('storefront.order_line: rows may not be deleted; grant delete to this user');
      expect(said).not.toContain('storefront.address');
      await database.pool.query(`grant update, delete on all tables in schema storefront to ${role}`);
      await limited.check();
    } finally {
      await pool.end();
      await database.pool.query(`drop owned by ${role}; drop role ${role}`);
    }
  });
});

test('it is attached to the fulfilment of the same system, and answers all kinds but restriction', async () => {
  const fulfilment = new Fulfilment({ system: 'storefront' });
  storefront.attach(fulfilment);
  const answers = await Promise.all(
    (['access', 'portability', 'rectification', 'erasure', 'restriction'] as const).map((kind, n) => {
      const task = { ...rectification(['identity', 'name', 'Somchai J.']), kind, task: `t-${n}` };
      return fulfilment.handle({ ...task, ...(kind === 'erasure' && by(['account', 'c-1003'])) });
    }),
  );
  expect(answers.map(({ outcome }) => outcome)).toEqual(['data', 'data', 'done', 'done', 'failed']);
  expect(() => storefront.attach(new Fulfilment({ system: 'crm' }))).toThrow(
    'The mapping is that of storefront, the fulfilment that of crm',
  );
});

test('a database that is away fails for now', async () => {
  const { Pool } = (await import('pg')).default;
  const pool = new Pool({ connectionString: 'postgres://nobody@127.0.0.1:1/none' });
  const fulfilment = new Fulfilment({ system: 'storefront' });
  connector(MAPPING, pool).attach(fulfilment);
  expect(await fulfilment.handle(aTask())).toMatchObject({ outcome: 'failed', retry: true });
  await pool.end();
});
