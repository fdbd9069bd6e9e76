import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { readMail } from './mail-reading.js';
import { smtpSink } from './mail-rig.js';
import { MailNotSent, MailSender, type MailSenderOptions, type OutgoingMail } from './mail-sender.js';
import { codeMail } from './mail-texts.js';
import { LOCAL_TLS } from './mail-tls-rig.js';

const ID = '0191f3a2-5b7c-7d41-9c55-2f6f1a0b3c4d';
const TO = 'somchai@mail.example';
const MAIL: OutgoingMail = { to: TO, ...codeMail('th', '493 027', ID), id: 'mail-1' };
const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function sink(...given: Parameters<typeof smtpSink>) {
  const server = await smtpSink(...given);
  cleanups.push(server.stop);
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

describe('a mail that goes out by SMTP', () => {
  it('arrives as it was written, marked so that no program answers it', async () => {
    const { port, taken } = await sink();
    const out = await sender({ url: `smtp://127.0.0.1:${port}`, fromName: 'เจ้าหน้าที่คุ้มครองข้อมูล' });
    expect(await out.send({ ...MAIL, headers: { 'In-Reply-To': '<m-1@mail.example>' } })).toEqual({ messageId: 'mail-1@shop.example' });
    expect(taken).toMatchObject([{ from: 'dpo@shop.example', to: [TO] }]);
    const mail = await readMail(taken[0]?.raw ?? Buffer.alloc(0));
    expect(mail).toMatchObject({
      messageId: 'mail-1@shop.example',
      from: 'dpo@shop.example',
      fromName: 'เจ้าหน้าที่คุ้มครองข้อมูล',
      subject: MAIL.subject,
      text: MAIL.text.trim(),
      inReplyTo: 'm-1@mail.example',
      autoSubmitted: true,
      problems: [],
    });
  });

  it('goes over TLS, and in clear to nobody', async () => {
    const secure = await sink({}, true);
    const trusting = await sender({ url: `smtp://127.0.0.1:${secure.port}`, plaintext: false, ca: LOCAL_TLS.cert });
    await trusting.send(MAIL);
    expect(secure.taken).toHaveLength(1);
    const distrusting = await sender({ url: `smtp://127.0.0.1:${secure.port}`, plaintext: false });
    expect(await failure(distrusting.send(MAIL))).toMatchObject({ temporary: true });
    const clear = await sink();
    const strict = await sender({ url: `smtp://127.0.0.1:${clear.port}`, plaintext: false });
    expect(await failure(strict.send(MAIL))).toMatchObject({ temporary: true, message: expect.stringMatching(/TLS/) });
    expect(clear.taken).toHaveLength(0);
  });

  it.each([
    ['data', 451, true],
    ['data', 421, true],
    ['data', 552, false],
    ['data', 554, false],
    ['rcpt', 450, true],
    ['rcpt', 550, false],
  ] as const)('that is answered at %s by %d may be sent again: %s', async (at, code, temporary) => {
    const { port, taken } = await sink({ [at]: [code] });
    const out = await sender({ url: `smtp://127.0.0.1:${port}` });
    const error = await failure(out.send(MAIL));
    expect(error).toMatchObject({ temporary, code });
    expect(`${error.message} ${JSON.stringify(error)} ${String(error.cause)}`).not.toMatch(/somchai|493 027/);
    await out.send(MAIL);
    expect(taken).toHaveLength(1);
  });

  it('may be sent again when there is no server', async () => {
    const { port, stop } = await smtpSink();
    await stop();
    expect(await failure((await sender({ url: `smtp://127.0.0.1:${port}` })).send(MAIL))).toMatchObject({ temporary: true });
  });
});

describe('what does not go out', () => {
  it.each<[string, Partial<OutgoingMail>]>([
    ['two recipients', { to: `${TO}, other@mail.example` }],
    ['a recipient with a name', { to: `Somchai <${TO}>` }],
    ['a recipient with a line break', { to: `${TO}\r\nBcc: other@mail.example` }],
    ['a recipient with a line break inside', { to: `a\nRCPT TO:<x@y.example>@mail.example` }],
    ['no recipient', { to: '' }],
    ['a subject with a line break', { subject: 'x\r\nBcc: other@mail.example' }],
    ['a subject with a line feed', { subject: 'x\nBcc: other@mail.example' }],
    ['a subject with a carriage return', { subject: 'x\rBcc: other@mail.example' }],
    ['a subject with a zero', { subject: 'x\u0000' }],
    ['a subject with a line separator', { subject: 'x\u2028y' }],
    ['a header with a line break', { headers: { References: '<a@b>\r\nBcc: other@mail.example' } }],
    ['a header name with a line break', { headers: { 'References\r\nBcc': 'x' } }],
    ['a header that is not for an answer', { headers: { Bcc: 'other@mail.example' } }],
    ['an id with a path', { id: '../../x' }],
    ['an id with a line break', { id: 'x>\r\nBcc: a@b.example' }],
  ])('is %s', async (_what, change) => {
    const { port, taken } = await sink();
    const directory = await mkdtemp(path.join(os.tmpdir(), 'attesta-mail-'));
    cleanups.push(() => rm(directory, { recursive: true }));
    for (const out of [await sender({ url: `smtp://127.0.0.1:${port}` }), await sender({ directory })]) {
      expect(await failure(out.send({ ...MAIL, ...change }))).toMatchObject({ temporary: false });
    }
    expect(taken).toHaveLength(0);
    expect(await readdir(directory)).toEqual([]);
  });

  it('is a line of the text that would be one of SMTP', async () => {
    const { port, taken } = await sink();
    await (await sender({ url: `smtp://127.0.0.1:${port}` })).send({ ...MAIL, text: 'one\r\n.\r\nRCPT TO:<x@y.example>\n.\nBcc: x' });
    expect(taken.map(({ to }) => to)).toEqual([[TO]]);
    expect(await readMail(taken[0]?.raw ?? Buffer.alloc(0))).toMatchObject({ text: 'one\n.\nRCPT TO:<x@y.example>\n.\nBcc: x' });
  });

  it('is anything with an option that is wrong', async () => {
    await expect(sender({})).rejects.toThrow(/`url`.*`directory`/);
    await expect(sender({ url: 'http://mail.example' })).rejects.toThrow(/smtp:\/\//);
    await expect(sender({ url: 'smtp://x', from: 'DPO <dpo@shop.example>' })).rejects.toThrow(/from/);
    await expect(sender({ url: 'smtp://x', fromName: 'a\r\nBcc: b' })).rejects.toThrow(/fromName/);
  });
});

describe('without a server', () => {
  it('a mail is a file that only we can read, the same when sent again', async () => {
    const directory = path.join(await mkdtemp(path.join(os.tmpdir(), 'attesta-mail-')), 'out');
    cleanups.push(() => rm(path.dirname(directory), { recursive: true }));
    const out = await sender({ directory });
    await out.send(MAIL);
    await out.send(MAIL);
    expect(await readdir(directory)).toEqual(['mail-1.eml']);
    const file = path.join(directory, 'mail-1.eml');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await readMail(await readFile(file))).toMatchObject({ subject: MAIL.subject, text: MAIL.text.trim() });
  });
});
