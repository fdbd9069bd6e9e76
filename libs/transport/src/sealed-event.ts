import type { StoredEntry } from '@attesta/event-log';
import type { Entry } from '@attesta/events';
import type { SealedEvent } from './feed.js';
import { keyOf } from './partition.js';

/** A SealedEvent that parses its bytes at the first look and remembers. */
export class StoredSealedEvent implements SealedEvent {
  private parsed?: Entry;

  constructor(
    readonly position: number,
    readonly leafHash: Buffer,
    readonly bytes: Buffer,
    readonly trace: string | null,
    private knownKey?: string,
  ) {}

  static of(stored: StoredEntry): StoredSealedEvent {
    return new StoredSealedEvent(stored.position, stored.leafHash, stored.bytes, stored.trace);
  }

  get entry(): Entry {
    return (this.parsed ??= JSON.parse(this.bytes.toString()) as Entry);
  }

  /** What keeps its order; see keyOf. */
  get key(): string {
    return (this.knownKey ??= keyOf(this.entry));
  }
}
