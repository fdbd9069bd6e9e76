import { POLICY_KEY, policyOf, type Decision, type PolicyState, type StateChange } from '@attesta/decisions';
import { captured, ConsentRig, NOTICE, person } from './consent-rig.js';
import type { ConsumerStanding } from './propagation.js';

let rig: ConsentRig;
beforeEach(async () => {
  rig = await ConsentRig.start();
});
afterEach(async () => {
  await rig.close();
  expect(rig.errors).toEqual([]);
});

const DIGEST = 'ab'.repeat(32);
const publish = (version: string, more: object = {}) =>
  rig.post('/v1/notices', { version, language: 'en', digest: DIGEST, effectiveAt: '2026-03-02T00:00:00Z', ...more }, 'dpo');
const give = (purpose: string, more: object = {}) =>
  rig.post<{ errors?: { code: string }[] }>('/v1/consents', {
    ...{ subject: 'account|anna', purposes: [purpose], status: 'given', method: 'checkbox', noticeVersion: NOTICE },
    ...more,
  });
const codes = async (purpose: string, subject = 'account|anna') =>
  (await rig.post<Decision>('/v1/decisions', { subject, operation: 'use', categories: ['contact'], purpose })).body.reasons.map(
    ({ code }) => code,
  );
const versions = async () =>
  (await rig.get<{ data: { version: string; current: boolean; effectiveUntil: string | null }[] }>('/v1/notices')).body.data;

describe('a new version of the notice', () => {
  it('counts once it is sealed and in effect; what was consented to before stays as it is', async () => {
    await give('marketing');
    expect((await publish('v2')).status).toBe(202);
    expect((await versions()).map(({ version }) => version)).toEqual([NOTICE]);
    await rig.carry();
    expect((await versions()).map(({ version, current }) => [version, current])).toEqual([
      ['v2', false],
      [NOTICE, true],
    ]);
    expect((await give('personalisation', { noticeVersion: 'v2' })).body.errors?.map(({ code }) => code)).toEqual(['notice-not-effective']);
    rig.time = new Date('2026-03-02T00:00:00Z');
    expect((await versions()).map(({ current }) => current)).toEqual([true, false]);
    expect((await give('personalisation')).body.errors?.map(({ code }) => code)).toEqual(['notice-superseded']);
    expect((await give('personalisation', { noticeVersion: 'v2' })).status).toBe(201);
    expect(await codes('marketing')).toEqual(['consent-given']);
  });

  it('that is said to have been in effect before it was published is not', async () => {
    await publish('v2', { effectiveAt: '2020-01-01T00:00:00Z' });
    await rig.carry();
    await rig.report(captured(person(1), 'given', ['marketing'], {}, { time: '2026-02-01T00:00:00Z' }));
    expect(await codes('marketing', person(1))).toEqual(['consent-given']);
  });

  it('is the same whether it arrives before or after the consents asked for under the old one', async () => {
    const late = captured(person(1), 'given', ['marketing'], {}, { time: '2026-03-01T08:30:00Z' });
    await rig.report(late);
    expect(await codes('marketing', person(1))).toEqual(['consent-given']);
    const data = { version: 'v2', language: 'en', digest: DIGEST, effectiveAt: '2026-03-01T08:00:00Z' };
    await rig.report({ type: 'attesta.notice.published.v1', data, time: '2026-03-01T08:00:00Z' });
    expect(await codes('marketing', person(1))).toEqual(['consent-invalidated']);
    await rig.report({ ...late, subject: person(2) });
    expect(await codes('marketing', person(2))).toEqual(['consent-invalidated']);
  });

  it('has one text per language, for ever', async () => {
    await publish('v2');
    await rig.carry();
    expect((await publish('v2', { digest: 'cd'.repeat(32) })).status).toBe(422);
    expect((await publish('v2', { language: 'th', digest: 'cd'.repeat(32) })).status).toBe(202);
  });
});

describe('a purpose', () => {
  it('nobody registered is quarantined, once, and lives when it is registered with a citation and told', async () => {
    expect(await codes('loyalty')).toEqual(['purpose-quarantined']);
    await Promise.all([codes('loyalty'), give('loyalty')]);
    expect((await rig.said('purpose.quarantined')).length).toBe(1);
    const register = {
      purpose: 'loyalty',
      title: 'Loyalty programme',
      bases: [{ jurisdiction: 'th-pdpa', bases: ['consent'] }],
      citation: 'PDPA s.19',
    };
    expect((await rig.post('/v1/purposes', { ...register, bases: [{ jurisdiction: 'th-pdpa', bases: ['whim'] }] }, 'dpo')).status).toBe(
      422,
    );
    expect((await rig.post('/v1/purposes', register, 'dpo')).status).toBe(202);
    await rig.carry();
    expect(await codes('loyalty')).toEqual(['purpose-not-communicated', 'consent-missing']);
    expect((await give('loyalty')).body.errors?.map(({ code }) => code)).toEqual(['purpose-not-in-notice']);
    await publish('loyalty-1', { effectiveAt: rig.time.toISOString(), purposes: ['loyalty'] });
    await rig.carry();
    expect((await give('loyalty', { noticeVersion: 'loyalty-1' })).status).toBe(201);
    expect(await codes('loyalty')).toEqual(['consent-given']);
    expect((await give('marketing')).status).toBe(201); // a notice about one new purpose does not end the one about all others
  });
});

describe('the state for others', () => {
  it('tells every change once more than nobody missed it, and the policy with it', async () => {
    await give('marketing');
    await rig.consent.tick();
    const read = async (after: number, wait = 0) =>
      (await rig.get<{ data: StateChange[]; head: number }>(`/v1/consent-state?after=${after}&wait_ms=${wait}`)).body;
    const first = await read(0);
    expect(first.data.map(({ key }) => key)).toEqual([POLICY_KEY, rig.directory.subjects.values().next().value]);
    expect(first.data[1]!.state).toMatchObject({
      refs: [...rig.directory.subjects.keys()],
      record: { choices: [{ purpose: 'marketing' }] },
    });
    expect(policyOf(first.data[0]!.state as PolicyState).purposes.has('marketing')).toBe(true);
    const waiting = read(first.head, 20_000);
    await give('marketing', { status: 'withdrawn', noticeVersion: undefined });
    const news = await waiting;
    expect(news.data.map(({ key }) => key)).toEqual([first.data[1]!.key]);
    expect(news.head).toBeGreaterThan(first.head);
  });

  it('measures how long a withdrawal takes to each consumer, once', async () => {
    const acknowledge = (consumer: string, changed: number) => rig.post('/v1/consent-state/acknowledgements', { consumer, changed });
    expect((await acknowledge('mailer', 0)).status).toBe(204);
    await give('marketing');
    await give('marketing', { status: 'withdrawn', noticeVersion: undefined });
    rig.time = new Date(rig.time.getTime() + 750);
    const standing = async () => (await rig.get<{ data: ConsumerStanding[] }>('/v1/propagation', 'operator')).body.data;
    expect(await standing()).toMatchObject([{ consumer: 'mailer', open: 1, oldestOpenMs: 750, acknowledged: 0, p99Ms: null }]);
    const { head } = (await rig.get<{ head: number }>('/v1/consent-state?after=0')).body;
    await Promise.all([acknowledge('mailer', head), acknowledge('mailer', head), acknowledge('mailer', head)]);
    expect(await standing()).toMatchObject([{ consumer: 'mailer', open: 0, acknowledged: 1, p50Ms: 750, p99Ms: 750, maxMs: 750 }]);
    expect(await rig.said('withdrawal.acknowledged')).toMatchObject([{ data: { consumer: 'mailer', milliseconds: 750 } }]);
    await acknowledge('late-comer', head);
    expect(await standing()).toMatchObject([{ consumer: 'late-comer', open: 0, acknowledged: 0 }, {}]);
  });
});
