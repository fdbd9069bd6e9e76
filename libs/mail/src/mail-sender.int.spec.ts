import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { LOCAL_TLS, startSmtp, type TestSmtp, type TestSmtpOptions } from '@attesta/testing';
import { simpleParser } from 'mailparser';
import type { OutgoingMail } from './mail-fields.js';
import { MailNotSent } from './mail-not-sent.js';
import { MailSender, type MailSenderOptions } from './mail-sender.js';

const TO = 'somchai@mail.example';
const MAIL: OutgoingMail = {
  to: TO,
  id: 'mail-1',
  subject: 'รหัสยืนยันตัวตนของคุณสำหรับคำขอใช้สิทธิเจ้าของข้อมูลส่วนบุคคล ตามพระราชบัญญัติคุ้มครองข้อมูลส่วนบุคคล พ.ศ. ๒๕๖๒',
  text: 'รหัสของคุณคือ 493 027\n\nโปรดอย่าบอกรหัสนี้กับผู้ใด ขอบคุณค่ะ ๛',
};
const HTML = '<p lang="th">รหัสของคุณคือ <b>493 027</b> น้ำ ฟ้า กี่ ปู่</p>';
const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function smtp(options?: TestSmtpOptions): Promise<TestSmtp> {
  const server = await startSmtp(options);
  cleanups.push(() => server.stop());
  return server;
}
async function sender(options: Partial<MailSenderOptions>): Promise<MailSender> {
  const opened = await MailSender.open({ from: 'dpo@shop.example', plaintext: true, timeoutMs: 5_000, ...options });
  cleanups.push(() => opened.close());
  return opened;
}
const failure = async (sent: Promise<unknown>): Promise<MailNotSent> => {
  const error: unknown = await sent.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof MailNotSent) return error;
  throw new Error(`expected MailNotSent, got ${String(error)}`);
};
async function directory(): Promise<string> {
  const made = await mkdtemp(path.join(os.tmpdir(), 'attesta-mail-'));
  cleanups.push(() => rm(made, { recursive: true }));
  return made;
}
/** What a mail program reads. */
async function read({ taken }: TestSmtp, index = 0) {
  const raw = taken[index]?.raw ?? Buffer.alloc(0);
  const mail = await simpleParser(raw);
  return { ...mail, text: mail.text?.trim(), raw: raw.toString('latin1'), address: mail.from?.value[0] };
}

describe('a mail that goes out by SMTP', () => {
  it('arrives as it was written, marked so that no program answers it', async () => {
    const server = await smtp();
    const out = await sender({ url: server.url, fromName: 'เจ้าหน้าที่คุ้มครองข้อมูล', replyTo: 'privacy@shop.example' });
    expect(await out.send({ ...MAIL, headers: { 'In-Reply-To': '<m-1@mail.example>' } })).toEqual({ messageId: 'mail-1@shop.example' });
    expect(server.taken).toMatchObject([{ from: 'dpo@shop.example', to: [TO], messageId: 'mail-1@shop.example' }]);
    const mail = await read(server);
    expect(mail).toMatchObject({
      messageId: '<mail-1@shop.example>',
      address: { address: 'dpo@shop.example', name: 'เจ้าหน้าที่คุ้มครองข้อมูล' },
      subject: MAIL.subject,
      text: MAIL.text,
      inReplyTo: '<m-1@mail.example>',
    });
    expect(mail.replyTo?.value).toEqual([{ address: 'privacy@shop.example', name: '' }]);
    expect(mail.headers.get('auto-submitted')).toBe('auto-generated');
    expect(mail.raw).not.toMatch(/[^\r\n\t\x20-\x7e]/);
  });

  it('shows HTML to programs that can, and the text to others', async () => {
    const server = await smtp();
    await (await sender({ url: server.url })).send({ ...MAIL, html: HTML });
    const mail = await read(server);
    expect(mail).toMatchObject({ text: MAIL.text, html: HTML });
    expect(mail.raw).toMatch(/^Content-Type: multipart\/alternative;/m);
    expect(mail.raw.indexOf('text/plain')).toBeLessThan(mail.raw.indexOf('text/html'));
  });

  it('says how to end such mail by one click, in one line each', async () => {
    const server = await smtp();
    const out = await sender({ url: server.url });
    const url = `https://privacy.shop.example/u/${'t'.repeat(800)}?a=1&b=%E0%B8%81`;
    await out.send({ ...MAIL, unsubscribe: { url } });
    await out.send({ ...MAIL, unsubscribe: { url: 'http://127.0.0.1:8080/u', mailto: 'stop+a&b?c=d#e/f@shop.example' } });
    expect(unfolded(server.taken[0]?.raw)).toContain(
      `\r\nList-Unsubscribe: <${url}>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n`,
    );
    expect(unfolded(server.taken[1]?.raw)).toContain(
      '\r\nList-Unsubscribe: <http://127.0.0.1:8080/u>, <mailto:stop+a%26b%3Fc%3Dd%23e%2Ff@shop.example>\r\n',
    );
  });

  it('comes back to the return path, without its text; of success only where that was asked', async () => {
    const server = await smtp();
    const out = await sender({ url: server.url });
    const returnPath = 'bounces+0191f3a2-5b7c-7d41-9c55-2f6f1a0b3c4d.abcdefghijklmnop@bounces.shop.example';
    await out.send({ ...MAIL, returnPath });
    await out.send({ ...MAIL, returnPath, receipt: true });
    expect(server.taken).toMatchObject([
      { from: returnPath, to: [TO], ret: 'HDRS', notify: ['FAILURE', 'DELAY'] },
      { from: returnPath, to: [TO], ret: 'HDRS', notify: ['FAILURE', 'DELAY', 'SUCCESS'] },
    ]);
    expect((await read(server)).address).toMatchObject({ address: 'dpo@shop.example' });
    const plain = await smtp({ notifications: false });
    await (await sender({ url: plain.url })).send({ ...MAIL, returnPath });
    expect(plain.taken).toMatchObject([{ from: returnPath }]);
  });

  it('goes over TLS, and in clear to nobody', async () => {
    const secure = await smtp({ tls: true });
    const trusting = await sender({ url: secure.url, plaintext: false, ca: LOCAL_TLS.cert });
    await trusting.send(MAIL);
    const pooled = await sender({ url: secure.url, plaintext: false, ca: LOCAL_TLS.cert, maxConnections: 2 });
    await pooled.send(MAIL);
    expect(secure.taken).toHaveLength(2);
    for (const pool of [{}, { maxConnections: 2 }]) {
      const distrusting = await sender({ url: secure.url, plaintext: false, ...pool });
      expect(await failure(distrusting.send(MAIL))).toMatchObject({ temporary: true });
      const clear = await smtp();
      const strict = await sender({ url: clear.url, plaintext: false, ...pool });
      expect(await failure(strict.send(MAIL))).toMatchObject({ temporary: true, message: expect.stringMatching(/TLS/) });
      expect(clear.taken).toHaveLength(0);
    }
    expect(secure.taken).toHaveLength(2);
  });

  it.each([
    ['data', '451 4.3.0', true],
    ['data', '421 4.3.2', true],
    ['data', '552 5.3.4', false],
    ['data', '554 5.7.1', false],
    ['rcpt', '450 4.2.1', true],
    ['rcpt', '550 5.1.1', false],
    ['mail', '550 5.7.1', true],
    ['mail', '553 5.1.8', true],
  ] as const)('that is answered at %s by %s may be sent again: %s', async (at, reply, temporary) => {
    const server = await smtp();
    for (const pool of [{}, { maxConnections: 1 }]) {
      server.set({ [at]: [`${reply} no, says <somchai@mail.example>`] });
      const out = await sender({ url: server.url, ...pool });
      const error = await failure(out.send(MAIL));
      expect(error).toMatchObject({ temporary, code: Number(reply.slice(0, 3)), status: reply.slice(4), unsure: false });
      expect(`${error.message} ${JSON.stringify(error)} ${String(error.cause)}`).not.toMatch(/somchai|493 027/);
      await out.send(MAIL);
    }
    expect(server.total).toBe(2);
  });

  it('has the status that the reply has, and no other', async () => {
    const replies = ['550 no', '550 4.2.2 no', '550 5.1.1111 no', '550 15.1.1 no', '550 no 5.1.1'];
    const server = await smtp({ faults: { rcpt: replies } });
    const out = await sender({ url: server.url });
    for (const _reply of replies) expect((await failure(out.send(MAIL))).status).toBeUndefined();
  });

  it('may be sent again when there is no server, when it has no room, and when it is not for us', async () => {
    const server = await smtp({ faults: { connections: 0 } });
    for (const pool of [{}, { maxConnections: 3 }]) {
      const out = await sender({ url: server.url, ...pool });
      expect(await failure(out.send(MAIL))).toMatchObject({ temporary: true, code: 421, unsure: false });
      await server.down();
      expect(await failure(out.send(MAIL))).toMatchObject({ temporary: true, unsure: false });
      await server.up();
      server.set({});
      await out.send(MAIL);
      server.set({ connections: 0 });
    }
    expect(server.total).toBe(2);
  });

  it.each([
    ['alone', undefined],
    ['first over a connection', 1],
  ])('whose answer does not come is never sent twice by itself: %s', async (_which, maxConnections) => {
    const server = await smtp({ faults: { drop: 1 } });
    const out = await sender({ url: server.url, ...(maxConnections && { maxConnections }) });
    expect(await failure(out.send(MAIL))).toMatchObject({ temporary: true, unsure: true });
    await out.send({ ...MAIL, id: 'mail-2' });
    server.set({ drop: 1 });
    expect(await failure(out.send({ ...MAIL, id: 'mail-3' }))).toMatchObject({ temporary: true, unsure: true });
    expect([...server.counts.values()]).toEqual([1, 1, 1]);
    expect(server.taken.map(({ messageId }) => messageId.slice(0, 6))).toEqual(['mail-1', 'mail-2', 'mail-3']);
  });

  it('is given up when the answer takes too long, and may have been taken', async () => {
    const server = await smtp({ faults: { slow: true } });
    const out = await sender({ url: server.url, answerTimeoutMs: 300 });
    expect(await failure(out.send(MAIL))).toMatchObject({ temporary: true, unsure: true });
    expect(server.total).toBe(1);
  });
});

describe('many mails', () => {
  it('go over a few connections, each once', async () => {
    const server = await smtp({ keep: 0 });
    let most = 0;
    let connections = 0;
    const out = await sender({ url: server.url, maxConnections: 4 });
    const count = () => {
      connections = server.connections;
      most = Math.max(most, connections);
    };
    await Promise.all(Array.from({ length: 500 }, (_, index) => out.send({ ...MAIL, html: HTML, id: `mail-${index}` }).then(count)));
    expect([server.total, server.counts.size, Math.max(...server.counts.values())]).toEqual([500, 500, 1]);
    expect(most).toBeLessThanOrEqual(4);
    expect(connections).toBeGreaterThan(0);
  });

  it('lose none to a server that ends what it does not use', async () => {
    const server = await smtp();
    const out = await sender({ url: server.url, maxConnections: 1 });
    await out.send(MAIL);
    await server.down();
    await server.up();
    await out.send({ ...MAIL, id: 'mail-2' });
    expect([...server.counts]).toEqual([
      ['mail-1@shop.example', 1],
      ['mail-2@shop.example', 1],
    ]);
  });
});

const BREAKS = ['\r\n', '\n', '\r', '\0', '\u000b', '\u000c', '\u0085', '\u2028', '\u2029', '\r\n ', '\r\n\t'];

describe('what does not go out', () => {
  const injections: [string, Partial<OutgoingMail>][] = BREAKS.flatMap((end) => {
    const bcc = `${end}Bcc: other@mail.example`;
    return [
      { to: `${TO}${bcc}` },
      { to: `a${end}RCPT TO:<x@y.example>@mail.example` },
      { subject: `x${bcc}` },
      { headers: { References: `<a@b>${bcc}` } },
      { headers: { [`References${end}Bcc`]: 'x' } },
      { id: `x>${bcc}` },
      { returnPath: `bounces@shop.example${bcc}` },
      { returnPath: `bounces@shop.example>${end}RCPT TO:<x@y.example` },
      { unsubscribe: { url: `https://shop.example/u${bcc}` } },
      { unsubscribe: { url: 'https://shop.example/u', mailto: `stop@shop.example${bcc}` } },
    ].map((change): [string, Partial<OutgoingMail>] => [JSON.stringify(change), change]);
  });

  it.each<[string, Partial<OutgoingMail>]>([
    ['two recipients', { to: `${TO}, other@mail.example` }],
    ['two recipients by a semicolon', { to: `${TO};other@mail.example` }],
    ['a recipient with a name', { to: `Somchai <${TO}>` }],
    ['a recipient with a comment', { to: `somchai(other@mail.example)@mail.example` }],
    ['a recipient with a comment behind', { to: `${TO}(x)` }],
    ['a recipient with a route', { to: `<@relay.example:${TO}>` }],
    ['a recipient with a route without brackets', { to: `@relay.example:${TO}` }],
    ['a recipient with a route by percent', { to: 'other%mail.example@shop.example' }],
    ['a recipient with a route by exclamation marks', { to: 'relay.example!other@shop.example' }],
    ['a quoted recipient', { to: '"a b"@mail.example' }],
    ['a group', { to: 'all:somchai@mail.example;' }],
    ['a recipient at an address', { to: 'somchai@[127.0.0.1]' }],
    ['a recipient that is too long', { to: `a@${'b.'.repeat(126)}example` }],
    ['no recipient', { to: '' }],
    ['a subject that is too long', { subject: 'x'.repeat(999) }],
    ['an empty subject', { subject: '' }],
    ['half a character in the subject', { subject: 'x\ud800' }],
    ['a header that is not for an answer', { headers: { Bcc: 'other@mail.example' } }],
    ['a header of ours', { headers: { 'List-Unsubscribe': '<https://evil.example>' } }],
    ['an id with a path', { id: '../../x' }],
    ['a zero in the text', { text: 'a\0b' }],
    ['a zero in the HTML', { html: 'a\0b' }],
    ['a text without end', { text: 'x'.repeat(100_001) }],
    ['HTML without end', { html: 'x'.repeat(500_001) }],
    ['a return path with a name', { returnPath: 'Bounces <bounces@shop.example>' }],
    ['several return paths', { returnPath: 'a@shop.example,b@shop.example' }],
    ...[
      'http://shop.example/u',
      'mailto:stop@shop.example',
      'javascript:alert(1)',
      'https://user:password@shop.example/u',
      'https://shop.example/u>, <https://evil.example/u',
      'https://shop.example/u,https://evil.example/u',
      'https://shop.example/u v',
      'https://shop.example/ลบ',
      'https:///u',
      'http://localhost.evil.example/u',
      `https://shop.example/${'u'.repeat(900)}`,
      '',
    ].map((url): [string, Partial<OutgoingMail>] => [`the way out ${url.slice(0, 60)}`, { unsubscribe: { url } }]),
    ['a way out by mail to two', { unsubscribe: { url: 'https://shop.example/u', mailto: 'a@shop.example,b@shop.example' } }],
    ['a way out by mail with headers', { unsubscribe: { url: 'https://shop.example/u', mailto: 'a@shop.example?bcc=b@shop.example' } }],
    ...injections,
  ])('is %s', async (_what, change) => {
    const server = await smtp();
    const files = await directory();
    const senders = [
      await sender({ url: server.url }),
      await sender({ url: server.url, maxConnections: 1 }),
      await sender({ directory: files }),
    ];
    for (const out of senders) {
      const error = await failure(out.send({ ...MAIL, ...change }));
      expect(error).toMatchObject({ temporary: false });
      expect(error.message).not.toMatch(/other|evil/);
    }
    expect(server.total).toBe(0);
    expect(await readdir(files)).toEqual([]);
  });

  it.each(['\r\n.\r\n', '\n.\n', '\r.\r', '\n.\r\n', '\r\n.\n', '\r\n.\r'])('is a second mail behind %j', async (end) => {
    const server = await smtp();
    const text = `one${end}MAIL FROM:<ceo@shop.example>${end}RCPT TO:<x@y.example>${end}DATA${end}Bcc: x`;
    const out = await sender({ url: server.url });
    await out.send({ ...MAIL, text, html: `<pre>${text}</pre>` });
    await out.send({ ...MAIL, id: 'mail-2', text });
    expect(server.taken.map(({ to }) => to)).toEqual([[TO], [TO]]);
    for (const { raw } of server.taken) {
      expect(raw.toString('latin1').replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
      expect((await simpleParser(raw)).text?.trim().split(/[\r\n]+/)).toContain('Bcc: x');
    }
  });

  it('is anything with an option that is wrong', async () => {
    await expect(sender({})).rejects.toThrow(/`url`.*`directory`/);
    await expect(sender({ url: 'http://mail.example' })).rejects.toThrow(/smtp:\/\//);
    for (const from of [
      'DPO <dpo@shop.example>',
      'dpo@shop.example\r\nBcc: b@c.example',
      'dpo(x)@shop.example',
      'a@b.example,c@d.example',
    ]) {
      await expect(sender({ url: 'smtp://x', from })).rejects.toThrow(/from/);
      await expect(sender({ url: 'smtp://x', replyTo: from })).rejects.toThrow(/replyTo/);
    }
    for (const end of BREAKS) await expect(sender({ url: 'smtp://x', fromName: `a${end}Bcc: b` })).rejects.toThrow(/fromName/);
  });

  it('is a name that would be an address', async () => {
    const server = await smtp();
    const fromName = 'x" <ceo@bank.example>, "y';
    await (await sender({ url: server.url, fromName })).send(MAIL);
    const { from } = await read(server);
    expect(from?.value).toEqual([{ address: 'dpo@shop.example', name: fromName }]);
  });
});

describe('without a server', () => {
  it('a mail is a file that only we can read, the same when sent again', async () => {
    const made = path.join(await directory(), 'out');
    const out = await sender({ directory: made });
    await out.send(MAIL);
    await out.send(MAIL);
    expect(await readdir(made)).toEqual(['mail-1.eml']);
    const file = path.join(made, 'mail-1.eml');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const { subject, text } = await simpleParser(await readFile(file));
    expect({ subject, text: text?.trim() }).toEqual({ subject: MAIL.subject, text: MAIL.text });
  });
});

const unfolded = (raw: Buffer | undefined): string => raw?.toString('latin1').replace(/\r\n[ \t]+/g, ' ') ?? '';
