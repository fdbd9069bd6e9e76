import { randomBytes, randomUUID } from 'node:crypto';
import { MailSender, type MailSenderOptions } from '@attesta/mail';
import { startSmtp, type SmtpFaults, type TestSmtp } from '@attesta/testing';
import { simpleParser } from 'mailparser';
import { NotCarried, type Letter } from './carrier.js';
import { mailCarrier, type MailCarrierOptions } from './mail-carrier.js';
import { messageOf } from './return-path.js';

const ID = '0191f3a2-5b7c-7d41-9c55-2f6f1a0b3c4d';
const LETTER: Letter = {
  id: ID,
  to: 'somchai@mail.example',
  language: 'th',
  subject: 'ประกาศความเป็นส่วนตัวฉบับใหม่ มีผลวันที่ ๑ มิถุนายน ๒๕๖๙',
  text: 'เรียน คุณสมชาย ใจดี\n\nเราได้ปรับปรุงประกาศความเป็นส่วนตัว\n— ร้านค้า',
  html: '<html lang="th"><body><p>เรียน คุณสมชาย ใจดี</p></body></html>',
};
const PATHS = { domain: 'bounces.shop.example', key: randomBytes(32) };
const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function carrying(
  faults: SmtpFaults = {},
  options: MailCarrierOptions = { returnPaths: PATHS },
  more: Partial<MailSenderOptions> = {},
) {
  const smtp = await startSmtp({ faults });
  cleanups.push(() => smtp.stop());
  const sender = await MailSender.open({
    url: smtp.url,
    from: 'privacy@shop.example',
    fromName: 'ร้านค้า',
    plaintext: true,
    maxConnections: 2,
    ...more,
  });
  const carrier = mailCarrier(sender, options);
  cleanups.push(() => carrier.close());
  return { smtp, carrier };
}
const failure = async (sent: Promise<void>): Promise<NotCarried> => {
  const error: unknown = await sent.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof NotCarried)) throw new Error(`expected NotCarried, got ${String(error)}`);
  expect(`${error.message} ${JSON.stringify(error)}`).not.toMatch(/somchai|สมชาย/);
  return error;
};
const parsed = ({ taken }: TestSmtp, index = 0) => simpleParser(taken[index]?.raw ?? '');

test('a letter arrives whole, in Thai, and its bounce would name it', async () => {
  const { smtp, carrier } = await carrying();
  await carrier.send({ ...LETTER, unsubscribe: 'https://shop.example/u/abc' });
  const mail = await parsed(smtp);
  expect(mail).toMatchObject({ subject: LETTER.subject, html: LETTER.html, messageId: `<${ID}@shop.example>` });
  expect(mail.text?.trim()).toBe(LETTER.text);
  expect(mail.from?.value).toEqual([{ address: 'privacy@shop.example', name: 'ร้านค้า' }]);
  expect(mail.headers.get('content-language')).toBe('th');
  expect(mail.headers.get('auto-submitted')).toBe('auto-generated');
  expect(smtp.taken[0]?.raw.toString()).toMatch(
    /^List-Unsubscribe: <https:\/\/shop\.example\/u\/abc>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n/m,
  );
  expect(messageOf(smtp.taken[0]!.from, PATHS)).toBe(ID);
  expect(smtp.taken[0]).toMatchObject({ to: [LETTER.to], ret: 'HDRS', notify: ['FAILURE', 'DELAY'] });
});

test('one without a way out has no such headers, and one without return paths bounces to the sender', async () => {
  const { smtp, carrier } = await carrying({}, {});
  await carrier.send({ ...LETTER, html: undefined } as unknown as Letter);
  expect(smtp.taken[0]?.from).toBe('privacy@shop.example');
  expect(smtp.taken[0]?.raw.toString()).not.toMatch(/^(?:List-|Content-Type: multipart)/m);
});

test('receipts are asked for where they are wanted', async () => {
  const { smtp, carrier } = await carrying({}, { returnPaths: PATHS, receipts: true });
  await carrier.send(LETTER);
  expect(smtp.taken[0]?.notify).toContain('SUCCESS');
});

test.each<[string, SmtpFaults, Partial<NotCarried>]>([
  ['an unknown address', { unknown: [LETTER.to] }, { reason: 'refused', dead: true, message: expect.stringMatching(/\(550 5\.1\.1\)$/) }],
  ['an unknown address, told late', { data: ['550 5.1.1 User unknown'] }, { reason: 'refused', dead: true }],
  ['a refusal of everything', { refuseAll: true }, { reason: 'refused', dead: false, unsure: false }],
  ['a full mailbox', { rcpt: ['552 5.2.2 Full'] }, { reason: 'refused', dead: false }],
  ['a refusal without a status', { rcpt: ['550 No'] }, { reason: 'refused', dead: false }],
  ['a status that contradicts the reply', { rcpt: ['450 5.1.1 No'] }, { reason: 'unreachable', dead: false }],
  ['an address that may come back', { rcpt: ['450 4.1.1 Not now'] }, { reason: 'unreachable', dead: false }],
  ['a sender that is not wanted', { mail: ['550 5.1.0 Sender rejected'] }, { reason: 'unreachable', dead: false }],
  ['greylisting', { greylist: 1 }, { reason: 'unreachable', dead: false, unsure: false }],
  ['too many connections', { connections: 0 }, { reason: 'unreachable', unsure: false }],
  ['an answer that is lost', { drop: 1 }, { reason: 'unreachable', dead: false, unsure: true }],
])('%s is told as it is', async (_what, faults, expected) => {
  const { carrier } = await carrying(faults);
  expect(await failure(carrier.send(LETTER))).toMatchObject(expected);
});

test('a server that is down is unreachable, and what comes again is the same mail', async () => {
  const { smtp, carrier } = await carrying({ drop: 1 });
  expect(await failure(carrier.send(LETTER))).toMatchObject({ unsure: true });
  await smtp.down();
  expect(await failure(carrier.send(LETTER))).toMatchObject({ reason: 'unreachable', unsure: false });
  await smtp.up();
  await carrier.send(LETTER);
  expect([...smtp.counts]).toEqual([[`${ID}@shop.example`, 2]]);
  expect(new Set(smtp.taken.map(({ from }) => from)).size).toBe(1);
});

test('a slow server is waited for, and answers late', async () => {
  const { smtp, carrier } = await carrying({ slow: true });
  let answered = false;
  const sent = carrier.send(LETTER).then(() => (answered = true));
  await smtp.arrived(1);
  expect(answered).toBe(false);
  smtp.set({});
  await sent;
  expect(smtp.total).toBe(1);
});

test.each<[string, Partial<Letter>]>([
  ['another header', { subject: 'x\r\nBcc: other@mail.example' }],
  ['another recipient', { to: 'somchai@mail.example>\r\nRCPT TO:<other@mail.example' }],
  ['two addresses', { to: 'somchai@mail.example,other@mail.example' }],
  ['a language that is a header', { language: 'th\r\nBcc: other@mail.example' }],
  ['a way out that is a header', { unsubscribe: 'https://shop.example/u>\r\nBcc: other@mail.example' }],
  ['a way out in clear', { unsubscribe: 'http://shop.example/u' }],
])('a letter with %s is refused', async (_what, change) => {
  const { smtp, carrier } = await carrying();
  expect(await failure(carrier.send({ ...LETTER, ...change }))).toMatchObject({ reason: 'refused', dead: false });
  expect(smtp.total).toBe(0);
});

test('a letter whose id is no UUID is an error of the program', async () => {
  const { smtp, carrier } = await carrying();
  await expect(carrier.send({ ...LETTER, id: 'x>\r\nBcc: a@b.example' })).rejects.toThrow('UUID');
  expect(smtp.total).toBe(0);
});

test('a thousand letters arrive once each over two connections', async () => {
  const { smtp, carrier } = await carrying();
  const ids = Array.from({ length: 1_000 }, () => randomUUID());
  await Promise.all(ids.map((id) => carrier.send({ ...LETTER, id })));
  expect([smtp.total, smtp.counts.size]).toEqual([1_000, 1_000]);
  expect(smtp.connections).toBeLessThanOrEqual(2);
});
