import type { Sha256 } from './primitives.js';

export const HASH_SIZE = 32;

const pair = new Uint8Array(1 + 2 * HASH_SIZE);
pair[0] = 0x01;

/** Holds 0x00 and an entry of up to 65,535 bytes, the largest a C2SP entry bundle can carry. */
const leafInput = new Uint8Array(1 + 0xffff);

/** Hash of an entry as a tree leaf: SHA-256(0x00 || entry), RFC 6962 section 2.1. */
export function leafHash(sha256: Sha256, entry: Uint8Array): Uint8Array {
  const input = entry.length < leafInput.length ? leafInput : new Uint8Array(1 + entry.length);
  input.set(entry, 1);
  return sha256(input.subarray(0, 1 + entry.length));
}

/** Hash of an inner node: SHA-256(0x01 || left || right), RFC 6962 section 2.1. Both must be 32 bytes. */
export function nodeHash(sha256: Sha256, left: Uint8Array, right: Uint8Array): Uint8Array {
  pair.set(left, 1);
  pair.set(right, 1 + HASH_SIZE);
  return sha256(pair);
}

/** Root of the tree without leaves: SHA-256 of nothing, RFC 6962 section 2.1. */
export function emptyRoot(sha256: Sha256): Uint8Array {
  return sha256(leafInput.subarray(0, 0));
}

/**
 * Replaces the first `count` hashes of `row` by the hashes of their pairs and returns how many whole pairs there were.
 * A last hash without partner is left out: it is not a complete subtree one level up.
 */
export function hashPairs(sha256: Sha256, row: Uint8Array, count: number): number {
  const pairs = count >> 1;
  for (let i = 0; i < pairs; i++) {
    pair.set(row.subarray(i * 64, i * 64 + 64), 1);
    row.set(sha256(pair), i * HASH_SIZE);
  }
  return pairs;
}
