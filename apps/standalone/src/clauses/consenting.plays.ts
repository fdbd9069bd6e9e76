import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import type { ConsentCaptured } from '@attesta/events';
import { report } from '@attesta/sdk';
import { collected, consented, linked, NOTICE_VERSION } from './drafts.js';
import { chosen, codesOf, decided, settled, type NoticeList } from './consent-questions.js';
import { gotMail, reachable } from './notification-questions.js';
import type { Stage } from './stage.js';

const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex');
const LATER = '2099-01-01T00:00:00Z';

/** Notices, and consents given and taken back: the introduction, clauses 2.9, 3.3, 4.11, 7.6 and 8.4. */
export const consenting = {
  async 'Intro: versions'(stage: Stage) {
    const person = stage.someone('person');
    await stage.refused(report.consent(person, choice('1999-01-01')), 'unknown-notice-version');
    const { data } = await stage.get<NoticeList>('auditor', '/v1/notices');
    const registered = data.find(({ version }) => version === NOTICE_VERSION);
    assert.ok(registered?.current && registered.languages[0]?.sha256, 'the notice is registered with language and digest');

    const version = `next-${stage.name}`;
    const text = `The notice of ${version}`;
    const publish = (language: string, digest: string) =>
      stage.system.http('dpo', 'POST', '/v1/notices', { version, language, digest, effectiveAt: LATER, changes: 'wording' });
    assert.equal((await publish('en', digestOf(text))).status, 202);
    const known = await stage.eventually('the new version in the register', async () =>
      (await stage.get<NoticeList>('auditor', '/v1/notices')).data.find((one) => one.version === version),
    );
    assert.deepEqual([known.current, known.languages], [false, [{ language: 'en', sha256: digestOf(text) }]]);
    assert.equal((await publish('en', digestOf('another text'))).status, 422, 'a registered text never changes');
    // The ledger knows it too; a consent before it takes effect is recorded, and is none.
    const early = await stage.sealedOne(report.consent(person, choice(version)));
    const { event, data: said } = await stage.said(person, 'consent.invalidated');
    assert.equal(said.reason, 'notice-not-effective');
    stage.show(early, event);
  },

  async 'Intro: use = consent'(stage: Stage) {
    const user = stage.someone('user');
    await stage.sealedOne(report.noticeAcknowledged(user, { version: NOTICE_VERSION, language: 'en', method: 'checkbox' }));
    const { purposes } = await stage.post<{ purposes: { purpose: string; status: string }[] }>('publisher', '/v1/consents/query', {
      subject: user,
    });
    assert.ok(purposes.length > 0 && purposes.every(({ status }) => status === 'none'), 'an acknowledgement is no consent to anything');
    assert.deepEqual(codesOf(await decided(stage, user, 'marketing', { channel: 'email' })), ['consent-missing']);
  },

  async '2.9'(stage: Stage) {
    const user = stage.someone('user');
    const fix = (consent: number) =>
      collected(user, {
        categories: ['location'],
        purposes: ['location-features'],
        basis: 'consent',
        consent,
        occasion: 'location-service',
        method: 'location-sensor',
        channel: 'app',
      });
    const given = await stage.sealedOne(consented(user, 'location-features', 'given', 'app'));
    const may = await settled(stage, user, 'location-features', 'allowed', { operation: 'collect', categories: ['location'] });
    assert.equal(may.consent?.position, given, 'the decision cites the consent');
    const lawful = await stage.sealedOne(fix(given));
    await stage.sealedOne(consented(user, 'location-features', 'withdrawn', 'device_setting'));
    const { event, data } = await stage.said(user, 'consent.withdrawn');
    assert.equal(data.method, 'device_setting', 'the setting of the device withdraws');
    const no = await settled(stage, user, 'location-features', 'denied', { operation: 'collect', categories: ['location'] });
    assert.deepEqual(codesOf(no), ['consent-withdrawn']);
    const later = await stage.sealedOne(fix(given));
    const id = await stage.idOf(user);
    const finding = await stage.finding(id, later);
    assert.deepEqual([finding.rule, finding.severity], ['location-after-device-setting', 'violation']);
    assert.ok(!(await stage.findings(id)).some(({ positions }) => positions[0] === lawful), 'what came before is no finding');
    stage.show(event, finding.sealedPosition);
  },

  async '3.3'(stage: Stage) {
    const [account, browser] = [stage.someone('account'), stage.someone('browser', 'cookie')];
    const about = { operation: 'collect', categories: ['cookie'] } as const;
    await chosen(stage, account, 'analytics-cookies', 'given');
    await settled(stage, account, 'analytics-cookies', 'allowed', about);
    await stage.sealedOne(
      report.consent(browser, { ...choice(), purposes: ['analytics-cookies'], status: 'refused', method: 'cookie-banner' }),
    );
    assert.deepEqual(codesOf(await settled(stage, browser, 'analytics-cookies', 'denied', about)), ['consent-refused']);
    await stage.sealedOne(linked(account, browser, 'visitor'));
    assert.deepEqual(
      codesOf(await settled(stage, account, 'analytics-cookies', 'denied', about)),
      ['consent-refused'],
      'the refusal carries over at login',
    );
    const { event, data } = await stage.said(account, 'consent.refused');
    assert.equal(data.reason, 'chosen on a linked device', 'by the recorded rule');
    stage.show(event);
    // Global Privacy Control is a no of its own kind, and wins over an earlier yes.
    const visitor = stage.someone('gpc', 'cookie');
    await chosen(stage, visitor, 'analytics-cookies', 'given', { method: 'cookie-banner' });
    await stage.sealedOne(report.consent(visitor, { ...choice(), purposes: ['analytics-cookies'], status: 'refused', method: 'gpc' }));
    await settled(stage, visitor, 'analytics-cookies', 'denied', about);
  },

  async '4.11'(stage: Stage) {
    const person = stage.someone('person');
    const purpose = `loyalty-${stage.name}`;
    const about = { categories: ['transaction'], purposes: [purpose], basis: 'contract', basisCitation: 'PDPA s.24(3)' };
    await stage.refused(collected(person, about), 'unknown-purpose');
    assert.deepEqual(codesOf(await decided(stage, person, purpose, { categories: ['transaction'] })), ['purpose-quarantined']);
    const stateOf = async () =>
      (await stage.get<{ data: { purpose: string; state: string }[] }>('auditor', '/v1/purposes')).data.find(
        (one) => one.purpose === purpose,
      )?.state;
    assert.equal(await stateOf(), 'quarantined');

    const register = { purpose, title: 'Loyalty programme', bases: [{ jurisdiction: 'th-pdpa', bases: ['contract', 'consent'] }] };
    assert.equal((await stage.system.http('dpo', 'POST', '/v1/purposes', register)).status, 400, 'not without a citation');
    await stage.post('dpo', '/v1/purposes', { ...register, citation: 'PDPA s.24(3)' });
    await stage.eventually('the purpose in the register', async () => ((await stateOf()) === 'not-communicated' ? true : undefined));
    assert.deepEqual(codesOf(await decided(stage, person, purpose, { categories: ['transaction'] })), ['purpose-not-communicated']);
    const version = `loyalty-notice-${stage.name}`;
    const notice = { version, language: 'en', digest: digestOf(version), effectiveAt: '2026-01-01T00:00:00Z', purposes: [purpose] };
    await stage.post('dpo', '/v1/notices', notice);
    await stage.eventually('the purpose told', async () => ((await stateOf()) === 'active' ? true : undefined));
    const may = await decided(stage, person, purpose, { categories: ['transaction'] });
    assert.deepEqual([may.decision, may.basis?.id], ['allowed', 'contract']);
    await stage.sealedOne(collected(person, about));
    assert.equal((await decided(stage, person, 'service-fulfilment')).decision, 'allowed', 'the notice that was there goes on');
  },

  async '7.6'(stage: Stage) {
    const person = stage.someone('person');
    const begun = new Date(Date.now() - 3_600_000).toISOString();
    const given = await stage.sealedOne(report.consent(person, { ...choice(), purposes: ['marketing'] }, { time: begun }));
    const use = (more: object = {}) =>
      report.use(
        person,
        { categories: ['contact'], purposes: ['marketing'], basis: 'consent', consent: given, operation: 'campaign/send' },
        more,
      );
    await settled(stage, person, 'marketing', 'allowed', { channel: 'email' });
    const before = new Date(Date.now() - 1_800_000).toISOString();
    const early = await stage.sealedOne(use({ time: before }));
    const answer = await chosen(stage, person, 'marketing', 'withdrawn');
    assert.deepEqual(answer.changed, [{ purpose: 'marketing', status: 'withdrawn' }]);
    assert.deepEqual(codesOf(await decided(stage, person, 'marketing', { channel: 'email' })), ['consent-withdrawn'], 'at once');
    const { event } = await stage.said(person, 'consent.withdrawn');
    const late = await stage.sealedOne(use());
    const id = await stage.idOf(person);
    const finding = await stage.finding(id, late);
    assert.equal(finding.rule, 'use-after-withdrawal');
    assert.ok(!(await stage.findings(id)).some(({ positions }) => positions[0] === early), 'the earlier use stays lawful');
    const asOf = await stage.get<{ purposes: { purpose: string; status: string }[] }>(
      'auditor',
      `/v1/subjects/${id}/consents?reason=clause-7.6&at=${encodeURIComponent(before)}`,
    );
    assert.equal(asOf.purposes.find(({ purpose }) => purpose === 'marketing')?.status, 'given', 'as it was then');
    stage.show(event, finding.sealedPosition);
  },

  async '8.4'(stage: Stage) {
    const { person: careful, address } = await reachable(stage, 'careful');
    const quick = stage.someone('quick');
    for (const person of [careful, quick]) await chosen(stage, person, 'location-features', 'given');
    const preview = await stage.post<{ consequences: { service: string; effect: string; title: string }[] }>(
      'publisher',
      '/v1/consents/preview',
      {
        subject: careful,
        purposes: ['location-features'],
      },
    );
    assert.deepEqual(
      preview.consequences.map(({ service, effect }) => [service, effect]),
      [['location-services', 'ends']],
    );
    assert.equal(
      (await decided(stage, careful, 'location-features', { categories: ['location'] })).decision,
      'allowed',
      'a preview changes nothing',
    );
    for (const person of [careful, quick]) {
      const { consequences } = await chosen(stage, person, 'location-features', 'withdrawn');
      assert.deepEqual(consequences, [{ service: 'location-services', effect: 'ends' }]);
      const told = await stage.said(person, 'consequences.communicated');
      if (person === careful) await gotMail(stage, address, ({ text }) => text.includes('Location'));
      const ended = await stage.sealedOne({ type: 'attesta.service.ended.v1', subject: person, data: { service: 'location-services' } });
      assert.ok(told.event < ended, 'the consequences are told before anything ends');
      stage.show(told.event);
    }
  },
};

/** A consent to marketing under a notice version, but for what the clause is about. */
const choice = (noticeVersion = NOTICE_VERSION): ConsentCaptured => ({
  purposes: ['marketing'],
  status: 'given',
  method: 'checkbox',
  noticeVersion,
  language: 'en',
});
