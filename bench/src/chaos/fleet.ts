import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { freePort, isRunning, startPostgres } from '@attesta/event-log/embedded';
import { startDistributed, type Distributed, type ServiceName } from '@attesta/standalone';
import pg from 'pg';
import type { LogAccess } from './history.js';
import type { Chaos } from './round.js';

interface Broker {
  brokers: string[];
  port: number;
  pid: number;
  stop(): Promise<void>;
  kill(): Promise<void>;
  wipe(): Promise<void>;
  unref(): void;
}

export const FOLLOWERS = ['audit', 'consent', 'requests', 'retention', 'notification'] as const satisfies ServiceName[];
export const SERVICES: readonly ServiceName[] = ['ledger', ...FOLLOWERS];

const SETTINGS = { max_connections: '200', max_wal_size: '2GB' };
const LOOK_MS = 200;
/** How long whatever was broken may take to be whole again. */
const PATIENCE_MS = 240_000;

/** The distributed system, each service a process of its own, on a PostgreSQL and a Kafka that can be broken. */
export class Fleet {
  private constructor(
    readonly home: string,
    readonly system: Distributed,
    private broker: Broker,
    private readonly startBroker: () => Promise<Broker>,
    private readonly port: number,
  ) {}

  static async start(chaos: Chaos): Promise<Fleet> {
    const home = chaos.scratch();
    const tool = (await import(pathToFileURL(path.join(chaos.root, 'tools/kafka/kafka.mjs')).href)) as {
      startKafka(options: { dataDir: string; port?: number }): Promise<Broker>;
    };
    const port = await freePort();
    const kafkaPort = await freePort();
    const startBroker = async () => {
      const broker = await tool.startKafka({ dataDir: path.join(home, 'kafka'), port: kafkaPort });
      broker.unref();
      chaos.cleanup.atExit(() => process.kill(broker.pid, 'SIGKILL'));
      return broker;
    };
    const broker = await startBroker();
    await startPostgres({ dataDir: home, port, settings: SETTINGS });
    chaos.cleanup.atExit(() => process.kill(pidOf(home), 'SIGQUIT'));
    const system = await startDistributed({
      home,
      port: 0,
      origin: 'chaos.example/log',
      policyFile: path.join(chaos.root, 'policies/m-med.yaml'),
      brokers: broker.brokers,
      logLevel: 'off',
      onOutput: (service, text) => fs.appendFileSync(path.join(home, `${service}.log`), text),
    });
    const fleet = new Fleet(home, system, broker, startBroker, port);
    chaos.cleanup.defer(() => fleet.stop());
    return fleet;
  }

  get log(): LogAccess {
    return { url: this.system.url, token: () => this.system.issuer.issueToken('auditor') };
  }

  get brokers(): string[] {
    return this.broker.brokers;
  }

  /** As a machine that loses its power: nothing is flushed, every connection breaks. Resolves when it answers again. */
  async crashPostgres(): Promise<void> {
    const pid = pidOf(this.home);
    process.kill(pid, 'SIGQUIT');
    await until('PostgreSQL to have ended', () => Promise.resolve(!alive(pid)));
    await startPostgres({ dataDir: this.home, port: this.port, settings: SETTINGS });
  }

  /** Every connection to a service's database, as a failover or a firewall does. @returns how many were cut */
  async cutConnections(database: string): Promise<number> {
    return this.asSuperuser('postgres', async (client) => {
      const { rowCount } = await client.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = $1', [database]);
      return rowCount ?? 0;
    });
  }

  async restartBroker(how: 'stop' | 'kill' | 'wipe', downForMs: number): Promise<void> {
    await this.broker[how]();
    await pause(downForMs);
    this.broker = await this.startBroker();
  }

  /** Resolves when every service answers ready. */
  async ready(): Promise<void> {
    await until('every service to be ready', () =>
      this.system.ready().then(
        () => true,
        () => false,
      ),
    );
  }

  /** Ids of a source's events that are sealed. */
  async sealedOf(source: string): Promise<Set<string>> {
    const rows = await this.asSuperuser('attesta_ledger', async (client) => {
      const { rows } = await client.query<{ id: string }>(
        `select event->>'id' as id from entry, lateral (select convert_from(bytes, 'UTF8')::jsonb as event) e where event->>'source' = $1`,
        [source],
      );
      return rows;
    });
    return new Set(rows.map(({ id }) => id));
  }

  /** Resolves when nothing follows any more: what was said is sealed, every service has read the log to its end, a checkpoint covers it. */
  async settled(): Promise<void> {
    let [last, quiet] = [-1, 0];
    await until('the system to come to rest', async () => {
      const size = await this.size();
      const still = size === last && (await this.isCarried(size));
      [last, quiet] = [size, still ? quiet + 1 : 0];
      return quiet >= 10;
    });
  }

  /** What no service could apply, and registers that are not what the log says. */
  async unsound(): Promise<string[]> {
    const problems: string[] = [];
    for (const service of FOLLOWERS) {
      const { data } = await this.ask<{ data: { position: number }[] }>(`/ops/${service}/dlq`);
      if (data.length > 0) problems.push(`${service} set entries aside: ${data.map(({ position }) => position).join(', ')}`);
    }
    const digest = await this.ask<{ equal: boolean }>('/ops/audit/digest?recount=true');
    if (!digest.equal) problems.push('the registers are not what a recount of the log comes to');
    return problems;
  }

  async stop(): Promise<void> {
    await this.system.stop();
    // The one that the system was started with, or one that came after it.
    if (await isRunning(this.home)) await (await startPostgres({ dataDir: this.home })).stop();
    await this.broker.stop();
  }

  private async size(): Promise<number> {
    return this.asSuperuser('attesta_ledger', async (client) => {
      const { rows } = await client.query<{ size: string }>('select size from log_head');
      return Number(rows[0]!.size);
    });
  }

  private async isCarried(size: number): Promise<boolean> {
    const covered = await this.asSuperuser('attesta_ledger', async (client) => {
      const { rows } = await client.query<{ size: string }>('select max(size) as size from checkpoint');
      return Number(rows[0]!.size) === size;
    });
    if (!covered) return false;
    for (const service of FOLLOWERS) {
      const { position } = await this.ask<{ position: number }>(`/ops/${service}/progress`);
      if (position < size - 1) return false;
      const unsaid = await this.asSuperuser(`attesta_${service}`, async (client) => {
        const { rows } = await client.query<{ carried: boolean | null }>(
          'select size - 1 <= (select position from relay_cursor where relay = $1) as carried from service_log_head',
          [`outbox //attesta/${service}`],
        );
        return rows[0]?.carried === false;
      });
      if (unsaid) return false;
    }
    return true;
  }

  private async ask<T>(route: string): Promise<T> {
    const answer = await fetch(`${this.system.url}${route}`, {
      headers: { authorization: `Bearer ${await this.system.issuer.issueToken('operator')}` },
    });
    if (!answer.ok) throw new Error(`${route} answered ${answer.status}: ${await answer.text()}`);
    return (await answer.json()) as T;
  }

  private async asSuperuser<T>(database: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
    const client = new pg.Client({ connectionString: this.system.postgres.adminUrl(database) });
    client.on('error', () => undefined);
    await client.connect();
    try {
      return await work(client);
    } finally {
      await client.end().catch(() => undefined);
    }
  }
}

export const pause = (ms: number): Promise<void> => new Promise((wake) => setTimeout(wake, ms));

/** @throws Error when it does not come about in time */
async function until(what: string, done: () => Promise<boolean>): Promise<void> {
  let last: unknown;
  for (const end = Date.now() + PATIENCE_MS; ; await pause(LOOK_MS)) {
    const found = await done().catch((error: unknown) => void (last = error));
    if (found) return;
    if (Date.now() > end) throw new Error(`${what} took longer than ${PATIENCE_MS / 1000} s`, { cause: last });
  }
}

const pidOf = (home: string): number => Number(fs.readFileSync(path.join(home, 'postgres/postmaster.pid'), 'utf8').split('\n')[0]);

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
