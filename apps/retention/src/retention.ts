import { ServiceLog } from '@attesta/event-log';
import { amended, loadPolicy, type Amendment, type Policy, type PolicySource } from '@attesta/policy';
import { CaughtUp, createPool, Directory, replayErasures, Timers, type LedgerDirectory } from '@attesta/service-kit';
import { AttestaServer, retriedTransaction, type FeedSubscription, type SealedFeed } from '@attesta/transport';
import type { LogFetch } from '@attesta/proof';
import type pg from 'pg';
import { Disposals } from './disposals.js';
import { unlink } from './forgetting.js';
import { Holds } from './holds.js';
import { migrate } from './migrate.js';
import { Replanning } from './replanning.js';

/** Name of the feed's consumer: its cursors are kept under it. */
export const GROUP = 'retention';

export interface Outbox {
  start(): void;
  stop(): Promise<void>;
}

export interface RetentionOptions {
  databaseUrl: string;
  /** Owner of the tables; the service's own role then may only do what it needs. */
  migrationUrl?: string | undefined;
  feed: SealedFeed;
  /** The policy file, parsed. */
  policy: PolicySource;
  directory: LedgerDirectory;
  /** The deployment's pepper: refs are made with it. */
  pepper: Uint8Array;
  /** The ledger's log (C2SP paths): certificates are proved from it. */
  fetchLog: LogFetch;
  /** C2SP verifier key line of the log. */
  verifierKey: () => Promise<string>;
  /** Carries our own log to the ledger's intake, as RETENTION_SOURCE. Without it nothing leaves (tests). */
  outbox?: ((log: ServiceLog, pool: pg.Pool) => Outbox[]) | undefined;
  now?: () => Date;
  /** People of whom something is disposed of, a second, so that other traffic keeps its latency; without it as many as go. */
  disposalsPerSecond?: number | undefined;
  /** Milliseconds between looks at what has become due. */
  tickMs?: number;
  onError?: (error: unknown) => void;
}

/** The retention service, whole but for HTTP. One per process. */
export class Retention {
  readonly disposals: Disposals;
  readonly holds = new Holds(this);
  readonly replanning = new Replanning(this);
  private readonly timers: Timers;
  private readonly caughtUp: CaughtUp;
  private current: Policy;
  private amendments = 0;

  private constructor(
    readonly options: RetentionOptions,
    readonly pool: pg.Pool,
    /** What this service said. Appending is the outbox. */
    readonly log: ServiceLog,
    private readonly base: Policy,
    readonly directory: Directory,
    /** The sealed feed, as NestJS listens to it. */
    readonly server: AttestaServer,
    private readonly outboxes: Outbox[],
  ) {
    this.current = base;
    this.disposals = new Disposals(this, options.disposalsPerSecond);
    this.caughtUp = new CaughtUp(options);
    this.timers = new Timers({
      look: () => this.look(),
      everyMs: options.tickMs ?? 1_000,
      onError: (error) => options.onError?.(error),
    });
  }

  /**
   * Migrates, forgets whoever was erased meanwhile, and opens everything; the feed flows, and disposals with it, once NestJS listens to `server`.
   * @throws Error when the ledger does not tell who was erased
   */
  static async open(options: RetentionOptions): Promise<Retention> {
    const retention = await Retention.prepare(options, (pool) => new ServiceLog(pool));
    await retention.replayErasures();
    for (const outbox of retention.outboxes) outbox.start();
    retention.timers.start();
    return retention;
  }

  /** The same, with nothing that runs: for restoring. */
  static async prepare(options: RetentionOptions, openLog: (pool: pg.Pool) => ServiceLog): Promise<Retention> {
    const policy = loadPolicy(options.policy);
    await migrate(options);
    const pool = createPool({ url: options.databaseUrl, name: 'attesta-retention', max: 10 });
    const log = openLog(pool);
    const onError = (error: unknown) => options.onError?.(error);
    const directory = new Directory(pool, options.directory, options.pepper, onError);
    const server = new AttestaServer({ group: GROUP, pool, feed: options.feed, onError });
    const outboxes = options.outbox?.(log, pool) ?? [];
    const retention = new Retention(options, pool, log, policy, directory, server, outboxes);
    await retention.refreshPolicy();
    await retention.replanning.note();
    return retention;
  }

  /** Forgets whoever was erased and is still known here. */
  async replayErasures(): Promise<void> {
    await replayErasures({
      service: GROUP,
      transact: (work) => this.transact(work),
      directory: this.options.directory,
      forget: unlink,
      say: (tx, event) => this.log.append(tx, 'erasures', 'any', [event]),
      now: () => this.now(),
    });
  }

  /** The policy file with what was published and registered since, as of the last look. */
  get policy(): Policy {
    return this.current;
  }

  /** Looks for what other processes, or this one, have learnt of the policy. */
  async refreshPolicy(db: Pick<pg.Pool, 'query'> = this.pool): Promise<void> {
    const { rows } = await db.query<Amendment>('select type, time, data from amendment order by position');
    if (rows.length === this.amendments) return;
    this.current = amended(this.base, rows);
    this.amendments = rows.length;
  }

  /** The service's clock. */
  now(): Date {
    return this.options.now?.() ?? new Date();
  }

  get feed(): FeedSubscription {
    return this.server.unwrap<FeedSubscription>();
  }

  /** Does what has become due by now, as the timer does. */
  tick(): Promise<void> {
    return this.timers.tick();
  }

  /** Something may have become due just now. */
  wake(): void {
    this.timers.wake();
  }

  /** A transaction of its own; tried again where another one was in its way. */
  transact<T>(work: (tx: pg.PoolClient) => Promise<T>): Promise<T> {
    return retriedTransaction(this.pool, work);
  }

  private async look(): Promise<void> {
    const feed = this.server.running;
    if (!feed || !(await this.caughtUp.with(feed))) return;
    await this.refreshPolicy();
    await this.replanning.go();
    await this.disposals.tick(feed);
  }

  async close(): Promise<void> {
    await this.timers.stop();
    await Promise.all(this.outboxes.map((outbox) => outbox.stop()));
    await this.pool.end();
  }
}
