import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import type { FulfilmentTask, TaskKind } from '@attesta/sdk';
import { TASK_KINDS } from '@attesta/sdk';
import { Webhook } from 'standardwebhooks';
import supertest from 'supertest';
import type { Taken } from './intake.js';
import type { Answered, RequestsRig } from './requests-rig.js';
import type { RequestView } from './request-views.js';

export interface ProblemBody {
  type: string;
  status: number;
  errors?: { field: string; code: string; message: string; fix: string }[];
}
export interface TaskRow {
  id: string;
  system: string;
  open: boolean;
  attempts: number;
  next_at: Date | null;
  answer: Buffer | null;
  box: Buffer | null;
}

/** Waits for what happens by itself. */
export async function until(condition: () => Promise<boolean> | boolean, what = 'it'): Promise<void> {
  for (const end = Date.now() + 30_000; !(await condition()); await pause(10)) {
    if (Date.now() > end) throw new Error(`${what} did not happen within 30 s`);
  }
}

/** How a webhook behaves; 'hang' answers nothing. */
export type Reply = 'hang' | { status: number; body?: unknown; text?: string; headers?: Record<string, string> };

export interface SystemOptions {
  id: string;
  categories: string[];
  kinds?: TaskKind[];
  party?: string;
  title?: string;
}

const KINDS = [...TASK_KINDS];

/** A connected system that fetches its tasks. */
export class PullSystem {
  protected constructor(
    protected readonly rig: RequestsRig,
    readonly id: string,
    readonly token: string,
  ) {}

  static async register(rig: RequestsRig, options: SystemOptions): Promise<PullSystem> {
    await register(rig, options);
    return new PullSystem(rig, options.id, await rig.tokenFor(`//${options.id}.test`));
  }

  call<T = ProblemBody>(method: 'get' | 'post', path: string, body?: unknown): Promise<Answered<T>> {
    return call<T>(this.rig, this.token, method, path, body);
  }

  async tasks(): Promise<FulfilmentTask[]> {
    const { status, body } = await this.call<{ data: FulfilmentTask[] }>('get', `/v1/fulfilment/tasks?system=${this.id}`);
    if (status !== 200) throw new Error(`${this.id} cannot fetch its tasks: ${status}`);
    return body.data;
  }

  /** The task of a request that waits for this system. */
  async taskOf(request: string): Promise<FulfilmentTask> {
    const found = (await this.tasks()).find((task) => task.request === request);
    if (!found) throw new Error(`${this.id} has no task for this request`);
    return found;
  }

  answer<T = ProblemBody>(task: string, body: unknown): Promise<Answered<T>> {
    return this.call<T>('post', `/v1/fulfilment/tasks/${task}/answer`, body);
  }
}

/** A connected system to which tasks are sent, behind a real HTTP server. */
export class WebhookSystem extends PullSystem {
  /** Verified tasks, in the order of their arrival. */
  readonly got: { task: FulfilmentTask; at: number }[] = [];
  /** Deliveries that did not verify. */
  readonly forged: unknown[] = [];
  reply: (task: FulfilmentTask) => Reply = ({ subject, categories }) => ({
    status: 200,
    body: { outcome: 'done', subject, categories },
  });
  secret = '';
  private server!: http.Server;

  static async start(rig: RequestsRig, options: SystemOptions): Promise<WebhookSystem> {
    const system = new WebhookSystem(rig, options.id, await rig.tokenFor(`//${options.id}.test`));
    system.server = http.createServer((request, response) => void system.serve(request, response));
    await new Promise<void>((resolve) => system.server.listen(0, '127.0.0.1', resolve));
    const { secret } = await register(rig, options, system.url);
    system.secret = secret ?? '';
    return system;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/tasks`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async serve(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const at = this.rig.time.getTime();
    const task = this.verified(Buffer.concat(chunks).toString(), request.headers as Record<string, string>);
    if (!task) return void response.writeHead(401).end();
    this.got.push({ task, at });
    const reply = this.reply(task);
    if (reply === 'hang') return;
    const { status, body, text = body === undefined ? '' : JSON.stringify(body), headers = {} } = reply;
    response.on('error', () => undefined); // who is cut short need not be answered
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(text);
  }

  private verified(body: string, headers: Record<string, string>): FulfilmentTask | undefined {
    const { now } = Date;
    // The package reads the machine's clock, and the service has the rig's.
    Date.now = () => this.rig.time.getTime();
    try {
      const task = new Webhook(this.secret).verify(body, headers) as FulfilmentTask;
      if (headers['webhook-id'] === task.task) return task;
      throw new Error('the header names another task');
    } catch (error) {
      this.forged.push(error);
      return undefined;
    } finally {
      Date.now = now;
    }
  }
}

async function register(rig: RequestsRig, options: SystemOptions, url?: string): Promise<{ secret?: string }> {
  const { id, categories, kinds = KINDS, party, title = id } = options;
  const { status, body } = await rig.post<{ secret?: string }>('operator', '/v1/systems', {
    id,
    title,
    source: `//${id}.test`,
    categories,
    kinds,
    ...(party !== undefined && { party }),
    ...(url !== undefined && { url }),
  });
  if (status !== 200) throw new Error(`${id} cannot be registered: ${JSON.stringify(body)}`);
  return body;
}

/** A call with a token of its own; a body that is text is sent as it is. */
export async function call<T>(
  rig: RequestsRig,
  token: string | undefined,
  method: 'get' | 'post',
  path: string,
  body?: unknown,
): Promise<Answered<T>> {
  const sending = supertest(rig.app.getHttpServer())[method](path);
  if (token !== undefined) sending.set('authorization', `Bearer ${token}`);
  if (body !== undefined) sending.set('content-type', 'application/json').send(typeof body === 'string' ? body : JSON.stringify(body));
  const answer = await sending;
  return { status: answer.status, body: answer.body as T };
}

let n = 0;

/** Somebody who came in person and proved who they are, with a request that is accepted. */
export async function accepted(
  rig: RequestsRig,
  asked: { right: TaskKind; categories?: string[]; [more: string]: unknown },
  person = newPerson(rig),
): Promise<RequestView & { subject: string; account: string; email: string }> {
  const { body } = await rig.post<Taken>('dpo', '/v1/requests', {
    ...asked,
    subject: `account|${person.account}`,
    identifiers: [{ scheme: 'email', value: person.email }],
    channel: 'in-person',
    identity: { evidence: { kind: 'passport' } },
  });
  const { status, body: view } = await rig.post('dpo', `/v1/requests/${body.request}/accept`);
  if (status !== 200) throw new Error(`not accepted: ${JSON.stringify(view)}`);
  return { ...view, ...person, subject: person.subject };
}

/** Somebody nobody else in this process is. */
export function newPerson(rig: RequestsRig): { account: string; email: string; subject: string } {
  const [account, email] = [`c-${++n}`, `somebody-${n}@example.co.th`];
  return { account, email, subject: rig.directory.same(`account|${account}`, `email|${email}`) };
}

export async function taskRows(rig: RequestsRig, request: string): Promise<TaskRow[]> {
  const { rows } = await rig.db.pool.query<TaskRow>(
    'select id, system, open, attempts, next_at, answer, box from task where request = $1 order by system',
    [request],
  );
  return rows;
}
