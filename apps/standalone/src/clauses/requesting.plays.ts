import assert from 'node:assert/strict';
import { report } from '@attesta/sdk';
import { chosen, codesOf, decided, settled } from './consent-questions.js';
import { collected, disclosed } from './drafts.js';
import {
  answered,
  attested,
  carriedOut,
  connected,
  ended,
  known,
  looked,
  mailed,
  packageOf,
  requested,
  requestedInPerson,
  told,
  type RequestView,
} from './request-questions.js';
import { gotMail, reachable } from './notification-questions.js';
import { disposed, saidInLog } from './retention-questions.js';
import type { Stage } from './stage.js';

interface Package {
  collections: { categories: string[]; source: string; origin: string; originParty?: string }[];
  disclosures: { recipient: string }[];
  consents: { purposes: string[]; status: string }[];
  requests: { id: string }[];
  values: { category: string; records: { values: Record<string, unknown> }[] }[];
  leftOut: { category: string; reason: string; records: number }[];
}

const bangkokDay = (shift: number, years: number): string => {
  const day = new Date(Date.now() + 7 * 3_600_000 + shift * 86_400_000);
  return `${day.getUTCFullYear() - years}${day.toISOString().slice(4, 10)}`;
};

/** What people ask for: clauses 1.7, 6.5, 7.1, 7.3, 7.4, 7.5, 7.8, 8.2 and 8.3. */
export const requesting = {
  async '1.7'(stage: Stage) {
    const person = stage.someone('person');
    await chosen(stage, person, 'marketing', 'given');
    await settled(stage, person, 'marketing', 'allowed', { channel: 'email' });
    const letter = {
      channel: 'letter',
      purposes: ['marketing'],
      evidence: { kind: 'letter' },
      identity: { evidence: { kind: 'signature' } },
    };
    const asked = await requested(stage, person, 'consent-withdrawal', letter);
    assert.deepEqual(asked.consequences, [{ service: 'promotions', effect: 'ends' }], 'the consequences are shown');
    assert.equal(asked.status, 'fulfilled');
    await settled(stage, person, 'marketing', 'denied', { channel: 'email' });
    const received = await stage.said(person, 'request.received');
    assert.deepEqual([received.data.request, received.data.channel], [asked.request, 'letter']);
    const withdrawn = await stage.said(person, 'consent.withdrawn');
    assert.equal(withdrawn.data.method, 'letter');
    stage.show(received.event, withdrawn.event);
  },

  async '6.5'(stage: Stage) {
    const child = stage.someone('child');
    const collect = { operation: 'collect', categories: ['contact'] };
    await chosen(stage, child, 'marketing', 'given');
    const from = await stage.sealedOne(collected(child, { categories: ['contact'] }));
    const id = await stage.idOf(child);
    const age = (subject: string, birthDate: string) => stage.post('publisher', '/v1/ages', { subject, birthDate, method: 'document' });
    await age(child, bangkokDay(0, 9));
    const no = await settled(stage, child, 'service-fulfilment', 'denied', collect);
    assert.ok(codesOf(no).includes('under-age'), 'nothing is collected of a child under ten');
    // The child is forgotten within moments; the log is asked what happened.
    const said = (type: string) =>
      stage.eventually(`${type} sealed`, async () => (await saidInLog(stage, type, from)).find(({ subject }) => subject === id));
    const invalidated = await said('consent.invalidated');
    // Found later: what there is goes, without anybody asking for it.
    const closed = await said('retention-trigger.recorded');
    assert.deepEqual(closed.data.trigger, 'account-closed');
    const started = await said('disposal.started');
    assert.deepEqual([started.data.cause, started.data.request], ['minor', undefined], 'without a request');
    const gone = await disposed(stage, started.data.disposal as string);
    assert.deepEqual(gone.scope, 'subject', 'nothing of the child is left');
    const [almost, ten] = [stage.someone('almost'), stage.someone('ten')];
    await age(almost, bangkokDay(1, 10));
    await age(ten, bangkokDay(0, 10));
    await settled(stage, almost, 'service-fulfilment', 'denied', collect);
    assert.equal(
      (await decided(stage, ten, 'service-fulfilment', collect)).decision,
      'allowed',
      'from the first moment of the tenth birthday',
    );
    stage.show(invalidated.event, closed.event, ...gone.positions);
  },

  async '7.1'(stage: Stage) {
    const person = stage.someone('person');
    const positions = await stage.sealed(
      collected(person, { categories: ['contact'], origin: 'third-party', originParty: 'social-login' }),
      disclosed(person, { recipient: 'logistics-provider' }),
      report.consent(person, { purposes: ['marketing'], status: 'given', method: 'checkbox', noticeVersion: '2022-08-10', language: 'en' }),
    );
    const system = await connected(stage, ['access'], ['contact']);
    const { request, needs } = await requested(stage, person, 'access', { channel: 'phone' });
    assert.deepEqual(needs, ['identity-verification']);
    const refused = async (path: string) => (await stage.system.http('dpo', 'POST', `/v1/requests/${request}/${path}`, {})).status;
    assert.deepEqual([await refused('accept'), await refused('package')], [409, 404], 'without proof there is nothing');
    await attested(stage, request);
    await known(stage, Math.max(...positions));
    await carriedOut(stage, request, 'accept');
    await answered(stage, request, system, () => ({
      outcome: 'data',
      records: [
        { category: 'contact', name: 'customer', provenance: 'provided', basis: 'contract', values: { email: 'somchai@example.com' } },
      ],
    }));
    await ended(stage, request);
    const said = await packageOf<Package>(stage, request);
    assert.deepEqual(
      [said.collections[0]?.categories, said.collections[0]?.originParty],
      [['contact'], 'social-login'],
      'what, and from where',
    );
    assert.deepEqual([said.disclosures[0]?.recipient, said.consents[0]?.purposes], ['logistics-provider', ['marketing']]);
    assert.ok(
      said.requests.some(({ id }) => id === request),
      'the own requests',
    );
    assert.deepEqual(said.values[0]?.records[0]?.values, { email: 'somchai@example.com' });
    const verified = await stage.positionOf(person, 'request.identity-verified');
    stage.show(
      verified,
      await stage.positionOf(person, 'request.package-made'),
      await stage.positionOf(person, 'request.package-downloaded'),
    );
  },

  async '7.3'(stage: Stage) {
    const person = stage.someone('person');
    const system = await connected(stage, ['portability'], ['contact', 'preferences']);
    const { request } = await requestedInPerson(stage, person, 'portability');
    await carriedOut(stage, request, 'accept');
    await answered(stage, request, system, () => ({
      outcome: 'data',
      records: [
        { category: 'contact', name: 'customer', provenance: 'provided', basis: 'contract', values: { phone: 'given by the person' } },
        {
          category: 'contact',
          name: 'fraud-note',
          provenance: 'provided',
          basis: 'legitimate-interest',
          values: { note: 'another basis' },
        },
        { category: 'preferences', name: 'score', provenance: 'derived', basis: 'consent', values: { score: 'worked out' } },
      ],
    }));
    await ended(stage, request);
    const { values, leftOut } = await packageOf<Package>(stage, request);
    assert.deepEqual(
      values.flatMap(({ records }) => records.map((one) => one.values)),
      [{ phone: 'given by the person' }],
    );
    assert.deepEqual(leftOut.map(({ category, reason }) => [category, reason]).sort(), [
      ['contact', 'other-basis'],
      ['preferences', 'not-provided'],
    ]);
    stage.show(await stage.positionOf(person, 'request.package-made'), await stage.positionOf(person, 'request.fulfilled'));
  },

  async '7.4'(stage: Stage) {
    const person = stage.someone('person');
    await chosen(stage, person, 'marketing', 'given');
    await settled(stage, person, 'marketing', 'allowed', { channel: 'email' });
    const marketing = await requestedInPerson(stage, person, 'objection', { purposes: ['marketing'] });
    assert.equal(marketing.status, 'fulfilled', 'nobody has to decide about marketing');
    const no = await settled(stage, person, 'marketing', 'denied', { channel: 'email' });
    assert.ok(
      codesOf(no).some((code) => code.startsWith('objection')),
      'at once, consent or not',
    );
    const { request } = await requestedInPerson(stage, person, 'objection', { purposes: ['fraud-prevention'] });
    assert.deepEqual(codesOf(await settled(stage, person, 'fraud-prevention', 'denied')), ['objection-pending']);
    await carriedOut(stage, request, 'reject', { ground: 'compelling-grounds', reason: 'Fraud was attempted with the account.' });
    await settled(stage, person, 'fraud-prevention', 'allowed');
    const decidedOn = await stage.said(person, 'objection.decided');
    assert.deepEqual([decidedOn.data.outcome, decidedOn.data.law], ['rejected', 'PDPA s.32(1)(a)']);
    stage.show(await stage.positionOf(person, 'objection.raised'), decidedOn.event);
  },

  async '7.5'(stage: Stage) {
    const person = stage.someone('person');
    assert.equal((await decided(stage, person, 'service-fulfilment')).decision, 'allowed');
    const missing = await stage.system.http('dpo', 'POST', '/v1/requests', { subject: person, right: 'restriction' });
    assert.equal(missing.status, 422, 'a restriction has a ground of the law');
    const { request } = await requestedInPerson(stage, person, 'restriction', { ground: 'accuracy-contested' });
    await carriedOut(stage, request, 'accept');
    await answered(stage, request, stage.name, () => ({ outcome: 'nothing-held' }));
    assert.ok(codesOf(await settled(stage, person, 'service-fulfilment', 'denied')).includes('restricted'));
    assert.equal((await decided(stage, person, 'service-fulfilment', { operation: 'store' })).decision, 'allowed', 'it may be kept');
    await ended(stage, request);
    stage.show(await stage.positionOf(person, 'restriction.placed'), await stage.positionOf(person, 'request.fulfilled'));
  },

  async '7.8'(stage: Stage) {
    const { person, address } = await reachable(stage, 'person');
    const { request } = await requestedInPerson(stage, person, 'erasure');
    await carriedOut(stage, request, 'reject', { ground: 'no-ground', reason: 'The contract still runs.' });
    const refused = await told(stage, person, 'refused');
    assert.deepEqual([refused.data.authority, refused.data.law], ['pdpc', 'PDPA s.33, s.34']);
    const mail = await gotMail(stage, address, ({ text }) => text.includes('PDPA s.33, s.34'));
    assert.ok(mail.text.includes('Personal Data Protection Committee'), 'the refusal says whom to complain to');
    const complaint = await requestedInPerson(stage, person, 'complaint', { text: 'You should have erased it.' });
    await carriedOut(stage, complaint.request, 'accept');
    const again = await carriedOut(stage, request, 'reopen', { reason: 'The complaint is right.', complaint: complaint.request });
    assert.equal(again.status, 'acknowledged');
    stage.show(refused.event, await stage.positionOf(person, 'request.reopened'));
  },

  async '8.2'(stage: Stage) {
    const address = `p-${stage.name}@example.co.th`;
    const person = `email|${address}`;
    await chosen(stage, person, 'marketing', 'given');
    await settled(stage, person, 'marketing', 'allowed', { channel: 'email' });
    const { outcome, request } = await mailed(stage, address, 'Consent', 'I withdraw my consent to marketing e-mails.');
    assert.equal(outcome, 'request');
    await attested(stage, request!);
    await settled(stage, person, 'marketing', 'denied', { channel: 'email' });
    const { event, data } = await stage.said(person, 'consent.withdrawn');
    assert.equal(data.method, 'email', 'the withdrawal says by which channel it came');
    stage.show(await stage.positionOf(person, 'request.received'), event);
  },

  async '8.3'(stage: Stage) {
    const address = `p-${stage.name}@example.co.th`;
    const person = `email|${address}`;
    await chosen(stage, person, 'marketing', 'given');
    await settled(stage, person, 'marketing', 'allowed', { channel: 'email' });
    const { request } = await mailed(stage, address, 'Hello', 'About what you have of me: please do what we talked about on the phone.');
    const asked = await looked(stage, request!);
    assert.ok(asked.status === 'requires-action' && asked.needs.includes('information'), 'what is not understood is asked about');
    const required = await stage.said(person, 'request.action-required');
    const reply = await mailed(
      stage,
      address,
      `Re: Hello [REQ-${request}]`,
      'Please stop sending me marketing e-mails. I withdraw my consent.',
    );
    assert.deepEqual(reply, { outcome: 'answer', request });
    assert.ok(!(await looked(stage, request!)).needs.includes('information'), 'the answer lets it go on');
    assert.equal(
      (await decided(stage, person, 'marketing', { channel: 'email' })).decision,
      'allowed',
      'not before it is known who writes',
    );
    const { data } = await stage.get<{ data: RequestView[] }>('auditor', `/v1/requests?subject=${asked.subject}&right=consent-withdrawal`);
    await attested(stage, data[0]!.request);
    await settled(stage, person, 'marketing', 'denied', { channel: 'email' });
    stage.show(
      required.event,
      await stage.positionOf(person, 'request.action-performed'),
      await stage.positionOf(person, 'consent.withdrawn'),
    );
  },
};
