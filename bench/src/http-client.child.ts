import http from 'node:http';
import { percentile } from './bench.js';
import { onTask, tellParent } from './child.js';
import { atRate } from './load.js';
import { eventFactory } from './sample-events.js';

export interface HttpTask {
  url: string;
  token: string;
  connections: number;
  seconds: number;
  /** Seconds before the clock starts. */
  warmUp: number;
  /** Requests begun per second, whatever becomes of those before; without it each connection sends one after the other. */
  rate?: number;
  ask:
    | { kind: 'publish'; batch: number; people: number }
    | { kind: 'get'; paths: string[] }
    | { kind: 'post'; path: string; bodies: string[] };
}

export interface HttpTold {
  requests: number;
  /** Requests per second. */
  rate: number;
  p50: number;
  p99: number;
}

interface Request {
  method: 'GET' | 'POST';
  path: string;
  contentType?: string;
  body?: string;
  /** Whether the answer is what was to be measured. */
  good(status: number, body: string): boolean;
}

/** A publisher or reader in a process of its own: kept connections, one request at a time on each. */
onTask<HttpTask>(async (task) => {
  const agent = new http.Agent({ keepAlive: true, maxSockets: task.connections });
  const next = requests(task);
  await drive(task, agent, next, task.warmUp);
  const started = performance.now();
  const ms = await drive(task, agent, next, task.seconds);
  const rate = ms.length / ((performance.now() - started) / 1000);
  tellParent({ requests: ms.length, rate, p50: percentile(ms, 0.5), p99: percentile(ms, 0.99) } satisfies HttpTold);
});

async function drive(task: HttpTask, agent: http.Agent, next: () => Request, seconds: number): Promise<number[]> {
  const { url, token, connections, rate } = task;
  const ms: number[] = [];
  const one = async () => {
    const request = next();
    const started = performance.now();
    const { status, body } = await send(new URL(request.path, url), token, agent, request);
    ms.push(performance.now() - started);
    if (!request.good(status, body)) throw new Error(`${request.method} ${request.path} answered ${status}: ${body.slice(0, 400)}`);
  };
  if (rate !== undefined) {
    await atRate(rate, seconds, async (n) => void (await Promise.all(Array.from({ length: n }, one))));
    return ms;
  }
  const until = performance.now() + seconds * 1000;
  await Promise.all(
    Array.from({ length: connections }, async () => {
      while (performance.now() < until) await one();
    }),
  );
  return ms;
}

function requests({ ask }: HttpTask): () => Request {
  if (ask.kind === 'get') {
    const { paths } = ask;
    return () => ({ method: 'GET', path: paths[Math.floor(Math.random() * paths.length)]!, good: (status) => status === 200 });
  }
  if (ask.kind === 'post') {
    const { path, bodies } = ask;
    const good = (status: number) => status === 200;
    return () => ({
      method: 'POST',
      path,
      contentType: 'application/json',
      body: bodies[Math.floor(Math.random() * bodies.length)]!,
      good,
    });
  }
  const make = eventFactory(Array.from({ length: ask.people }, (_, i) => `account|c-${i}`));
  const { batch } = ask;
  const post = { method: 'POST', path: '/v1/events' } as const;
  if (batch === 1) {
    const contentType = 'application/cloudevents+json';
    return () => ({ ...post, contentType, body: JSON.stringify(make()), good: (status) => status === 201 });
  }
  return () => ({
    ...post,
    contentType: 'application/cloudevents-batch+json',
    body: JSON.stringify(Array.from({ length: batch }, make)),
    good: (status, body) => status === 200 && body.split('"status":"sealed"').length === batch + 1,
  });
}

function send(
  url: URL,
  token: string,
  agent: http.Agent,
  { method, contentType, body }: Request,
): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const headers = {
      authorization: `Bearer ${token}`,
      ...(body !== undefined && { 'content-type': contentType, 'content-length': Buffer.byteLength(body) }),
    };
    const request = http.request(url, { method, agent, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() }));
      response.on('error', reject);
    });
    request.on('error', reject);
    request.end(body);
  });
}
