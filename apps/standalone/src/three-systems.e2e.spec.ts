import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { AttestaClient, type Fulfilment, type FulfilmentTask, type Receipt } from '@attesta/sdk';
import { strFromU8, unzipSync } from 'fflate';
import { asker, everyRow, json, type HttpAnswer } from './auditor-answer.http.js';
import { collected, consented, disclosed } from './clauses/drafts.js';
import { dumpPostgres } from './clauses/dumps.js';
import { Needles } from './clauses/needles.js';
import type { DumpPiece } from './clauses/system.js';
import { Crm, eventually, RecordStore, startMobileApp, Storefront } from './connected-systems-rig.js';
import { SHIPPED_POLICY } from './shipped-files.js';
import { startStandalone, type Standalone } from './standalone.js';

const MINUTES = 60_000;
const SOURCE = '//storefront.m-med.example/three-systems';

/** The two of the sample shop; the other systems know them too. */
const PERSON = {
  subject: 'account|c-1001',
  account: 'c-1001',
  email: 'somchai@mail.example',
  name: 'Somchai Jaidee',
  phone: '+66812345678',
};
const OTHER = { subject: 'account|c-1002', account: 'c-1002', email: 'malee@mail.example', name: 'Malee Suksan', phone: '+66876543210' };
const known = ({ account, email }: typeof PERSON) => ({ account, email, provenance: 'provided' as const });

interface View {
  request: string;
  subject: string;
  status: string;
  survivors: { category: string; ground: string; law: string }[];
  tasks: { task: string; system: string; categories: string[]; outcome: string | null; stuck: boolean }[];
}
interface TimelineRow {
  position: number;
  type: string;
  source: string;
  data: Record<string, unknown> & { request?: string };
}

describe('full access and erasure of a person across three connected systems, one of them down for a while', () => {
  let home: string;
  let standalone: Standalone;
  let mobileApp: Fulfilment;
  let crm: Crm;
  let storefront: Storefront;
  let access: View;
  let erasure: View;
  let theirs: Record<string, string[]>;

  const places = new RecordStore([
    { ...known(PERSON), category: 'location', name: 'place', basis: 'consent', values: { place: 'home', at: '13.7281,100.5349' } },
    { ...known(OTHER), category: 'location', name: 'place', basis: 'consent', values: { place: 'work', at: '18.7961,98.9793' } },
  ]);
  const cards = new RecordStore([
    { ...known(PERSON), category: 'contact', name: 'card', values: { phone: PERSON.phone, call: 'at noon' } },
    { ...known(PERSON), category: 'feedback', name: 'call', values: { said: 'The rice cooker came late' } },
    { ...known(OTHER), category: 'contact', name: 'card', values: { phone: OTHER.phone, call: 'at night' } },
  ]);

  const as = (client: string) => asker(standalone.url, () => standalone.issuer.issueToken(client));
  const post = <T = View>(client: string, at: string, body: object = {}): Promise<T> => json(as(client)('POST', at, body));
  const look = (id: string): Promise<View> => json(as('dpo')('GET', `/v1/requests/${id}`));
  const taskOf = ({ tasks }: View, system: string) => tasks.find((task) => task.system === system);
  const outcomes = ({ tasks }: View) => Object.fromEntries(tasks.map(({ system, outcome }) => [system, outcome]));
  /** The request, once it is as wanted. */
  const once = (id: string, what: string, wanted: (view: View) => boolean) =>
    eventually(what, async () => {
      const view = await look(id);
      return wanted(view) ? view : undefined;
    });
  const ask = (right: string) =>
    post<{ request: string }>('dpo', '/v1/requests', {
      right,
      subject: PERSON.subject,
      identifiers: [{ scheme: 'email', value: PERSON.email }],
      channel: 'in-person',
      identity: { evidence: { kind: 'passport' } },
    });

  beforeAll(async () => {
    home = await fs.mkdtemp(path.join(os.tmpdir(), 'attesta-three-systems-'));
    await fs.chmod(home, 0o755); // PostgreSQL runs as another user when we are root
    standalone = await startStandalone({
      home,
      port: 0,
      host: '127.0.0.1',
      origin: 'three.localhost/attesta',
      policyFile: SHIPPED_POLICY,
      logLevel: 'off',
    });
    crm = await Crm.listen();
    const register = (id: string, title: string, more: object) =>
      post<{ secret?: string }>('dpo', '/v1/systems', {
        id,
        title,
        source: `//${id}.m-med.example`,
        kinds: ['access', 'erasure'],
        ...more,
      });
    await register('mobile-app', 'Mobile app', { categories: ['location'] });
    const { secret } = await register('crm', 'Call center', { categories: ['contact', 'feedback'], party: 'call-center', url: crm.url });
    await register('storefront', 'Web shop', {
      categories: [
        'identity',
        'contact',
        'address',
        'account',
        'preferences',
        'usage',
        'transaction',
        'payment',
        'communications',
        'page-view',
        'device',
      ],
    });
    await register('survey', 'Surveys', { categories: ['survey-answer'], kinds: ['access'] });
    mobileApp = startMobileApp(standalone, places);
    crm.connect(standalone, cards, secret ?? '');
    storefront = await Storefront.start(standalone, home);

    const client = new AttestaClient({ source: SOURCE, url: standalone.url, token: () => standalone.issuer.issueToken('storefront') });
    let last: Receipt | undefined;
    for (const one of [PERSON, OTHER]) last = await live(client, one);
    await standalone.requests.feed.caughtUp(last?.position ?? NaN);
  }, 3 * MINUTES);
  afterAll(async () => {
    await mobileApp?.stop();
    expect(await storefront?.stop()).toBe(0);
    await crm?.stop();
    await standalone?.stop();
    await fs.rm(home, { recursive: true, force: true });
  }, MINUTES);

  it('asks every system for everything, and waits for the one that is down and the one that answered about somebody else', async () => {
    const { request } = await ask('access');
    access = await post('dpo', `/v1/requests/${request}/accept`);
    expect(Object.keys(outcomes(access)).sort()).toEqual(['crm', 'mobile-app', 'storefront', 'survey']);

    const other = await json<{ subject: string }>(
      as('auditor')('POST', '/v1/subjects/lookup', { subject: OTHER.subject, reason: 'case 7' }),
    );
    const tasks = await json<{ data: FulfilmentTask[] }>(as('survey')('GET', '/v1/fulfilment/tasks?system=survey'));
    const mistaken = await as('survey')('POST', `/v1/fulfilment/tasks/${tasks.data[0]?.task}/answer`, {
      outcome: 'data',
      subject: other.subject,
      records: [{ category: 'survey-answer', name: 'answer', provenance: 'provided', values: { name: OTHER.name } }],
    });
    expect(body(mistaken)).toMatchObject({ errors: [{ field: '/subject', code: 'wrong-subject' }] });

    const waiting = await once(request, 'those that are up to answer, and the CRM to be tried', (view) => {
      const told = outcomes(view);
      return told['mobile-app'] === 'data' && told['storefront'] === 'data' && crm.cut > 0;
    });
    expect(waiting).toMatchObject({ status: 'accepted', subject: access.subject });
    expect(outcomes(waiting)).toMatchObject({ crm: null, survey: null });
    expect(taskOf(waiting, 'survey')?.stuck).toBe(true);
    expect((await as('dpo')('POST', `/v1/requests/${request}/package`, {})).status).toBe(409);

    crm.comeUp();
    const survey = taskOf(waiting, 'survey')?.task;
    await post('dpo', `/v1/requests/${request}/tasks/${survey}/settle`, {
      reason: 'The survey tool mixed two people up; looked up by hand, nothing is held.',
    });
    access = await once(request, 'the request to be fulfilled', ({ status }) => status === 'fulfilled');
    expect(outcomes(access)).toEqual({ 'mobile-app': 'data', crm: 'data', storefront: 'data', survey: 'overridden' });
    expect(crm.statuses).toEqual([200]);
  });

  it('hands over a package with the values of all three and what the ledger knows, once, and nothing of anybody else', async () => {
    const { link } = await post<{ link: string }>('dpo', `/v1/requests/${access.request}/package`);
    const at = link.replace(standalone.url, '');
    const anybody = asker(standalone.url);
    expect(strFromU8((await anybody('GET', at)).bytes)).toContain('<form method="post">');
    const { status, contentType, bytes } = await anybody('POST', at);
    expect([status, contentType]).toEqual([200, 'application/zip']);
    for (const method of ['GET', 'POST'] as const) expect((await anybody(method, at)).status).toBe(404);
    expect((await as('dpo')('POST', `/v1/requests/${access.request}/package`, {})).status).toBe(409);

    const files = Object.fromEntries(Object.entries(unzipSync(bytes)).map(([name, content]) => [name, strFromU8(content)]));
    expect(Object.keys(files)).toEqual(expect.arrayContaining(['README.txt', 'package.html', 'package.json']));
    const content = JSON.parse(files['package.json'] ?? '') as {
      systems: { system: string; outcome: string }[];
      values: { category: string; records: { system: string; values: Record<string, unknown> }[] }[];
      collections: { categories: string[]; purposes: string[] }[];
      disclosures: { recipient: string; categories: string[] }[];
      consents: { what: string; status: string; purposes: string[] }[];
    };
    expect(content.systems.map(({ system, outcome }) => `${system} ${outcome}`).sort()).toEqual([
      'crm data',
      'mobile-app data',
      'storefront data',
      'survey overridden',
    ]);
    const values = content.values.flatMap(({ category, records }) => records.map((record) => ({ category, ...record })));
    expect(values).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ category: 'location', system: 'mobile-app', values: { place: 'home', at: '13.7281,100.5349' } }),
        expect.objectContaining({ category: 'feedback', system: 'crm', values: { said: 'The rice cooker came late' } }),
        expect.objectContaining({
          category: 'contact',
          system: 'storefront',
          values: { email: 'Somchai@mail.example', phone: PERSON.phone },
        }),
        expect.objectContaining({
          category: 'payment',
          system: 'storefront',
          values: expect.objectContaining({ number: 'T-1' }) as object,
        }),
      ]),
    );
    expect(content.collections.map(({ purposes }) => purposes[0]).sort()).toEqual(['location-features', 'marketing', 'service-fulfilment']);
    expect(content.disclosures.map(({ recipient }) => recipient).sort()).toEqual(['call-center', 'logistics-provider', 'payment-provider']);
    expect(content.consents).toEqual(
      expect.arrayContaining([expect.objectContaining({ what: 'choice', status: 'given', purposes: ['marketing'] })]),
    );
    const page = files['package.html'];
    for (const shown of [PERSON.name, PERSON.phone, '13.7281,100.5349', 'The rice cooker came late', 'Rice cooker'])
      expect(page).toContain(shown);
    for (const text of Object.values(files)) expect(text).not.toMatch(/Malee|c-1002|\+66876543210|18\.7961|at night|Lamp|Nimman|Anan/);
  });

  it('erases the person everywhere but where a law says otherwise, and says which', async () => {
    theirs = await rowsOf(OTHER.account);
    const { request } = await ask('erasure');
    erasure = await post('dpo', `/v1/requests/${request}/accept`);
    expect(erasure.survivors.map(({ category }) => category)).toEqual(['payment', 'transaction']);
    expect(erasure.survivors).toContainEqual({ category: 'payment', ground: 'tax-records', law: 'Revenue Code s.87/3' });
    // Who got what has to stay is not told; whose system is connected is told by it.
    expect(Object.keys(outcomes(erasure)).sort()).toEqual(['crm', 'logistics-provider', 'mobile-app', 'storefront']);

    const answered = await once(
      request,
      'the three systems to be done',
      ({ tasks }) => tasks.filter(({ outcome }) => outcome === 'done').length === 3,
    );
    expect(answered.status).toBe('accepted');
    await post('dpo', `/v1/requests/${request}/tasks/${taskOf(answered, 'logistics-provider')?.task}/settle`, {
      reason: 'Told by letter; they answered that it is deleted.',
      acknowledged: true,
    });
    erasure = await once(request, 'what the ledger holds itself to be disposed of', ({ status }) => status === 'fulfilled');
    expect(outcomes(erasure)).toEqual({ 'mobile-app': 'done', crm: 'done', storefront: 'done', 'logistics-provider': 'done' });
    expect(crm.statuses).toEqual([200, 202]);
    const kept = (category: string) =>
      expect.objectContaining({ category, ground: 'kept-by-system', law: 'Revenue Code s.87/3' }) as object;
    expect(erasure.survivors).toEqual(expect.arrayContaining([kept('identity'), kept('address')]));
    // What no law demands is explained by the system's own reason.
    const preferences = erasure.survivors.find(({ category }) => category === 'preferences');
    expect(Object.values(preferences ?? {})).toContain('What somebody chose about the newsletter is kept so that it can be shown');
  });

  it('leaves in the database what the law keeps, and other people as they were', async () => {
    expect(
      await storefront.rows(`select email, full_name, phone, birth_date, loyalty_score from storefront.customer where id = 'c-1001'`),
    ).toEqual([
      {
        email: expect.not.stringMatching(/somchai/i) as string,
        full_name: expect.not.stringMatching(/somchai/i) as string,
        phone: null,
        birth_date: null,
        loyalty_score: null,
      },
    ]);
    expect(await storefront.rows(`select * from storefront.address where customer_id = 'c-1001'`)).toEqual([]);
    expect(await storefront.rows(`select * from storefront.browsing_event where customer_id = 'c-1001'`)).toEqual([]);
    expect(
      await storefront.rows(`select id, total, delivery_note from storefront.orders where customer_id = 'c-1001' order by id`),
    ).toEqual([
      { id: '1', total: '1290.00', delivery_note: null },
      { id: '2', total: '90.50', delivery_note: null },
    ]);
    expect(await storefront.rows(`select billed_to, billing_address from storefront.tax_invoice where number = 'T-1'`)).toEqual([
      { billed_to: PERSON.name, billing_address: '1 Rama IV Road, Bangkok' },
    ]);
    expect(await rowsOf(OTHER.account)).toEqual(theirs);
    expect([...places.rows, ...cards.rows].map(({ account }) => account)).toEqual([OTHER.account, OTHER.account]);
    expect(storefront.printed).not.toMatch(/somchai|c-1001|malee/i);
  });

  it('has sealed all of it', async () => {
    const timeline = await eventually('the registers to hold the end', async () => {
      const rows = await everyRow<TimelineRow>(as('auditor'), `/v1/subjects/${access.subject}/timeline?reason=case-7`);
      return rows.some(({ type, data }) => type === 'attesta.request.fulfilled.v1' && data.request === erasure.request)
        ? rows.toReversed()
        : undefined;
    });
    const said = (request: string) =>
      timeline
        .filter(({ source, type, data }) => source === '//attesta/requests' && !type.includes('message-due') && data.request === request)
        .map(({ type, data }) => [type.replace(/^attesta\.request\.|\.v1$/g, ''), data['system']].filter(Boolean).join(' '));
    const told = said(access.request);
    expect(told.slice(0, 4)).toEqual(['received', 'acknowledged', 'identity-verified', 'accepted']);
    expect(told).toEqual(
      expect.arrayContaining([
        'task-stuck survey',
        'task-overridden survey',
        'task-answered crm',
        'task-answered mobile-app',
        'task-answered storefront',
      ]),
    );
    expect(told.slice(-3)).toEqual(['package-made', 'fulfilled', 'package-downloaded']);
    expect(said(erasure.request)).toEqual(
      expect.arrayContaining(['erasure-instructed', 'task-issued logistics-provider', 'task-answered crm']),
    );
    const fulfilled = timeline.find(({ type, data }) => type === 'attesta.request.fulfilled.v1' && data.request === erasure.request);
    expect(fulfilled?.data).toMatchObject({ outcome: 'partial', inTime: true, survivors: erasure.survivors });
    expect(fulfilled?.data['acknowledgements']).toEqual(expect.arrayContaining([{ system: 'logistics-provider', outcome: 'done' }]));
  });

  it('keeps no value of theirs in clear in any database of its own, and of the shop’s only in the invoice', async () => {
    const { email, name, phone } = PERSON;
    const needles = new Needles({
      email,
      emailAsTyped: 'Somchai@mail.example',
      name,
      phone,
      place: '13.7281,100.5349',
      said: 'The rice cooker came late',
    });
    expect(await needles.findIn(dumpsOf(/^attesta_/))).toEqual([]);
    expect(await needles.findIn(dumpsOf(/^storefront\./))).toEqual(['name in storefront.storefront.tax_invoice']);
    const others = new Needles({ other: OTHER.name, request: erasure.request });
    expect(await others.findIn(dumpsOf(/./))).toEqual(
      expect.arrayContaining([
        'other in storefront.storefront.customer',
        'request in attesta_requests.public.request',
        'request in attesta_ledger.public.entry',
      ]),
    );
  });

  async function* dumpsOf(which: RegExp): AsyncIterable<DumpPiece> {
    for await (const piece of dumpPostgres(standalone.adminUrl)) if (which.test(piece.where)) yield piece;
  }

  async function rowsOf(account: string): Promise<Record<string, string[]>> {
    const found: Record<string, string[]> = {};
    for (const [table, owner] of Object.entries({
      customer: `id = '${account}'`,
      address: `customer_id = '${account}'`,
      orders: `customer_id = '${account}'`,
      browsing_event: `customer_id = '${account}'`,
      order_line: `order_id in (select id from storefront.orders where customer_id = '${account}')`,
      tax_invoice: `order_id in (select id from storefront.orders where customer_id = '${account}')`,
    })) {
      found[table] = (await storefront.rows(`select t::text as row from storefront.${table} t where ${owner} order by 1`)).map(({ row }) =>
        String(row),
      );
    }
    return found;
  }
});

/** What was done with a person's data: an order that the tax law keeps, marketing and places that it does not. */
async function live(client: AttestaClient, { subject, name, email, phone }: typeof PERSON): Promise<Receipt> {
  const marketing = await client.publish(consented(subject, 'marketing', 'given'));
  const places = await client.publish(consented(subject, 'location-features', 'given'));
  const consent = (given: Receipt) => ({ basis: 'consent', consent: given.position });
  const receipts = await client.publishMany([
    collected(subject, {
      categories: ['identity', 'contact', 'address'],
      purposes: ['marketing'],
      ...consent(marketing),
      occasion: 'promotion',
      personal: { identity: { name }, contact: { email, phone } },
    }),
    collected(subject, {
      categories: ['location'],
      purposes: ['location-features'],
      ...consent(places),
      occasion: 'location-service',
      method: 'location-sensor',
      channel: 'app',
    }),
    collected(subject, {
      categories: ['transaction', 'payment'],
      occasion: 'transaction',
      method: 'checkout',
      context: { order: 'order-1' },
    }),
    disclosed(subject, { recipient: 'payment-provider', categories: ['payment'], initiator: 'subject' }),
    disclosed(subject, {
      recipient: 'logistics-provider',
      categories: ['address', 'contact'],
      purposes: ['marketing'],
      ...consent(marketing),
    }),
    disclosed(subject, { recipient: 'call-center', categories: ['contact'], purposes: ['marketing'], ...consent(marketing) }),
  ]);
  expect(receipts.map(({ status }) => status)).toEqual(receipts.map(() => 'sealed'));
  return receipts.at(-1) as Receipt;
}

const body = ({ bytes }: HttpAnswer): unknown => JSON.parse(strFromU8(bytes));
