import { LRUCache } from 'lru-cache';
import type pg from 'pg';
import type { Appended, Draft } from './draft.js';
import { Lane, type Head } from './lane.js';

export interface AppenderOptions {
  connect(): Promise<pg.ClientBase & { end(): Promise<void> }>;
  /** Connections; a subject always goes through the same one, so batches of this process never contend for a head. */
  lanes?: number;
  batch?: number;
  /** Subjects whose heads are remembered. */
  heads?: number;
  now?: () => Date;
  /**
   * Keys were closed since some of these drafts were made: brings each up to the log's fence, sealed parts under closed keys made anew, in place.
   * Its order and its subject stay. Without it such drafts are unavailable.
   * @returns those that can no longer be sealed; they settle as withdrawn
   */
  renew?: (drafts: readonly Draft[]) => Promise<ReadonlySet<Draft>>;
  /** Called after a commit, with the log's new size as far as this process knows. */
  onAppended?: (size: number) => void;
  /** Told how long a batch took to be appended, commit included, in milliseconds. */
  onBatch?: (milliseconds: number) => void;
}

/**
 * Appends drafts with group commit: whatever waits while a lane's last batch is on its way becomes its next batch. Duplicates are not looked
 * for on the happy path; a unique violation runs the batch again with the check on.
 */
export class Appender {
  private readonly lanes: Lane[];
  /** Drafts on their way by key; another with the same key waits for the first, so that the database compares them. */
  private readonly inFlight = new Map<string, Draft[]>();
  private waiting = 0;

  constructor(options: AppenderOptions) {
    const heads = new LRUCache<string, Head>({ max: options.heads ?? 200_000 });
    this.lanes = Array.from(
      { length: options.lanes ?? 2 },
      () => new Lane(heads, options, (draft, outcome) => this.settled(draft, outcome)),
    );
  }

  /** Drafts not yet settled: the measure to push back on. */
  get queued(): number {
    return this.waiting;
  }

  submit(draft: Draft): void {
    this.waiting++;
    const twins = this.inFlight.get(draft.key);
    if (twins) {
      twins.push(draft);
      return;
    }
    this.inFlight.set(draft.key, []);
    this.lane(draft).push(draft);
  }

  async close(): Promise<void> {
    await Promise.all(this.lanes.map((lane) => lane.close()));
  }

  private lane(draft: Draft): Lane {
    const byte = (draft.subject?.raw ?? draft.key).charCodeAt(15);
    return this.lanes[byte % this.lanes.length]!;
  }

  private settled(draft: Draft, outcome: Appended): void {
    this.waiting--;
    const twins = this.inFlight.get(draft.key)!;
    const next = twins.shift();
    if (next) {
      const lane = this.lane(next);
      lane.checkNext();
      lane.push(next);
    } else this.inFlight.delete(draft.key);
    draft.settle(outcome);
  }
}
