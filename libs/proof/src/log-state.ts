import { fromBase64, toBase64 } from './base64.js';
import { sameRange } from './bytes.js';
import { HASH_SIZE } from './tree-hash.js';

/** What to remember of a log between two visits. Plain JSON. */
export interface LogState {
  origin: string;
  size: number;
  /** Root hash at that size, base64. */
  root: string;
  /** Verifier key line the checkpoint was verified with. */
  key: string;
  /** Hashes of the complete subtrees of 2^level leaves, in order, base64 of all: they tell where a later log parts from this one. */
  marks?: { level: number; hashes: string };
}

/** Remembering more subtrees than this would tell the place closer than anybody needs. */
const MOST_MARKS = 4096;

/** A saved state that cannot be read. */
export class LogStateError extends Error {
  override readonly name = 'LogStateError';
}

/** Reads a state from parsed JSON. Throws LogStateError on anything verifyLog did not write. */
export function parseLogState(value: unknown): LogState {
  const state = value as Partial<LogState> | null;
  if (typeof state !== 'object' || state === null) throw new LogStateError('the saved state is not an object');
  const { origin, size, root, key, marks } = state;
  if (typeof origin !== 'string' || typeof key !== 'string' || typeof root !== 'string') {
    throw new LogStateError('the saved state lacks its origin, root or key');
  }
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) throw new LogStateError('the saved size is not a whole number');
  if (fromBase64(root)?.length !== HASH_SIZE) throw new LogStateError('the saved root is not a hash');
  if (marks === undefined) return { origin, size, root, key };
  const hashes = typeof marks === 'object' && marks !== null && typeof marks.hashes === 'string' ? fromBase64(marks.hashes) : undefined;
  if (!hashes || !Number.isInteger(marks.level) || marks.level < 0 || hashes.length !== Math.floor(size / 2 ** marks.level) * HASH_SIZE) {
    throw new LogStateError('the saved marks do not fit the saved size');
  }
  return { origin, size, root, key, marks: { level: marks.level, hashes: marks.hashes } };
}

/** Positions `first` to `last`. */
export interface Stretch {
  first: number;
  last: number;
  /** False if it is merely where no mark could be compared. */
  certain: boolean;
}

/** Collects the hashes of complete subtrees of one level while a tree grows. */
export class Marks {
  #hashes = new Uint8Array(64 * HASH_SIZE);
  #count = 0;

  /** Collects at most `limit` hashes, the first ones. */
  constructor(
    readonly level: number,
    private readonly limit: number = Infinity,
  ) {}

  /** The marks to keep of a log of this size: the finest level that stays within bounds. */
  static forSize(size: number): Marks {
    let level = 0;
    while (Math.floor(size / 2 ** level) > MOST_MARKS) level++;
    return new Marks(level);
  }

  add(hash: Uint8Array): void {
    if (this.#count >= this.limit) return;
    if (this.#count * HASH_SIZE === this.#hashes.length) {
      const more = new Uint8Array(this.#hashes.length * 2);
      more.set(this.#hashes);
      this.#hashes = more;
    }
    this.#hashes.set(hash, this.#count++ * HASH_SIZE);
  }

  toState(): { level: number; hashes: string } {
    return { level: this.level, hashes: toBase64(this.#hashes.subarray(0, this.#count * HASH_SIZE)) };
  }

  /**
   * Where these marks and saved ones of the same level first differ: first and last position of that stretch of a log of `savedSize`.
   * Beyond the marks both have, the stretch is what the saved log has left; undefined if nothing is left.
   */
  firstDifference(saved: { hashes: string }, savedSize: number): Stretch | undefined {
    const other = fromBase64(saved.hashes)!;
    const common = Math.min(this.#count, other.length / HASH_SIZE);
    const span = 2 ** this.level;
    for (let i = 0; i < common; i++) {
      if (!sameRange(this.#hashes, i * HASH_SIZE, other, i * HASH_SIZE, HASH_SIZE))
        return { first: i * span, last: (i + 1) * span - 1, certain: true };
    }
    return common * span < savedSize ? { first: common * span, last: savedSize - 1, certain: false } : undefined;
  }
}
