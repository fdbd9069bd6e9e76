import type { RequestListener } from 'node:http';
import { NotCarried, type Letter } from './carrier.js';
import { smsCarrier, type SmsCarrierOptions } from './sms-carrier.js';
import { listening } from './webhook-rig.js';

const LETTER: Letter = {
  id: '0191f3a2-5b7c-7d41-9c55-2f6f1a0b3c4d',
  to: '+66812345678',
  language: 'th',
  subject: '',
  text: 'ร้านค้า: คำขอของคุณเสร็จแล้ว ดูที่ shop.example/r\nขอบคุณค่ะ 🙏',
};
const stops: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

async function provider(answer?: RequestListener) {
  const server = await listening(answer);
  stops.push(server.stop);
  return server;
}
const carrying = (url: string, options: Partial<SmsCarrierOptions> = {}) => smsCarrier({ url, token: 'tok-1', from: 'SHOP', ...options });
const failure = async (sent: Promise<void>): Promise<NotCarried> => {
  const error: unknown = await sent.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof NotCarried)) throw new Error(`expected NotCarried, got ${String(error)}`);
  expect(`${error.message} ${JSON.stringify(error)} ${String(error.cause)}`).not.toMatch(/812345678|คำขอ|tok-1/);
  return error;
};

test('a message is posted whole, in Thai, with its id as the key', async () => {
  const { url, heard } = await provider();
  const carrier = carrying(`${url}/v1/messages`);
  await carrier.send(LETTER);
  await carrier.send(LETTER);
  expect(heard[0]).toMatchObject({
    method: 'POST',
    path: '/v1/messages',
    headers: { authorization: 'Bearer tok-1', 'idempotency-key': LETTER.id, 'content-type': 'application/json' },
  });
  const { id, to, text, language } = LETTER;
  expect(JSON.parse(heard[0]!.body)).toEqual({ id, to, from: 'SHOP', text, language });
  expect(heard[1]?.body).toBe(heard[0]?.body);
});

test.each([200, 201, 202, 204])('an answer of %d means that it was taken', async (status) => {
  const { url } = await provider((_request, response) => response.writeHead(status).end(status === 204 ? undefined : '{"id":"m-1"}'));
  await carrying(url).send(LETTER);
});

test.each([
  [400, 'refused'],
  [422, 'refused'],
  ...[301, 302, 303, 307, 308, 401, 403, 404, 408, 409, 418, 429, 500, 502, 503, 504].map((status) => [status, 'unreachable'] as const),
] as const)('an answer of %d means %s', async (status, reason) => {
  const elsewhere = await provider();
  const { url, heard } = await provider((_request, response) =>
    response.writeHead(status, { location: elsewhere.url, 'retry-after': '86400' }).end('+66812345678 คำขอ'),
  );
  expect(await failure(carrying(url).send(LETTER))).toMatchObject({ reason, dead: false, message: expect.stringContaining(`(${status})`) });
  expect([heard.length, elsewhere.heard.length]).toEqual([1, 0]);
});

test('a provider that is not there, hangs up or does not answer is unreachable', async () => {
  const gone = await listening();
  await gone.stop();
  const hangsUp = await provider((request) => request.socket.destroy());
  const silent = await provider(() => undefined);
  for (const { url } of [gone, hangsUp, silent]) {
    expect(await failure(carrying(url, { timeoutMs: 300 }).send(LETTER))).toMatchObject({ reason: 'unreachable', dead: false });
  }
});

test('an answer without end is not read to its end', async () => {
  let written = 0;
  const { url } = await provider((_request, response) => {
    response.writeHead(200);
    const more = () => {
      if (response.destroyed) return;
      written += 65_536;
      response.write('x'.repeat(65_536));
    };
    response.on('drain', more);
    more();
  });
  await carrying(url).send(LETTER);
  expect(written).toBeLessThan(64 * 1024 * 1024);
});

test('an answer that begins and then hangs was one', async () => {
  const { url } = await provider((_request, response) => void response.writeHead(200).write('x'));
  await carrying(url, { timeoutMs: 300 }).send(LETTER);
});

test.each([
  '0812345678',
  '66812345678',
  '+0812345678',
  '+66 81 234 5678',
  '+66812345678,+66899999999',
  '+66812345678\n',
  '+๖๖๘๑๒๓๔๕๖๗๘',
  '+1234567890123456',
  '+66',
  'tel:+66812345678',
  '',
])('the number %j is refused, and nobody is asked', async (to) => {
  const { url, heard } = await provider();
  expect(await failure(carrying(url).send({ ...LETTER, to }))).toMatchObject({ reason: 'refused', dead: false });
  expect(heard).toHaveLength(0);
});

test.each(['', 'ก'.repeat(1_001), 'a\0b', 'a\u001bb', 'a\rb', 'a\ud800'])('a text such as %j is refused', async (text) => {
  const { url, heard } = await provider();
  expect(await failure(carrying(url).send({ ...LETTER, text }))).toMatchObject({ reason: 'refused' });
  expect(heard).toHaveLength(0);
});

test('a thousand characters go out, and an id that is a header does not', async () => {
  const { url, heard } = await provider();
  await carrying(url).send({ ...LETTER, text: 'ก'.repeat(1_000) });
  expect(await failure(carrying(url).send({ ...LETTER, id: 'x\r\nAuthorization: y' }))).toMatchObject({ reason: 'refused' });
  expect(heard).toHaveLength(1);
});

test.each<[Partial<SmsCarrierOptions>, RegExp]>([
  [{ url: 'http://sms.example' }, /https/],
  [{ url: 'http://127.0.0.1.evil.example' }, /https/],
  [{ url: 'http://localhost.evil.example' }, /https/],
  [{ url: 'https://user:password@sms.example' }, /password/],
  [{ url: 'http://127.0.0.1@evil.example' }, /password/],
  [{ url: 'ftp://sms.example' }, /https/],
  [{ url: 'sms.example' }, /whole URL/],
  [{ token: 'a\r\nX: y' }, /token/],
  [{ token: '' }, /token/],
  [{ from: 'a name of many letters' }, /sender/],
  [{ from: 'ร้านค้า' }, /sender/],
])('the option %j is refused', (option, why) => {
  expect(() => carrying('https://sms.example', option)).toThrow(why);
});
