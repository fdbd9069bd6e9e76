import type { Entry } from '@attesta/events';
import type pg from 'pg';

/** One sealed entry as it reaches a consumer. */
export interface SealedEvent {
  /** Place in the ledger's log, from 0. */
  position: number;
  /** RFC 6962 leaf hash, 32 bytes. */
  leafHash: Buffer;
  /** The exact sealed bytes. */
  bytes: Buffer;
  /** `bytes` parsed; parsed at the first look, so a consumer that never looks pays nothing. */
  readonly entry: Entry;
  /** W3C traceparent the event was published in. */
  trace: string | null;
}

/**
 * Applies sealed events to the service's own database, inside the transaction that also moves the cursor, in order of position.
 * A committed position is never handed over twice; an uncommitted one is, so effects outside `tx` are not covered.
 * A handler must not commit or roll back `tx`.
 */
export type FeedHandler = (events: SealedEvent[], tx: pg.PoolClient) => Promise<void>;

export interface FeedConsumerOptions {
  /** Name of the projection or service: its cursors are kept under it. */
  group: string;
  /** The consumer's own database, where `feedTables` were run. */
  pool: pg.Pool;
  handle: FeedHandler;
  /** Most events in one transaction. Default 500. */
  batchSize?: number;
  /** How often one event is tried alone before it is parked. Default 3. */
  attempts?: number;
  /** Told of everything that went wrong and how it went on; never called with entry contents. */
  onError?: (error: unknown, where: FeedIncident) => void;
}

export interface FeedIncident {
  group: string;
  topic: string;
  partition: number;
  /**
   * `retry`: the database or the network failed, tried again until it works. `split`: a batch failed and is tried in halves.
   * `parked`: one event was set aside. `gap`: the topic lost entries, they are fetched again. `fenced`: another owner took over.
   * `malformed`: a message nobody of ours can have sent was skipped. `connection`: the broker went away.
   */
  kind: 'retry' | 'split' | 'parked' | 'gap' | 'fenced' | 'malformed' | 'connection';
  position?: number;
}

export interface SealedFeed {
  /** Starts to consume in the background; resolves when the consumer is set up, not when it has caught up. */
  subscribe(options: FeedConsumerOptions): Promise<FeedSubscription>;
}

export interface FeedProgress {
  partition: number;
  /** Every entry of this partition up to and including this position is applied (or parked); -1 = none. */
  position: number;
  /** Messages or entries still to come, where known. */
  lag?: number;
}

export interface FeedSubscription {
  stop(): Promise<void>;
  progress(): Promise<FeedProgress[]>;
  /** Resolves when every entry at or below `position` is applied in all partitions, by whichever member of the group. */
  caughtUp(position: number): Promise<void>;
  /**
   * Starts over: in one transaction `reset` empties the service's rows, all cursors go to the start, parked events are dropped (they come again).
   * Resolves when that is committed; use caughtUp() to wait for the replay.
   */
  rebuild(reset: (tx: pg.PoolClient) => Promise<void>): Promise<void>;
  /** Keeps every member from applying anything until the transaction ends. @returns the newest position that any partition has reached, -1 for none */
  hold(tx: Pick<pg.PoolClient, 'query'>): Promise<number>;
  /**
   * Puts another group in the place of this one, in the transaction that also puts its rows there: this group stands from now on where that one stood,
   * with its parked events, and goes on from there. That one must have read all of the log up to there, in any way, and no longer be running.
   */
  succeed(tx: Pick<pg.PoolClient, 'query'>, group: string): Promise<void>;
  /** Events set aside, of this group. */
  readonly parked: Parked;
}

/** An event set aside because it, or an earlier one of the same subject, could not be applied. */
export interface ParkedEvent {
  group: string;
  topic: string;
  partition: number;
  position: number;
  /** Subject id, or source for events about nobody: the order kept. */
  key: string;
  /** true: failed itself. false: waits behind one that failed. */
  poison: boolean;
  error: string | null;
  attempts: number;
  parkedAt: Date;
  state: 'parked' | 'discarded';
  reason: string | null;
  event: SealedEvent;
}

export interface Parked {
  list(options?: { key?: string; state?: 'parked' | 'discarded'; after?: number; limit?: number }): Promise<ParkedEvent[]>;
  /** Applies a key's parked events in order, each in its own transaction; stops at the first that fails again. */
  replay(key: string): Promise<{ applied: number; left: number; error?: string }>;
  /** Gives one parked event up for good; the row stays, with the reason. Others of its key wait for replay(). */
  discard(position: number, reason: string): Promise<boolean>;
}
