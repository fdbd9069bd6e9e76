import fs from 'node:fs';
import path from 'node:path';
import { startPostgres } from '@attesta/event-log/embedded';
import { startDistributed, type Distributed, type DistributedOptions } from '@attesta/standalone';
import { startOwnCluster, type ClusterNode, type OwnCluster } from '@attesta/testing';
import { connectKafka, INTAKE_TOPIC } from '@attesta/transport';
import pg from 'pg';
import { until } from './at-rest.js';
import type { LogAccess } from './history.js';
import type { Chaos } from './round.js';

const SETTINGS = { max_connections: '400', max_wal_size: '2GB' };

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

  static async start(chaos: Chaos, options: Pick<DistributedOptions, 'replicas' | 'tree' | 'env'>): Promise<ReplicatedFleet> {
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
      env: { HTTP_REQUEST_TIMEOUT_MS: '600000', ...options.env }, // a recount of the registers reads the whole log
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

  readonly stop = once(async () => {
    await this.admin.disconnect().catch(() => undefined);
    await Promise.all(Object.values(this.pools).map((pool) => pool.end()));
    await this.system.stop();
    await this.cluster.stop();
  });
}

/** The end of the round and the end of the process both take things away. */
function once(step: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  return () => (running ??= step());
}
