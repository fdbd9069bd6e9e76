import type { StateChange } from '@attesta/decisions';

/** How much of the source's state is known. */
export interface Knowledge {
  /** Every change up to this number. */
  changed: number;
  /** There was no other change at this instant, in milliseconds since the epoch. */
  asOf: number;
}

/** None of it throws. */
export interface StateListener {
  /** Changes may come twice and in any order; of one key the one with the greatest number counts. */
  changes(changes: readonly StateChange[]): void;
  /** All of it has been told. First called when what was there at the start is complete, and then whenever the source was in touch. */
  current(knowledge: Knowledge): void;
  /** A try failed; there will be others. */
  trouble(error: unknown): void;
}

/** Where consent state comes from: `httpStateFeed`, or `kafkaStateFeed` of '@attesta/transport'. */
export interface StateFeed {
  /** Tells everything there is from the beginning, then what changes, until the signal; an outage only makes knowledge grow old. */
  start(listener: StateListener, signal: AbortSignal): void;
}
