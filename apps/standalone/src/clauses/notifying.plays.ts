import assert from 'node:assert/strict';
import { createHash, randomUUID } from 'node:crypto';
import { chosen, codesOf, decided, settled } from './consent-questions.js';
import { consented, NOTICE_VERSION } from './drafts.js';
import { became, gotMail, reachable, sent } from './notification-questions.js';
import { saidInLog } from './retention-questions.js';
import type { Stage } from './stage.js';

const HOUR_MS = 3_600_000;
const ago = (hours: number): string => new Date(Date.now() - hours * HOUR_MS).toISOString();
const OFFICER = 'dpo@m-med.example';

interface NoticeChange {
  state: string;
  told: number;
  people: number;
  waiting: number;
}

/** What people are told, and not told: the introduction, clauses 4.5, 6.1 and 8.1. */
export const notifying = {
  async 'Intro: change'(stage: Stage) {
    const [en, th] = [await reachable(stage, 'en'), await reachable(stage, 'th')];
    const given = await stage.sealedOne(consented(en.person, 'marketing', 'given'));
    await stage.post('publisher', '/v1/consents', {
      subject: th.person,
      purposes: ['marketing'],
      status: 'given',
      method: 'checkbox',
      noticeVersion: NOTICE_VERSION,
      language: 'th',
    });
    const purpose = `club-${stage.name}`;
    await stage.post('dpo', '/v1/purposes', {
      purpose,
      title: 'A club of customers',
      bases: [
        { jurisdiction: 'th-pdpa', bases: ['consent'] },
        { jurisdiction: 'eu-gdpr', bases: ['consent'] },
      ],
      citation: 'PDPA s.19',
    });
    await stage.said(th.person, 'consent.given');
    const version = `v2-${stage.name}`;
    const notice = { version, language: 'en', digest: createHash('sha256').update(version).digest('hex'), effectiveAt: ago(0) };
    await stage.eventually('the purpose is known', async () => {
      const { status } = await stage.system.http('dpo', 'POST', '/v1/notices', { ...notice, purposes: [purpose], changes: 'A club.' });
      return status === 202 || undefined;
    });
    // Everybody who is active is told once, each in their language.
    const [told, toldThai] = [await stage.said(en.person, 'notice.communicated'), await stage.said(th.person, 'notice.communicated')];
    assert.deepEqual([told.data.version, toldThai.data.version, toldThai.data.language], [version, version, 'th']);
    const mail = await gotMail(stage, en.address);
    assert.ok(mail.text.includes('A club') && mail.unsubscribe === undefined, 'what changes is said');
    assert.match((await gotMail(stage, th.address)).text, /[\u0E00-\u0E7F]{20}/, 'in Thai to whoever reads Thai');
    const change = await stage.eventually('everybody told', async () => {
      const found = await stage.get<NoticeChange>('dpo', `/v1/notice-changes/${version}`);
      return found.state === 'completed' ? found : undefined;
    });
    assert.ok(change.told >= 2 && change.waiting === 0);
    assert.equal((await stage.system.mailsTo(en.address)).filter(({ text }) => text.includes('A club')).length, 1, 'once');
    await stage.post('dpo', `/v1/notice-changes/${version}/posting`, { uri: 'https://m-med.example/privacy' });
    const posted = await stage.eventually('the website post sealed', async () =>
      (await saidInLog(stage, 'notice.communicated', given)).find(({ data }) => data.version === version && data.channel === 'web'),
    );
    // Consents given before stay under the notice they were given under; what is new needs a consent under the new one.
    const may = await settled(stage, en.person, 'marketing', 'allowed', { channel: 'email' });
    assert.deepEqual([may.consent?.noticeVersion, may.consent?.position], [NOTICE_VERSION, given], 'never bound anew');
    assert.deepEqual(codesOf(await settled(stage, en.person, purpose, 'denied')), ['consent-missing']);
    await chosen(stage, en.person, purpose, 'given', { noticeVersion: version });
    await settled(stage, en.person, purpose, 'allowed');
    stage.show(told.event, toldThai.event, posted.event);
  },

  async '4.5'(stage: Stage) {
    const { person, address } = await reachable(stage, 'person');
    const values = { heading: 'ผลการนัดหมายของท่าน', body: 'แพทย์พร้อมพบท่านในวันศุกร์', reference: 'A-17' };
    const { message } = await sent(stage, 'appointment', person, { template: 'service-message', language: 'th', values });
    const mail = await gotMail(stage, address);
    assert.ok(mail.text.includes(values.body) && mail.html.includes(values.body), 'the message says it');
    assert.ok(!mail.subject.includes(values.heading) && mail.subject.includes('A-17'), 'and nothing of it is seen outside');
    const left = await stage.said(person, 'message.handed-off');
    assert.deepEqual([left.data.template, left.data.exposed, left.data.channel], ['service-message', ['reference'], 'email']);
    assert.match(left.data.templateVersion as string, /^[0-9a-f]{64}$/);
    assert.ok(!JSON.stringify(left.data).includes(values.body), 'the log keeps which fields, and no words');
    assert.deepEqual((await became(stage, message, 'handed-off')).exposed, ['reference']);
    // Whoever sends otherwise says what could be seen outside: a parcel that says what is in it is a violation.
    const parcel = (exposed: string[]) =>
      stage.sealedOne({
        type: 'attesta.message.handed-off.v1',
        subject: person,
        data: {
          message: randomUUID(),
          template: 'parcel-label',
          channel: 'parcel',
          purpose: 'communication',
          kind: 'transactional',
          exposed,
        },
      });
    const [plain, telling] = [await parcel(['name', 'address']), await parcel(['name', 'address', 'prescription'])];
    const id = await stage.idOf(person);
    const finding = await stage.finding(id, telling);
    assert.equal(finding.rule, 'over-exposed');
    assert.ok(!(await stage.findings(id)).some(({ positions }) => positions[0] === plain), 'name and address have to be there');
    stage.show(left.event, finding.sealedPosition);
  },

  async '6.1'(stage: Stage) {
    const { person, address } = await reachable(stage, 'person');
    const from = await stage.positionOf(person, 'collection.recorded');
    const { breach } = await stage.post<{ breach: string }>('dpo', '/v1/breaches', {
      discoveredAt: ago(73),
      nature: ['confidentiality'],
      categories: ['contact'],
      people: 1,
      description: 'A list of addresses was sent to the wrong partner.',
      jurisdictions: ['th-pdpa'],
    });
    const path = `/v1/breaches/${breach}`;
    const said = (type: string) =>
      stage.eventually(`breach.${type} sealed`, async () =>
        (await saidInLog(stage, `breach.${type}`, from)).find(({ data }) => data.breach === breach),
      );
    const recorded = await said('recorded');
    const overdue = await said('overdue');
    const alert = await gotMail(stage, OFFICER, ({ text }) => text.includes(breach));
    assert.ok(alert.text.length > 0, 'whoever answers for it is told that the 72 hours are over');
    const finding = await stage.eventually('the finding', async () => {
      const { data } = await stage.get<{ data: { rule: string; positions: number[]; sealedPosition: number | null }[] }>(
        'auditor',
        '/v1/findings?rule=breach-overdue',
      );
      const found = data.find(({ positions }) => positions[0] === overdue.event);
      return found?.sealedPosition == null ? undefined : found;
    });
    const notified = { jurisdiction: 'th-pdpa', at: ago(0), phase: 'initial' };
    assert.ok((await stage.system.http('dpo', 'POST', `${path}/authority-notified`, notified)).status >= 400, 'late without a reason');
    await stage.post('dpo', `${path}/assess`, {
      risk: 'high',
      reasons: 'Addresses can be misused.',
      consequences: 'Unwanted mail in our name.',
      measures: 'The partner deleted the list.',
    });
    await stage.post('dpo', `${path}/authority-notified`, { ...notified, explanation: 'It was found at the partner first.' });
    const late = await said('authority-notified');
    assert.deepEqual([late.data.inTime, typeof late.data.explanation], [false, 'string'], 'late, with the explanation kept');
    const report = await stage.system.http('dpo', 'GET', `${path}/report?jurisdiction=th-pdpa&format=json`);
    assert.equal(report.status, 200, 'the report of the authority is there');
    await stage.post('dpo', `${path}/people`, { subjects: [person] });
    const words = {
      what: 'Your address was sent to a wrong partner.',
      likely: 'Mail in our name.',
      measures: 'It was deleted.',
      advice: 'Doubt such mail.',
    };
    const thai = { what: 'ที่อยู่ของท่านถูกส่งผิด', likely: 'อาจมีอีเมลแอบอ้าง', measures: 'ลบข้อมูลแล้ว', advice: 'โปรดระวังอีเมลแอบอ้าง' };
    await stage.post('dpo', `${path}/notice`, { words: { en: words, th: thai } });
    const mail = await gotMail(stage, address);
    assert.ok(mail.text.includes(words.advice), 'at high risk people are told what they can do');
    assert.ok(!/breach|address/i.test(mail.subject), 'and nobody else');
    const told = await said('people-told');
    assert.deepEqual([told.data.told, told.data.unreachable], [1, 0]);
    stage.show(recorded.event, overdue.event, finding.sealedPosition, late.event, told.event);
  },

  async '8.1'(stage: Stage) {
    const { person, address } = await reachable(stage, 'person');
    await chosen(stage, person, 'marketing', 'given');
    await settled(stage, person, 'marketing', 'allowed', { channel: 'email' });
    const first = await sent(stage, 'first', person);
    const mail = await gotMail(stage, address);
    assert.ok(mail.unsubscribe !== undefined, 'each such mail has the way out');
    await became(stage, first.message, 'handed-off');
    const { pathname } = new URL(mail.unsubscribe);
    const form = new TextEncoder().encode('List-Unsubscribe=One-Click');
    const click = (path: string) => stage.system.form(path, form);
    assert.equal(await click(`${pathname.slice(0, -2)}AA`), 404, 'a link that we did not make stops nothing');
    const waiting = await sent(stage, 'waiting', person, { sendAt: ago(-1) });
    assert.equal(waiting.status, 'queued', 'mails are made before they are sent');
    assert.equal(await click(pathname), 200, 'one click, without an account');
    const withdrawn = await stage.said(person, 'consent.withdrawn');
    const captured = await stage.said(person, 'consent.captured');
    assert.deepEqual([captured.data.status, captured.data.method], ['withdrawn', 'unsubscribe-link']);
    assert.equal((await became(stage, waiting.message, 'suppressed')).reason, 'unsubscribed', 'one that waits does not leave');
    await settled(stage, person, 'marketing', 'denied', { channel: 'email' });
    const after = await sent(stage, 'after', person);
    assert.deepEqual([after.status, after.reason === 'not-allowed' || after.reason === 'unsubscribed'], ['suppressed', true]);
    const suppressed = await stage.said(person, 'message.suppressed');
    const flying = await stage.said(person, 'message.in-flight');
    assert.ok((flying.data.milliseconds as number) < 0, 'one that had left is in flight, and measured');
    const lag = await stage.get<{ inFlight: number; afterKnown: number }>('auditor', '/v1/messages/lag');
    assert.ok(lag.inFlight >= 1);
    // What others send is measured too: a day is excused, and no more.
    const other = stage.someone('other');
    await stage.sealed(
      { ...consented(other, 'marketing', 'given'), time: ago(80) },
      { ...consented(other, 'marketing', 'withdrawn'), time: ago(50) },
    );
    const mailed = (hours: number) =>
      stage.sealedOne({
        type: 'attesta.message.handed-off.v1',
        subject: other,
        data: { message: randomUUID(), template: 'newsletter', channel: 'email', purpose: 'marketing', kind: 'marketing', exposed: [] },
        time: ago(hours),
      });
    const [excused, late] = [await mailed(40), await mailed(10)];
    const id = await stage.idOf(other);
    const finding = await stage.finding(id, late);
    assert.deepEqual([finding.rule, finding.severity], ['mail-after-withdrawal', 'violation']);
    assert.ok(!(await stage.findings(id)).some(({ positions, severity }) => positions[0] === excused && severity === 'violation'));
    assert.equal((await decided(stage, person, 'service-fulfilment')).decision, 'allowed', 'and nothing else is stopped by it');
    stage.show(captured.event, withdrawn.event, suppressed.event, flying.event, finding.sealedPosition);
  },
};
