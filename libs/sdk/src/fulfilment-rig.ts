import { randomUUID } from 'node:crypto';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import type { FulfilmentAnswer, FulfilmentTask } from './index.js';

export const SUBJECT = '0b7e4a4e-6f3c-4d0e-9a55-1f2f3a4b5c6d';

export const aTask = (change: Partial<FulfilmentTask> = {}): FulfilmentTask => ({
  task: randomUUID(),
  request: '5f0c1d2e-0000-4000-8000-000000000001',
  system: 'storefront',
  kind: 'access',
  subject: SUBJECT,
  identifiers: [{ scheme: 'account', value: 'c-1001' }],
  categories: ['identity', 'contact'],
  issuedAt: '2026-03-01T09:00:00.000Z',
  dueAt: '2026-03-08T09:00:00.000Z',
  ...change,
});

export const until = async (condition: () => boolean): Promise<void> => {
  while (!condition()) await new Promise(setImmediate);
};

/** The requests service's routes for systems, over real HTTP: tasks stay open until an answer that no retry changes. */
export class RequestsServer {
  readonly open = new Map<string, unknown>();
  readonly polls: URLSearchParams[] = [];
  readonly answers: { task: string; answer: FulfilmentAnswer }[] = [];
  readonly tokens = new Set<string | undefined>();
  /** Statuses of the next answers to polls and to answers, instead of the right ones. */
  readonly pollStatuses: number[] = [];
  readonly answerStatuses: number[] = [];
  private server?: http.Server;
  private readonly wakes = new Set<() => void>();
  private port = 0;

  get url(): string {
    return `http://127.0.0.1:${this.port}/`;
  }

  /** What was recorded of a task. */
  of(task: FulfilmentTask): FulfilmentAnswer[] {
    return this.answers.filter((one) => one.task === task.task).map(({ answer }) => answer);
  }

  ask(...tasks: FulfilmentTask[]): void {
    for (const task of tasks) this.open.set(task.task, task);
    for (const wake of [...this.wakes]) wake();
  }

  async start(): Promise<void> {
    this.server = http.createServer((request, response) => this.answer(request, response));
    await new Promise<void>((resolve) => this.server?.listen(this.port, '127.0.0.1', resolve));
    this.port = (this.server.address() as AddressInfo).port;
  }

  async die(): Promise<void> {
    this.server?.closeAllConnections();
    await new Promise((resolve) => this.server?.close(resolve));
    this.wakes.clear();
  }

  private answer(request: http.IncomingMessage, response: http.ServerResponse): void {
    const { pathname, searchParams } = new URL(request.url ?? '/', this.url);
    this.tokens.add(request.headers.authorization);
    if (request.method === 'GET') {
      this.polls.push(searchParams);
      const status = this.pollStatuses.shift();
      return status === undefined ? this.list(searchParams, response) : refuse(response, status);
    }
    const task = /^\/v1\/fulfilment\/tasks\/([^/]+)\/answer$/.exec(pathname)?.[1] ?? '';
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      const status = this.answerStatuses.shift();
      if (status !== undefined) return refuse(response, status);
      const answer = JSON.parse(body) as FulfilmentAnswer;
      this.answers.push({ task, answer });
      if (!(answer.outcome === 'failed' && answer.retry)) this.open.delete(task);
      send(response, 200, { task, status: 'recorded' });
    });
  }

  private list(asked: URLSearchParams, response: http.ServerResponse): void {
    const wait = Number(asked.get('wait_ms'));
    const data = [...this.open.values()].slice(0, Number(asked.get('limit')));
    if (data.length > 0 || wait === 0) return send(response, 200, { data });
    const again = () => {
      clearTimeout(timer);
      this.wakes.delete(again);
      this.list(new URLSearchParams({ limit: asked.get('limit') ?? '', wait_ms: '0' }), response);
    };
    const timer = setTimeout(again, wait).unref();
    this.wakes.add(again);
  }
}

const refuse = (response: http.ServerResponse, status: number) =>
  send(response, status, { type: 'https://attesta.dev/problems/refused', title: `Refused with ${status}`, status });

const send = (response: http.ServerResponse, status: number, body: object) =>
  void response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
