import { toBase64 } from './base64.js';
import { sameRange } from './bytes.js';
import { HASH_SIZE } from './tree-hash.js';

/** An entry's place in its subject's chain, as EntryScanner reads it. */
export interface ChainLink {
  /** Subject id as four 32-bit words. */
  subject: Uint32Array;
  seq: number;
  /** Leaf hash of the subject's entry before; not looked at for seq 1. */
  prev: Uint8Array;
}

/** Leaf hashes of entries that could not be read, or false knowledge of them: see `SubjectChains.follow`. */
export class LostEntries {
  readonly #hashes = new Set<string>();
  /** True once an entry is missing whose leaf hash is not known either: from then on a broken link proves nothing. */
  unknown = false;

  add(leafHash: Uint8Array): void {
    this.#hashes.add(toBase64(leafHash));
  }

  has(leafHash: Uint8Array): boolean {
    return this.unknown || (this.#hashes.size > 0 && this.#hashes.has(toBase64(leafHash)));
  }
}

/**
 * The last entry of every subject seen so far, in an open-addressed table over typed arrays: about 130 bytes per subject, whatever the
 * number of entries. The ids come from a log that may be hostile; a table full of collisions is slow, never wrong.
 */
export class SubjectChains {
  #count = 0;
  #mask = 1023;
  #ids = new Uint32Array(1024 * 4);
  /** 0 marks a free slot: numbers start at 1. */
  #seqs = new Float64Array(1024);
  #hashes = new Uint8Array(1024 * HASH_SIZE);

  get subjects(): number {
    return this.#count;
  }

  /**
   * Takes the subject's next entry. Answers what is wrong with its link, undefined if it follows the one before.
   * Either way the chain goes on from this entry, so one break is told once. A link to a lost entry is good.
   */
  follow(link: ChainLink, leafHash: Uint8Array, lost: LostEntries): string | undefined {
    if (this.#count * 2 > this.#mask) this.#grow();
    const slot = this.#slotOf(link.subject, 0);
    const last = this.#seqs[slot]!;
    const follows = link.seq === last + 1 && (last === 0 || sameRange(link.prev, 0, this.#hashes, slot * HASH_SIZE, HASH_SIZE));
    const problem = follows ? undefined : brokenLink(link, last, lost);
    if (last === 0) {
      this.#count++;
      this.#ids.set(link.subject, slot * 4);
    }
    this.#seqs[slot] = link.seq;
    this.#hashes.set(leafHash, slot * HASH_SIZE);
    return problem;
  }

  /** Slot of the id at an offset of `ids`, or the free one where it belongs. */
  #slotOf(ids: Uint32Array, at: number): number {
    const a = ids[at]!;
    const b = ids[at + 1]!;
    const c = ids[at + 2]!;
    const d = ids[at + 3]!;
    let slot = (Math.imul(a ^ Math.imul(d, 0x85ebca6b), 0xc2b2ae35) ^ (b >>> 3) ^ c ^ (d >>> 7)) & this.#mask;
    for (;;) {
      const i = slot * 4;
      if (this.#seqs[slot] === 0) return slot;
      if (this.#ids[i + 3] === d && this.#ids[i] === a && this.#ids[i + 1] === b && this.#ids[i + 2] === c) return slot;
      slot = (slot + 1) & this.#mask;
    }
  }

  #grow(): void {
    const { ids, seqs, hashes } = { ids: this.#ids, seqs: this.#seqs, hashes: this.#hashes };
    const slots = seqs.length * 2;
    this.#mask = slots - 1;
    this.#ids = new Uint32Array(slots * 4);
    this.#seqs = new Float64Array(slots);
    this.#hashes = new Uint8Array(slots * HASH_SIZE);
    for (let old = 0; old < seqs.length; old++) {
      if (seqs[old] === 0) continue;
      const slot = this.#slotOf(ids, old * 4);
      this.#seqs[slot] = seqs[old]!;
      this.#ids.set(ids.subarray(old * 4, old * 4 + 4), slot * 4);
      this.#hashes.set(hashes.subarray(old * HASH_SIZE, (old + 1) * HASH_SIZE), slot * HASH_SIZE);
    }
  }
}

function brokenLink({ seq, prev }: ChainLink, last: number, lost: LostEntries): string | undefined {
  if (lost.unknown || (seq > 1 && lost.has(prev))) return undefined;
  if (seq === last + 1) return "does not carry the leaf hash of its subject's entry before";
  return `is number ${seq} of its subject, but the entry before it ${last === 0 ? 'is missing' : `is number ${last}`}`;
}
