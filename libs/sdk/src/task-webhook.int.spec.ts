import { createHmac, randomBytes } from 'node:crypto';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';
import { aTask, RequestsServer, SUBJECT, until } from './fulfilment-rig.js';
import {
  Fulfilment,
  httpAnswers,
  signTask,
  taskWebhook,
  type FulfilmentTask,
  type HandlerAnswer,
  type TaskWebhookOptions,
} from './index.js';

const SECRET = `whsec_${randomBytes(32).toString('base64')}`;
const NOW = Date.parse('2026-03-01T09:00:00Z');
const DATA: HandlerAnswer = {
  outcome: 'data',
  records: [{ category: 'identity', name: 'customer', provenance: 'provided', values: { full_name: 'สมชาย ใจดี' } }],
};

test('a signature is that of Standard Webhooks', () => {
  const key = randomBytes(24);
  const secret = `whsec_${key.toString('base64')}`;
  const expected = createHmac('sha256', key).update('task-1.1772355600.{"name":"สมชาย"}').digest('base64');
  expect(signTask(secret, 'task-1', 1_772_355_600, '{"name":"สมชาย"}')).toBe(`v1,${expected}`);
  const now = Math.floor(Date.now() / 1000);
  const headers = { 'webhook-id': 'task-1', 'webhook-timestamp': String(now), 'webhook-signature': signTask(secret, 'task-1', now, '{}') };
  expect(new Webhook(secret).verify('{}', headers)).toEqual({});
});

describe('a task webhook', () => {
  let server: http.Server;
  let url: string;
  let calls: FulfilmentTask[];
  let now: number;

  afterEach(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  async function listen(fulfilment: Fulfilment, options: Partial<TaskWebhookOptions> = {}): Promise<void> {
    calls = [];
    now = NOW;
    server = http.createServer(taskWebhook(fulfilment, { secret: SECRET, now: () => now, ...options }));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/tasks`;
  }
  const storefront = (handler: (task: FulfilmentTask) => HandlerAnswer | Promise<HandlerAnswer> = () => DATA) =>
    new Fulfilment({ system: 'storefront' }).onAccess((task) => (calls.push(task), handler(task)));

  interface Attempt {
    body?: string;
    id?: string;
    at?: number;
    secret?: string;
    headers?: Record<string, string>;
  }
  async function post(task: FulfilmentTask, attempt: Attempt = {}): Promise<{ status: number; type: string | null; body: unknown }> {
    const { body = JSON.stringify(task), id = task.task, at = NOW / 1000, secret = SECRET } = attempt;
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        'webhook-id': id,
        'webhook-timestamp': String(at),
        'webhook-signature': signTask(secret, id, at, body),
        ...attempt.headers,
      },
      body,
    });
    return { status: response.status, type: response.headers.get('content-type'), body: await response.json() };
  }

  it('answers a signed task with what the handler says', async () => {
    await listen(storefront());
    const task = aTask();
    expect(await post(task)).toEqual({ status: 200, type: 'application/json', body: { ...DATA, subject: SUBJECT } });
    expect(calls).toEqual([task]);
  });

  it('takes any of several signatures, while a secret is being changed', async () => {
    await listen(storefront());
    const task = aTask();
    const both = `${signTask(`whsec_${randomBytes(32).toString('base64')}`, task.task, NOW / 1000, JSON.stringify(task))} ${signTask(SECRET, task.task, NOW / 1000, JSON.stringify(task))}`;
    expect((await post(task, { headers: { 'webhook-signature': both } })).status).toBe(200);
  });

  it('refuses what is forged, in every part', async () => {
    await listen(storefront());
    const task = aTask();
    const signature = signTask(SECRET, task.task, NOW / 1000, JSON.stringify(task));
    const forged: Attempt[] = [
      { secret: `whsec_${randomBytes(32).toString('base64')}` },
      { body: JSON.stringify(aTask({ identifiers: [{ scheme: 'account', value: 'c-2' }] })), headers: { 'webhook-signature': signature } },
      { id: aTask().task, headers: { 'webhook-signature': signature } },
      { at: NOW / 1000 + 1, headers: { 'webhook-signature': signature } },
      { headers: { 'webhook-signature': signature.replace('v1,', 'v1a,') } },
      { headers: { 'webhook-signature': '' } },
      { headers: { 'webhook-timestamp': 'now' } },
      { headers: { 'webhook-timestamp': `${NOW / 1000}x` } },
    ];
    for (const attempt of forged) {
      const answer = await post(task, attempt);
      expect([answer.status, answer.type]).toEqual([401, 'application/problem+json']);
      expect(JSON.stringify(answer.body)).not.toContain('c-1001');
    }
    const bare = await fetch(url, { method: 'POST', body: JSON.stringify(task) });
    expect([bare.status, ((await bare.json()) as { title: string }).title]).toEqual([
      401,
      'The headers webhook-id, webhook-timestamp and webhook-signature are needed.',
    ]);
    expect(calls).toEqual([]);
  });

  it('refuses what is more than five minutes off, and a second sight of the same attempt', async () => {
    await listen(storefront());
    const task = aTask();
    for (const at of [NOW / 1000 - 301, NOW / 1000 + 301]) {
      expect(await post(task, { at })).toMatchObject({ status: 401, body: { type: 'https://attesta.dev/problems/bad-timestamp' } });
    }
    expect(calls).toEqual([]);
    expect((await post(task, { at: NOW / 1000 - 300 })).status).toBe(200);
    expect(await post(task, { at: NOW / 1000 - 300 })).toMatchObject({
      status: 401,
      body: { type: 'https://attesta.dev/problems/replayed' },
    });
    now += 60_000;
    expect((await post(task, { at: now / 1000 })).status).toBe(200);
  });

  it('refuses what is no task, or another than its header says', async () => {
    await listen(storefront());
    const task = aTask();
    const bodies = [
      '',
      '{',
      'null',
      '[]',
      '"task"',
      JSON.stringify({ ...task, kind: 'wat' }),
      JSON.stringify({ ...task, identifiers: 'c-1001' }),
    ];
    for (const [n, body] of bodies.entries()) {
      expect(await post(task, { body, at: NOW / 1000 + n })).toMatchObject({
        status: 400,
        body: { type: 'https://attesta.dev/problems/not-a-task' },
      });
    }
    expect(await post(task, { id: aTask().task })).toMatchObject({
      status: 400,
      body: { type: 'https://attesta.dev/problems/other-task' },
    });
    expect(calls).toEqual([]);
  });

  it('reads at most 1 MB, announced or not', async () => {
    await listen(storefront());
    const body = JSON.stringify({ ...aTask(), padding: 'x'.repeat(1_000_000) });
    for (const chunked of [false, true]) {
      const status = await new Promise<number>((resolve, reject) => {
        const request = http.request(
          url,
          { method: 'POST', ...(!chunked && { headers: { 'content-length': body.length } }) },
          (response) => {
            resolve(response.statusCode ?? 0);
            response.resume();
            request.destroy();
          },
        );
        request.on('error', reject);
        // Without an end, so that only the limit can bring an answer.
        request.write(body);
      });
      expect(status).toBe(413);
    }
    expect(calls).toEqual([]);
  });

  it('takes POST alone', async () => {
    await listen(storefront());
    const response = await fetch(url);
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST']);
  });

  it('does a task once while it is under way, and what changed something never again', async () => {
    let finish: (answer: HandlerAnswer) => void = () => undefined;
    const fulfilment = storefront().onErasure((task) => (calls.push(task), new Promise((resolve) => (finish = resolve))));
    await listen(fulfilment);
    const task = aTask({ kind: 'erasure' });
    const twice = [post(task), post(task, { at: NOW / 1000 + 1 })];
    await until(() => calls.length === 1);
    finish({ outcome: 'done', categories: ['identity'] });
    const answers = await Promise.all([...twice, post(task, { at: NOW / 1000 + 2 })]);
    expect(answers.map(({ body }) => body)).toEqual(Array(3).fill({ outcome: 'done', categories: ['identity'], subject: SUBJECT }));
    expect(calls).toHaveLength(1);
  });

  it('answers failed, without a word about the person, when the handler throws; the next attempt is another try', async () => {
    await listen(
      storefront(() => {
        if (calls.length === 1) throw new RangeError('somchai@mail.example is out of range');
        return DATA;
      }),
    );
    const task = aTask();
    expect((await post(task)).body).toEqual({ outcome: 'failed', subject: SUBJECT, reason: 'RangeError', retry: true });
    expect((await post(task, { at: NOW / 1000 + 1 })).body).toMatchObject({ outcome: 'data' });
  });

  it('answers 202 when it takes long, and hands the answer in later', async () => {
    const service = new RequestsServer();
    await service.start();
    let finish: (answer: HandlerAnswer) => void = () => undefined;
    const fulfilment = new Fulfilment({ system: 'storefront', answer: httpAnswers({ url: service.url, token: 't' }) });
    fulfilment.onAccess((task) => (calls.push(task), new Promise((resolve) => (finish = resolve))));
    await listen(fulfilment, { answerWithinMs: 5 });
    const task = aTask();
    expect(await post(task)).toMatchObject({ status: 202, body: { task: task.task, status: 'accepted' } });
    finish(DATA);
    await until(() => service.answers.length === 1);
    expect(service.of(task)).toEqual([{ ...DATA, subject: SUBJECT }]);
    expect(calls).toHaveLength(1);
    await service.die();
  });

  it('needs a secret that is one', async () => {
    await listen(storefront());
    for (const secret of ['', 'whsec_', 'whsec_not base64!']) {
      expect(() => taskWebhook(storefront(), { secret })).toThrow('whsec_');
    }
  });
});
