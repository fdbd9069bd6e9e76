import { randomUUID } from 'node:crypto';
import type { LoggedEvent } from '@attesta/event-log';
import type { FulfilmentTask } from '@attesta/sdk';
import { PostgresFeed } from '@attesta/transport';
import type { Happening } from '@attesta/testing';
import type { DisposalTask } from './disposal-tasks.js';
import { refTo, RequestsRig } from './requests-rig.js';
import { Requests } from './requests.js';
import { newPerson, PullSystem, WebhookSystem, until, type ProblemBody } from './tasks-rig.js';

const DAY = 86_400_000;
const UNTIL = '2026-02-01T00:00:00Z';
let rig: RequestsRig;
const servers: WebhookSystem[] = [];

beforeEach(async () => {
  rig = await RequestsRig.start();
});
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.stop()));
  await rig.stop();
});

const started = (subject: string, categories: string[], more: object = {}): Happening & { data: { disposal: string } } => ({
  type: 'attesta.disposal.started.v1',
  source: '//attesta/retention',
  subject,
  data: {
    disposal: randomUUID(),
    cause: 'schedule',
    action: 'destroy',
    rules: ['account-data'],
    categories,
    classes: categories,
    collectedUntil: UNTIL,
    ...more,
  },
});
const disclosed = (subject: string, recipient: string, categories: string[]): Happening => ({
  type: 'attesta.disclosure.recorded.v1',
  subject,
  data: { categories, purposes: ['service-fulfilment'], basis: 'contract', recipient, initiator: 'controller' },
});

/** What was said of disposals, in short. */
async function said(): Promise<Pick<LoggedEvent, 'type' | 'subject' | 'data'>[]> {
  return (await rig.requests.log.readStream('disposals')).map(({ type, subject, data }) => ({
    type: type.replace(/^attesta\.disposal\.|\.v1$/g, ''),
    ...(subject !== undefined && { subject }),
    data,
  }));
}
const answered = async () => (await said()).filter(({ type }) => type === 'systems-answered').map(({ data }) => data);
const stuck = async () => (await said()).filter(({ type }) => type === 'task-stuck').map(({ data }) => data);
const open = async (query = '') => (await rig.get<{ data: DisposalTask[] }>('dpo', `/v1/disposal-tasks${query}`)).body.data;
const done = ({ subject, categories }: FulfilmentTask) => ({ outcome: 'done', subject, categories });

describe('a disposal that nobody asked for', () => {
  test('is answered at once where nobody holds anything of it, however many there are', async () => {
    await PullSystem.register(rig, { id: 'shop', categories: ['contact'] });
    await PullSystem.register(rig, { id: 'archive', categories: ['identity'], kinds: ['access'] });
    const disposals = Array.from({ length: 700 }, () => started(randomUUID(), ['identity']));
    await rig.seal(...disposals);
    const all = await answered();
    expect(all.map(({ disposal }) => disposal)).toEqual(disposals.map(({ data }) => data.disposal));
    expect(all.every(({ acknowledgements }) => (acknowledgements as []).length === 0)).toBe(true);
    expect(await open()).toEqual([]);
    // Told again, as after a loss, it is not answered again.
    await rig.seal(...disposals.slice(0, 5));
    expect(await answered()).toHaveLength(700);
  });

  test('is taken from the retention service alone, and not where a request asked for it', async () => {
    const [forged, asked] = [started(randomUUID(), ['identity']), started(randomUUID(), ['identity'], { request: randomUUID() })];
    await rig.seal({ ...forged, source: '//storefront.test' }, asked);
    expect(await said()).toEqual([]);
  });

  test('asks every system that holds any of it; they find the person by refs, and are told what to spare', async () => {
    const person = newPerson(rig);
    const shop = await PullSystem.register(rig, { id: 'shop', categories: ['contact', 'address', 'cookie'] });
    const crm = await WebhookSystem.start(rig, { id: 'crm', categories: ['contact'] });
    servers.push(crm);
    await PullSystem.register(rig, { id: 'analytics', categories: ['usage'] });
    const disposal = started(person.subject, ['contact', 'address'], { action: 'anonymise' });
    await rig.seal(disposal);
    await rig.requests.tick();
    const [task] = await shop.tasks();
    expect(task).toEqual({
      task: expect.any(String) as string,
      disposal: disposal.data.disposal,
      system: 'shop',
      subject: person.subject,
      kind: 'erasure',
      categories: ['contact', 'address'],
      action: 'anonymise',
      collectedUntil: UNTIL,
      identifiers: [],
      refs: [refTo(`account|${person.account}`), refTo(`email|${person.email}`)],
      issuedAt: rig.time.toISOString(),
      dueAt: new Date(rig.time.getTime() + 7 * DAY).toISOString(),
    });
    await until(() => crm.got.length === 1);
    await until(async () => (await open()).length === 1, 'the answer of the CRM');
    expect(await answered()).toEqual([]);
    const kept = [{ category: 'address', reason: 'A parcel is under way.', law: 'Civil and Commercial Code s.193/30' }];
    expect((await shop.answer(task!.task, { ...done(task!), categories: ['contact'], kept })).status).toBe(200);
    expect(await answered()).toEqual([
      {
        disposal: disposal.data.disposal,
        acknowledgements: [
          { system: 'crm', outcome: 'done' },
          { system: 'shop', outcome: 'done', kept },
        ],
      },
    ]);
    // Nothing by which the person can be found is left.
    const { rows } = await rig.db.pool.query('select 1 from task where box is not null or kek is not null');
    expect(rows).toEqual([]);
    expect((await shop.answer(task!.task, { ...done(task!), categories: ['contact'], kept })).body).toMatchObject({ status: 'duplicate' });
    expect((await shop.answer(task!.task, done(task!))).status).toBe(409);
  });

  test('asks two disposals of one person, and many of many, each for its own', async () => {
    const shop = await PullSystem.register(rig, { id: 'shop', categories: ['contact', 'address'] });
    const person = newPerson(rig);
    const disposals = [started(person.subject, ['contact']), started(person.subject, ['address'])];
    for (let n = 0; n < 148; n++) disposals.push(started(newPerson(rig).subject, ['contact']));
    await rig.seal(...disposals);
    const another = await Requests.open({ ...rig.requests.options, feed: new PostgresFeed(rig.ledger) });
    await Promise.all([rig.requests.tick(), another.tick()]);
    await another.close();
    expect((await open('?limit=500')).map((one) => [one.disposal, one.categories.join()]).sort()).toEqual(
      disposals.map(({ data }) => [data.disposal, (data as unknown as { categories: string[] }).categories.join()]).sort(),
    );
    for (let tasks = await shop.tasks(); tasks.length > 0; tasks = await shop.tasks())
      await Promise.all(tasks.map((task) => shop.answer(task.task, done(task))));
    expect(await answered()).toHaveLength(150);
  });

  test('is known to a system that was connected, or left, since it began', async () => {
    const person = newPerson(rig);
    await rig.seal(disclosed(person.subject, 'call-center', ['contact']));
    const disposal = started(person.subject, ['contact']);
    await rig.seal(disposal);
    const center = await PullSystem.register(rig, { id: 'center', categories: ['contact'], party: 'call-center' });
    await rig.requests.tick();
    expect((await open()).map(({ system }) => system)).toEqual(['center']);
    const [task] = await center.tasks();
    await center.answer(task!.task, { outcome: 'nothing-held', subject: person.subject });
    expect(await answered()).toMatchObject([{ acknowledgements: [{ system: 'center', outcome: 'nothing-held' }] }]);
  });

  test('waits while the ledger cannot say who somebody is', async () => {
    const shop = await PullSystem.register(rig, { id: 'shop', categories: ['contact'] });
    const { refsOf } = rig.directory;
    rig.directory.refsOf = () => Promise.reject(new Error('the ledger is away'));
    await rig.seal(started(newPerson(rig).subject, ['contact']));
    await expect(rig.requests.tick()).rejects.toThrow('the ledger is away');
    expect(await shop.tasks()).toEqual([]);
    rig.directory.refsOf = refsOf;
    await rig.requests.tick();
    expect(await shop.tasks()).toHaveLength(1);
  });
});

describe('the officer', () => {
  const settle = <T = DisposalTask>(task: string, body: object) => rig.post<T>('dpo', `/v1/disposal-tasks/${task}/settle`, body);

  test('tells recipients by hand, and settles what a system does not do', async () => {
    const person = newPerson(rig);
    await PullSystem.register(rig, { id: 'shop', categories: ['contact'] });
    await rig.seal(
      disclosed(person.subject, 'call-center', ['contact', 'usage']),
      disclosed(person.subject, 'bank', ['usage']),
      disclosed(person.subject, 'revenue-department', ['contact']),
    );
    const { data } = started(person.subject, ['contact']);
    await rig.seal({ ...started(person.subject, ['contact']), data });
    await rig.requests.tick();
    const [center, shop] = (await open()).sort((a, b) => (a.system < b.system ? -1 : 1));
    expect([center, shop]).toMatchObject([
      { system: 'call-center', subject: person.subject, categories: ['contact'], collectedUntil: UNTIL, stuck: false, outcome: null },
      { system: 'shop', disposal: data.disposal },
    ]);
    const told = { reason: 'Told by letter; they have confirmed.', acknowledged: true };
    expect((await settle(center!.task, told)).body).toMatchObject({ outcome: 'done', reason: told.reason });
    expect((await settle<ProblemBody>(center!.task, told)).status).toBe(409);
    expect((await settle<ProblemBody>(shop!.task, told)).body.type).toContain('connected-system');
    expect(await answered()).toEqual([]);
    expect((await settle(shop!.task, { reason: 'The shop was closed.' })).body).toMatchObject({ outcome: 'overridden' });
    expect(await answered()).toEqual([
      {
        disposal: data.disposal,
        acknowledgements: [
          { system: 'call-center', outcome: 'done' },
          { system: 'shop', outcome: 'overridden' },
        ],
      },
    ]);
    expect((await rig.requests.log.readStream('disposals')).at(-1)?.actor).toBe('dpo-7');
    expect(await open()).toEqual([]);
    expect((await open(`?disposal=${data.disposal}`)).map(({ reason }) => reason).sort()).toEqual(['The shop was closed.', told.reason]);
    expect((await settle(randomUUID(), told)).status).toBe(404);
  });

  test('alone settles, and auditors see', async () => {
    await PullSystem.register(rig, { id: 'shop', categories: ['contact'] });
    await rig.seal(started(newPerson(rig).subject, ['contact']));
    await rig.requests.tick();
    const [task] = await open();
    expect((await rig.get('auditor', '/v1/disposal-tasks')).status).toBe(200);
    for (const role of ['publisher', 'operator', 'subject'] as const) {
      expect((await rig.get(role, '/v1/disposal-tasks')).status).toBe(403);
      expect((await rig.post(role, `/v1/disposal-tasks/${task!.task}/settle`, { reason: 'Mine.' })).status).toBe(403);
    }
    expect((await rig.post('auditor', `/v1/disposal-tasks/${task!.task}/settle`, { reason: 'Mine.' })).status).toBe(403);
  });

  test('sees the open tasks page by page', async () => {
    await PullSystem.register(rig, { id: 'shop', categories: ['contact'] });
    await rig.seal(...Array.from({ length: 5 }, () => started(newPerson(rig).subject, ['contact'])));
    await rig.requests.tick();
    const seen: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const { body }: { body: { data: DisposalTask[]; next_cursor: string | null } } = await rig.get(
        'dpo',
        `/v1/disposal-tasks?limit=2${cursor && `&cursor=${cursor}`}`,
      );
      seen.push(...body.data.map(({ task }) => task));
      cursor = body.next_cursor;
    }
    expect(seen).toHaveLength(5);
    expect(new Set(seen).size).toBe(5);
    for (const bad of ['x', Buffer.from('2026-99-99T00:00:00.000Z 0').toString('base64url')])
      expect((await rig.get('dpo', `/v1/disposal-tasks?cursor=${bad}`)).status).toBe(400);
  });

  test('hears once of a system that is late, fails for good, or answers about somebody else', async () => {
    const people = [newPerson(rig), newPerson(rig), newPerson(rig)];
    const shop = await PullSystem.register(rig, { id: 'shop', categories: ['contact'] });
    await rig.seal(...people.map(({ subject }) => started(subject, ['contact'])));
    await rig.requests.tick();
    const [late, failing, wrong] = await shop.tasks();
    const failed = { outcome: 'failed', subject: failing!.subject, reason: 'Somchai owes us money', retry: false };
    for (let i = 0; i < 2; i++) {
      expect((await shop.answer(failing!.task, failed)).status).toBe(200);
      expect((await shop.answer(wrong!.task, { ...done(wrong!), subject: late!.subject })).status).toBe(422);
    }
    await rig.later(7 * DAY - 1);
    expect((await stuck()).map(({ task, reason }) => [task, reason])).toEqual([
      [failing!.task, 'failed'],
      [wrong!.task, 'wrong-subject'],
    ]);
    await rig.later(1);
    await rig.later(DAY);
    expect((await stuck()).slice(2)).toEqual([
      { disposal: late!.disposal, task: late!.task, system: 'shop', reason: 'no-answer', attempts: 0 },
    ]);
    expect(JSON.stringify(await said())).not.toContain('Somchai');
    expect((await open()).every((task) => task.stuck)).toBe(true);
    expect((await shop.answer(late!.task, done(late!))).status).toBe(200);
    expect(await answered()).toHaveLength(1);
  });

  test('hears that many are late, in few words to the database', async () => {
    await PullSystem.register(rig, { id: 'shop', categories: ['contact'] });
    await rig.seal(...Array.from({ length: 250 }, () => started(newPerson(rig).subject, ['contact'])));
    await rig.requests.tick();
    await rig.later(7 * DAY);
    expect(await stuck()).toHaveLength(250);
  });
});

describe('an answer', () => {
  test('is refused when it could not be sealed', async () => {
    const shop = await PullSystem.register(rig, { id: 'shop', categories: ['contact'] });
    await rig.seal(started(newPerson(rig).subject, ['contact']));
    await rig.requests.tick();
    const [task] = await shop.tasks();
    const kept = (...reasons: string[]) => ({
      ...done(task!),
      categories: [],
      kept: reasons.map((reason) => ({ category: 'contact', reason, law: 'ก'.repeat(200) })),
    });
    const personal = await shop.answer(task!.task, kept('Agreed with somchai@example.com'));
    expect([personal.status, JSON.stringify(personal.body)]).toEqual([422, expect.not.stringContaining('somchai')]);
    const many = Array.from({ length: 64 }, (_, n) => `${String(n).padStart(2, '0')}${'ก'.repeat(298)}`);
    const long = await shop.answer(task!.task, kept(...many));
    expect([long.status, long.body.errors?.[0]?.code]).toEqual([422, 'too-long']);
    expect((await shop.answer(task!.task, kept('Under dispute.'))).status).toBe(200);
  });

  test('of somebody who was forgotten meanwhile ends the disposal all the same', async () => {
    const person = newPerson(rig);
    const shop = await PullSystem.register(rig, { id: 'shop', categories: ['contact'] });
    await rig.seal(started(person.subject, ['contact']));
    await rig.requests.tick();
    const [task] = await shop.tasks();
    await rig.seal({
      type: 'attesta.key.destroyed.v1',
      source: '//attesta/ledger',
      subject: person.subject,
      data: { keys: [{ subject: person.subject, key: 'contact.1' }], scope: 'subject', reason: 'erasure', method: 'crypto-shredding' },
    });
    expect(await shop.tasks()).toEqual([]);
    expect((await shop.answer(task!.task, done(task!))).status).toBe(200);
    expect(await answered()).toHaveLength(1);
  });
});
