import { equalBytes } from './bytes.js';
import { portableSha256 } from './portable-sha256.js';
import type { Sha256 } from './primitives.js';
import { emptyRoot, nodeHash } from './tree-hash.js';

/** Hash of the complete subtree of 2^level leaves that starts at leaf index * 2^level. Never asked for a subtree that the size does not fill. */
export type HashAt = (level: number, index: number) => Uint8Array | Promise<Uint8Array>;

/** A run of leaves whose hash is one element of a proof. */
interface Run {
  start: number;
  size: number;
}

/**
 * Inclusion proof of the leaf at `index` in the tree of `size` leaves: sibling of the leaf first (RFC 6962 section 2.1.1).
 * Throws RangeError unless 0 <= index < size.
 */
export async function inclusionProof(index: number, size: number, hashAt: HashAt, sha256: Sha256 = portableSha256): Promise<Uint8Array[]> {
  if (!whole(index) || !whole(size) || index >= size) throw new RangeError(`no leaf ${index} in a tree of ${size}`);
  const siblings: Run[] = [];
  let start = 0;
  let width = size;
  while (width > 1) {
    const left = split(width);
    if (index < start + left) {
      siblings.push({ start: start + left, size: width - left });
      width = left;
    } else {
      siblings.push({ start, size: left });
      start += left;
      width -= left;
    }
  }
  return runHashes(siblings.reverse(), hashAt, sha256);
}

/**
 * Proof that the tree of `to` leaves begins with the tree of `from` leaves (RFC 6962 section 2.1.2). Empty for from 0 and for from = to.
 * Throws RangeError unless 0 <= from <= to.
 */
export async function consistencyProof(from: number, to: number, hashAt: HashAt, sha256: Sha256 = portableSha256): Promise<Uint8Array[]> {
  if (!whole(from) || !whole(to) || from > to) throw new RangeError(`no way from a tree of ${from} to one of ${to}`);
  if (from === 0 || from === to) return [];
  const runs: Run[] = [];
  let start = 0;
  let width = to;
  let old = from;
  while (old < width) {
    const left = split(width);
    if (old <= left) {
      runs.push({ start: start + left, size: width - left });
      width = left;
    } else {
      runs.push({ start, size: left });
      start += left;
      width -= left;
      old -= left;
    }
  }
  // The old tree itself is known to whoever checks; a subtree at its right edge is not.
  if (start > 0) runs.push({ start, size: width });
  return runHashes(runs.reverse(), hashAt, sha256);
}

/** Root of the first `size` leaves. */
export async function rootAt(size: number, hashAt: HashAt, sha256: Sha256 = portableSha256): Promise<Uint8Array> {
  if (!whole(size)) throw new RangeError('a tree size is a whole number');
  return size === 0 ? emptyRoot(sha256) : runHash({ start: 0, size }, hashAt, sha256);
}

export interface Inclusion {
  index: number;
  size: number;
  leaf: Uint8Array;
  proof: readonly Uint8Array[];
  root: Uint8Array;
}

/** True if the proof shows the leaf hash at `index` of the tree with that size and root (RFC 9162 section 2.1.3.2). Never throws. */
export function verifyInclusion(sha256: Sha256, { index, size, leaf, proof, root }: Inclusion): boolean {
  if (!whole(index) || !whole(size) || index >= size || !allHashes([leaf, root, ...proof])) return false;
  let node = index;
  let last = size - 1;
  let hash = leaf;
  for (const sibling of proof) {
    if (last === 0) return false;
    if (node % 2 === 1 || node === last) {
      hash = nodeHash(sha256, sibling, hash);
      while (node % 2 === 0 && node !== 0) {
        node /= 2;
        last = Math.floor(last / 2);
      }
    } else {
      hash = nodeHash(sha256, hash, sibling);
    }
    node = Math.floor(node / 2);
    last = Math.floor(last / 2);
  }
  return last === 0 && equalBytes(hash, root);
}

export interface Consistency {
  from: number;
  to: number;
  fromRoot: Uint8Array;
  toRoot: Uint8Array;
  proof: readonly Uint8Array[];
}

/** True if the proof shows that the later tree begins with the earlier one (RFC 9162 section 2.1.4.2). Never throws. */
export function verifyConsistency(sha256: Sha256, { from, to, fromRoot, toRoot, proof }: Consistency): boolean {
  if (!whole(from) || !whole(to) || from > to || !allHashes([fromRoot, toRoot, ...proof])) return false;
  if (from === to) return proof.length === 0 && equalBytes(fromRoot, toRoot);
  if (from === 0) return proof.length === 0 && equalBytes(fromRoot, emptyRoot(sha256));
  const path = powerOfTwo(from) ? [fromRoot, ...proof] : proof;
  if (path.length === 0) return false;
  let node = from - 1;
  let last = to - 1;
  while (node % 2 === 1) {
    node = Math.floor(node / 2);
    last = Math.floor(last / 2);
  }
  let oldHash = path[0]!;
  let newHash = path[0]!;
  for (const step of path.slice(1)) {
    if (last === 0) return false;
    if (node % 2 === 1 || node === last) {
      oldHash = nodeHash(sha256, step, oldHash);
      newHash = nodeHash(sha256, step, newHash);
      while (node % 2 === 0 && node !== 0) {
        node /= 2;
        last = Math.floor(last / 2);
      }
    } else {
      newHash = nodeHash(sha256, newHash, step);
    }
    node = Math.floor(node / 2);
    last = Math.floor(last / 2);
  }
  return last === 0 && equalBytes(oldHash, fromRoot) && equalBytes(newHash, toRoot);
}

function runHashes(runs: readonly Run[], hashAt: HashAt, sha256: Sha256): Promise<Uint8Array[]> {
  return Promise.all(runs.map((run) => runHash(run, hashAt, sha256)));
}

async function runHash({ start, size }: Run, hashAt: HashAt, sha256: Sha256): Promise<Uint8Array> {
  if (powerOfTwo(size)) return hashAt(Math.round(Math.log2(size)), start / size);
  const left = split(size);
  const [one, other] = await Promise.all([
    runHash({ start, size: left }, hashAt, sha256),
    runHash({ start: start + left, size: size - left }, hashAt, sha256),
  ]);
  return nodeHash(sha256, one, other);
}

/** The largest power of two below n, for n > 1. */
function split(n: number): number {
  let power = 1;
  while (power * 2 < n) power *= 2;
  return power;
}

function powerOfTwo(n: number): boolean {
  return n === 1 || split(n) * 2 === n;
}

function whole(n: number): boolean {
  return Number.isSafeInteger(n) && n >= 0;
}

function allHashes(hashes: readonly Uint8Array[]): boolean {
  return hashes.every((hash) => hash.length === 32);
}
