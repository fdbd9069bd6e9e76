import { factIn, receiptMismatches, type Decision, type ProvenReceipt } from '@attesta/decisions';
import { leafHash, openNote, parseCheckpoint, parseProof, parseVerifierKey, verifyInclusion } from '@attesta/proof';
import { nodePrimitives } from '@attesta/proof/node';
import type { ChoiceAnswer } from './choices.js';
import { captured, ConsentRig, link, NOTICE, person, refOf } from './consent-rig.js';
import type { PurposeStanding } from './standings.js';

let rig: ConsentRig;
beforeEach(async () => {
  rig = await ConsentRig.start();
});
afterEach(async () => {
  await rig.close();
  expect(rig.errors).toEqual([]);
});

const ANNA = 'account|anna';
const choose = (status: string, purposes: string[], more: object = {}, subject = ANNA) =>
  rig.post<ChoiceAnswer & { errors?: { field: string; code: string }[] }>('/v1/consents', {
    subject,
    purposes,
    status,
    method: 'preference-center',
    ...(status === 'given' && { noticeVersion: NOTICE }),
    ...more,
  });
const may = async (purpose: string, more: object = {}, subject = ANNA) =>
  (await rig.post<Decision>('/v1/decisions', { subject, operation: 'use', categories: ['contact'], purpose, ...more })).body;
const codes = ({ reasons }: Decision) => reasons.map(({ code }) => code);
const decisions = async () =>
  (await rig.said())
    .filter(({ type }) => !/captured|access|age|guardian\.|objection|restriction/.test(type))
    .map(({ type }) => type.split('.').slice(1, -1).join('.'));

describe('a choice over HTTP', () => {
  it('is in force at once, and cites its position once it is sealed', async () => {
    const { status, body } = await choose('given', ['marketing']);
    expect(status).toBe(201);
    expect(body).toMatchObject({ status: 'recorded', changed: [{ purpose: 'marketing', status: 'given' }], consequences: [] });
    expect(await may('marketing')).toMatchObject({ decision: 'allowed', consent: { id: body.id, position: null, noticeVersion: NOTICE } });
    await rig.carry();
    expect(await may('marketing')).toMatchObject({ decision: 'allowed', consent: { id: body.id, position: 0 } });
    expect((await rig.said()).map(({ type }) => type)).toEqual(['attesta.consent.captured.v1', 'attesta.consent.given.v1']);
  });

  it('is withdrawn as it was given: one call, on any channel, at once, with the consequences told', async () => {
    await choose('given', ['location-features']);
    const { status, body } = await choose('withdrawn', ['location-features'], { method: 'device_setting' });
    expect(status).toBe(201);
    expect(body.consequences).toEqual([{ service: 'location-services', effect: 'ends' }]);
    expect(codes(await may('location-features', { categories: ['location'] }))).toEqual(['consent-withdrawn']);
    await rig.carry();
    expect(await decisions()).toEqual(['consent.given', 'consent.withdrawn', 'consequences.communicated']);
  });

  it('withdrawing what was never given is no error and no decision', async () => {
    const { status, body } = await choose('withdrawn', ['marketing']);
    expect([status, body.changed, body.consequences]).toEqual([201, [], []]);
    expect((await choose('withdrawn', ['marketing'])).status).toBe(201);
    expect(await decisions()).toEqual([]);
    expect(codes(await may('marketing'))).toEqual(['consent-withdrawn']);
  });

  it('is one under its id, however often it is sent, and another is a conflict', async () => {
    const first = await choose('given', ['marketing'], { id: 'form-17' });
    const again = await choose('given', ['marketing'], { id: 'form-17' });
    expect([again.status, again.body.status, again.body.id]).toEqual([201, 'duplicate', first.body.id]);
    expect((await choose('refused', ['marketing'], { id: 'form-17' })).status).toBe(409);
    expect(await decisions()).toEqual(['consent.given']);
    expect(await may('marketing')).toMatchObject({ decision: 'allowed' });
  });

  it.each([
    ['an unknown notice', { noticeVersion: '1999-01-01' }, 'unknown-notice-version'],
    ['no notice', { noticeVersion: undefined }, 'missing-field'],
    ['a notice that was not in effect', { time: '2022-08-09T16:59:59.999Z' }, 'notice-not-effective'],
    ['an unknown purpose', { purposes: ['loyalty'] }, 'unknown-purpose'],
    ['a purpose that needs no consent', { purposes: ['fraud-prevention'] }, 'not-consent-based'],
    ['a sensitive category in general terms', { purposes: ['service-fulfilment'], categories: ['health'] }, 'explicit-consent-required'],
    ['a channel the purpose does not have', { channels: ['fax'] }, 'unknown-channel'],
    ['the future', { time: '2026-03-01T09:05:00.001Z' }, 'time-in-future'],
    ['a consent by us', { by: 'controller' }, 'given-by-another'],
    ['a guardian nobody knows', { by: 'guardian' }, 'guardian-unrecorded'],
    ['a person written wrongly', { subject: 'anna' }, 'bad-subject'],
  ])('is refused for %s, with the field, and leaves nothing', async (_what, change, code) => {
    const { status, body } = await choose('given', ['marketing'], change);
    expect([400, 422]).toContain(status);
    expect(body.errors?.map((error) => error.code)).toContain(code);
    expect((await rig.said()).filter(({ type }) => type.includes('consent'))).toEqual([]);
    expect((await rig.db.pool.query('select 1 from fact')).rowCount).toBe(0);
  });

  it('names the person by identifier, ref or id alike', async () => {
    const { body } = await choose('given', ['marketing']);
    for (const subject of [ANNA, refOf(ANNA), body.subject])
      expect(await may('marketing', {}, subject)).toMatchObject({ decision: 'allowed' });
    expect(codes(await may('marketing', {}, 'account|ben'))).toEqual(['consent-missing']);
  });

  it('of two at once each is taken, and the no prevails at the same instant', async () => {
    const answers = await Promise.all([
      choose('given', ['marketing']),
      choose('withdrawn', ['marketing']),
      ...Array.from({ length: 10 }, () => choose('given', ['personalisation'])),
    ]);
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 201));
    expect(codes(await may('marketing'))).toEqual(['consent-withdrawn']);
    expect(await may('personalisation')).toMatchObject({ decision: 'allowed' });
  });
});

describe('a report of another service', () => {
  it('goes through the same rules: what is no consent is invalidated, with the reason', async () => {
    await rig.report(captured(person(1), 'given', ['marketing']));
    await rig.report(captured(person(2), 'given', ['fraud-prevention']));
    await rig.report(captured(person(3), 'given', ['marketing'], {}, { time: '2022-08-09T00:00:00Z' }));
    expect((await rig.said()).map(({ type, data }) => [type, data.reason])).toEqual([
      ['attesta.consent.given.v1', undefined],
      ['attesta.consent.invalidated.v1', 'not-consent-based'],
      ['attesta.consent.invalidated.v1', 'notice-not-effective'],
    ]);
    expect(codes(await may('marketing', {}, person(3)))).toEqual(['consent-invalidated']);
  });

  it('settles by when it happened, not by when it came', async () => {
    await rig.report(captured(person(1), 'given', ['marketing'], {}, { time: '2026-02-02T00:00:00Z' }));
    await rig.report(captured(person(1), 'withdrawn', ['marketing'], {}, { time: '2026-02-01T00:00:00Z' }));
    expect(await may('marketing', {}, person(1))).toMatchObject({ decision: 'allowed' });
    await rig.report(captured(person(1), 'withdrawn', ['marketing'], {}, { time: '2026-02-03T00:00:00Z' }));
    await rig.report(captured(person(1), 'given', ['marketing'], {}, { time: '2026-01-01T00:00:00Z' }));
    expect(codes(await may('marketing', {}, person(1)))).toEqual(['consent-withdrawn']);
    expect(await decisions()).toEqual(['consent.given', 'consent.withdrawn']);
  });

  it('that is delivered again changes nothing', async () => {
    await rig.report(captured(person(1), 'given', ['marketing']));
    const before = await rig.db.pool.query('select * from consent_state order by key');
    await rig.consent.feed.rebuild(async () => undefined);
    await rig.consent.feed.caughtUp(0);
    expect((await rig.db.pool.query('select * from consent_state order by key')).rows).toEqual(before.rows);
    expect(await decisions()).toEqual(['consent.given']);
  });

  it('of a device counts for the person from the login on, a no always and a yes unless they said otherwise', async () => {
    const [anna, phone] = [person(1), person(2)];
    await rig.report(captured(anna, 'given', ['analytics-cookies'], {}, { time: '2026-02-01T00:00:00Z' }));
    await rig.report(captured(phone, 'refused', ['analytics-cookies'], { method: 'cookie-banner' }, { time: '2026-02-02T00:00:00Z' }));
    await rig.report(captured(phone, 'given', ['marketing'], {}, { time: '2026-02-02T00:00:00Z' }));
    expect(await may('analytics-cookies', {}, anna)).toMatchObject({ decision: 'allowed' });
    await rig.report(link(anna, phone, true, { time: '2026-02-03T00:00:00Z' }));
    expect(codes(await may('analytics-cookies', {}, anna))).toEqual(['consent-refused']);
    expect(await may('marketing', {}, anna)).toMatchObject({ decision: 'allowed' });
    await rig.report(link(anna, phone, false, { time: '2026-02-04T00:00:00Z' }));
    await rig.report(captured(phone, 'withdrawn', ['marketing'], {}, { time: '2026-02-05T00:00:00Z' }));
    expect(await may('marketing', {}, anna)).toMatchObject({ decision: 'allowed' });
  });
});

describe('two at once', () => {
  it('a report that waited while the person withdrew does not undo what was decided, whatever its clock says', async () => {
    await choose('given', ['marketing']);
    const { subject } = (await choose('given', ['personalisation'])).body;
    let waiting: Promise<number> | undefined;
    await rig.consent.transact(async (tx) => {
      await tx.query('select 1 from person where subject = $1 for update', [subject]);
      waiting = rig.report(captured(subject, 'given', ['location-features'], {}, { time: rig.time.toISOString() }));
      while (!(await someoneWaits())) await new Promise((resolve) => setImmediate(resolve));
      rig.later(50); // the process that takes the withdrawal has a clock ahead of the other's
      const { type, data } = captured(subject, 'withdrawn', ['marketing']);
      const [time, known] = [rig.time.toISOString(), rig.time.getTime()];
      const fact = factIn({ id: 'w-1', source: '//other-process', type, time, data, subject, position: null, known })!;
      await rig.consent.settle(tx, { facts: [fact] });
      rig.later(-50);
    });
    await waiting;
    rig.later(100);
    await rig.report(captured(subject, 'refused', ['analytics-cookies']));
    expect(await decisions()).toEqual(['consent.given', 'consent.given', 'consent.withdrawn', 'consent.given', 'consent.refused']);
  });

  async function someoneWaits(): Promise<boolean> {
    const { rows } = await rig.db.pool.query<{ n: string }>(
      `select count(*) as n from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
    );
    return Number(rows[0]!.n) > 0;
  }
});

describe('time', () => {
  it('ends a consent at its last instant, says so once, and after a restart too', async () => {
    await choose('given', ['marketing'], { validFor: 'P1M' });
    rig.time = new Date('2026-04-01T08:59:59.999Z');
    expect(await may('marketing')).toMatchObject({ decision: 'allowed', expiresAt: '2026-04-01T09:00:00.000Z' });
    rig.time = new Date('2026-04-01T09:00:00.000Z');
    expect(codes(await may('marketing'))).toEqual(['consent-expired']);
    await rig.app.close();
    await rig.open();
    await Promise.all([rig.consent.tick(), rig.consent.tick()]);
    await rig.consent.tick();
    const [event] = await rig.said('consent.expired');
    expect(event).toMatchObject({ time: '2026-04-01T09:00:00.000Z', data: { purposes: ['marketing'] } });
    expect(await decisions()).toEqual(['consent.given', 'consent.expired']);
  });

  it('is two: what had happened, and what was known', async () => {
    await choose('given', ['marketing'], { time: '2026-02-01T00:00:00Z' });
    rig.time = new Date('2026-03-05T09:00:00Z');
    await choose('withdrawn', ['marketing'], { time: '2026-03-02T00:00:00Z', method: 'letter' });
    const status = async (at: string, known: string) => {
      const { body } = await rig.post<{ purposes: PurposeStanding[] }>('/v1/consents/query', { subject: ANNA, at, known });
      return body.purposes.find(({ purpose }) => purpose === 'marketing')!.status;
    };
    expect(await status('2026-03-03T00:00:00Z', '2026-03-04T00:00:00Z')).toBe('given');
    expect(await status('2026-03-03T00:00:00Z', '2026-03-06T00:00:00Z')).toBe('withdrawn');
    expect(await status('2026-02-02T00:00:00Z', '2026-03-06T00:00:00Z')).toBe('given');
    expect(await status('2026-02-02T00:00:00Z', '2026-02-03T00:00:00Z')).toBe('none');
  });
});

describe('a receipt', () => {
  it('proves offline what was chosen, and says where it stands now', async () => {
    const { body } = await choose('given', ['marketing'], { channels: ['email'], validFor: 'P1Y' });
    await rig.carry();
    const { status, body: proven } = await rig.get<ProvenReceipt>(body.receipt);
    expect(status).toBe(200);
    const { receipt, proof } = proven;
    expect(receiptMismatches(receipt, JSON.parse(proof.entry), proof.position)).toEqual([]);
    const note = proof.tlogProof.slice(proof.tlogProof.indexOf('\n\n') + 2);
    const { size, root } = parseCheckpoint(openNote(nodePrimitives, note, [parseVerifierKey(rig.ledger.key.verifierKey)]).text);
    const leaf = leafHash(nodePrimitives.sha256, Buffer.from(proof.entry));
    const { index, proof: path } = parseProof(proof.tlogProof);
    expect(verifyInclusion(nodePrimitives.sha256, { index, size, leaf, proof: path, root })).toBe(true);
    expect(receipt.record).toMatchObject({
      metadata: { record_id: body.id, pii_principal_id: body.subject },
      event: [{ event_state: 'ConsentGiven' }],
    });
    rig.later();
    await choose('withdrawn', ['marketing']);
    const later = await rig.get<ProvenReceipt>(body.receipt);
    expect(later.body.receipt.record).toEqual(receipt.record);
    expect(later.body.receipt.informative.standing).toMatchObject([{ purpose: 'marketing', event_state: 'ConsentWithdrawn' }]);
    const { body: no } = await choose('refused', ['personalisation']);
    await rig.carry();
    expect((await rig.get(`${no.receipt}?format=kantara`)).status).toBe(409);
    expect((await rig.get(`${body.receipt}?format=kantara`)).body).toMatchObject({ version: 'KI-CR-v1.1.0', consentReceiptID: body.id });
  });

  it('of a consent that another service reported is found by its source', async () => {
    const position = await rig.report(captured(person(1), 'given', ['marketing'], {}, { id: 'form-8', source: '//storefront.test' }));
    const url = `/v1/receipts/form-8?source=${encodeURIComponent('//storefront.test')}`;
    expect(await rig.get(url, 'dpo')).toMatchObject({ status: 200, body: { proof: { position } } });
    expect((await rig.get('/v1/receipts/form-8', 'dpo')).status).toBe(404);
    expect((await rig.get(url, 'subject')).status).toBe(403);
  });
});
