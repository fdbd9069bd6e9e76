import { randomUUID } from 'node:crypto';
import { verifyWebhook } from '@attesta/sdk';
import { JsonLogger } from '@attesta/service-kit';
import { simpleParser, type ParsedMail } from 'mailparser';
import request from 'supertest';
import { NotificationRig, OFFICER } from './notification-rig.js';
import { listening } from './webhook-rig.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
interface Sent {
  messages: { id: string; message: string; status: string; reason: string | null; duplicate: boolean }[];
  errors?: { field: string; code: string }[];
}

let rig: NotificationRig;
let count = 0;
beforeAll(async () => {
  rig = await NotificationRig.start();
});
afterAll(() => rig.stop());
afterEach(() => rig.smtp.set({}));

const message = (more: object = {}) => ({
  ...{ id: `h-${count++}`, subject: 'account|nok', template: 'service-message', values: { heading: 'Hello', body: 'It is sent.' } },
  ...more,
});
const send = (messages: unknown, source: unknown = '//crm.test') => rig.post<Sent>('publisher', '/v1/messages', { source, messages });
const queued = async () => Number((await rig.db.pool.query<{ n: string }>('select count(*) as n from message')).rows[0]!.n);
const headOf = (raw: Buffer): string => raw.toString('latin1').split('\r\n\r\n')[0]!;
const namesOf = (raw: Buffer): string[] =>
  headOf(raw)
    .split(/\r\n(?![ \t])/)
    .map((line) => line.split(':')[0]!.toLowerCase());

/** Somebody new whom one message went to: as it was taken, and as it is read. */
async function got(values: object, more: object = {}): Promise<{ raw: Buffer; mail: ParsedMail }> {
  const name = `got${count++}`;
  rig.somebody(name);
  await rig.follow();
  const { status, body } = await send([message({ subject: `account|${name}`, values, ...more })]);
  expect([status, body.errors]).toEqual([202, undefined]);
  await rig.later();
  const taken = rig.smtp.taken.filter(({ to }) => to.includes(`${name}@example.co.th`));
  expect(taken).toHaveLength(1);
  return { raw: taken[0]!.raw, mail: await simpleParser(taken[0]!.raw) };
}

const HEADERS = [
  'from',
  'reply-to',
  'to',
  'subject',
  'message-id',
  'date',
  'mime-version',
  'auto-submitted',
  'content-language',
  'content-type',
];

describe('what a message says', () => {
  it.each<[what: string, text: string, seen: string]>([
    ['a header after CR and LF', 'x\r\nBcc: eve@evil.example\r\n\r\nboo', 'Bcc: eve@evil.example'],
    ['a bare CR', 'x\rBcc: eve@evil.example', 'Bcc: eve@evil.example'],
    ['a bare LF', 'x\nX-Evil: 1', 'X-Evil: 1'],
    ['line separators', 'x\u2028Bcc: eve@evil.example\u2029\u0085y', 'Bcc: eve@evil.example'],
    ['the end of the data', 'x\r\n.\r\nMAIL FROM:<eve@evil.example>\r\nRCPT TO:<victim@example.org>', 'MAIL FROM:<eve@evil.example>'],
    ['a template', '{{sender.unsubscribe}} {{#each this}}{{{constructor}}}{{/each}} {{> layout}}', '{{> layout}}'],
    ['a script', '<script>alert(1)</script><img src=x onerror=alert(1)>', '<script>alert(1)</script>'],
    ['Markdown', '[free](javascript:alert(1)) ![x](https://evil.example/x.png) # not a title', '[free](javascript:alert(1))'],
    ['an override of direction', 'pay \u202Eevil\u202C \u2066now\u2069', 'pay evil now'],
    ['a boundary', '--boundary\r\nContent-Type: text/html\r\n\r\n<b>x</b>', '--boundary'],
  ])('%s is text, and nothing else', async (_what, text, seen) => {
    const { raw, mail } = await got({ heading: text, body: text, reference: text.slice(0, 100) });
    expect(namesOf(raw).sort()).toEqual(expect.arrayContaining(['from', 'to', 'subject']));
    expect(namesOf(raw).filter((name) => !HEADERS.includes(name))).toEqual([]);
    expect(new Set(namesOf(raw)).size).toBe(namesOf(raw).length);
    expect(raw.toString('latin1')).not.toMatch(/[^\r\n\t\x20-\x7e]/);
    expect(mail.to && 'value' in mail.to && mail.to.value).toHaveLength(1);
    expect(mail.text?.replace(/\s+/g, ' ')).toContain(seen);
    expect(`${mail.subject}${mail.text}${String(mail.html)}`).not.toMatch(/[\u202A-\u202E\u2066-\u2069\u2028\u2029]/);
    expect(mail.html).not.toMatch(/<script|<img|onerror=(?!alert\(1\)&)|href="(?!https:\/\/m-med\.example|mailto:)/i);
    expect(mail.attachments).toEqual([]);
  });

  it.each<[what: string, values: unknown]>([
    ['a link of javascript', { link: 'javascript:alert(1)' }],
    ['a link of data', { link: 'data:text/html,<script>alert(1)</script>' }],
    ['a link of http', { link: 'http://evil.example' }],
    ['a link with a password', { link: 'https://m-med.example@evil.example/' }],
    ['a link that is none', { link: 'evil' }],
    ['no text', { body: undefined }],
    ['a text that is empty', { body: ' \n ' }],
    ['a text that is invisible', { body: '\u200b\u2060\ufeff' }],
    ['a number', { body: 7 }],
    ['an object', { body: { toString: 'x' } }],
    ['a list', { body: ['x'] }],
    ['nothing', { heading: null }],
    ['a field that nobody knows', { unsubscribe: 'https://evil.example' }],
    ['a field of the frame', { sender: { name: 'Evil' } }],
    ['a value that is too long', { heading: 'a'.repeat(301) }],
    ['a text that is too long', { body: 'a'.repeat(5_001) }],
  ])('%s is refused', async (_what, values) => {
    const before = await queued();
    const { status, body } = await send([message({ values: { heading: 'Hello', body: 'It is sent.', ...(values as object) } })]);
    expect([status, body.errors?.[0]?.field]).toEqual([400, '/messages/0/values']);
    expect(JSON.stringify(body)).not.toMatch(/evil|alert/);
    expect(await queued()).toBe(before);
  });

  it.each(['{"__proto__":{"admin":1}}', '{"constructor":{"prototype":{"x":1}}}', '{"heading":"a","body":"b","prototype":1}'])(
    '%s pollutes nothing',
    async (values) => {
      const { status } = await request(rig.app.getHttpServer())
        .post('/v1/messages')
        .set('authorization', `Bearer ${rig.tokens.publisher}`)
        .set('content-type', 'application/json')
        .send(`{"source":"//crm.test","messages":[{"id":"p","subject":"account|nok","template":"service-message","values":${values}}]}`);
      expect(status).toBe(400);
      expect(({} as { admin?: unknown }).admin).toBeUndefined();
    },
  );
});

describe('what is sent', () => {
  it.each<[what: string, messages: () => unknown, ...source: unknown[]]>([
    ['nothing', () => []],
    ['no list', () => message()],
    ['501 messages', () => Array.from({ length: 501 }, () => message())],
    ['a message that is none', () => ['x']],
    ['null', () => [null]],
    ['a template that nobody sends', () => [message({ template: 'request-fulfilled' })]],
    ['one for the officer', () => [message({ template: 'officer-alerts' })]],
    ['a template of every object', () => [message({ template: 'constructor' })]],
    ['a channel that is none', () => [message({ channel: 'push' })]],
    ['an id with a line break', () => [message({ id: 'a\r\nb' })]],
    ['an id that is empty', () => [message({ id: '' })]],
    ['an id of 201 characters', () => [message({ id: 'a'.repeat(201) })]],
    ['an id that is a number', () => [message({ id: 7 })]],
    ['a person who is none', () => [message({ subject: 'nok' })]],
    ['a person who is a list', () => [message({ subject: ['account|nok'] })]],
    ['a person with a zero', () => [message({ subject: 'account|a\u0000b' })]],
    ['a basis that is none', () => [message({ basis: 'whim' })]],
    ['a basis of every object', () => [message({ basis: 'constructor' })]],
    ['a language that is none', () => [message({ language: '../th' })]],
    ['a time that is none', () => [message({ sendAt: 'tomorrow' })]],
    ['a day that is none', () => [message({ sendAt: '2026-02-30T00:00:00Z' })]],
    ['a number as its time', () => [message({ sendAt: 1_800_000_000_000 })]],
    ['a time in a year', () => [message({ sendAt: '2027-03-01T09:00:00Z' })]],
    ['the year 9999', () => [message({ sendAt: '9999-12-31T23:59:59Z' })]],
    ['marketing by no channel', () => [message({ template: 'announcement' })]],
    ['a field that nobody knows', () => [message({ kind: 'legal' })]],
    ['a purpose of its own', () => [message({ purpose: 'communication' })]],
    ['values that are none', () => [message({ values: 'x' })]],
    ['a source with a line break', () => [message()], '//crm.test\r\n'],
    ['a source that is a list', () => [message()], ['//crm.test']],
  ])('%s is refused, and nothing of it is sent', async (_what, messages, ...[source]) => {
    const before = await queued();
    const { status } = await send(messages(), source);
    expect([400, 403]).toContain(status);
    expect(await queued()).toBe(before);
  });

  it('a megabyte is too much, and 500 messages are not', async () => {
    expect((await send([message({ values: { heading: 'x', body: 'a'.repeat(1 << 20) } })])).status).toBe(413);
    rig.somebody('many');
    await rig.follow();
    const before = rig.smtp.total;
    const { status } = await send(Array.from({ length: 500 }, () => message({ subject: 'account|many' })));
    expect(status).toBe(202);
    await rig.later();
    expect(rig.smtp.total).toBe(before + 500);
  });

  it('one id with another text is the first message, and for another person another one', async () => {
    for (const name of ['one', 'two']) rig.somebody(name);
    await rig.follow();
    const id = "o'dd \u{1F600} id; drop table message --";
    const first = message({ id, subject: 'account|one' });
    const all = await Promise.all(Array.from({ length: 5 }, () => send([first])));
    expect(all.filter(({ body }) => !body.messages[0]!.duplicate)).toHaveLength(1);
    const other = await send([{ ...first, values: { heading: 'Other', body: 'Another text.' } }]);
    expect(other.body.messages[0]).toMatchObject({ message: all[0]!.body.messages[0]!.message, duplicate: true });
    await send([{ ...first, subject: 'account|two' }]);
    await rig.later();
    expect((await rig.mails('one@example.co.th')).map(({ text }) => text?.includes('Another'))).toEqual([false]);
    expect(await rig.mails('two@example.co.th')).toHaveLength(1);
  });

  it('one twice in a batch is one message', async () => {
    rig.somebody('twice');
    await rig.follow();
    const one = message({ subject: 'account|twice' });
    const { status, body } = await send([one, one]);
    expect([status, new Set(body.messages.map(({ message: id }) => id)).size]).toEqual([202, 1]);
    await rig.later();
    expect(await rig.mails('twice@example.co.th')).toHaveLength(1);
  });

  it('a time that was leaves at once, and one to come waits', async () => {
    rig.somebody('late');
    await rig.follow();
    await send([message({ subject: 'account|late', sendAt: '1999-01-01T00:00:00Z' })]);
    await send([message({ subject: 'account|late', sendAt: new Date(rig.time.getTime() + DAY).toISOString() })]);
    await rig.later();
    expect((await rig.mails('late@example.co.th')).length).toBe(1);
    await rig.later(DAY);
    expect((await rig.mails('late@example.co.th')).length).toBe(2);
  });
});

describe('an address', () => {
  it.each([
    ['that is none', 'nok'],
    ['of two people', 'nok@example.co.th, eve@evil.example'],
    ['of two people, parted by a semicolon', 'nok@example.co.th;eve@evil.example'],
    ['with a name', 'Nok <nok@example.co.th>'],
    ['in brackets', '<nok@example.co.th>'],
    ['with a line break', 'nok@example.co.th\r\nBcc: eve@evil.example'],
    ['with a line break that is encoded', 'nok%0d%0aBcc:eve@evil.example'],
    ['with a route', 'eve%evil.example@example.co.th'],
    ['with another route', 'evil.example!eve@example.co.th'],
    ['with a source route', '@a.example,@b.example:eve@evil.example'],
    ['with quotes', '"nok@x\\" <eve@evil.example>"@example.co.th'],
    ['with a comment', 'nok(comment)@example.co.th'],
    ['of a machine', 'root@[127.0.0.1]'],
    ['of a machine without a name', 'root@localhost'],
    ['with a direction', 'nok\u202E@example.co.th'],
    ['with a zero', 'nok\u0000@example.co.th'],
    ['of 10,000 characters', `${'a'.repeat(10_000)}@example.co.th`],
    ['of nothing', ''],
  ])('%s gets no mail, nobody else does, and the officer is told', async (_what, email) => {
    const before = rig.smtp.total;
    const id = rig.somebody(`bad${count++}`, { email });
    rig.due(id, 'accepted');
    await rig.later();
    expect(rig.smtp.taken.slice(before).filter(({ to }) => !to.includes(OFFICER))).toEqual([]);
    const ended = [...rig.said('message.suppressed', id), ...rig.said('message.failed', id)];
    expect(ended.map(({ data }) => data.reason)).toEqual([expect.stringMatching(/^(?:no-address|refused)$/)]);
    const { rows } = await rig.db.pool.query(`select 1 from alert where body->>'reference' = $1`, [ended[0]!.data.message]);
    expect(rows).toHaveLength(1);
  });

  it.each(['+66', 'tel:+66812345678', '081-234-5678;ext=1', '+66812345678\r\nx', '0812345678,0899999999', '1'.repeat(10_000)])(
    'the number %.20s gets no text message',
    async (sms) => {
      const id = rig.somebody(`bad${count++}`, { sms });
      rig.due(id, 'accepted');
      await rig.later();
      expect(rig.said('message.suppressed', id)[0]?.data.reason).toBe('no-address');
      expect(rig.texts).toEqual([]);
    },
  );
});

describe('what others write', () => {
  it('a reason of the officer is text', async () => {
    const id = rig.somebody(`reason${count++}`, { email: 'reason@example.co.th' });
    const reason = '<a href="https://evil.example">x</a> {{law}} <script>1</script>\n[y](https://evil.example)';
    rig.due(id, 'refused', { reason, law: '<b>PDPA</b> {{reference}}', authority: 'pdpc' });
    await rig.later();
    const [mail] = await rig.mails('reason@example.co.th');
    expect(mail!.text?.replace(/\s+/g, ' ')).toContain('<script>1</script> [y](https://evil.example)');
    expect(mail!.html).not.toMatch(/<script|href="https:\/\/evil|<b>PDPA/);
    expect(mail!.text).toContain('{{law}}');
  });

  it.each([
    'javascript:alert(1)',
    'https://m-med.example:x@evil.example/',
    'http://m-med.example/',
    `https://m-med.example/${'a'.repeat(400)} b"><script>`,
    'https://[',
  ])('a notice at %.40s is told, whatever becomes of the link', async (uri) => {
    const name = `notice${count++}`;
    rig.somebody(name);
    const changes = '<script>1</script> {{version}} [x](javascript:1)\nBcc: eve@evil.example';
    const data = { version: `v-${count++}`, language: 'en', digest: 'ab'.repeat(32), effectiveAt: '2099-01-01T00:00:00Z', uri, changes };
    rig.seal({ type: 'attesta.notice.published.v1', source: '//attesta/consent', data });
    await rig.later();
    const mails = await rig.mails(`${name}@example.co.th`);
    expect(mails).toHaveLength(1);
    expect(mails[0]!.text).toContain('{{version}}');
    expect(mails[0]!.html).not.toMatch(/<script|javascript:(?!1\))|evil\.example\//);
  });

  it('data from somebody whom nobody names is told of all the same', async () => {
    const id = rig.somebody(`from${count++}`, { email: 'from@example.co.th' }, { origin: 'third-party' });
    await rig.later(DAY);
    expect(rig.said('message.failed', id)).toEqual([]);
    expect((await rig.mails('from@example.co.th'))[0]!.text).toContain('third party');
  });
});

describe('a link to stop', () => {
  async function linked(name = `stop${count++}`) {
    const id = rig.somebody(name);
    rig.chose(id, 'given');
    await rig.follow();
    const { body } = await send([message({ subject: `account|${name}`, template: 'announcement', channel: 'email' })]);
    await rig.later();
    const [mail] = rig.smtp.taken.filter(({ to }) => to.includes(`${name}@example.co.th`));
    const head = headOf(mail!.raw).replace(/\r\n[ \t]+/g, ' ');
    expect(head).toContain('List-Unsubscribe-Post: List-Unsubscribe=One-Click');
    return { id, name, token: /List-Unsubscribe: <[^>]*\/u\/([\w-]{43})>/.exec(head)![1]!, message: body.messages[0]!.message };
  }
  const withdrawn = async (id: string) => {
    await rig.later();
    return rig.said('consent.captured', id).length;
  };
  const at = (token: string) => `/u/${encodeURIComponent(token)}`;
  const http = () => request(rig.app.getHttpServer());

  it('is changed by no look', async () => {
    const { id, token } = await linked();
    for (const purpose of ['prefetch', 'preview', '']) {
      const page = await http().get(at(token)).set('sec-purpose', purpose).set('x-purpose', purpose);
      expect([page.status, page.headers['cache-control'], page.headers['referrer-policy']]).toEqual([200, 'no-store', 'no-referrer']);
      expect(page.text).not.toMatch(/stop\d+|@|<script/);
    }
    expect((await http().head(at(token))).status).toBe(200);
    expect((await http().options(at(token))).status).toBeGreaterThan(399);
    for (const method of ['put', 'patch', 'delete'] as const) expect((await http()[method](at(token))).status).toBeGreaterThan(399);
    expect((await http().get(`${at(token)}?List-Unsubscribe=One-Click&scope=all`)).status).toBe(200);
    expect(await withdrawn(id)).toBe(0);
  });

  it.each<[what: string, type: string | undefined, body: string, status: number]>([
    ['no body', undefined, '', 400],
    ['JSON', 'application/json', '{"List-Unsubscribe":"One-Click"}', 400],
    ['a scope that is none', 'application/x-www-form-urlencoded', 'scope=constructor', 400],
    ['a form that is too big', 'application/x-www-form-urlencoded', `x=${'a'.repeat(5_000)}&List-Unsubscribe=One-Click`, 413],
    ['a multipart form that is broken', 'multipart/form-data', '--x\r\nContent-Disposition: form-data; name="List-Unsubscribe"', 400],
    ['a form', 'application/x-www-form-urlencoded; charset=utf-8', 'List-Unsubscribe=One-Click', 200],
    ['a form of several fields', 'application/x-www-form-urlencoded', 'a=1&List-Unsubscribe=One-Click&b', 200],
    [
      'a multipart form',
      'multipart/form-data; boundary=x',
      '--x\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--x--\r\n',
      200,
    ],
  ])('posted with %s', async (_what, type, body, status) => {
    const { id, token } = await linked();
    const call = http().post(at(token));
    if (type !== undefined) call.set('content-type', type);
    expect((await (body === '' ? call : call.send(body))).status).toBe(status);
    expect(await withdrawn(id)).toBe(status === 200 ? 1 : 0);
  });

  it('stops once, however often it is clicked, and again after the person consented again', async () => {
    const { id, name, token } = await linked();
    const clicks = await Promise.all(Array.from({ length: 10 }, () => rig.click(token, 'List-Unsubscribe=One-Click')));
    expect(clicks.map(({ status }) => status)).toEqual(Array.from({ length: 10 }, () => 200));
    expect(await withdrawn(id)).toBe(1);
    rig.time = new Date(rig.time.getTime() + 1_000);
    rig.chose(id, 'withdrawn', ['email']);
    await rig.later(1_000);
    rig.chose(id, 'given', ['email']);
    await rig.later(1_000);
    await send([message({ subject: `account|${name}`, template: 'announcement', channel: 'email' })]);
    await rig.later();
    expect(await rig.mails(`${name}@example.co.th`)).toHaveLength(2);
    await rig.click(token, 'List-Unsubscribe=One-Click');
    expect(await withdrawn(id)).toBe(2);
    await rig.later(1_000);
    const { body } = await send([message({ subject: `account|${name}`, template: 'announcement', channel: 'email' })]);
    await rig.later();
    expect(await rig.mails(`${name}@example.co.th`)).toHaveLength(2);
    expect(body.messages[0]!.status).toBe('queued'); // the consent service has not decided yet: it is stopped when it would leave
  });

  it('is made by nobody else, and of no other message', async () => {
    const { id, token, message: own } = await linked();
    const other = rig.somebody(`legal${count++}`);
    rig.due(other, 'accepted');
    await rig.later();
    const legal = rig.said('message.handed-off', other)[0]!.data.message;
    const bytes = Buffer.from(token, 'base64url');
    const of = (name: string, tag: Buffer) => Buffer.concat([Buffer.from(name.replaceAll('-', ''), 'hex'), tag]).toString('base64url');
    // The last character of 43 has two bits to spare.
    const last = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const spare = token.slice(0, -1) + last[last.indexOf(token.at(-1)!) + 1]!;
    const forged = [
      ...[
        of(legal, bytes.subarray(16)),
        of(own, Buffer.alloc(16)),
        of(own, bytes.subarray(16).reverse()),
        of(randomUUID(), bytes.subarray(16)),
      ],
      ...[
        spare,
        token.slice(0, -1),
        token.slice(0, 20),
        `${token}=`,
        `${token}A`,
        token.toLowerCase(),
        token.toUpperCase(),
        `${token}\n`,
        ` ${token}`,
      ],
      ...['', '%2e%2e', 'constructor', '__proto__', own, Buffer.from(token).toString('base64url'), 'A'.repeat(43), 'a'.repeat(3_000)],
    ];
    for (const one of forged.filter((bad) => bad !== token)) {
      const answers = [await http().get(`/u/${encodeURIComponent(one)}`), await rig.click(one, 'List-Unsubscribe=One-Click')];
      expect([one, answers.map(({ status }) => status)]).toEqual([one, [404, 404]]);
    }
    expect(await withdrawn(id)).toBe(0);
    expect(await withdrawn(other)).toBe(0);
  });

  it('of somebody who was forgotten leads nowhere', async () => {
    const { id, token } = await linked();
    rig.forget(id);
    await rig.later();
    expect([(await http().get(at(token))).status, (await rig.click(token, 'scope=all')).status]).toEqual([404, 404]);
    expect(await withdrawn(id)).toBe(0);
  });
});

describe('endpoints of alerts', () => {
  it.each([
    'http://example.com/hook',
    'http://127.0.0.1.evil.example/',
    'http://[::ffff:127.0.0.1]/',
    'http://0x7f.1@evil.example/',
    'https://user:password@example.com/',
    'ftp://example.com/',
    'file:///etc/passwd',
    'javascript:alert(1)',
    '//example.com',
    'example.com',
    'https://',
    `https://example.com/${'a'.repeat(500)}`,
  ])('%.40s is refused', async (url) => {
    const { status, text } = await rig.post('operator', '/v1/alert-endpoints', { url });
    expect(status).toBe(400);
    expect(text).not.toContain('password@');
  });

  const finding = () =>
    rig.seal({
      type: 'attesta.finding.raised.v1',
      source: '//attesta/audit',
      data: {
        finding: `f-${count++}`,
        rule: 'use-after-withdrawal',
        severity: 'violation',
        explanation: 'It was used.',
        positions: [1],
      },
    });

  it('get what is signed, and nobody they point to does; a replay is told from the first', async () => {
    const victim = await listening();
    const moved = await listening((_request, response) => response.writeHead(307, { location: `${victim.url}/stolen` }).end());
    const hook = await listening();
    const { body } = await rig.post<{ id: string; secret: string }>('operator', '/v1/alert-endpoints', { url: `${hook.url}/in?key=1` });
    const { body: away } = await rig.post<{ id: string }>('operator', '/v1/alert-endpoints', { url: moved.url });
    finding();
    await rig.later();
    expect([hook.heard.length, moved.heard.length, victim.heard.length]).toEqual([1, 1, 0]);
    const { headers, body: said } = hook.heard[0]!;
    const verify = (secret = body.secret, text = said, now = rig.time.getTime(), more: object = {}) =>
      verifyWebhook(secret, { ...headers, ...more }, text, now);
    const { id } = verify();
    expect(verify().id).toBe(id); // within five minutes it is the receiver who has to remember it
    expect(() => verify(body.secret, said, rig.time.getTime() + 301_000)).toThrow();
    expect(() => verify(body.secret, `${said} `)).toThrow();
    expect(() => verify(body.secret, said, undefined, { 'webhook-id': randomUUID() })).toThrow();
    expect(() => verify(`whsec_${Buffer.alloc(32).toString('base64')}`)).toThrow();
    const { text } = await rig.get('operator', '/v1/alert-endpoints');
    expect(text).not.toMatch(/key=1|whsec_/);
    for (const one of [body.id, away.id])
      expect(
        (await request(rig.app.getHttpServer()).delete(`/v1/alert-endpoints/${one}`).set('authorization', `Bearer ${rig.tokens.operator}`))
          .status,
      ).toBe(204);
    await Promise.all([victim, moved, hook].map((one) => one.stop()));
    rig.errors.length = 0;
  });

  it('that answer slowly stop no message, and those that are gone are asked no more', async () => {
    let answer: () => void = () => undefined;
    const slow = await listening((_request, response) => (answer = () => response.writeHead(410).end()));
    const { body } = await rig.post<{ id: string }>('operator', '/v1/alert-endpoints', { url: slow.url });
    finding();
    await rig.follow();
    const asked = rig.notification.tick();
    while (slow.heard.length === 0) await new Promise((resolve) => setImmediate(resolve));
    const total = rig.smtp.total;
    const id = rig.somebody(`slow${count++}`);
    rig.due(id, 'accepted');
    await rig.follow();
    void rig.notification.tick();
    await rig.smtp.arrived(total + 1);
    answer();
    await asked;
    await rig.later(DAY);
    expect(slow.heard).toHaveLength(1);
    const listed = await rig.get<{ data: { id: string; failed: number }[] }>('operator', '/v1/alert-endpoints');
    expect(listed.body.data.find((one) => one.id === body.id)).toMatchObject({ failed: expect.any(Number) as number });
    await slow.stop();
    rig.errors.length = 0;
  });
});

describe('personal values', () => {
  it('are in no table but encrypted, in no event, no log line and no problem', async () => {
    const planted = {
      name: 'สมหญิง กาญจนวิเศษ',
      email: 'somying.k@private-mail.example',
      reply: 'somying.secret@elsewhere.example',
      phone: '0898765432',
      e164: '+66898765432',
      text: 'Your biopsy result of Tuesday is ready',
      account: 'somying-account-77',
    };
    const answers: string[] = [];
    const id = rig.somebody(planted.account, { email: planted.email, sms: planted.phone });
    rig.chose(id, 'given');
    const replied = rig.due(id, 'received');
    rig.replies.set(replied, planted.reply);
    await rig.follow();
    rig.smtp.set({ mail: ['451 4.3.0 Later'], rcpt: [`550 5.1.1 <${planted.email}>: no such user ${planted.name}`] });
    const values = { heading: planted.text, body: `${planted.name}, ${planted.text}` };
    for (const more of [{}, { channel: 'sms' }, { sendAt: new Date(rig.time.getTime() + HOUR).toISOString() }])
      answers.push((await send([message({ subject: `account|${planted.account}`, values, ...more })])).text);
    answers.push((await send([message({ subject: `account|${planted.account}`, values: { ...values, link: planted.email } })])).text);
    answers.push((await send([message({ subject: planted.email, values })])).text);
    answers.push((await send([message({ subject: `email|${planted.email}`, values: { [planted.email]: planted.name } })])).text);
    answers.push((await rig.get('dpo', `/v1/messages?subject=${encodeURIComponent(planted.email)}`)).text);
    await rig.later();
    rig.consentAnswers = false;
    answers.push(
      (await send([message({ subject: `account|${planted.account}`, template: 'announcement', channel: 'email', values })])).text,
    );
    rig.consentAnswers = true;
    answers.push((await rig.get('dpo', `/v1/messages?subject=${id}`)).text);
    const lines: string[] = [];
    const logger = new JsonLogger({ service: 'notification', write: (line) => lines.push(line) });
    for (const error of rig.errors.splice(0)) logger.error('background work failed', { error });
    for (const pause of [0, HOUR]) {
      await rig.later(pause);
      const { rows } = await rig.db.pool.query<{ name: string }>(
        `select quote_ident(table_name) as name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'`,
      );
      const dumped = await Promise.all(
        rows.map(async ({ name }) =>
          (await rig.db.pool.query<{ row: string }>(`select '${name} ' || t::text as row from ${name} t`)).rows.map(({ row }) => row),
        ),
      );
      const places = {
        database: dumped.flat().join('\n'),
        log: rig.ledger.stored.map(({ bytes }) => bytes.toString('utf8')).join('\n'),
        lines: lines.join(''),
        answers: answers.join('\n'),
      };
      expect(places.database.length).toBeGreaterThan(10_000);
      for (const [where, text] of Object.entries(places))
        for (const value of Object.values(planted)) {
          const bytes = Buffer.from(value);
          for (const spelling of [value, bytes.toString('hex'), bytes.toString('base64').slice(0, -4), encodeURIComponent(value)])
            expect([where, value, text.toLowerCase().includes(spelling.toLowerCase())]).toEqual([where, value, false]);
        }
    }
    expect((await rig.mails(planted.reply)).length + (await rig.mails(planted.email)).length).toBeGreaterThan(0);
  });
});
