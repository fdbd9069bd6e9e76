import { asked, DISPOSAL, disposing, held, REQUEST, started, trigger } from './answers-rig.js';
import {
  auditRig,
  collection,
  consent,
  disclosure,
  disposed,
  forgotten,
  link,
  objection,
  person,
  use,
  type AuditRig,
} from './audit-rig.js';
import { readChoices } from './choices.projection.js';
import { consentStates, factsAbout } from './consent-states.js';
import { readDashboard } from './dashboard.js';
import { readDataMap } from './data-map-source.js';
import { readDisposals } from './disposal-lines.js';
import { readHolds } from './hold-lines.js';
import { recordOf } from './links.projection.js';
import { policy } from './policy-rig.js';
import { readProcessingRecord } from './processing-activities.js';
import { readRequests } from './request-lines.js';

const ANNA = person(1);
const BEN = person(2);
const PHONE = person(3);
const ALL = { asOf: Number.MAX_SAFE_INTEGER, limit: 500 };
const NOW = Date.parse('2026-06-01T00:00:00.000Z');

let rig: AuditRig;
beforeEach(async () => {
  rig = await auditRig();
});
afterEach(() => rig.close());

const sealed = async (...happenings: Parameters<AuditRig['report']>[0][]): Promise<number[]> => {
  const positions: number[] = [];
  for (const happening of happenings) positions.push(await rig.report(happening));
  return positions;
};
const requests = (filter = {}) => readRequests(rig.audit.pool, policy, { ...ALL, at: NOW, ...filter });
const map = async (subject: string, asOf = ALL.asOf, now = NOW) =>
  readDataMap(rig.audit.pool, policy, await recordOf(rig.audit.pool, subject, asOf), { asOf, now });
const dashboard = (asOf = ALL.asOf, question = {}) =>
  readDashboard(rig.audit.pool, policy, { from: '2026-03-01', until: '2026-03-31', by: 'day', asOf, at: NOW, ...question });

describe('the register of requests', () => {
  const story = [
    asked(ANNA, 'received', {}, '2026-03-01T02:00:00.000Z'),
    asked(ANNA, 'acknowledged', { clock: 'th-access', due: '2026-03-31T17:00:00.000Z' }, '2026-03-01T02:01:00.000Z'),
    asked(ANNA, 'identity-verified', { method: 'email-code' }, '2026-03-01T03:00:00.000Z'),
    asked(
      ANNA,
      'accepted',
      { systems: ['crm'], refused: [{ category: 'feedback', ground: 'harms-others', law: 'PDPA s.30' }] },
      '2026-03-02T00:00:00.000Z',
    ),
    asked(
      ANNA,
      'task-issued',
      { task: person(701), system: 'crm', kind: 'access', categories: [], due: '2026-03-09T00:00:00Z' },
      '2026-03-02T00:00:00.000Z',
    ),
    asked(ANNA, 'task-answered', { task: person(701), system: 'crm', outcome: 'data' }, '2026-03-03T00:00:00.000Z'),
    asked(ANNA, 'overdue', { clock: 'th-access', due: '2026-03-31T17:00:00.000Z' }, '2026-03-31T17:00:00.000Z'),
    asked(ANNA, 'fulfilled', { outcome: 'partial', inTime: false }, '2026-04-01T17:00:00.000Z'),
  ];

  it('puts a line together from what was sealed, as of any position', async () => {
    await sealed(...story);
    const [line] = await requests();
    expect(line).toMatchObject({
      position: 0,
      request: REQUEST,
      subject: ANNA,
      right: 'access',
      status: 'fulfilled',
      state: 'ended',
      clock: 'th-access',
      due: '2026-03-31T17:00:00.000Z',
      overdue: false,
      lateSeconds: 86_400,
      ended: { how: 'fulfilled', outcome: 'partial', at: '2026-04-01T17:00:00.000Z', position: 7 },
      refused: [{ category: 'feedback', ground: 'harms-others' }],
      systems: [{ system: 'crm', outcome: 'data', answeredAt: '2026-03-03T00:00:00.000Z' }],
      positions: [0, 1, 2, 3, 4, 5, 6, 7],
    });
    expect(await requests({ asOf: 5 })).toMatchObject([
      { status: 'accepted', state: 'open', overdue: true, positions: [0, 1, 2, 3, 4, 5] },
    ]);
    expect(await requests({ at: Date.parse('2026-03-01T02:30:00Z') })).toMatchObject([
      { status: 'acknowledged', overdue: false, lateSeconds: 0, positions: [0, 1] },
    ]);
  });

  it('can be asked by right, status, state, being overdue and person, and pages', async () => {
    const received = (subject: string, request: string, data = {}, time = '2026-05-20T00:00:00.000Z') =>
      asked(subject, 'received', { request, ...data }, time);
    await sealed(
      received(ANNA, person(710), {}, '2026-03-01T00:00:00.000Z'),
      received(BEN, person(711), { right: 'portability' }),
      received(BEN, person(712)),
      asked(BEN, 'unfulfilled', { request: person(712), reason: 'withdrawn' }, '2026-05-21T00:00:00.000Z'),
      received(BEN, person(713)),
      asked(BEN, 'unfulfilled', { request: person(713), reason: 'withdrawn' }, '2026-05-21T00:00:00.000Z'),
      asked(BEN, 'reopened', { request: person(713), reason: 'a complaint' }, '2026-05-22T00:00:00.000Z'),
    );
    const found = async (filter: object) => (await requests(filter)).map(({ request }) => Number(`0x${request.slice(-3)}`));
    expect(await found({})).toEqual([713, 712, 711, 710]);
    expect(await found({ state: 'open' })).toEqual([713, 711, 710]);
    expect(await found({ state: 'ended' })).toEqual([712]);
    expect(await found({ overdue: true })).toEqual([710]);
    expect(await found({ overdue: false })).toEqual([713, 712, 711]);
    expect(await found({ status: 'initiated' })).toEqual([711, 710]);
    expect(await found({ status: 'acknowledged' })).toEqual([713]);
    expect(await found({ right: 'portability' })).toEqual([711]);
    expect(await found({ spans: await recordOf(rig.audit.pool, ANNA, 99) })).toEqual([710]);
    expect(await found({ limit: 2 })).toEqual([713, 712]);
    expect(await found({ limit: 2, cursor: 2 })).toEqual([711, 710]);
    expect(await found({ status: 'initiated', limit: 1, cursor: 1 })).toEqual([710]);
  });

  it('a clock that waits for sufficient information runs once it is there, and an extension moves it', async () => {
    await sealed(asked(ANNA, 'received', { right: 'rectification' }, '2026-03-01T00:00:00.000Z'));
    expect(await requests()).toMatchObject([{ clock: 'th-rectification', due: null, overdue: false, lateSeconds: null }]);
    await sealed(
      asked(ANNA, 'action-required', { justification: 'information' }, '2026-03-02T00:00:00.000Z'),
      asked(ANNA, 'identity-verified', { method: 'email-code' }, '2026-03-03T00:00:00.000Z'),
      asked(ANNA, 'action-performed', { justification: 'information' }, '2026-03-04T00:00:00.000Z'),
    );
    expect(await requests()).toMatchObject([{ status: 'action-performed', due: '2026-04-03T17:00:00.000Z', overdue: true }]);
    await sealed(
      asked(
        ANNA,
        'delayed',
        { clock: 'th-rectification', due: '2026-07-01T17:00:00.000Z', reason: 'much to look at' },
        '2026-03-05T00:00:00.000Z',
      ),
    );
    expect(await requests()).toMatchObject([
      { due: '2026-07-01T17:00:00.000Z', extendedUntil: '2026-07-01T17:00:00.000Z', extensionReason: 'much to look at', overdue: false },
    ]);
  });

  it('leads to nobody once the person is forgotten, and still tells what was done', async () => {
    await sealed(...story, asked(ANNA, 'reopened', { reason: 'she-said-so' }), forgotten(ANNA));
    const [line] = await requests();
    expect(line).toMatchObject({ right: 'access', reopened: 1, subject: ANNA });
    const { rows } = await rig.db.pool.query(`select details::text from request_event`);
    expect(JSON.stringify(rows)).not.toContain('she-said-so');
  });
});

describe('the register of disposals', () => {
  const story = [
    started(ANNA, '2026-04-01T00:00:00.000Z'),
    {
      type: 'attesta.key.closed.v1',
      subject: ANNA,
      source: '//attesta/ledger',
      data: { disposal: DISPOSAL, keys: ['contact.1'], fence: 1 },
    },
    disposing(ANNA, 'task-stuck', { task: person(801), system: 'crm', reason: 'no-answer', attempts: 3 }),
    disposing(ANNA, 'systems-answered', { acknowledgements: [{ system: 'crm', outcome: 'done' }] }),
    disposing(ANNA, 'instructed', { scope: 'class', keys: ['contact.1'], parts: [{ position: 0, part: 0 }], basis: 'PDPA s.37(3)' }),
    {
      type: 'attesta.key.destroyed.v1',
      subject: ANNA,
      source: '//attesta/ledger',
      data: {
        keys: [{ subject: ANNA, key: 'contact.1' }],
        scope: 'class',
        reason: 'x',
        basis: `disposal/${DISPOSAL}`,
        method: 'crypto-shredding',
      },
    },
    disposed(ANNA, ['contact'], '2026-03-01T00:00:00.000Z', {
      disposal: DISPOSAL,
      rules: [{ rule: 'account-data', law: 'PDPA s.37(3)' }],
      survivors: [{ category: 'contact', ground: 'tax-records', law: 'Revenue Code s.87/3' }],
      acknowledgements: [{ system: 'crm', outcome: 'done' }],
    }),
  ];

  it('puts a line together from what was sealed, as of any position', async () => {
    await sealed(...story);
    const of = (asOf: number) => readDisposals(rig.audit.pool, { ...ALL, asOf });
    expect(await of(6)).toMatchObject([
      {
        position: 0,
        disposal: DISPOSAL,
        status: 'completed',
        scope: 'class',
        basis: 'PDPA s.37(3)',
        rules: [{ rule: 'account-data', law: 'PDPA s.37(3)' }],
        survivors: [{ ground: 'tax-records' }],
        systems: [{ system: 'crm', outcome: 'done', stuck: false }],
        keys: 1,
        positions: [0, 1, 2, 3, 4, 5, 6],
      },
    ]);
    expect(await of(2)).toMatchObject([
      { status: 'keys-closed', systems: [{ system: 'crm', outcome: null, stuck: true }], completedAt: null },
    ]);
    expect(await of(0)).toMatchObject([{ status: 'started', rules: [{ rule: 'account-data', law: null }] }]);
    expect(await readDisposals(rig.audit.pool, { ...ALL, state: 'open' })).toEqual([]);
    expect(await readDisposals(rig.audit.pool, { ...ALL, state: 'open', asOf: 5 })).toHaveLength(1);
    expect(await readDisposals(rig.audit.pool, { ...ALL, cause: 'minor' })).toEqual([]);
  });

  it('an abandoned one says why; keys that the ledger destroyed on its own are a line of their own, and stay one when the person is forgotten', async () => {
    await sealed(started(BEN), disposing(BEN, 'abandoned', { reason: 'held', holds: [person(850)] }), forgotten(ANNA));
    expect(await readDisposals(rig.audit.pool, ALL)).toMatchObject([
      { position: 2, disposal: null, status: 'destroyed', scope: 'subject', methods: ['crypto-shredding'] },
      { position: 0, status: 'abandoned', abandonedBecause: 'held', holds: [person(850)] },
    ]);
    expect(await readDisposals(rig.audit.pool, { ...ALL, state: 'abandoned' })).toHaveLength(1);
    expect(await readDisposals(rig.audit.pool, { ...ALL, state: 'completed' })).toMatchObject([{ position: 2 }]);
    expect(await readDisposals(rig.audit.pool, { ...ALL, spans: await recordOf(rig.audit.pool, BEN, 9) })).toMatchObject([{ position: 0 }]);
  });

  it('holds stand until they are released, and those on everybody count for each', async () => {
    await sealed(held(ANNA, true, { categories: ['contact'] }), held(undefined, true, { hold: person(851) }), held(ANNA, false));
    expect(await readHolds(rig.audit.pool, ALL)).toMatchObject([
      { position: 1, subject: null, state: 'standing' },
      { position: 0, subject: ANNA, state: 'released', releasedPosition: 2, categories: ['contact'] },
    ]);
    expect(await readHolds(rig.audit.pool, { ...ALL, state: 'standing', asOf: 1 })).toHaveLength(2);
    expect(await readHolds(rig.audit.pool, { ...ALL, subjects: [BEN] })).toMatchObject([{ position: 1 }]);
  });
});

describe('consents', () => {
  const states = async (happenedAt: string, knownAt: string, asOf = ALL.asOf) =>
    consentStates(ANNA, await factsAbout(rig.audit.pool, ANNA, asOf), policy, {
      happenedAt: Date.parse(happenedAt),
      knownAt: Date.parse(knownAt),
    });
  const marketing = async (...times: Parameters<typeof states>) =>
    (await states(...times)).states.find(({ purpose }) => purpose === 'marketing')!;

  it('as of two times: what had happened, as far as it was sealed', async () => {
    await sealed(consent(ANNA, 'given', ['marketing'], {}, '2026-03-01T00:00:00.000Z'), {
      ...consent(ANNA, 'withdrawn', ['marketing'], {}, '2026-03-10T00:00:00.000Z'),
      recordedAt: '2026-03-20T00:00:00.000Z',
    });
    expect(await marketing('2026-02-01T00:00:00Z', '2026-04-01T00:00:00Z')).toMatchObject({ status: 'none', choice: null });
    expect(await marketing('2026-03-15T00:00:00Z', '2026-03-15T00:00:00Z')).toMatchObject({ inForce: true, choice: { position: 0 } });
    expect(await marketing('2026-03-15T00:00:00Z', '2026-03-20T00:00:00Z')).toMatchObject({
      status: 'withdrawn',
      dpv: 'ConsentWithdrawn',
      choice: { position: 1 },
      no: 1,
    });
    expect(await marketing('2026-03-05T00:00:00Z', '2026-04-01T00:00:00Z')).toMatchObject({ inForce: true, choice: { position: 0 } });
    expect(await marketing('2026-03-15T00:00:00Z', '2026-03-20T00:00:00Z', 0)).toMatchObject({ inForce: true });
  });

  it('by channel, with objections, and with what a tied device chose', async () => {
    await sealed(
      consent(ANNA, 'given', ['marketing'], { channelPreferences: ['email'] }),
      consent(PHONE, 'refused', ['analytics-cookies']),
      link(ANNA, PHONE),
      objection(ANNA, true, ['marketing']),
    );
    const { states: found } = await states('2026-04-01T00:00:00Z', '2026-04-01T00:00:00Z');
    const [of, cookies] = ['marketing', 'analytics-cookies'].map((id) => found.find(({ purpose }) => purpose === id)!) as [never, never];
    expect(of).toMatchObject({ objection: { state: 'raised', position: 3 } });
    expect((of as { channels: object[] }).channels).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ channel: 'email', inForce: true }),
        expect.objectContaining({ channel: 'sms', inForce: false }),
      ]),
    );
    expect(cookies).toMatchObject({ status: 'refused', choice: { through: PHONE, position: 1 } });
  });

  it('the register has every choice, newest first', async () => {
    await sealed(consent(ANNA, 'given', ['marketing', 'analytics-cookies']), consent(BEN, 'refused', ['marketing'], { method: 'phone' }));
    const of = async (filter: object) => (await readChoices(rig.audit.pool, { ...ALL, ...filter })).map(({ position }) => position);
    expect(await of({})).toEqual([1, 0]);
    expect(await of({ purpose: 'analytics-cookies' })).toEqual([0]);
    expect(await of({ status: 'refused' })).toEqual([1]);
    expect(await of({ method: 'phone' })).toEqual([1]);
    expect(await of({ spans: await recordOf(rig.audit.pool, ANNA, 9) })).toEqual([0]);
    const [, row] = await readChoices(rig.audit.pool, ALL);
    expect(row).toMatchObject({
      purposes: ['marketing', 'analytics-cookies'],
      madeBy: 'subject',
      noticeVersion: '2022-08-10',
      language: 'en',
    });
  });
});

describe('the data map of a person', () => {
  const ORDER = { categories: ['contact', 'transaction'], purposes: ['service-fulfilment'], context: { order: 'o-1' } };

  it('says from where, why, since and until when, and who got it, with positions', async () => {
    const [first, , gave, second] = await sealed(
      collection(ANNA, ORDER, '2026-03-01T00:00:00.000Z'),
      consent(ANNA, 'given', ['marketing']),
      collection(
        ANNA,
        { purposes: ['marketing'], basis: 'consent', consent: 1, origin: 'third-party', originParty: 'promotion-partner' },
        '2026-03-02T00:00:00.000Z',
      ),
      disclosure(ANNA, 'logistics-provider', {}, '2026-03-03T00:00:00.000Z'),
      trigger(ANNA, 'account-closed', {}, '2026-04-01T00:00:00.000Z'),
    );
    const [contact, transaction] = await map(ANNA);
    expect(contact).toMatchObject({
      category: 'contact',
      held: 2,
      destroyed: 0,
      since: '2026-03-01T00:00:00.000Z',
      lastCollected: '2026-03-02T00:00:00.000Z',
      origins: [
        { origin: 'subject', method: 'online-form', channel: 'web', occasion: 'registration', evidence: { count: 1, positions: [first] } },
        { origin: 'third-party', party: 'promotion-partner', evidence: { count: 1, positions: [gave] } },
      ],
      purposes: [
        {
          purpose: 'service-fulfilment',
          bases: [{ basis: 'contract', law: 'PDPA s.24(3)', jurisdiction: 'th-pdpa', evidence: { positions: [first] } }],
          keptBy: [{ rule: 'contract-claims', until: '2036-04-01T00:00:00.000Z' }],
        },
        { purpose: 'marketing', bases: [{ basis: 'consent', consents: [1] }] },
      ],
      disclosures: [{ recipient: 'logistics-provider', evidence: { positions: [second] } }],
      disposals: [],
    });
    expect(contact!.evidence.positions).toEqual([second, gave, first]);
    expect(transaction).toMatchObject({ category: 'transaction', held: 1, due: { first: null } });
    expect((await map(ANNA, first))[0]).toMatchObject({ held: 1, disclosures: [], due: { first: null, last: null } });
  });

  it('counts what happens to everybody, and what the company holds for a case', async () => {
    await sealed(
      collection(ANNA, ORDER, '2020-01-01T00:00:00.000Z'),
      trigger(ANNA, 'contract-end', {}, '2020-02-01T00:00:00.000Z'),
      trigger(undefined, 'tax-filing', { collectedUntil: '2021-01-01T00:00:00.000Z' }, '2021-03-31T00:00:00.000Z'),
      trigger(undefined, 'account-closing', { collectedUntil: '2021-01-01T00:00:00.000Z' }, '2021-03-31T00:00:00.000Z'),
      held(undefined, true, { categories: ['transaction'] }),
    );
    const transaction = (await map(ANNA)).find(({ category }) => category === 'transaction')!;
    expect(transaction.due).toEqual({ first: '2030-02-01T00:00:00.000Z', last: '2030-02-01T00:00:00.000Z' });
    expect(transaction.holds).toMatchObject([{ position: 4, matter: 'case-12' }]);
    await sealed(held(undefined, false));
    expect((await map(ANNA)).find(({ category }) => category === 'transaction')).toMatchObject({ holds: [] });
  });

  it('says what was destroyed, and what survives', async () => {
    const [gone] = await sealed({ ...collection(ANNA), sealed: [{ subject: ANNA, key: 'contact.1' }] });
    await sealed({ ...collection(ANNA, {}, '2026-05-01T00:00:00.000Z'), sealed: [{ subject: ANNA, key: 'contact.2' }] });
    await sealed(started(ANNA), disposing(ANNA, 'instructed', { scope: 'class', keys: [], parts: [{ position: gone, part: 0 }] }));
    expect(await map(ANNA)).toMatchObject([{ held: 2, destroyed: 0, disposals: [] }]);
    await sealed(
      disposed(ANNA, ['contact'], '2026-03-01T00:00:00.000Z', {
        disposal: DISPOSAL,
        survivors: [{ category: 'contact', ground: 'contract-claims' }],
      }),
    );
    const [contact] = await map(ANNA);
    expect(contact).toMatchObject({
      held: 1,
      destroyed: 1,
      since: '2026-05-01T00:00:00.000Z',
      disposals: [{ disposal: DISPOSAL, position: 4, survivors: [{ ground: 'contract-claims' }] }],
    });
    expect(contact!.evidence.positions).toEqual([4, 1, 0]);
  });

  it('shows what a linked device brought in, not what another person did, and nothing held once they are forgotten', async () => {
    await sealed(
      collection(PHONE, { categories: ['device'], purposes: ['usage-analysis'] }),
      link(ANNA, PHONE),
      collection(BEN, { related: [{ subject: ANNA, role: 'friend' }] }),
    );
    expect(await map(ANNA)).toMatchObject([{ category: 'device', held: 1 }]);
    await sealed(collection(ANNA), forgotten(ANNA));
    expect(await map(ANNA)).toMatchObject([{ category: 'contact', held: 0, destroyed: 1 }]);
  });
});

describe('the dashboard', () => {
  it('counts by period and purpose, and open requests by right', async () => {
    await sealed(
      consent(ANNA, 'given', ['marketing'], {}, '2026-03-01T23:59:59.999Z'),
      consent(BEN, 'given', ['marketing'], {}, '2026-03-02T00:00:00.000Z'),
      consent(BEN, 'withdrawn', ['marketing'], {}, '2026-03-02T01:00:00.000Z'),
      asked(ANNA, 'received', {}, '2026-03-03T00:00:00.000Z'),
      asked(BEN, 'received', { request: person(711) }, '2026-03-03T00:00:00.000Z'),
      asked(BEN, 'overdue', { request: person(711), clock: 'th-access', due: '2026-03-04T00:00:00Z' }, '2026-03-04T00:00:00.000Z'),
      asked(BEN, 'fulfilled', { request: person(711), outcome: 'complete', inTime: false }, '2026-03-05T00:00:00.000Z'),
      started(ANNA, '2026-03-04T00:00:00.000Z'),
      use(person(5), { purposes: ['marketing'], basis: 'consent' }, '2026-02-01T00:00:00.000Z'),
    );
    await rig.carryOutbox();
    const found = await dashboard();
    expect(found.periods).toHaveLength(31);
    expect(found.consents).toMatchObject([{ purpose: 'marketing', title: 'Marketing and promotional information, by channel' }]);
    expect(found.consents[0]!.given.slice(0, 3)).toEqual([1, 1, 0]);
    expect(found.consents[0]!.withdrawn.slice(0, 3)).toEqual([0, 1, 0]);
    expect(found.requests).toMatchObject({ open: 1, overdue: 1 });
    expect(found.requests.received[2]).toBe(2);
    expect(found.requests.endedLate[4]).toBe(1);
    expect(found.requests.byRight).toMatchObject([{ right: 'access', received: 2, endedInTime: 0, endedLate: 1, open: 1, overdue: 1 }]);
    expect(found.retention.underWay).toBe(1);
    expect(found.retention.started[3]).toBe(1);
    expect(found.events.total.slice(0, 3)).toEqual([1, 2, 2]);
    expect(found.events.byType.find(({ type }) => type === 'attesta.disposal.started')?.counts.slice(2, 5)).toEqual([0, 1, 0]);
    expect(found.findings.open).toContainEqual({ rule: 'use-without-consent', severity: 'violation', count: 1 });
    const early = await dashboard(2);
    expect(early.requests.open).toBe(0);
    expect(early.events.total.reduce((a, b) => a + b)).toBe(3);
    expect((await dashboard(undefined, { by: 'month', from: '2026-02-01' })).consents[0]!.given).toEqual([0, 2]);
  });

  it('a finding that was resolved is open no more', async () => {
    await sealed(use(ANNA, { purposes: ['marketing'], basis: 'consent' }));
    await rig.carryOutbox();
    expect((await dashboard()).findings.open).toHaveLength(1);
    await sealed({ type: 'attesta.finding.resolved.v1', subject: ANNA, data: { finding: 'use-without-consent:0', reason: 'looked into' } });
    const { findings } = await dashboard();
    expect(findings.open).toEqual([]);
    expect(findings.resolved[0]).toBe(1);
    expect(findings.raised).toMatchObject([{ rule: 'use-without-consent', severity: 'violation' }]);
  });
});

describe('the record of processing activities', () => {
  it('tells what the policy declares and what the log shows', async () => {
    await sealed(
      collection(ANNA, { categories: ['contact', 'identity'] }, '2026-03-01T00:00:00.000Z'),
      collection(ANNA, {}, '2026-03-05T00:00:00.000Z'),
      disclosure(ANNA, 'logistics-provider', {}, '2026-03-06T00:00:00.000Z'),
      asked(ANNA, 'rejected', { ground: 'harms-others', law: 'PDPA s.30', reason: 'it names others', authority: 'pdpc' }),
    );
    const record = await readProcessingRecord(rig.audit.pool, policy, 99);
    expect(record.activities.map(({ id }) => id)).toEqual([...policy.purposes.keys()]);
    const activity = record.activities.find(({ id }) => id === 'service-fulfilment')!;
    expect(activity).toMatchObject({
      collected: { count: 2, first: { day: '2026-03-01', position: 0 }, last: { day: '2026-03-05', position: 1 } },
      used: { count: 0, first: null, last: null },
      disclosed: { count: 1 },
      categories: [
        { id: 'contact', happened: { count: 3 } },
        { id: 'identity', happened: { count: 1 } },
      ],
      recipients: [{ id: 'logistics-provider', happened: { count: 1 } }],
    });
    expect(activity.retention.map(({ rule }) => rule)).toContain('contract-claims');
    expect(activity.retention.map(({ rule }) => rule)).not.toContain('marketing-data');
    expect(record.refusals.find(({ id }) => id === 'harms-others')?.refused).toEqual({ count: 1, positions: [3] });
    const before = await readProcessingRecord(rig.audit.pool, policy, 0);
    expect(before.activities.find(({ id }) => id === 'service-fulfilment')!.collected).toMatchObject({ count: 1, last: { position: 0 } });
  });
});

it('digests equal a recount and a rebuild, forgotten people or not', async () => {
  const positions = await sealed(
    collection(ANNA),
    consent(ANNA, 'given', ['marketing']),
    asked(ANNA, 'received'),
    held(ANNA, true),
    held(undefined, true, { hold: person(851) }),
    trigger(undefined, 'tax-filing', { collectedUntil: '2021-01-01T00:00:00.000Z' }),
    started(ANNA),
    disclosure(ANNA, 'logistics-provider'),
    forgotten(ANNA),
    collection(BEN, { related: [{ subject: ANNA, role: 'friend' }] }),
    asked(ANNA, 'fulfilled', { outcome: 'complete' }),
  );
  const last = positions.at(-1)!;
  for (const upto of [last, 8, 4, 0]) expect(await rig.audit.recount(upto)).toEqual(await rig.audit.digest(upto));
  const before = await rig.audit.digest();
  await rig.audit.rebuild();
  await rig.audit.caughtUp(last);
  expect(await rig.audit.digest()).toEqual(before);
  await rig.db.pool.query(`update tally set n = n + 1 where key = 'attesta.hold.placed'`);
  expect((await rig.audit.digest()).registers.tally).not.toBe(before.registers.tally);
});
