import type { RequestListener } from 'node:http';
import { verifyWebhook } from '@attesta/sdk';
import { Webhook } from 'standardwebhooks';
import { NotCarried } from './carrier.js';
import { listening, type Heard } from './webhook-rig.js';
import { checkWebhookUrl, secretOf, sendWebhook, type WebhookMessage } from './webhooks.js';

const SECRET = secretOf();
const NOW = new Date('2026-03-01T09:00:00.750Z');
const ALERT: WebhookMessage = {
  id: '0191f3a2-5b7c-7d41-9c55-2f6f1a0b3c4d',
  type: 'attesta.alert',
  timestamp: '2026-03-01T08:59:00.000Z',
  data: { kind: 'overdue', title: 'คำขอเกินกำหนด', due: '2026-02-28' },
};
const stops: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

async function endpoint(answer?: RequestListener) {
  const server = await listening(answer);
  stops.push(server.stop);
  return server;
}
const failure = async (sent: Promise<void>): Promise<unknown> =>
  sent.then(
    () => undefined,
    (reason: unknown) => reason,
  );
async function sent(now = NOW): Promise<Heard> {
  const { url, heard } = await endpoint();
  await sendWebhook({ url, secret: SECRET }, ALERT, now);
  return heard[0]!;
}

test('an alert arrives whole, in Thai, and is what it says to be', async () => {
  const { method, headers, body } = await sent();
  const { type, timestamp, data } = ALERT;
  expect([method, headers['content-type'], JSON.parse(body)]).toEqual(['POST', 'application/json', { type, timestamp, data }]);
  expect(verifyWebhook(SECRET, headers, body, NOW.getTime())).toEqual({ id: ALERT.id, timestamp: Math.floor(NOW.getTime() / 1000) });
});

test("it is also so for the standard's own verifier", async () => {
  const { headers, body } = await sent(new Date());
  expect(new Webhook(SECRET).verify(body, headers as Record<string, string>)).toEqual(JSON.parse(body));
});

test('two attempts are one message, each signed anew', async () => {
  const [first, second] = [await sent(), await sent(new Date(NOW.getTime() + 60_000))];
  expect(second.headers['webhook-id']).toBe(first.headers['webhook-id']);
  expect(second.headers['webhook-signature']).not.toBe(first.headers['webhook-signature']);
});

test.each<[string, (heard: Heard) => [string, Heard['headers'], string, number], string]>([
  ['that is replayed after five minutes', ({ headers, body }) => [SECRET, headers, body, NOW.getTime() + 301_000], 'bad-timestamp'],
  ['from the future', ({ headers, body }) => [SECRET, headers, body, NOW.getTime() - 301_000], 'bad-timestamp'],
  [
    'replayed under a new time',
    ({ headers, body }) => [
      SECRET,
      { ...headers, 'webhook-timestamp': String(NOW.getTime() / 1000 + 400).split('.')[0] },
      body,
      NOW.getTime() + 400_000,
    ],
    'bad-signature',
  ],
  ['with another body', ({ headers, body }) => [SECRET, headers, body.replace('overdue', 'finding'), NOW.getTime()], 'bad-signature'],
  ['with a space behind the body', ({ headers, body }) => [SECRET, headers, `${body} `, NOW.getTime()], 'bad-signature'],
  ['with another id', ({ headers, body }) => [SECRET, { ...headers, 'webhook-id': 'x' }, body, NOW.getTime()], 'bad-signature'],
  [
    'with the body moved into the id',
    ({ headers, body }) => [SECRET, { ...headers, 'webhook-id': `${ALERT.id}.1` }, body, NOW.getTime()],
    'not-signed',
  ],
  ['of another secret', ({ headers, body }) => [secretOf(), headers, body, NOW.getTime()], 'bad-signature'],
  [
    'with an empty signature',
    ({ headers, body }) => [SECRET, { ...headers, 'webhook-signature': '' }, body, NOW.getTime()],
    'bad-signature',
  ],
  [
    'with half a signature',
    ({ headers, body }) => [
      SECRET,
      { ...headers, 'webhook-signature': String(headers['webhook-signature']).slice(0, 20) },
      body,
      NOW.getTime(),
    ],
    'bad-signature',
  ],
  [
    'without a signature',
    ({ headers, body }) => [SECRET, { ...headers, 'webhook-signature': undefined }, body, NOW.getTime()],
    'not-signed',
  ],
  ['without a time', ({ headers, body }) => [SECRET, { ...headers, 'webhook-timestamp': 'now' }, body, NOW.getTime()], 'not-signed'],
  ['without an id', ({ headers, body }) => [SECRET, { ...headers, 'webhook-id': '' }, body, NOW.getTime()], 'not-signed'],
])('one %s is refused', async (_what, change, code) => {
  const given = change(await sent());
  expect(() => verifyWebhook(...given)).toThrow(expect.objectContaining({ name: 'WebhookRefused', code }));
});

test('one is taken while the secret is changed, under either', async () => {
  const { headers, body } = await sent();
  const both = { ...headers, 'webhook-signature': `v1,${Buffer.alloc(32).toString('base64')} ${headers['webhook-signature']}` };
  expect(verifyWebhook(SECRET, both, body, NOW.getTime() + 299_000).id).toBe(ALERT.id);
});

test.each([
  [200, undefined, false],
  [204, undefined, false],
  [410, 'refused', true],
  ...[301, 307, 400, 401, 404, 422, 429, 500, 502].map((status) => [status, 'unreachable', false] as const),
] as const)('an answer of %d means %s', async (status, reason, dead) => {
  const elsewhere = await endpoint();
  const { url, heard } = await endpoint((_request, response) => response.writeHead(status, { location: elsewhere.url }).end());
  const error = await failure(sendWebhook({ url, secret: SECRET }, ALERT, NOW));
  if (reason === undefined) expect(error).toBeUndefined();
  else expect(error).toMatchObject({ reason, dead });
  expect([heard.length, elsewhere.heard.length]).toEqual([1, 0]);
});

test('an endpoint that is not there or does not answer is unreachable', async () => {
  const gone = await listening();
  await gone.stop();
  const silent = await endpoint(() => undefined);
  for (const { url } of [gone, silent]) {
    const error = await failure(sendWebhook({ url, secret: SECRET }, ALERT, NOW, 300));
    expect(error).toBeInstanceOf(NotCarried);
    expect(error).toMatchObject({ reason: 'unreachable' });
  }
});

test.each(['https://alerts.shop.example/hook?a=1', 'http://localhost:8080/', 'http://127.0.0.1/', 'http://127.8.0.1/', 'http://[::1]:9/'])(
  'the URL %s is taken',
  (url) => {
    expect(() => checkWebhookUrl(url)).not.toThrow();
  },
);

test.each([
  ['http://alerts.shop.example/', /https/],
  ['http://127.evil.example/', /https/],
  ['http://127.0.0.1.evil.example/', /https/],
  ['http://localhost.evil.example/', /https/],
  ['http://10.0.0.1/', /https/],
  ['http://[::ffff:10.0.0.1]/', /https/],
  ['http://0.0.0.0/', /https/],
  ['https://user@alerts.shop.example/', /password/],
  ['https://:password@alerts.shop.example/', /password/],
  ['http://localhost@evil.example/', /password/],
  ['file:///etc/passwd', /https/],
  ['javascript:alert(1)', /https/],
  ['//alerts.shop.example/', /whole URL/],
  ['', /whole URL/],
])('the URL %s is refused', async (url, why) => {
  expect(() => checkWebhookUrl(url)).toThrow(why);
  await expect(sendWebhook({ url, secret: SECRET }, ALERT, NOW)).rejects.toThrow(why);
});

test('a message that could be read as another is not signed, nor one under a secret that is none', async () => {
  const { url, heard } = await endpoint();
  for (const id of ['a.1', 'a\r\nX: y', '', 'ก'])
    await expect(sendWebhook({ url, secret: SECRET }, { ...ALERT, id }, NOW)).rejects.toThrow(/id/);
  for (const secret of ['', 'whsec_', 'whsec_AAAA', 'whsec_no base64 at all, and long enough!', SECRET.slice(6)])
    await expect(sendWebhook({ url, secret }, ALERT, NOW)).rejects.toThrow(/secret/);
  expect(heard).toHaveLength(0);
});

test('secrets are of 32 bytes, and each another', () => {
  expect(secretOf()).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
  expect(secretOf()).not.toBe(secretOf());
  expect(secretOf(Buffer.alloc(24))).toBe(`whsec_${'A'.repeat(32)}`);
});
