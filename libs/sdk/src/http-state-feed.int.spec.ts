import http from 'node:http';
import type { AddressInfo } from 'node:net';
import type { StateChange } from '@attesta/decisions';
import { asks, forgotten, ids, person, POLICY } from './decision-rig.js';
import { DecisionCache, httpAcknowledge, httpStateFeed, type DecisionCacheOptions, type HttpStateOptions } from './index.js';

/** The consent service's two routes, over a table that outlives it. */
class ConsentServer {
  readonly table = new Map<string, StateChange>();
  readonly asked: URLSearchParams[] = [];
  readonly acknowledged: { consumer: string; changed: number }[] = [];
  readonly tokens = new Set<string | undefined>();
  refuse: number | undefined;
  private server?: http.Server;
  private wake = new Set<() => void>();
  private port = 0;

  get url(): string {
    return `http://127.0.0.1:${this.port}/`;
  }

  write(...changes: StateChange[]): void {
    for (const change of changes) this.table.set(change.key, change);
    for (const wake of [...this.wake]) wake();
  }

  async start(): Promise<void> {
    this.server = http.createServer((request, response) => this.answer(request, response));
    await new Promise<void>((resolve) => this.server!.listen(this.port, '127.0.0.1', resolve));
    this.port = (this.server.address() as AddressInfo).port;
  }

  async die(): Promise<void> {
    this.server?.closeAllConnections();
    await new Promise((resolve) => this.server?.close(resolve));
    this.wake.clear();
  }

  private answer(request: http.IncomingMessage, response: http.ServerResponse): void {
    const { pathname, searchParams } = new URL(request.url!, this.url);
    this.tokens.add(request.headers.authorization);
    if (this.refuse !== undefined) {
      const problem = { type: 'https://attesta.dev/problems/refused', title: 'Refused', status: this.refuse };
      response.writeHead(this.refuse, { 'Content-Type': 'application/problem+json' }).end(JSON.stringify(problem));
    } else if (pathname === '/v1/consent-state/acknowledgements') {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        this.acknowledged.push(JSON.parse(body) as { consumer: string; changed: number });
        response.writeHead(204).end();
      });
    } else {
      this.asked.push(searchParams);
      this.changes(searchParams, response);
    }
  }

  private changes(asked: URLSearchParams, response: http.ServerResponse): void {
    const after = Number(asked.get('after'));
    // A page of the server's own size, to see that the rest is asked for.
    const data = [...this.table.values()].filter(({ changed }) => changed > after).sort((a, b) => a.changed - b.changed);
    const page = data.slice(0, 3);
    const send = () => response.end(JSON.stringify({ data: page, head: page.at(-1)?.changed ?? after, has_more: data.length > 3 }));
    const wait = Number(asked.get('wait_ms'));
    response.setHeader('Content-Type', 'application/json');
    if (page.length > 0 || wait === 0) return void send();
    const again = () => {
      clearTimeout(timer);
      this.wake.delete(again);
      this.changes(new URLSearchParams({ after: String(after), wait_ms: '0' }), response);
    };
    const timer = setTimeout(again, wait).unref();
    this.wake.add(again);
  }
}

describe('consent state over HTTP', () => {
  let server: ConsentServer;
  let ending: AbortController;
  const quick = { baseMs: 5, maxMs: 20 };

  beforeEach(async () => {
    server = new ConsentServer();
    ending = new AbortController();
    await server.start();
    server.write(POLICY, ...[2, 3, 4, 5, 6].map((n) => person(n, n, 'given')));
  });
  afterEach(async () => {
    ending.abort();
    await server.die();
  });

  const start = (options: Partial<DecisionCacheOptions> = {}, http: Partial<HttpStateOptions> = {}) => {
    const through = { url: server.url, token: 't-1', retry: quick, ...http };
    const feed = httpStateFeed(through);
    return DecisionCache.start({ feed, consumer: 'mailer', acknowledge: httpAcknowledge(through), signal: ending.signal, ...options });
  };
  const until = async (condition: () => boolean) => {
    while (!condition()) await new Promise(setImmediate);
  };
  const decision = (may: DecisionCache, n: number) => may.decide(asks(ids(n))).decision;

  it('comes page by page without waiting, then as soon as it changes', async () => {
    const may = await start();
    expect([2, 6, 7].map((n) => decision(may, n))).toEqual(['allowed', 'allowed', 'denied']);
    expect(may.decide(asks(ids(2))).knowledge.changed).toBe(6);
    await until(() => server.asked.length === 3);
    expect(server.asked.map((asked) => [asked.get('after'), asked.get('wait_ms')])).toEqual([
      ['0', '0'],
      ['3', '0'],
      ['6', '5000'],
    ]);
    const began = performance.now();
    server.write(person(2, 7, 'withdrawn'), forgotten(3, 8));
    await until(() => may.decide(asks(ids(2))).knowledge.changed === 8);
    expect(performance.now() - began).toBeLessThan(2_000);
    expect([2, 3].map((n) => decision(may, n))).toEqual(['denied', 'denied']);
    await until(() => server.acknowledged.at(-1)?.changed === 8);
    expect(server.acknowledged[0]).toEqual({ consumer: 'mailer', changed: 6 });
    expect([...server.tokens]).toEqual(['Bearer t-1']);
  });

  it('goes on from where it was when the service dies and comes back; meanwhile decisions are made and knowledge grows old', async () => {
    let now = Date.now();
    const troubles: unknown[] = [];
    const may = await start({ now: () => now, onError: (error) => troubles.push(error) }, { now: () => now });
    await server.die();
    await until(() => troubles.length > 3);
    now += 90_000;
    expect(may.decide(asks(ids(2)))).toMatchObject({ decision: 'allowed', knowledge: { ageMs: 90_000, changed: 6 } });
    server.write(person(2, 9, 'withdrawn'));
    const before = server.asked.length;
    await server.start();
    await until(() => decision(may, 2) === 'denied');
    expect(server.asked[before]?.get('after')).toBe('6');
    await until(() => may.decide(asks(ids(2))).knowledge.ageMs === 0);
    await until(() => server.acknowledged.at(-1)?.changed === 9);
  });

  it('is waited for when the service is away, refuses, or is another one', async () => {
    const troubles: string[] = [];
    await server.die();
    const starting = start({ onError: (error) => troubles.push(String(error)) });
    await until(() => troubles.length > 1);
    server.refuse = 403;
    await server.start();
    await until(() => troubles.some((trouble) => trouble.includes('Refused')));
    server.refuse = 200;
    await until(() => troubles.some((trouble) => trouble.includes('not consent state')));
    server.refuse = undefined;
    expect(decision(await starting, 2)).toBe('allowed');
    expect(troubles[0]).toContain('cannot be reached');
  });

  it('asks nothing any more after the signal', async () => {
    const may = await start();
    await until(() => server.asked.length === 3);
    ending.abort();
    server.write(person(2, 7, 'withdrawn'));
    await new Promise(setImmediate);
    expect(server.asked).toHaveLength(3);
    expect(decision(may, 2)).toBe('allowed');
  });
});
