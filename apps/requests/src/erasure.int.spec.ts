import type { EventTypes } from '@attesta/events';
import type { Happening } from '@attesta/testing';
import { completed, refTo, RequestsRig } from './requests-rig.js';
import { accepted, newPerson, PullSystem } from './tasks-rig.js';
import type { Taken } from './intake.js';

const DAY = 86_400_000;
let rig: RequestsRig;
beforeEach(async () => {
  rig = await RequestsRig.start();
  rig.destroys = false;
});
afterEach(() => rig.stop());

const saidOf = async (id: string, type: string) =>
  (await rig.said(id)).filter((one) => one.type === `request.${type}`).map(({ data }) => data);
const statusOf = async (id: string) => (await rig.get('dpo', `/v1/requests/${id}`)).body.status;
const instructed = async (id: string) => (await saidOf(id, 'erasure-instructed'))[0] as EventTypes['attesta.request.erasure-instructed.v1'];
const erasure = (categories: string[], person = newPerson(rig)) => accepted(rig, { right: 'erasure', categories }, person);
const collected = (subject: string, categories: string[], time = '2026-02-20T00:00:00Z'): Happening => ({
  type: 'attesta.collection.recorded.v1',
  subject,
  time,
  data: {
    categories,
    purposes: ['service-fulfilment'],
    basis: 'contract',
    occasion: 'registration',
    method: 'online-form',
    channel: 'web',
    origin: 'subject',
    noticeVersion: '2022-08-10',
  },
});
const retention = (type: string, data: object, subject?: string): Happening => ({
  type: `attesta.${type}.v1`,
  source: '//attesta/retention',
  data: { ...data },
  ...(subject !== undefined && { subject }),
});

describe('an erasure', () => {
  test('is instructed once the systems have answered, and fulfilled once the ledger has destroyed its part', async () => {
    const shop = await PullSystem.register(rig, { id: 'shop', categories: ['contact'] });
    const { request, subject } = await erasure(['contact']);
    expect(await instructed(request)).toBeUndefined();
    const task = await shop.taskOf(request);
    await shop.answer(task.task, { outcome: 'done', subject, categories: ['contact'] });
    expect(await instructed(request)).toEqual({ request, categories: ['contact'], survivors: [] });
    expect(await statusOf(request)).toBe('accepted');
    await rig.seal(retention('disposal.abandoned', { disposal: request, reason: 'held' }, subject));
    expect(await statusOf(request)).toBe('accepted');
    await rig.seal(completed(subject, await instructed(request)));
    expect(await statusOf(request)).toBe('fulfilled');
    expect(await saidOf(request, 'fulfilled')).toEqual([
      { request, outcome: 'complete', inTime: true, acknowledgements: [{ system: 'shop', outcome: 'done' }] },
    ]);
    await rig.seal(completed(subject, await instructed(request)));
    expect(await saidOf(request, 'fulfilled')).toHaveLength(1);
  });

  test('that is held back is not fulfilled, and is overdue all the same', async () => {
    const { request } = await erasure(['contact']);
    await rig.later(91 * DAY);
    expect(await statusOf(request)).toBe('accepted');
    expect(await saidOf(request, 'overdue')).toHaveLength(1);
    expect((await rig.post('dpo', `/v1/requests/${request}/withdraw`)).status).toBe(409);
  });

  test('is fulfilled by the retention service alone, for the person themself, and for this request', async () => {
    const { request, subject } = await erasure(['contact']);
    const word = completed(subject, await instructed(request));
    await rig.seal(
      { ...word, source: '//storefront.test' },
      { ...word, subject: newPerson(rig).subject },
      completed(subject, { ...(await instructed(request)), request: newPerson(rig).subject }),
    );
    expect(await statusOf(request)).toBe('accepted');
    await rig.seal(word);
    expect(await statusOf(request)).toBe('fulfilled');
  });

  test('of which something is held is partial: it says what, and the person is told of the authority', async () => {
    const { request, subject } = await erasure(['contact', 'identity']);
    const hold = '00000000-0000-4000-8000-000000000001';
    const survivors = [{ category: 'identity', ground: 'legal-hold', hold, reason: 'Matter 12/2569', until: '2027-01-01T00:00:00Z' }];
    await rig.seal(completed(subject, await instructed(request), { outcome: 'partial', survivors }));
    expect(await saidOf(request, 'fulfilled')).toMatchObject([
      { outcome: 'partial', survivors: [{ category: 'identity', ground: 'legal-hold', reason: 'Matter 12/2569' }] },
    ]);
    const messages = await saidOf(request, 'message-due');
    expect(messages.at(-1)).toMatchObject({ template: 'fulfilled', authority: 'pdpc' });
  });

  test('of which everything is refused instructs nothing, and is fulfilled in part', async () => {
    const { account } = newPerson(rig);
    const asked = { right: 'erasure', subject: `account|${account}`, categories: ['contact'], channel: 'letter' };
    const { body } = await rig.post<Taken>('dpo', '/v1/requests', { ...asked, identity: { evidence: { kind: 'passport' } } });
    const refused = [{ category: 'contact', ground: 'legal-claims' }];
    expect((await rig.post('dpo', `/v1/requests/${body.request}/accept`, { refused })).body.status).toBe('fulfilled');
    expect(await instructed(body.request)).toBeUndefined();
    expect(await saidOf(body.request, 'fulfilled')).toMatchObject([{ outcome: 'partial', survivors: refused }]);
  });

  test('of somebody who was forgotten just before is fulfilled', async () => {
    const { request, subject } = await erasure(['contact']);
    const word = completed(subject, await instructed(request), { scope: 'subject', keys: ['contact.1'] });
    const keys = [{ subject, key: 'contact.1' }];
    await rig.seal(
      {
        type: 'attesta.key.destroyed.v1',
        source: '//attesta/ledger',
        subject,
        data: { keys, scope: 'subject', reason: 'erasure', method: 'crypto-shredding' },
      },
      word,
    );
    expect(await statusOf(request)).toBe('fulfilled');
    expect((await rig.get('dpo', `/v1/requests/${request}`)).body).toMatchObject({ survivors: [], refused: [] });
    await rig.post('dpo', `/v1/requests/${request}/reopen`, { reason: 'The complaint is right.' });
    expect((await rig.post('dpo', `/v1/requests/${request}/accept`)).body.status).toBe('accepted');
    expect(await saidOf(request, 'erasure-instructed')).toHaveLength(2);
  });

  test('asked for by ref lets systems find the person by what the ledger knows', async () => {
    const shop = await PullSystem.register(rig, { id: 'shop', categories: ['contact'] });
    const { account, email } = newPerson(rig);
    const { body } = await rig.post<Taken>('dpo', '/v1/requests', {
      right: 'erasure',
      subject: refTo(`account|${account}`),
      channel: 'letter',
      identity: { evidence: { kind: 'passport' } },
    });
    const { refsOf } = rig.directory;
    rig.directory.refsOf = () => Promise.reject(new Error('the ledger is away'));
    expect((await rig.post('dpo', `/v1/requests/${body.request}/accept`)).status).toBe(503);
    rig.directory.refsOf = refsOf;
    await rig.post('dpo', `/v1/requests/${body.request}/accept`);
    expect(await shop.taskOf(body.request)).toMatchObject({
      identifiers: [],
      refs: [refTo(`account|${account}`), refTo(`email|${email}`)],
    });
  });
});

describe('what survives', () => {
  const survivorsOf = async (subject: string, categories: string[], account: string, email: string) =>
    (await erasure(categories, { subject, account, email })).survivors;

  test('ends when what the rule counts from came about long enough ago, for the person or for everybody', async () => {
    const person = newPerson(rig);
    const tax = { category: 'payment', ground: 'tax-records', law: 'Revenue Code s.87/3' };
    const books = { category: 'payment', ground: 'accounting-records', law: 'Accounting Act B.E. 2543 s.14' };
    await rig.seal(collected(person.subject, ['payment'], '2010-02-20T00:00:00Z'));
    const ask = () => survivorsOf(person.subject, ['payment'], person.account, person.email);
    expect(await ask()).toEqual([tax]);
    // Of everybody's data of that year.
    await rig.seal({
      type: 'attesta.retention-trigger.recorded.v1',
      time: '2011-05-01T00:00:00Z',
      data: { trigger: 'tax-filing', state: 'occurred', collectedUntil: '2010-12-31T23:59:59Z' },
    });
    expect(await ask()).toEqual([books]);
    await rig.seal({
      type: 'attesta.retention-trigger.recorded.v1',
      time: '2011-06-01T00:00:00Z',
      subject: person.subject,
      data: { trigger: 'account-closing', state: 'occurred' },
    });
    expect(await ask()).toEqual([]);
  });

  test('is what a hold covers, of the person or of everybody, until it is released', async () => {
    const person = newPerson(rig);
    await rig.seal(collected(person.subject, ['feedback']));
    const [own, general] = ['00000000-0000-4000-8000-000000000001', '00000000-0000-4000-8000-000000000002'];
    const ask = () => survivorsOf(person.subject, ['contact', 'feedback'], person.account, person.email);
    const matter = { matter: 'M-1', reason: 'A claim was made.' };
    await rig.seal(
      { ...retention('hold.placed', { hold: own, ...matter, law: 'Civil Procedure Code' }, person.subject), source: '//storefront.test' },
      retention('hold.placed', { hold: own, ...matter, law: 'Civil Procedure Code', purposes: ['service-fulfilment'] }, person.subject),
      retention('hold.placed', { hold: general, ...matter, categories: ['contact'] }),
    );
    const held = { ground: 'legal-hold', reason: 'Matter M-1' };
    expect(await ask()).toEqual([
      { category: 'contact', ...held },
      { category: 'feedback', ...held, law: 'Civil Procedure Code' },
    ]);
    await rig.seal(retention('hold.released', { hold: own, ...matter }, person.subject));
    expect(await ask()).toEqual([{ category: 'contact', ...held }]);
    await rig.seal(retention('hold.released', { hold: general, ...matter }));
    expect(await ask()).toEqual([]);
  });
});
