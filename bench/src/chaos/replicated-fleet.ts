import fs from 'node:fs';
import path from 'node:path';
import { startPostgres } from '@attesta/event-log/embedded';
import { startDistributed, type Distributed, type DistributedOptions } from '@attesta/standalone';
import { startOwnCluster, type ClusterNode, type OwnCluster } from '@attesta/testing';
import { connectKafka, INTAKE_TOPIC } from '@attesta/transport';
import pg from 'pg';
import { FOLLOWERS, pause } from './fleet.js';
import type { LogAccess } from './history.js';
import type { Chaos } from './round.js';

const SETTINGS = { max_connections: '400', max_wal_size: '2GB' };
const LOOK_MS = 250;
/** How long whatever was broken may take to be whole again, also on a machine that has other things to do. */
const PATIENCE_MS = 600_000;
/** Looks in a row at which nothing happens any more. */
const QUIET = 8;

/** The distributed system with several processes of the ledger and of the registers, over three brokers. */
export class ReplicatedFleet {
  readonly pools: { ledger: pg.Pool; audit: pg.Pool };
  private readonly admin;

  private constructor(
    readonly home: string,
    readonly cluster: OwnCluster,
    readonly system: Distributed,
  ) {
    const { adminUrl } = system.postgres;
    const open = (database: string) => new pg.Pool({ connectionString: adminUrl(database), max: 3 }).on('error', () => undefined);
    this.pools = { ledger: open('attesta_ledger'), audit: open('attesta_audit') };
    this.admin = connectKafka({ brokers: cluster.brokers, clientId: 'chaos' }).admin();
  }

  static async start(chaos: Chaos, options: Pick<DistributedOptions, 'replicas' | 'tree'>): Promise<ReplicatedFleet> {
    const home = chaos.scratch();
    const cluster = await startOwnCluster(path.join(home, 'kafka'));
    chaos.cleanup.defer(() => cluster.stop());
    chaos.cleanup.atExit(() => cluster.nodes.forEach(({ pid }) => pid !== undefined && process.kill(pid, 'SIGKILL')));
    // The system finds it running, and stops it with itself.
    const postgres = await startPostgres({ dataDir: home, settings: SETTINGS });
    chaos.cleanup.atExit(() =>
      process.kill(Number(fs.readFileSync(path.join(home, 'postgres/postmaster.pid'), 'utf8').split('\n')[0]), 'SIGQUIT'),
    );
    let begun = false;
    chaos.cleanup.defer(() => (begun ? Promise.resolve() : postgres.stop()));
    const system = await startDistributed({
      home,
      port: 0,
      origin: 'chaos.example/replicas',
      policyFile: path.join(chaos.root, 'policies/m-med.yaml'),
      brokers: cluster.brokers,
      ...options,
      logLevel: 'warn',
      env: { HTTP_REQUEST_TIMEOUT_MS: '600000' }, // a recount of the registers reads the whole log
      onOutput: (service, text) => fs.appendFileSync(path.join(home, `${service}.log`), text),
    });
    begun = true;
    const fleet = new ReplicatedFleet(home, cluster, system);
    chaos.cleanup.defer(fleet.stop);
    await fleet.admin.connect();
    return fleet;
  }

  get log(): LogAccess {
    return { url: this.system.url, token: () => this.system.issuer.issueToken('auditor') };
  }

  get brokers(): string[] {
    return this.cluster.brokers;
  }

  /** Resolves when every process that is to run answers ready. */
  async ready(): Promise<void> {
    await until('every process to be ready', () =>
      this.system.ready().then(
        () => true,
        () => false,
      ),
    );
  }

  /** Who leads a partition of the intake. */
  async leaderOf(partition: number): Promise<ClusterNode> {
    const { topics } = await this.admin.fetchTopicMetadata({ topics: [INTAKE_TOPIC] });
    const { leader } = topics[0]!.partitions.find(({ partitionId }) => partitionId === partition)!;
    return this.cluster.nodes.find(({ id }) => id === leader)!;
  }

  /** Resolves when every partition of every topic, Kafka's own too, has all its copies up to date. */
  async inSync(): Promise<void> {
    await until('every copy to be in sync', async () => {
      const { topics } = await this.admin.fetchTopicMetadata();
      return topics.every((topic) =>
        topic.partitions.every(({ isr, replicas }) => isr.length === replicas.length && replicas.length === 3),
      );
    });
  }

  /** How often members of the registers' group took over a partition. */
  async claims(): Promise<number> {
    const { rows } = await this.pools.audit.query<{ claims: string }>(
      `select sum(epoch) as claims from feed_cursor where consumer = 'audit'`,
    );
    return Number(rows[0]!.claims);
  }

  /** Entries in the log. */
  async size(): Promise<number> {
    const { rows } = await this.pools.ledger.query<{ size: string }>('select size from log_head');
    return Number(rows[0]!.size);
  }

  /** Resolves when nothing follows any more: all that was taken is sealed, every service has read the log to its end, a checkpoint covers it. */
  async settled(): Promise<void> {
    let [last, quiet] = [-1, 0];
    await until('the system to come to rest', async () => {
      const size = await this.size();
      const still = size === last && (await this.intakeIsEmpty()) && (await this.isCarried(size));
      [last, quiet] = [size, still ? quiet + 1 : 0];
      return quiet >= QUIET;
    });
  }

  /** What no service could apply, and registers that are not what the log says. */
  async unsound(): Promise<string[]> {
    const problems: string[] = [];
    for (const service of FOLLOWERS) {
      const { data } = await this.ask<{ data: { position: number }[] }>(`/ops/${service}/dlq`);
      if (data.length > 0) problems.push(`${service} set entries aside: ${data.map(({ position }) => position).join(', ')}`);
    }
    // What has been found so far is worth more than the reason why this last look failed.
    const digest = await this.ask<{ equal: boolean }>('/ops/audit/digest?recount=true').catch((error: Error) => error);
    if (digest instanceof Error) problems.push(`the registers could not be recounted: ${digest.message}`);
    else if (!digest.equal) problems.push('the registers are not what a recount of the log comes to');
    return problems;
  }

  readonly stop = once(async () => {
    await this.admin.disconnect().catch(() => undefined);
    await Promise.all(Object.values(this.pools).map((pool) => pool.end()));
    await this.system.stop();
    await this.cluster.stop();
  });

  private async intakeIsEmpty(): Promise<boolean> {
    const offsets = await this.admin.fetchTopicOffsets(INTAKE_TOPIC);
    const { rows } = await this.pools.ledger.query<{ partition: number; position: string }>(
      `select partition, position from feed_cursor where consumer = 'intake' and topic = $1`,
      [INTAKE_TOPIC],
    );
    return offsets.every(({ partition, high }) => Number(rows.find((row) => row.partition === partition)?.position) >= Number(high) - 1);
  }

  private async isCarried(size: number): Promise<boolean> {
    const { rows } = await this.pools.ledger.query<{ size: string }>('select max(size) as size from checkpoint');
    if (Number(rows[0]!.size) !== size) return false;
    for (const service of FOLLOWERS) {
      const { position } = await this.ask<{ position: number }>(`/ops/${service}/progress`);
      if (position < size - 1 || (await this.hasUnsaid(service))) return false;
    }
    return true;
  }

  /** Whether its own log holds what the intake has not taken. */
  private async hasUnsaid(service: string): Promise<boolean> {
    const client = new pg.Client({ connectionString: this.system.postgres.adminUrl(`attesta_${service}`) });
    await client.connect();
    try {
      const { rows } = await client.query<{ carried: boolean | null }>(
        'select size - 1 <= (select position from relay_cursor where relay = $1) as carried from service_log_head',
        [`outbox //attesta/${service}`],
      );
      return rows[0]?.carried === false;
    } finally {
      await client.end();
    }
  }

  private async ask<T>(route: string): Promise<T> {
    const answer = await fetch(`${this.system.url}${route}`, {
      headers: { authorization: `Bearer ${await this.system.issuer.issueToken('operator')}` },
    });
    if (!answer.ok) throw new Error(`${route} answered ${answer.status}: ${await answer.text()}`);
    return (await answer.json()) as T;
  }
}

/** The end of the round and the end of the process both take things away. */
function once(step: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  return () => (running ??= step());
}

/** @throws Error when it does not come about in time */
export async function until(what: string, done: () => Promise<boolean> | boolean): Promise<void> {
  let last: unknown;
  for (const end = Date.now() + PATIENCE_MS; ; await pause(LOOK_MS)) {
    const found = await Promise.resolve()
      .then(done)
      .catch((error: unknown) => void (last = error));
    if (found) return;
    if (Date.now() > end) throw new Error(`${what} took longer than ${PATIENCE_MS / 1000} s`, { cause: last });
  }
}
