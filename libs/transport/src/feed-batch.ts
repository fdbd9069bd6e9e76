import type { StoredSealedEvent } from './sealed-event.js';

/** Another member has claimed the partition since: nothing was written, and nothing may be. */
export class Fenced extends Error {
  override name = 'Fenced';
}

/** The batch does not join on to what is applied: entries between `applied` and `previous` are missing. Nothing was written. */
export class Gap extends Error {
  override name = 'Gap';
  constructor(
    readonly applied: number,
    readonly previous: number,
  ) {
    super(`Entries after position ${applied} up to ${previous} are missing`);
  }
}

/** The subscription was stopped before the batch could be applied. */
export class Stopped extends Error {
  override name = 'Stopped';
}

export interface FeedBatch {
  partition: number;
  /** Ascending positions, none missing of this partition between two of them. */
  events: StoredSealedEvent[];
  /** Position of the entry before the first event in this partition, -1 for none: what must be applied already. */
  previous: number;
  /** Everything of this partition up to here is applied with this batch; at least the last event's position. */
  upto: number;
  /** Claim the batch is applied under; without one, whoever holds the cursor's row lock may write. */
  epoch?: string;
  /** Where to read on, and what tells the message before that place; stored with the cursor. */
  next?: { offset: string; mark: string };
}

export interface Cursor {
  position: number;
  next?: { offset: string; mark: string };
  epoch: string;
}
