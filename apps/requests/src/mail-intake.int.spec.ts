import { randomUUID } from 'node:crypto';
import { MailServer } from '@attesta/mail';
import { createTransport } from 'nodemailer';
import { MailIntake } from './mail-intake.js';
import { composed } from './mail-rig.js';
import { RequestsRig } from './requests-rig.js';
import type { RequestView } from './request-views.js';

let rig: RequestsRig;
let mail: MailIntake;

beforeAll(async () => {
  rig = await RequestsRig.start();
  mail = new MailIntake(rig.requests, ['mx.shop.example']);
});
afterAll(() => rig.stop());

let n = 0;
const somebody = () => `somchai${++n}@mail.example`;
const write = async (from: string, subject: string, text: string, headers: Record<string, string> = {}) =>
  mail.take(await composed({ from, subject, text, headers }));
const view = async (id: string): Promise<RequestView> => (await rig.get('dpo', `/v1/requests/${id}`)).body;
const codeOf = async (id: string): Promise<string> => {
  await rig.requests.tick();
  const letter = rig.letters.findLast((one) => one.request === id && one.kind === 'code');
  return letter?.kind === 'code' ? letter.code : '';
};

test('a mail is a request, and the code in the answer proves who wrote it', async () => {
  const from = somebody();
  const { outcome, request = '' } = await write(from, 'ขอสำเนาข้อมูล', 'ขอสำเนาข้อมูลส่วนบุคคลของฉันทั้งหมด');
  expect(outcome).toBe('request');
  expect(await view(request)).toMatchObject({ right: 'access', channel: 'email', needs: ['identity-verification'] });
  const code = await codeOf(request);
  expect(await write(from, `Re: [REQ-${request}]`, `${code}\n`)).toEqual({ outcome: 'answer', request });
  expect(await view(request)).toMatchObject({ identity: 'verified', status: 'action-performed' });
});

test('a code that is only quoted proves nothing, and neither does one from another address', async () => {
  const from = somebody();
  const { request = '' } = await write(from, 'Data', 'Please delete all my personal data.');
  const code = await codeOf(request);
  await write(from, `Re: [REQ-${request}]`, `I made no request.\n\n> please confirm that it is yours, with the code\n>\n>     ${code}\n`);
  expect(await view(request)).toMatchObject({ identity: 'unverified' });
  expect(await write(somebody(), `Re: [REQ-${request}]`, 'It is me.')).toEqual({ outcome: 'read-by-hand' });
  expect(await view(request)).toMatchObject({ identity: 'unverified' });
});

test("a withdrawal whose sender the company's own mail system vouches for is carried out; a forged one waits for proof", async () => {
  const vouched = (by: string) => ({ 'Authentication-Results': `${by}; dmarc=pass header.from=mail.example` });
  const text = 'I withdraw my consent to marketing e-mails.';
  const good = await write(somebody(), 'Consent', text, vouched('mx.shop.example'));
  expect(await view(good.request!)).toMatchObject({ right: 'consent-withdrawal', status: 'fulfilled' });
  const forged = await write(somebody(), 'Consent', text, vouched('mx.evil.example'));
  expect(await view(forged.request!)).toMatchObject({ status: 'requires-action', needs: ['identity-verification'] });
});

test('what is missing is asked for, and the answer goes on', async () => {
  const from = somebody();
  const { request = '' } = await write(from, 'Wrong', 'Please correct my address, it is wrong.');
  expect((await view(request)).needs).toContain('information');
  await write(from, `Re: Wrong [REQ-${request}]`, 'It is 12 Sukhumvit Road.');
  expect((await view(request)).needs).toEqual(['identity-verification']);
  const { body } = await rig.post<{ texts: string[] }>('dpo', `/v1/requests/${request}/details`, { reason: 'To handle it' });
  expect(body.texts.at(-1)).toContain('12 Sukhumvit Road');
});

test('the same mail by another way is one; automatic mail is none; what cannot be read is kept for a person', async () => {
  const from = somebody();
  const raw = await composed({ from, subject: 'Data', text: 'Please send me a copy of my data.', messageId: '<once@mail.example>' });
  expect((await mail.take(raw)).outcome).toBe('request');
  expect((await mail.take(Buffer.concat([Buffer.from('Received: by another.example\r\n'), raw]))).outcome).toBe('duplicate');
  expect(await write(from, 'Out of office', 'I am away.', { 'Auto-Submitted': 'auto-replied' })).toEqual({ outcome: 'automatic' });
  expect(await mail.take(Buffer.from('\0\0\0'))).toEqual({ outcome: 'read-by-hand' });
  expect((await rig.get<{ data: object[] }>('dpo', '/v1/mail')).body.data.length).toBeGreaterThan(0);
});

test('what a person has looked at is off the list, kept only for the request that was made of it', async () => {
  const waiting = async () => (await rig.get<{ data: { mail: string }[] }>('dpo', '/v1/mail')).body.data.map(({ mail: id }) => id);
  const before = await waiting();
  for (const bytes of ['\x00\x00one', '\x00\x00two']) await mail.take(Buffer.from(bytes));
  const [spam = '', asked = ''] = (await waiting()).filter((id) => !before.includes(id));
  const settle = (id: string, body: object) => rig.post<{ errors?: { field: string }[] }>('dpo', `/v1/mail/${id}/settle`, body);
  expect((await settle(asked, { reason: 'A request', request: randomUUID() })).body.errors?.[0]?.field).toBe('/request');
  expect((await settle(asked, {})).status).toBe(400);
  const { request } = await write(somebody(), 'Data', 'Please send me a copy of my data.');
  expect([(await settle(spam, { reason: 'Advertising' })).status, (await settle(asked, { reason: 'A request', request })).status]).toEqual([
    204, 204,
  ]);
  expect((await settle(spam, { reason: 'Advertising' })).status).toBe(404);
  expect(await waiting()).toEqual(before);
  expect([await mail.raw(spam), String(await mail.raw(asked))]).toEqual([undefined, expect.stringContaining('two')]);
  expect((await mail.take(Buffer.from('\x00\x00one'))).outcome).toBe('duplicate');
});

test('over SMTP it comes to the same, and is kept encrypted as it came', async () => {
  const server = await MailServer.open({
    port: 0,
    host: '127.0.0.1',
    addresses: ['dpo@shop.example'],
    onMail: async (raw, { from }) => void (await mail.take(raw, from === '')),
  });
  const client = createTransport({ host: '127.0.0.1', port: server.port, ignoreTLS: true });
  const from = somebody();
  await client.sendMail({
    from,
    to: 'dpo@shop.example',
    subject: 'My data',
    text: 'Please send me a copy of my data. Unmistakable-words.',
  });
  client.close();
  await server.close();
  const { rows } = await rig.db.pool.query<{ id: string }>(`select id from mail where outcome = 'request' order by received_at, id`);
  const found = await Promise.all(rows.map(async ({ id }) => String(await mail.raw(id))));
  expect(found.filter((raw) => raw.includes('Unmistakable-words'))).toHaveLength(1);
  const dump = await rig.db.pool.query<{ text: string }>(
    `select string_agg(m::text, '') || (select string_agg(r::text, '') from request r) || (select string_agg(e::text, '') from service_event e) as text from mail m`,
  );
  for (const clear of ['Unmistakable', from]) {
    expect(dump.rows[0]!.text).not.toContain(clear);
    expect(dump.rows[0]!.text).not.toContain(Buffer.from(clear).toString('hex'));
  }
});
