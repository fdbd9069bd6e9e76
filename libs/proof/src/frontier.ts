import type { Sha256 } from './primitives.js';
import { emptyRoot, nodeHash } from './tree-hash.js';

/** What must be kept to go on appending: one hash per complete subtree, the largest (leftmost) first. */
export interface FrontierState {
  size: number;
  hashes: Uint8Array[];
}

/**
 * The right edge of an RFC 6962 tree (a compact range from 0): appends leaves and knows the root, in memory logarithmic in the size.
 * Not safe to share: two writers of one log must not append to the same state.
 */
export class Frontier {
  #size: number;
  readonly #hashes: Uint8Array[];

  /** Throws RangeError if the state cannot be: as many hashes as the size has bits set, 32 bytes each. */
  constructor(
    private readonly sha256: Sha256,
    state: FrontierState = { size: 0, hashes: [] },
  ) {
    if (!Number.isSafeInteger(state.size) || state.size < 0) throw new RangeError('a frontier size is a whole number');
    if (state.hashes.length !== bitsSet(state.size) || state.hashes.some((hash) => hash.length !== 32)) {
      throw new RangeError(`a frontier of size ${state.size} has ${bitsSet(state.size)} hashes of 32 bytes`);
    }
    this.#size = state.size;
    this.#hashes = [...state.hashes];
  }

  get size(): number {
    return this.#size;
  }

  /** Adds the leaf hash (not the entry) at position `size`. The array is kept: do not write to it afterwards. */
  append(leaf: Uint8Array): void {
    let hash = leaf;
    for (let left = this.#size; left % 2 === 1; left = (left - 1) / 2) hash = nodeHash(this.sha256, this.#hashes.pop()!, hash);
    this.#hashes.push(hash);
    this.#size++;
  }

  root(): Uint8Array {
    let root = this.#hashes.at(-1);
    if (root === undefined) return emptyRoot(this.sha256);
    for (let i = this.#hashes.length - 2; i >= 0; i--) root = nodeHash(this.sha256, this.#hashes[i]!, root);
    return root;
  }

  state(): FrontierState {
    return { size: this.#size, hashes: [...this.#hashes] };
  }
}

function bitsSet(size: number): number {
  let count = 0;
  for (let rest = size; rest > 0; rest = Math.floor(rest / 2)) count += rest % 2;
  return count;
}
