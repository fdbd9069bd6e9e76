import { ServiceLog } from '@attesta/event-log';
import type { Policy } from '@attesta/policy';
import type { LogFetch, WitnessPolicy } from '@attesta/proof';
import { createPool, replayErasures, type LedgerDirectory } from '@attesta/service-kit';
import { retriedTransaction, transaction, type FeedSubscription, type SealedFeed } from '@attesta/transport';
import type pg from 'pg';
import { Checkpoints } from './checkpoints.js';
import { digestOfRows, forgottenBy, recountOf, type RegisterDigests } from './digest.js';
import { Patrol, type PatrolOptions } from './integrity-patrol.js';
import { FindingDesk } from './finding-desk.js';
import { Judge } from './judge.js';
import { migrate } from './migrate.js';
import { Postponed } from './postponed.js';
import { GROUP, Projector } from './projector.js';
import { Rebuild, type RebuildStep } from './rebuild.js';
import type { OnDifference, RebuildRow } from './rebuild-state.js';
import { Standing } from './standing.js';
import { UntoldSources } from './untold-sources.js';

/** CloudEvents source of what the audit service says itself. */
export const AUDIT_SOURCE = '//attesta/audit';

/** Entries in one transaction of a rebuild, for which nobody waits: fewer statements for each entry. */
const REBUILT_AT_ONCE = 4_000;

export interface Outbox {
  start(): void;
  stop(): Promise<void>;
}

export interface AuditOptions {
  databaseUrl: string;
  /** Owner of the tables; the service's own role then may only fill and empty registers and append to its log. */
  migrationUrl?: string | undefined;
  feed: SealedFeed;
  policy: Policy;
  /** Reads the ledger's log by C2SP tile paths: `checkpoint`, `tile/...`; for a recount also `tile/entries/...`. */
  fetchLog: LogFetch;
  /** The ledger's verifier key line. Without it the key is whatever the path `key` of the log says first. */
  verifierKey?: string | undefined;
  /** Witnesses whose cosignatures are checked; without it they are named as they stand, unchecked. */
  witnessPolicy?: WitnessPolicy | undefined;
  /** Knows who was erased. */
  directory: Pick<LedgerDirectory, 'erasures'>;
  /** Carries our own log to the ledger's intake, as AUDIT_SOURCE. Without it nothing leaves (tests). */
  outbox?: ((log: ServiceLog, pool: pg.Pool) => Outbox) | undefined;
  /** Looks after the log's integrity for as long as the service runs. Without it nobody does (tests). */
  patrol?: PatrolOptions | undefined;
  /** Told where a rebuild is (tests). */
  onRebuildStep?: ((step: RebuildStep) => Promise<void> | void) | undefined;
  /** Entries in one transaction. */
  batchSize?: number;
  now?: () => Date;
  onError?: (error: unknown) => void;
}

/** The read side, whole: registers built from sealed entries, and what answers from them. One per process. */
export class Audit {
  private constructor(
    readonly options: AuditOptions,
    readonly pool: pg.Pool,
    /** What this service said: accesses and findings. Appending is the outbox. */
    readonly log: ServiceLog,
    readonly checkpoints: Checkpoints,
    readonly standing: Standing,
    readonly feed: FeedSubscription,
    private readonly postponed: Postponed,
    private readonly outbox: Outbox | undefined,
    readonly patrol: Patrol,
    readonly rebuilding: Rebuild,
    /** Where findings are dealt with. */
    readonly desk: FindingDesk,
    readonly untoldSources: UntoldSources,
  ) {}

  get policy(): Policy {
    return this.options.policy;
  }

  get now(): () => Date {
    return this.options.now ?? (() => new Date());
  }

  /** Migrates, forgets whoever was erased meanwhile, and starts to follow the feed. @throws Error when the ledger does not tell who was erased */
  static async open(options: AuditOptions): Promise<Audit> {
    await migrate(options);
    const pool = createPool({ url: options.databaseUrl, name: 'attesta-audit', max: 16 });
    const log = new ServiceLog(pool);
    const judge = new Judge(options.policy, log);
    const projector = new Projector(options.policy, judge);
    const now = options.now ?? (() => new Date());
    await replayErasures({
      service: GROUP,
      transact: (work) => retriedTransaction(pool, work),
      directory: options.directory,
      forget: projector.forget,
      say: (tx, event) => log.append(tx, 'erasures', 'any', [event]),
      now,
    });
    const checkpoints = new Checkpoints(options.fetchLog, options.verifierKey);
    const standing = new Standing(pool, checkpoints, now);
    const onError = (error: unknown) => options.onError?.(error);
    const feed = await options.feed.subscribe({
      group: GROUP,
      pool,
      handle: projector.handle,
      batchSize: options.batchSize ?? 1_000,
      onError,
    });
    const postponed = new Postponed(pool, judge, () => standing.position(), onError);
    postponed.start();
    const outbox = options.outbox?.(log, pool);
    outbox?.start();
    const { fetchLog } = options;
    const key = () => checkpoints.key();
    const { witnessPolicy } = options;
    const patrol = new Patrol(
      { pool, log, fetchLog, key, reached: () => standing.position(), witnessPolicy, now, onError },
      options.patrol,
    );
    if (options.patrol) patrol.start();
    const { policy, databaseUrl, migrationUrl, onRebuildStep: onStep, batchSize = REBUILT_AT_ONCE } = options;
    const reached = () => standing.position();
    const rebuilding = new Rebuild({
      pool,
      log,
      feed,
      checkpoints,
      policy,
      databaseUrl,
      migrationUrl,
      batchSize,
      reached,
      now,
      onError,
      onStep,
    });
    rebuilding.start();
    const desk = new FindingDesk({ policy: options.policy, log, source: AUDIT_SOURCE, now });
    const untold = new UntoldSources({ policy: options.policy, log, desk, pool, now, lag: async () => (await standing.at()).lag, onError });
    untold.start();
    return new Audit(options, pool, log, checkpoints, standing, feed, postponed, outbox, patrol, rebuilding, desk, untold);
  }

  /** Resolves when everything up to `position` is in the registers, findings included. */
  async caughtUp(position: number): Promise<void> {
    await this.feed.caughtUp(position);
    await this.postponed.drain(position);
    await this.standing.position();
  }

  /** Fills a second set of registers from the log while these answer, and swaps it in; resolves when that is over. What was raised is not raised again. */
  async rebuild(onDifference: OnDifference = 'keep'): Promise<RebuildRow | undefined> {
    await this.rebuilding.order(onDifference);
    return this.rebuilding.ended();
  }

  /** Digests of the registers as they stand; entries that arrive meanwhile do not count. */
  async digest(upto?: number): Promise<RegisterDigests> {
    const position = upto ?? (await this.standing.position());
    await this.postponed.drain(position);
    return transaction(this.pool, (tx) => digestOfRows(tx, this.policy, position), 'isolation level repeatable read read only');
  }

  /**
   * What the digests must be, recomputed from the ledger's own entries, up to a position that a checkpoint covers. Compare with digest() of the same
   * position: both leave of people who are forgotten by now what the registers may.
   */
  async recount(upto?: number): Promise<RegisterDigests> {
    const standing = await this.standing.position();
    const position = upto ?? standing;
    const { checkpoint } = await this.checkpoints.latest(0);
    const entries = (last: number) => this.checkpoints.reader.entries(0, Math.min(last + 1, checkpoint.size), checkpoint.size);
    return recountOf(entries(position), this.policy, position, await forgottenBy(entries(standing)));
  }

  async close(): Promise<void> {
    await this.patrol.stop();
    await this.rebuilding.stop();
    await this.feed.stop();
    await this.untoldSources.stop();
    await this.postponed.stop();
    await this.outbox?.stop();
    await this.pool.end();
  }
}
