import { NotificationRig, OFFICER } from './notification-rig.js';

let rig: NotificationRig;
beforeEach(async () => {
  rig = await NotificationRig.start();
});
afterEach(() => rig.stop());

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const announcement = (id: string, subject: string, more: object = {}) => ({
  id,
  subject,
  template: 'announcement',
  channel: 'email',
  values: { heading: 'A new clinic', body: 'It opens in May.' },
  ...more,
});

interface Sent {
  messages: { id: string; message: string; status: string; reason: string | null; duplicate: boolean }[];
}

describe('messages about requests', () => {
  it('answers where the person asked from, once for each cause, and seals which template and fields', async () => {
    const nok = rig.somebody('nok');
    const request = rig.due(nok, 'received', { due: '2026-03-31T17:00:00Z', language: 'th' });
    rig.replies.set(request, 'nok.private@example.org');
    await rig.later();
    await rig.later(HOUR);
    const [mail, ...more] = await rig.mails('nok.private@example.org');
    expect(more).toEqual([]);
    expect(mail!.subject).toContain(`[REQ-${request}]`);
    expect(mail!.text).toMatch(/[\u0E00-\u0E7F]/);
    expect(mail!.headers.get('list-unsubscribe')).toBeUndefined();
    const [said] = rig.said('message.handed-off', nok);
    expect(said!.data).toMatchObject({
      template: 'request-received',
      channel: 'email',
      kind: 'legal',
      language: 'th',
      exposed: ['reference'],
      attempts: 1,
    });
    expect(said!.data.templateVersion).toMatch(/^[0-9a-f]{64}$/);
    expect(rig.errors).toEqual([]);
  });

  it('refuses in the name of the law, and says whom to complain to (7.8)', async () => {
    const nok = rig.somebody('nok');
    rig.due(nok, 'refused', { reason: 'The contract still runs.', law: 'PDPA s.33', authority: 'pdpc', right: 'erasure' });
    await rig.later();
    const [mail] = await rig.mails('nok@example.co.th');
    expect(mail!.text).toContain('Office of the Personal Data Protection Committee');
    expect(mail!.text).toContain('PDPA s.33');
    expect(mail!.subject).not.toMatch(/eras|refus/i);
  });

  it('has the last word when nothing else is left of the person, and then forgets where it went', async () => {
    const nok = rig.somebody('nok');
    const request = rig.due(nok, 'received', { right: 'erasure' });
    await rig.later();
    rig.forget(nok);
    rig.due(nok, 'fulfilled', { right: 'erasure' }, request);
    await rig.later();
    expect((await rig.mails('nok@example.co.th')).length).toBe(2);
    for (const table of ['request_address', 'message', 'person', 'address_source'])
      expect((await rig.db.pool.query(`select * from ${table}`)).rows).toEqual([]);
  });

  it('tells the officer of whom nobody can reach', async () => {
    const nobody = rig.somebody('nobody', {});
    rig.due(nobody, 'refused', { reason: 'No.', law: 'PDPA s.30', authority: 'pdpc' });
    await rig.later();
    expect(rig.said('message.suppressed', nobody)[0]!.data.reason).toBe('no-address');
    await rig.later(2 * MINUTE);
    const [mail] = await rig.mails(OFFICER);
    expect(mail!.text).toContain('request-refused');
  });
});

describe('marketing (4.7, 8.1)', () => {
  it('goes by the channel consented to, with a link to stop, and no other', async () => {
    const nok = rig.somebody('nok', { email: 'nok@example.co.th', sms: '0812345678' });
    rig.chose(nok, 'given', ['email']);
    await rig.follow();
    const { body } = await rig.post<Sent>('publisher', '/v1/messages', {
      source: '//crm.test',
      messages: [announcement('1', 'account|nok'), announcement('2', 'account|nok', { channel: 'sms' })],
    });
    expect(body.messages.map(({ status, reason }) => [status, reason])).toEqual([
      ['queued', null],
      ['suppressed', 'not-allowed'],
    ]);
    await rig.later();
    expect(rig.texts).toEqual([]);
    const [mail] = await rig.mails('nok@example.co.th');
    expect(mail!.headers.get('list')).toMatchObject({
      unsubscribe: { url: expect.stringMatching(/^https:\/\/privacy\.m-med\.example\/u\//) as string },
    });
    expect(mail!.headers.get('list-unsubscribe-post') ?? mail!.headers.get('list')).toBeDefined();
    const [left] = rig.said('message.handed-off', nok);
    expect(left!.data).toMatchObject({ kind: 'marketing', purpose: 'marketing', cause: { source: '//crm.test', id: '1' } });
    const [no] = rig.said('message.suppressed', nok);
    expect(no!.data).toMatchObject({ channel: 'sms', because: ['channel-not-consented'] });
  });

  it('that waits when the person says stop does not leave', async () => {
    const nok = rig.somebody('nok');
    rig.chose(nok, 'given');
    await rig.follow();
    rig.smtp.set({ mail: ['451 4.3.0 Later'] });
    await rig.post('publisher', '/v1/messages', { source: '//crm.test', messages: [announcement('1', 'account|nok')] });
    await rig.later();
    expect(rig.smtp.total).toBe(0);
    const withdrawal = rig.chose(nok, 'withdrawn');
    await rig.later(1_000);
    expect(rig.said('message.suppressed', nok)[0]!.data).toMatchObject({
      reason: 'not-allowed',
      because: ['consent-withdrawn'],
      withdrawal: { source: '//attesta/consent', id: withdrawal },
    });
    await rig.later(DAY);
    expect(rig.smtp.total).toBe(0);
  });

  it('that had left is in flight, and measured', async () => {
    const nok = rig.somebody('nok');
    rig.chose(nok, 'given');
    await rig.follow();
    await rig.post('publisher', '/v1/messages', { source: '//crm.test', messages: [announcement('1', 'account|nok')] });
    await rig.later();
    rig.time = new Date(rig.time.getTime() + 1_500);
    rig.chose(nok, 'withdrawn');
    await rig.later();
    const [flying] = rig.said('message.in-flight', nok);
    expect(flying!.data).toMatchObject({ milliseconds: -1_500, until: new Date(rig.time.getTime() + DAY).toISOString() });
    const { body } = await rig.get('auditor', '/v1/messages/lag');
    expect(body).toMatchObject({ withdrawals: 1, inFlight: 1, afterKnown: 0, maxMs: null });
  });

  it('waits when nobody can say whether it may leave; what the law wants sent does not', async () => {
    const nok = rig.somebody('nok');
    rig.chose(nok, 'given');
    await rig.follow();
    await rig.post('publisher', '/v1/messages', { source: '//crm.test', messages: [announcement('1', 'account|nok')] });
    rig.consentAnswers = false;
    rig.due(nok, 'accepted');
    await rig.later();
    expect(rig.smtp.total).toBe(1);
    rig.consentAnswers = true;
    await rig.later(2 * MINUTE);
    expect(rig.smtp.total).toBe(2);
    expect(rig.said('message.handed-off', nok).map(({ data }) => data.attempts)).toEqual([1, 1]);
  });

  it('an opt-out stops neither answers nor what the contract needs', async () => {
    const nok = rig.somebody('nok');
    rig.chose(nok, 'withdrawn');
    await rig.follow();
    await rig.post('publisher', '/v1/messages', {
      source: '//crm.test',
      messages: [{ id: 's', subject: 'account|nok', template: 'service-message', values: { heading: 'Your order', body: 'It was sent.' } }],
    });
    rig.due(nok, 'accepted');
    await rig.later();
    expect(rig.smtp.total).toBe(2);
  });

  it('is one message however often it is sent', async () => {
    const nok = rig.somebody('nok');
    rig.chose(nok, 'given');
    await rig.follow();
    const send = () => rig.post<Sent>('publisher', '/v1/messages', { source: '//crm.test', messages: [announcement('1', 'account|nok')] });
    await send();
    await rig.later();
    const { body } = await send();
    expect(body.messages[0]).toMatchObject({ status: 'handed-off', duplicate: true });
    await rig.later();
    expect(rig.smtp.total).toBe(1);
  });
});

describe('the link to stop (8.1, RFC 8058)', () => {
  async function withLink() {
    const nok = rig.somebody('nok');
    rig.chose(nok, 'given');
    await rig.follow();
    await rig.post('publisher', '/v1/messages', { source: '//crm.test', messages: [announcement('1', 'account|nok')] });
    await rig.later();
    const raw = rig.smtp.taken[0]!.raw.toString('utf8');
    const token = /\/u\/([A-Za-z0-9_-]{43})/.exec(raw.replaceAll('=\r\n', ''))![1]!;
    return { nok, token };
  }

  it('withdraws by one click, and stops what waits, before anybody decided', async () => {
    const { nok, token } = await withLink();
    rig.smtp.set({ mail: ['451 4.3.0 Later'] });
    await rig.post('publisher', '/v1/messages', { source: '//crm.test', messages: [announcement('2', 'account|nok')] });
    await rig.later();
    expect((await rig.get(undefined, `/u/${token}`)).status).toBe(200);
    expect(rig.said('consent.captured', nok)).toEqual([]);
    const clicked = await rig.click(token, 'List-Unsubscribe=One-Click');
    expect(clicked.status).toBe(200);
    await rig.click(token, 'List-Unsubscribe=One-Click');
    await rig.later(DAY);
    const captured = rig.said('consent.captured', nok);
    expect(captured.map(({ data }) => data)).toMatchObject([
      { purposes: ['marketing'], status: 'withdrawn', method: 'unsubscribe-link', channelPreferences: ['email'] },
    ]);
    expect(rig.said('message.suppressed', nok)[0]!.data).toMatchObject({
      reason: 'unsubscribed',
      withdrawal: { source: '//attesta/notification', id: captured[0]!.id },
    });
    expect(rig.smtp.total).toBe(1);
  });

  it('is made by nobody else', async () => {
    const { nok, token } = await withLink();
    const forged = [
      token.slice(0, -1) + (token.endsWith('A') ? 'B' : 'A'),
      token.slice(1) + 'A',
      '../../etc/passwd',
      'A'.repeat(43),
      `${token}A`,
    ];
    for (const one of forged) expect((await rig.click(one, 'List-Unsubscribe=One-Click')).status).toBe(404);
    expect((await rig.click(token, '')).status).toBe(400);
    expect((await rig.click(token, 'scope=everything')).status).toBe(400);
    await rig.later();
    expect(rig.said('consent.captured', nok)).toEqual([]);
  });
});

describe('changes of the notice (introduction)', () => {
  const publish = (version: string) =>
    rig.seal({
      type: 'attesta.notice.published.v1',
      source: '//attesta/consent',
      data: { version, language: 'en', digest: 'ab'.repeat(32), effectiveAt: '2026-04-01T00:00:00Z', uri: 'https://m-med.example/privacy' },
    });

  it('tells every active person once, and says who could not be reached', async () => {
    const [nok, lek] = [rig.somebody('nok'), rig.somebody('lek')];
    const gone = rig.somebody('gone');
    rig.somebody('nobody', {});
    rig.seal({ type: 'attesta.retention-trigger.recorded.v1', subject: gone, data: { trigger: 'account-closed', state: 'occurred' } });
    publish('2026-04-01');
    rig.somebody('late');
    await rig.later();
    publish('2026-04-01');
    await rig.later(HOUR);
    expect(
      rig
        .said('notice.communicated')
        .map(({ subject, data }) => [subject, data.version, data.channel])
        .sort(),
    ).toEqual(
      [
        [nok, '2026-04-01', 'email'],
        [lek, '2026-04-01', 'email'],
      ].sort(),
    );
    expect(rig.said('notice-change.completed').map(({ data }) => data)).toEqual([
      { version: '2026-04-01', people: 3, told: 2, unreachable: 1, failed: 0 },
    ]);
    const { body } = await rig.get('dpo', '/v1/notice-changes/2026-04-01');
    expect(body).toMatchObject({ state: 'completed', people: 3, told: 2, unreachable: 1 });
    await rig.later(2 * MINUTE);
    const [alert] = await rig.mails(OFFICER);
    expect(alert!.text).toContain('2 of 3 told, 1 without an address');
    const posted = await rig.post('dpo', '/v1/notice-changes/2026-04-01/posting', { uri: 'https://m-med.example/privacy' });
    expect(posted.body).toMatchObject({ posted: { uri: 'https://m-med.example/privacy' } });
    await rig.later();
    expect(
      rig
        .said('notice.communicated')
        .filter(({ subject }) => subject === '')
        .map(({ data }) => data.channel),
    ).toEqual(['web']);
  });

  it('is said not to have reached anybody when mail was down for too long', async () => {
    rig.somebody('nok');
    await rig.later();
    await rig.smtp.down();
    publish('2026-04-01');
    await rig.later();
    // Not tried often enough to be given up: the time of the policy runs out first.
    await rig.db.pool.query(`update message set attempts = 0, next_at = $1 where wave is not null`, [
      new Date(rig.time.getTime() + 30 * DAY),
    ]);
    await rig.later(15 * DAY);
    expect(rig.said('notice-change.completed').map(({ data }) => data)).toEqual([
      { version: '2026-04-01', people: 1, told: 0, unreachable: 0, failed: 1 },
    ]);
    const { body } = await rig.get<{ data: { kind: string; detail: string }[] }>('dpo', '/v1/alerts');
    expect(body.data.find(({ kind }) => kind === 'wave-incomplete')?.detail).toBe('0 of 1 told, 0 without an address, 1 not sent');
    await rig.smtp.up();
  });

  it('is no change when it is the first notice', async () => {
    rig.somebody('nok');
    publish('2022-08-10');
    await rig.later();
    expect(rig.smtp.total).toBe(0);
  });
});

describe('data from third parties (1.6)', () => {
  it('is told of in one message, and says which collections it covers', async () => {
    const nok = rig.somebody('nok', { email: 'nok@example.co.th' }, { origin: 'third-party', originParty: 'social-login' });
    const second = rig.collect(nok, { origin: 'third-party', originParty: 'social-login', categories: ['usage'] });
    await rig.later();
    expect(rig.smtp.total).toBe(0);
    await rig.later(DAY);
    expect(rig.said('notice.communicated', nok).map(({ data }) => [data.about, data.covers])).toEqual([
      ['third-party-source', [0, second]],
    ]);
    await rig.later(DAY);
    expect(rig.smtp.total).toBe(1);
  });
});

describe('a process that dies', () => {
  it('leaves messages that were being handed off to the next one: legal ones again, under the same name, marketing not', async () => {
    const nok = rig.somebody('nok');
    rig.chose(nok, 'given');
    rig.smtp.set({ mail: ['451 4.3.0 Later', '451 4.3.0 Later'] });
    rig.due(nok, 'accepted');
    await rig.follow();
    await rig.post('publisher', '/v1/messages', { source: '//crm.test', messages: [announcement('1', 'account|nok')] });
    await rig.later();
    expect(rig.smtp.total).toBe(0);
    await rig.db.pool.query(`update message set status = 'handing', worker = 1, attempts = 1`);
    await rig.later();
    expect(rig.smtp.total).toBe(1);
    expect(rig.said('message.failed', nok)[0]!.data).toMatchObject({ template: 'announcement', reason: 'outcome-unknown' });
    expect(rig.said('message.handed-off', nok)[0]!.data).toMatchObject({ template: 'request-accepted', attempts: 2 });
  });
});
