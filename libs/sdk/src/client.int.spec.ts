import http from 'node:http';
import type { AddressInfo } from 'node:net';
import type { CloudEvent } from '@attesta/events';
import { AttestaClient, AttestaError, PublishIncomplete, report } from './index.js';
import type { AttestaClientOptions, Receipt } from './index.js';

interface Seen {
  path: string;
  headers: http.IncomingHttpHeaders;
  body: unknown;
}
type Answer = (response: http.ServerResponse, seen: Seen, nth: number) => void;

const json =
  (status: number, body: unknown, headers: Record<string, string> = {}): Answer =>
  (response) =>
    response.writeHead(status, { 'Content-Type': 'application/json', ...headers }).end(JSON.stringify(body));
const receiptOf = ({ id, source }: CloudEvent, position: number): Receipt => ({ id, source, status: 'sealed', position });
const sealAll: Answer = (response, { body }, nth) =>
  json(
    200,
    Array.isArray(body)
      ? { receipts: (body as CloudEvent[]).map((event, at) => receiptOf(event, nth * 1000 + at)) }
      : receiptOf(body as CloudEvent, nth),
  )(response, { path: '', headers: {}, body }, nth);
const problem = (status: number, slug: string) => ({
  type: `https://attesta.dev/problems/${slug}`,
  title: 'Some fields are not valid',
  status,
  detail: 'One field did not pass.',
  fix: 'Mend it.',
  errors: [{ field: '/data/basis', code: 'required', message: 'basis is missing', fix: 'Name the lawful basis.' }],
});

describe('a publisher with the client', () => {
  let server: http.Server;
  let url: string;
  let answer: Answer;
  const seen: Seen[] = [];
  const pauses: number[] = [];

  beforeAll(async () => {
    server = http.createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const item = {
          path: request.url ?? '',
          headers: request.headers,
          body: JSON.parse(Buffer.concat(chunks).toString('utf8')) as unknown,
        };
        seen.push(item);
        answer(response, item, seen.length);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });
  beforeEach(() => {
    seen.length = 0;
    pauses.length = 0;
    answer = sealAll;
  });

  const client = (options: Partial<AttestaClientOptions> = {}) =>
    new AttestaClient({
      url,
      source: '//shop.example/orders',
      token: 'a-token',
      now: () => new Date('2026-01-31T09:00:00Z'),
      retry: { random: () => 0.5, sleep: async (milliseconds) => void pauses.push(milliseconds) },
      ...options,
    });
  const used = (subject = 'account|c-1') =>
    report.use(subject, { categories: ['contact'], purposes: ['delivery'], basis: 'contract', operation: 'print label' });
  const failure = (promise: Promise<unknown>) =>
    promise.then(
      () => Promise.reject(new Error('it was accepted')),
      (error: unknown) => error as AttestaError,
    );

  it('sends one event as a structured CloudEvent with id, time and token, and gets its receipt', async () => {
    const receipt = await client({ newId: () => 'e-1' }).publish(used());
    expect(seen[0]).toMatchObject({
      path: '/v1/events',
      headers: { 'content-type': 'application/cloudevents+json', authorization: 'Bearer a-token' },
    });
    expect(seen[0]?.body).toEqual({
      specversion: '1.0',
      id: 'e-1',
      source: '//shop.example/orders',
      type: 'attesta.use.recorded.v1',
      time: '2026-01-31T09:00:00.000Z',
      subject: 'account|c-1',
      datacontenttype: 'application/json',
      data: { categories: ['contact'], purposes: ['delivery'], basis: 'contract', operation: 'print label' },
    });
    expect(receipt).toEqual({ id: 'e-1', source: '//shop.example/orders', status: 'sealed', position: 1 });
  });

  it('names events by UUIDs of version 7 and keeps an id it is given', async () => {
    await client().publish(used());
    await client().publish({ ...used(), id: 'order-7' });
    expect((seen[0]?.body as CloudEvent).id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect((seen[1]?.body as CloudEvent).id).toBe('order-7');
  });

  it('asks for a token each time and passes the trace on', async () => {
    let asked = 0;
    const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
    const asking = client({ token: async () => `t-${++asked}`, traceparent: () => traceparent });
    await asking.publish(used());
    await asking.publish(used());
    expect(seen.map(({ headers }) => headers.authorization)).toEqual(['Bearer t-1', 'Bearer t-2']);
    expect(seen[0]?.headers['traceparent']).toBe(traceparent);
  });

  it('learns from a rejection what to mend, without trying again', async () => {
    answer = json(400, problem(400, 'invalid-fields'), { 'Content-Type': 'application/problem+json' });
    const error = await failure(client().publish(used()));
    expect(error).toBeInstanceOf(AttestaError);
    expect(error).toMatchObject({
      status: 400,
      problem: { type: 'https://attesta.dev/problems/invalid-fields' },
      errors: [{ field: '/data/basis' }],
    });
    expect(error.message).toContain('Mend it.');
    expect(seen).toHaveLength(1);
  });

  it.each([400, 401, 403, 404, 409, 413, 415, 422])('never repeats a request answered with %s', async (status) => {
    answer = json(status, {});
    expect((await failure(client().publish(used()))).status).toBe(status);
    expect(seen).toHaveLength(1);
  });

  it.each([500, 502, 503, 504, 429])('repeats one answered with %s, under the same id, with growing pauses', async (status) => {
    answer = (response, item, nth) => (nth < 4 ? json(status, {}) : sealAll)(response, item, nth);
    await expect(client().publish(used())).resolves.toMatchObject({ status: 'sealed' });
    expect(new Set(seen.map(({ body }) => (body as CloudEvent).id)).size).toBe(1);
    expect(pauses).toEqual([100, 200, 400]);
  });

  it('waits as long as the ledger asks, in seconds or until a date', async () => {
    answer = (response, item, nth) => {
      if (nth === 1) return json(503, {}, { 'Retry-After': '3' })(response, item, nth);
      if (nth === 2) return json(429, {}, { 'Retry-After': 'Sat, 31 Jan 2026 09:00:07 GMT' })(response, item, nth);
      if (nth === 3) return json(503, {}, { 'Retry-After': 'soon' })(response, item, nth);
      return sealAll(response, item, nth);
    };
    await client().publish(used());
    expect(pauses).toEqual([3100, 7200, 400]);
  });

  it('repeats a request whose connection broke, before or within the answer', async () => {
    answer = (response, item, nth) => {
      if (nth === 1) return void response.socket?.destroy();
      if (nth === 2) return void response.writeHead(200, { 'Content-Length': '100' }).write('{"id"', () => response.socket?.destroy());
      return sealAll(response, item, nth);
    };
    await expect(client().publish(used())).resolves.toMatchObject({ status: 'sealed' });
    expect(seen).toHaveLength(3);
  });

  it('repeats a request that is not answered in time', async () => {
    answer = (response, item, nth) => (nth === 1 ? undefined : sealAll(response, item, nth));
    await expect(client({ timeoutMs: 50 }).publish(used())).resolves.toMatchObject({ status: 'sealed' });
  });

  it('gives up after so many attempts, saying why', async () => {
    answer = json(503, problem(503, 'busy'));
    const error = await failure(client({ retry: { attempts: 3, random: () => 0, sleep: async () => undefined } }).publish(used()));
    expect(error).toMatchObject({ status: 503, problem: { type: 'https://attesta.dev/problems/busy' } });
    expect(seen).toHaveLength(3);
  });

  it('stops trying when it is told to', async () => {
    const stopping = new AbortController();
    answer = (response, item, nth) => {
      stopping.abort(new Error('shutting down'));
      json(503, {})(response, item, nth);
    };
    const error = await failure(client({ signal: stopping.signal, retry: {} }).publish(used()));
    expect(error.message).toMatch(/aborted/);
    expect(seen).toHaveLength(1);
  });

  it('does not follow a redirect with its token', async () => {
    answer = (response) => response.writeHead(307, { Location: 'http://evil.example/v1/events' }).end();
    await failure(client({ retry: { attempts: 1 } }).publish(used()));
    expect(seen).toHaveLength(1);
  });

  it('takes an answer that is not from a ledger for an error', async () => {
    answer = (response) => response.writeHead(200, { 'Content-Type': 'text/html' }).end('<h1>Welcome</h1>');
    expect((await failure(client().publish(used()))).message).toContain('check that the URL');
    answer = json(200, { receipts: [] });
    expect((await failure(client().publishMany([used()]))).message).toContain('check that the URL');
  });

  describe('of many events', () => {
    it('sends batches of at most a hundred and answers in the order given', async () => {
      const drafts = Array.from({ length: 1000 }, (_, at) => ({ ...used(`account|c-${at % 37}`), id: `e-${at}` }));
      const receipts = await client().publishMany(drafts);
      expect(receipts.map(({ id }) => id)).toEqual(drafts.map(({ id }) => id));
      expect(seen.every(({ headers }) => headers['content-type'] === 'application/cloudevents-batch+json')).toBe(true);
      expect(Math.max(...seen.map(({ body }) => (body as unknown[]).length))).toBe(100);
    });

    it('keeps batches within the bytes the ledger reads', async () => {
      const long = 'ก'.repeat(20_000);
      const drafts = Array.from({ length: 60 }, () =>
        report.use('account|c-1', { categories: ['contact'], purposes: ['delivery'], basis: 'contract', operation: long }),
      );
      await client().publishMany(drafts);
      expect(seen.length).toBeGreaterThan(3);
      for (const { headers } of seen) expect(Number(headers['content-length'])).toBeLessThanOrEqual(1_000_000);
    });

    it('has no more requests under way than allowed, and keeps the order of each subject', async () => {
      let underWay = 0;
      let most = 0;
      answer = (response, item, nth) => {
        most = Math.max(most, ++underWay);
        setImmediate(() => {
          underWay--;
          sealAll(response, item, nth);
        });
      };
      const drafts = Array.from({ length: 2000 }, (_, at) => ({ ...used(`account|c-${at % 50}`), id: String(at) }));
      await client({ concurrency: 3 }).publishMany(drafts);
      expect(most).toBeLessThanOrEqual(3);
      const arrived = seen.flatMap(({ body }) => body as CloudEvent[]);
      for (let subject = 0; subject < 50; subject++) {
        const ids = arrived.filter((event) => event.subject === `account|c-${subject}`).map(({ id }) => Number(id));
        expect(ids).toEqual([...ids].sort((a, b) => a - b));
      }
    });

    it('gets rejections as receipts, and one bad event does not sink the others', async () => {
      answer = (response, { body }) =>
        json(200, {
          receipts: (body as CloudEvent[]).map(({ id, source }, at) =>
            at === 1
              ? { id, source, status: 'rejected', problems: problem(400, 'x').errors }
              : { id, source, status: 'sealed', position: at },
          ),
        })(response, { path: '', headers: {}, body }, 1);
      const receipts = await client().publishMany([used(), used(), used()]);
      expect(receipts.map(({ status }) => status)).toEqual(['sealed', 'rejected', 'sealed']);
    });

    it('learns which were not delivered', async () => {
      answer = (response, item, nth) => (nth === 2 ? json(413, problem(413, 'batch-too-large')) : sealAll)(response, item, nth);
      const drafts = Array.from({ length: 250 }, () => used());
      const error = (await failure(client().publishMany(drafts))) as PublishIncomplete;
      expect(error).toBeInstanceOf(PublishIncomplete);
      expect(error.receipts.filter(Boolean)).toHaveLength(100);
      expect(error.receipts[99]).toBeDefined();
      expect(error.receipts[100]).toBeUndefined();
      expect(error.message).toContain('150 of 250');
    });

    it('sends nothing when there is nothing', async () => {
      expect(await client().publishMany([])).toEqual([]);
      expect(seen).toHaveLength(0);
    });
  });
});
