import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import { fileURLToPath } from 'node:url';
import { identifierRef } from '@attesta/sdk';
import { testDatabase, type TestDatabase } from '@attesta/testing';
import { answerJson, attesta, problemDocument, serveHttp, temporaryDirectory, type Handler } from './cli-rig.js';

const sample = (name: string) => fileURLToPath(new URL(`../../../libs/postgres-connector/sample/${name}`, import.meta.url));
const MAP = sample('storefront.yaml');
const PEPPER = randomBytes(32);
const PERSONAL = /somchai|jaidee|81234567|c-1001|rama iv|guard/i;

const aTask = (change: object = {}) => ({
  task: '0b7e4a4e-6f3c-4d0e-9a55-000000000001',
  request: '0b7e4a4e-6f3c-4d0e-9a55-000000000002',
  system: 'storefront',
  kind: 'erasure',
  subject: '0b7e4a4e-6f3c-4d0e-9a55-000000000003',
  identifiers: [{ scheme: 'account', value: 'c-1001' }],
  categories: ['identity', 'contact', 'address'],
  issuedAt: '2026-03-01T09:00:00.000Z',
  dueAt: '2026-03-08T09:00:00.000Z',
  ...change,
});

describe('attesta connector', () => {
  let database: TestDatabase;
  let directory: ReturnType<typeof temporaryDirectory>;

  beforeEach(async () => {
    directory = temporaryDirectory();
    database = await testDatabase();
    await database.pool.query(fs.readFileSync(sample('storefront.sql'), 'utf8'));
  });
  afterEach(async () => {
    directory.remove();
    await database.drop();
  });
  const run = (args: string[], given: Parameters<typeof attesta>[1] = {}) =>
    attesta(['connector', '--map', MAP, ...args], {
      cwd: directory.path,
      env: { CONNECTOR_DATABASE_URL: database.url, ATTESTA_TOKEN: 'a-token' },
      ...given,
    });
  const customers = async () =>
    (await database.pool.query<{ row: string }>('select t::text as row from storefront.customer t order by id')).rows;

  it('says that a mapping fits, and how to register the system', async () => {
    const { code, out, err } = await run(['--check', '--system', 'storefront']);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toContain('The mapping of storefront fits the database');
    expect(out).toContain('categories account, address, communications, contact,');
    expect((await run(['--check', '--json'])).json()).toMatchObject({
      fits: true,
      id: 'storefront',
      kinds: expect.arrayContaining(['erasure']) as string[],
    });
  });

  it('names everything that does not fit', async () => {
    await database.pool.query('alter table storefront.customer drop column phone; drop table storefront.browsing_event');
    const { code, out } = await run(['--check']);
    expect(code).toBe(1);
    expect(out).toMatch(/^storefront\.customer\.phone: there is no such column \| fix: use one of: id, email/m);
    expect(out).toMatch(/^storefront\.browsing_event: there is no such table/m);
    expect((await run(['--check', '--json'])).json()).toMatchObject({ fits: false, problems: [{ at: 'storefront.customer.phone' }, {}] });
    directory.file('bad.yaml', 'system: storefront\ntables: [{ table: shop.customer }]');
    expect(await run(['--map', 'bad.yaml', '--check'])).toMatchObject({
      code: 1,
      out: expect.stringMatching(/^tables\[0\]\.columns: is missing/m) as string,
    });
  });

  it.each([
    ['an unknown file', ['--map', 'gone.yaml'], 'cannot be read (ENOENT)'],
    ['a mapping of another system', ['--system', 'crm'], 'the mapping is that of storefront, not of crm'],
    ['a database that is none', ['--database', 'mysql://root:hush@localhost/x'], 'no address of a PostgreSQL database'],
    ['a database that is away', ['--database', 'postgres://me:hush@127.0.0.1:1/shop'], 'the database cannot be used (ECONNREFUSED)'],
  ])('is told %s', async (_what, args, message) => {
    const { code, out, err } = await run([...args, '--check']);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain(message);
    expect(err).not.toContain('hush');
  });

  it('asks which database, and for a token', async () => {
    expect(await run(['--check'], { env: {} })).toMatchObject({ code: 2, err: expect.stringContaining('which database?') as string });
    const env = { CONNECTOR_DATABASE_URL: database.url };
    expect(await run(['--url', 'https://elsewhere.example'], { env })).toMatchObject({
      code: 2,
      err: expect.stringContaining('no access token') as string,
    });
  });

  it('tells what a task would do, and changes nothing', async () => {
    const before = await customers();
    directory.file('task.json', JSON.stringify(aTask()));
    const { code, out } = await run(['--dry-run', 'task.json']);
    expect(code).toBe(0);
    expect(out).toContain('erasure would end done in identity, contact, address. Nothing was changed.\n');
    expect(out).toContain('  kept identity: A tax invoice is kept for five years (Revenue Code s.87/3)\n');
    expect(out).toMatch(/ {2}1 row \| update .*customer/);
    expect(out).not.toMatch(PERSONAL);
    expect(await customers()).toEqual(before);
    expect((await run(['--dry-run', 'task.json', '--json'])).json()).toMatchObject({
      outcome: 'done',
      categories: ['identity', 'contact', 'address'],
    });
  });

  it('tells why a task would fail, and what is no task of its own', async () => {
    directory.file('health.json', JSON.stringify(aTask({ categories: ['health'] })));
    directory.file('crm.json', JSON.stringify(aTask({ system: 'crm' })));
    directory.file('none.json', '{}');
    directory.file('text.json', 'task');
    expect(await run(['--dry-run', 'health.json'])).toMatchObject({
      code: 1,
      out: expect.stringContaining('erasure would end failed: the mapping has no column of health. Nothing was changed.') as string,
    });
    for (const [file, message] of [
      ['crm.json', 'for another system than storefront'],
      ['none.json', 'holds no task'],
      ['text.json', 'is not JSON'],
    ] as const) {
      expect(await run(['--dry-run', file])).toMatchObject({ code: 2, err: expect.stringContaining(message) as string });
    }
  });

  it('finds a person by refs when it has the pepper, however it is given', async () => {
    const { request: _request, ...task } = {
      ...aTask(),
      disposal: aTask().request,
      identifiers: [],
      refs: [identifierRef(PEPPER, 'account', 'c-1001')],
    };
    directory.file('task.json', JSON.stringify(task));
    directory.file('pepper', `${PEPPER.toString('base64')}\n`);
    const env = { CONNECTOR_DATABASE_URL: database.url };
    const ways = [
      { args: ['--pepper-file', 'pepper'], env },
      { args: [], env: { ...env, ATTESTA_PEPPER: PEPPER.toString('base64') } },
      { args: [], env: { ...env, ATTESTA_PEPPER_FILE: 'pepper' } },
    ];
    for (const way of ways) {
      const { code, out } = await run(['--dry-run', 'task.json', ...way.args], { env: way.env });
      expect({ code, out }).toMatchObject({
        code: 0,
        out: expect.stringContaining('would end done in identity, contact, address') as string,
      });
    }
    expect(await run(['--dry-run', 'task.json'])).toMatchObject({ code: 1, out: expect.stringContaining('ATTESTA_PEPPER') as string });
    directory.file('pepper', 'salt');
    const { code, err } = await run(['--check', '--pepper-file', 'pepper']);
    expect({ code, err }).toMatchObject({ code: 2, err: expect.stringContaining('not at least 16 bytes in base64') as string });
    expect(err).not.toContain('salt');
  });

  describe('at work', () => {
    const registered = { id: 'storefront', categories: ['identity', 'health'], kinds: ['access', 'restriction'] };
    let systems: object[];
    let open: object[];
    let answers: Record<string, unknown>[];
    let answered: () => void;
    let done: Promise<void>;
    let service: Awaited<ReturnType<typeof serveHttp>>;

    const requests: Handler = ({ method, path, headers, body }, response) => {
      if (headers.authorization !== 'Bearer a-token')
        return answerJson(response, 401, problemDocument(401, 'The access token is not valid'));
      if (path === '/v1/systems') return answerJson(response, 200, { data: systems });
      if (method === 'GET') return answerJson(response, 200, { data: open });
      answers.push({ path, ...(JSON.parse(body.toString()) as object) });
      open = [];
      answerJson(response, 200, { status: 'recorded' });
      answered();
    };
    beforeEach(async () => {
      [systems, open, answers] = [[registered], [aTask()], []];
      done = new Promise((resolve) => (answered = resolve));
      service = await serveHttp(requests);
    });
    afterEach(() => service.close());

    it('does its tasks until it is interrupted, and says nothing of the person', async () => {
      const { code, out, err } = await run(['--url', service.url], { interrupted: () => done });
      expect(code).toBe(0);
      expect(answers).toMatchObject([{ path: `/v1/fulfilment/tasks/${aTask().task}/answer`, outcome: 'done', subject: aTask().subject }]);
      expect(out).toBe(`task ${aTask().task}: done in identity, contact, address; kept identity, address\n`);
      expect(err).toContain('warning: the system is registered with health, of which the mapping has no column.\n');
      expect(err).toContain('warning: the system is registered for restriction, which a mapping cannot do.\n');
      expect(out + err).not.toMatch(PERSONAL);
      expect((await customers()).map(({ row }) => row).join()).not.toMatch(/somchai/i);
    });

    it('waits for a service that is away, and tells it once', async () => {
      let asked = 0;
      service.handle((_request, response) => {
        if (++asked > 3) service.handle(requests);
        answerJson(response, 503, problemDocument(503, 'The service starts'));
      });
      const { code, err } = await run(['--url', service.url], { interrupted: () => done });
      expect({ code, answers }).toMatchObject({ code: 0, answers: [{ outcome: 'done' }] });
      expect(err.match(/The service starts/g)).toHaveLength(2); // by the register, and by the tasks
    });

    it('does not begin when it is not registered, or not let in', async () => {
      systems = [];
      const { code, err } = await run(['--url', service.url]);
      expect(code).toBe(2);
      expect(err).toContain(
        'no system storefront is registered\n  fix: Let the data protection officer register it at POST /v1/systems with categories account,',
      );
      expect(await run(['--url', service.url, '--token', 'another'])).toMatchObject({
        code: 2,
        err: expect.stringContaining('not valid') as string,
      });
      expect(answers).toEqual([]);
    });
  });
});
