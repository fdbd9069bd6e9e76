/* Systems beside Attesta that hold data about the same two people: one by the SDK, one by webhook, one by the connector on a database. */
import fs from 'node:fs/promises';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { main as attesta } from '@attesta/cli';
import { createDatabase } from '@attesta/event-log/embedded';
import {
  Fulfilment,
  httpAnswers,
  httpTasks,
  taskWebhook,
  type FulfilmentRecord,
  type FulfilmentTask,
  type HandlerAnswer,
} from '@attesta/sdk';
import pg from 'pg';
import type { Standalone } from './standalone.js';

const sample = (name: string) => fileURLToPath(new URL(`../../../libs/postgres-connector/sample/${name}`, import.meta.url));

type Row = { account: string; email: string } & Omit<FulfilmentRecord, 'values'> & { values: FulfilmentRecord['values'] };

/** What a system of its own keeps about people, found by account or e-mail. */
export class RecordStore {
  constructor(readonly rows: Row[]) {}

  access = ({ identifiers, categories }: FulfilmentTask): HandlerAnswer => {
    const records = this.rows
      .filter((row) => isOf(row, identifiers) && categories.includes(row.category))
      .map(({ account: _account, email: _email, ...record }) => record);
    return records.length > 0 ? { outcome: 'data', records } : { outcome: 'nothing-held' };
  };

  erase = ({ identifiers, categories }: FulfilmentTask): HandlerAnswer => {
    this.rows.splice(0, Infinity, ...this.rows.filter((row) => !(isOf(row, identifiers) && categories.includes(row.category))));
    return { outcome: 'done', categories };
  };
}

const isOf = ({ account, email }: Row, identifiers: FulfilmentTask['identifiers']): boolean =>
  identifiers.some(({ scheme, value }) => (scheme === 'account' && value === account) || (scheme === 'email' && value === email));

const through = ({ url, issuer }: Standalone, client: string) => ({ url, token: () => issuer.issueToken(client) });

/** Takes its tasks with the SDK, and does them at once. */
export function startMobileApp(standalone: Standalone, store: RecordStore): Fulfilment {
  const connection = through(standalone, 'mobile-app');
  const system = 'mobile-app';
  const fulfilment = new Fulfilment({ system, tasks: httpTasks({ ...connection, system }), answer: httpAnswers(connection) });
  fulfilment.onAccess(store.access).onErasure(store.erase);
  fulfilment.start();
  return fulfilment;
}

/** Is called by webhook. Down at first: it cuts every connection. Erasing takes it so long that it answers later. */
export class Crm {
  private isDown = true;
  /** Connections that it cut. */
  cut = 0;
  /** Statuses it answered tasks with. */
  readonly statuses: number[] = [];
  private webhook: http.RequestListener | undefined;
  private readonly server = http.createServer((request, response) => {
    response.on('finish', () => {
      this.statuses.push(response.statusCode);
      if (response.statusCode === 202) this.answeredLater();
    });
    this.webhook?.(request, response);
  });
  private answeredLater: () => void = () => undefined;
  private readonly later = new Promise<void>((resolve) => (this.answeredLater = resolve));

  static async listen(): Promise<Crm> {
    const crm = new Crm();
    crm.server.prependListener('connection', (socket) => {
      if (!crm.isDown) return;
      crm.cut++;
      socket.destroy();
    });
    await new Promise<void>((resolve) => crm.server.listen(0, '127.0.0.1', resolve));
    return crm;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/privacy-tasks`;
  }

  /** @param secret as the registration told it */
  connect(standalone: Standalone, store: RecordStore, secret: string): void {
    const fulfilment = new Fulfilment({ system: 'crm', answer: httpAnswers(through(standalone, 'crm')) });
    fulfilment.onAccess(store.access).onErasure(async (task) => {
      await this.later;
      return store.erase(task);
    });
    this.webhook = taskWebhook(fulfilment, { secret, answerWithinMs: 200 });
  }

  comeUp(): void {
    this.isDown = false;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

/** The sample shop's database on the standalone's own server, with `attesta connector` at work on it. */
export class Storefront {
  private end: () => void = () => undefined;
  private running: Promise<number> = Promise.resolve(0);
  /** What the command printed. */
  printed = '';

  private constructor(readonly pool: pg.Pool) {}

  static async start(standalone: Standalone, home: string): Promise<Storefront> {
    const url = await createDatabase(standalone.adminUrl(), 'storefront', 'storefront');
    const storefront = new Storefront(new pg.Pool({ connectionString: url }));
    await storefront.pool.query(await fs.readFile(sample('storefront.sql'), 'utf8'));
    const interrupted = new Promise<void>((resolve) => (storefront.end = resolve));
    const output = () => new Writable({ write: (chunk: Buffer, _, done) => void ((storefront.printed += chunk.toString()), done()) });
    storefront.running = attesta(
      ['connector', '--map', sample('storefront.yaml'), '--url', standalone.url, '--client', 'storefront', '--home', home],
      {
        stdin: Readable.from([]),
        stdout: output(),
        stderr: output(),
        env: { CONNECTOR_DATABASE_URL: url },
        cwd: home,
        now: () => new Date(),
        interrupted: () => interrupted,
      },
    );
    return storefront;
  }

  /** Rows that one query finds, as they are. */
  async rows(sql: string): Promise<Record<string, unknown>[]> {
    return (await this.pool.query<Record<string, unknown>>(sql)).rows;
  }

  /** @returns the command's exit code */
  async stop(): Promise<number> {
    this.end();
    const code = await this.running;
    await this.pool.end();
    return code;
  }
}

/** What `look` finds, as soon as it finds something. */
export async function eventually<T>(what: string, look: () => Promise<T | undefined>, seconds = 30): Promise<T> {
  for (const end = Date.now() + seconds * 1000; ; await new Promise((wake) => setTimeout(wake, 50))) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > end) throw new Error(`not within ${seconds} s: ${what}`);
  }
}
