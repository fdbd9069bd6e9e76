import { ServiceLog, type NewEvent } from '@attesta/event-log';
import type { Policy, PolicySource } from '@attesta/policy';
import type { LogFetch } from '@attesta/proof';
import { createPool, Directory, type LedgerDirectory, replayErasures, Timers } from '@attesta/service-kit';
import { AttestaServer, retriedTransaction, transaction, type FeedSubscription, type SealedFeed } from '@attesta/transport';
import type { KeyProvider } from '@attesta/vault';
import type pg from 'pg';
import { Births } from './births.js';
import { Decisions } from './decisions.js';
import { Due } from './due.js';
import { FactStore } from './fact-store.js';
import { forget } from './forgetting.js';
import { migrate } from './migrate.js';
import { Policies } from './policies.js';
import { Propagation } from './propagation.js';
import { SealedProofs } from './sealed-proofs.js';
import { Settlement, type Settled, type ToSettle } from './settlement.js';

export interface Outbox {
  start(): void;
  stop(): Promise<void>;
}

export interface ConsentOptions {
  databaseUrl: string;
  /** Owner of the tables; the service's own role then may only do what it needs. */
  migrationUrl?: string | undefined;
  feed: SealedFeed;
  /** The policy file, parsed. */
  policy: PolicySource;
  directory: LedgerDirectory;
  /** The deployment's pepper: refs are made with it. */
  pepper: Uint8Array;
  /** Encrypts dates of birth. */
  keys: KeyProvider;
  /** Reads the ledger's log by C2SP tile paths, entries included, for receipts. */
  fetchLog: LogFetch;
  /** The ledger's verifier key line. */
  verifierKey: () => Promise<string>;
  /** Carries our own log to the ledger's intake, as CONSENT_SOURCE, and our state to whoever listens. Without it nothing leaves (tests). */
  outbox?: ((log: ServiceLog, pool: pg.Pool) => Outbox[]) | undefined;
  now?: () => Date;
  /** Milliseconds between looks at what has run out. */
  tickMs?: number;
  onError?: (error: unknown) => void;
}

/** The consent service, whole but for HTTP. One per process. */
export class Consent {
  readonly decisions: Decisions;
  readonly propagation: Propagation;
  readonly proofs: SealedProofs;
  private readonly settlement: Settlement;
  private readonly timers: Timers;

  private constructor(
    readonly options: ConsentOptions,
    readonly pool: pg.Pool,
    /** What this service said. Appending is the outbox. */
    readonly log: ServiceLog,
    readonly policies: Policies,
    readonly facts: FactStore,
    readonly directory: Directory,
    /** The sealed feed, as NestJS listens to it. */
    readonly server: AttestaServer,
    private readonly outboxes: Outbox[],
  ) {
    this.settlement = new Settlement(facts, log);
    this.decisions = new Decisions(this);
    this.propagation = new Propagation(this);
    this.proofs = new SealedProofs(options.fetchLog, options.verifierKey);
    const due = new Due(this);
    this.timers = new Timers({
      look: () => due.look(),
      everyMs: options.tickMs ?? 1_000,
      onError: (error) => options.onError?.(error),
    });
  }

  /**
   * Migrates, forgets whoever was erased meanwhile, and opens everything; the feed flows once NestJS listens to `server`.
   * @throws Error when the ledger does not tell who was erased
   */
  static async open(options: ConsentOptions): Promise<Consent> {
    const consent = await Consent.prepare(options, (pool) => new ServiceLog(pool));
    await consent.replayErasures();
    for (const outbox of consent.outboxes) outbox.start();
    consent.timers.start();
    return consent;
  }

  /** The same, with nothing that runs: for restoring. */
  static async prepare(options: ConsentOptions, openLog: (pool: pg.Pool) => ServiceLog): Promise<Consent> {
    await migrate(options);
    const pool = createPool({ url: options.databaseUrl, name: 'attesta-consent', max: 16 });
    const log = openLog(pool);
    const policies = new Policies(options.policy);
    await transaction(pool, (tx) => policies.tell(tx));
    const facts = new FactStore(new Births(options.keys));
    const onError = (error: unknown) => options.onError?.(error);
    const directory = new Directory(pool, options.directory, options.pepper, onError);
    const server = new AttestaServer({ group: 'consent', pool, feed: options.feed, onError });
    const outboxes = options.outbox?.(log, pool) ?? [];
    return new Consent(options, pool, log, policies, facts, directory, server, outboxes);
  }

  /** Forgets whoever was erased and is still known here. */
  async replayErasures(): Promise<void> {
    await replayErasures({
      service: 'consent',
      transact: (work) => this.transact(work),
      directory: this.options.directory,
      forget: (tx, people) => forget(this, tx, people),
      say: (tx, event) => this.say(tx, [event]),
      now: () => this.now(),
    });
  }

  /** As of the last look: `policies.refresh` looks again. */
  get policy(): Policy {
    return this.policies.current;
  }

  /** The service's clock. */
  now(): Date {
    return this.options.now?.() ?? new Date();
  }

  get feed(): FeedSubscription {
    return this.server.unwrap<FeedSubscription>();
  }

  /** Looks at what has run out by now, as the timer does. */
  tick(): Promise<void> {
    return this.timers.tick();
  }

  /** Settles in the caller's transaction. */
  async settle(tx: pg.PoolClient, wanted: Omit<ToSettle, 'now'>): Promise<Settled> {
    const policy = await this.policies.refresh(tx);
    return this.settlement.settle(tx, policy, { ...wanted, now: () => this.now().getTime() });
  }

  /** Appends to our own log, in the caller's transaction and at its end. */
  say(tx: pg.PoolClient, events: readonly NewEvent[]): Promise<void> {
    return this.settlement.say(tx, events);
  }

  /** A transaction of its own; tried again where another one was in its way. */
  transact<T>(work: (tx: pg.PoolClient) => Promise<T>): Promise<T> {
    return retriedTransaction(this.pool, work);
  }

  async close(): Promise<void> {
    await this.timers.stop();
    await Promise.all(this.outboxes.map((outbox) => outbox.stop()));
    await this.pool.end();
  }
}
