import type { StateMessage } from './consent-state-message.js';
import type { Watermarks } from './topics.js';

/** How far one partition of the consent state topic has been read, from its beginning. */
export class StatePartition {
  /** Number of the newest change read. */
  private position = -1;
  private upto = -1;
  private asOf: number | undefined;
  private next: bigint | undefined;
  /** The end, as it was at the start, has been reached: from then on nothing may be missing between one message and the next. */
  private reached: boolean;

  constructor(private readonly start: Watermarks) {
    this.reached = start.high === start.low;
  }

  /** What this partition says of all changes, once its end was reached and a mark was read. */
  get known(): { upto: number; asOf: number } | undefined {
    return this.reached && this.asOf !== undefined ? { upto: this.upto, asOf: this.asOf } : undefined;
  }

  /** Fetching goes on somewhere else. */
  rejoined(): void {
    this.next = undefined;
  }

  /**
   * The number of a change that a message says comes before it and that was not read. On the way to the end only between neighbouring messages:
   * elsewhere it is what compaction took away, for there is a newer one further on.
   */
  hole(message: StateMessage, offset: string): number | undefined {
    if (message.kind === 'malformed' || message.previous <= this.position) return undefined;
    return this.reached || this.next === BigInt(offset) ? message.previous : undefined;
  }

  take(message: StateMessage, offset: string, highWatermark: string): void {
    if (message.kind === 'change') {
      this.position = Math.max(this.position, message.change.changed);
      this.upto = Math.max(this.upto, message.change.changed);
    } else if (message.kind === 'mark') {
      this.position = Math.max(this.position, message.previous);
      this.upto = Math.max(this.upto, message.upto);
      this.asOf = Math.max(this.asOf ?? 0, message.asOf);
    }
    this.next = BigInt(offset) + 1n;
    const end = BigInt(highWatermark);
    this.reached ||= this.next >= (end < this.start.high ? end : this.start.high);
  }
}
