import fc from 'fast-check';
import { Frontier } from './frontier.js';
import { LogReader } from './log-reader.js';
import { nodePrimitives } from './node.js';
import { portableSha256 } from './portable-sha256.js';
import { tilePath, tilesBetween } from './tile.js';
import { TileTree } from './tile-tree.js';
import { emptyRoot, leafHash, nodeHash } from './tree-hash.js';
import { consistencyProof, inclusionProof, rootAt, verifyConsistency, verifyInclusion } from './tree-proof.js';

const { sha256 } = nodePrimitives;
const leaves = Array.from({ length: 600 }, (_, i) => leafHash(sha256, Buffer.from(`leaf ${i}`)));
const hexOf = (hash: Uint8Array) => Buffer.from(hash).toString('hex');

/** The definition of RFC 6962 section 2.1, word for word. */
function definedRoot(hashes: readonly Uint8Array[]): Uint8Array {
  if (hashes.length === 0) return sha256(new Uint8Array(0));
  if (hashes.length === 1) return hashes[0]!;
  let k = 1;
  while (k * 2 < hashes.length) k *= 2;
  return nodeHash(sha256, definedRoot(hashes.slice(0, k)), definedRoot(hashes.slice(k)));
}

const hashAt = (level: number, index: number) => definedRoot(leaves.slice(index * 2 ** level, (index + 1) * 2 ** level));

function flipBit(bytes: Uint8Array, bit: number): Uint8Array {
  const flipped = new Uint8Array(bytes);
  flipped[(bit >> 3) % flipped.length]! ^= 1 << (bit & 7);
  return flipped;
}

describe('RFC 6962 hashing', () => {
  test('roots of the well-known eight entries of Certificate Transparency', () => {
    const entries = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'];
    const frontier = new Frontier(sha256);
    const roots = entries.map((entry) => {
      frontier.append(leafHash(sha256, Buffer.from(entry, 'hex')));
      return hexOf(frontier.root());
    });
    expect(hexOf(emptyRoot(sha256))).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
    expect(roots[0]).toBe('6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d');
    expect(roots[1]).toBe('fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125');
    expect(roots[7]).toBe('5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328');
  });

  test('the portable SHA-256 is the platform one', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (data) => expect(hexOf(portableSha256(data))).toBe(hexOf(sha256(data)))));
  });

  test('the frontier, the tile tree and the definition agree at every size, also when the frontier is resumed', () => {
    let frontier = new Frontier(sha256);
    const tree = new TileTree(sha256);
    leaves.forEach((leaf, i) => {
      frontier.append(leaf);
      tree.append(leaf);
      frontier = new Frontier(sha256, frontier.state());
      expect(hexOf(frontier.root())).toBe(hexOf(tree.root()));
      if (i % 37 === 0 || i > 590) expect(hexOf(frontier.root())).toBe(hexOf(definedRoot(leaves.slice(0, i + 1))));
    });
  });

  test('the tile tree takes hashes in pieces of any size', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 300 }), { maxLength: 6 }), (pieces) => {
        const tree = new TileTree(sha256);
        let at = 0;
        for (const piece of pieces) {
          tree.append(Buffer.concat(leaves.slice(at, at + piece)));
          at = Math.min(leaves.length, at + piece);
        }
        const frontier = new Frontier(sha256);
        leaves.slice(0, at).forEach((leaf) => frontier.append(leaf));
        expect(tree.size).toBe(at);
        expect(hexOf(tree.root())).toBe(hexOf(frontier.root()));
      }),
      { numRuns: 30 },
    );
  });

  test('a frontier refuses a state that cannot be', () => {
    expect(() => new Frontier(sha256, { size: 3, hashes: [leaves[0]!] })).toThrow(RangeError);
    expect(() => new Frontier(sha256, { size: 1, hashes: [new Uint8Array(31)] })).toThrow(RangeError);
    expect(() => new Frontier(sha256, { size: -1, hashes: [] })).toThrow(RangeError);
  });
});

describe('inclusion proofs', () => {
  test('prove every leaf of every small tree, and no other leaf or size', async () => {
    for (let size = 1; size <= 33; size++) {
      const root = await rootAt(size, hashAt);
      expect(hexOf(root)).toBe(hexOf(definedRoot(leaves.slice(0, size))));
      for (let index = 0; index < size; index++) {
        const proof = await inclusionProof(index, size, hashAt);
        const claim = { index, size, leaf: leaves[index]!, proof, root };
        expect(verifyInclusion(sha256, claim)).toBe(true);
        expect(verifyInclusion(sha256, { ...claim, leaf: leaves[index + 1]! })).toBe(false);
        expect(verifyInclusion(sha256, { ...claim, index: index + 1 })).toBe(false);
        expect(verifyInclusion(sha256, { ...claim, proof: [...proof, root] })).toBe(false);
        expect(verifyInclusion(sha256, { ...claim, proof: proof.slice(1) })).toBe(size === 1);
      }
    }
  });

  test('fail when any bit of them is flipped', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 2, max: 600 }), fc.nat(), fc.nat(), fc.nat(255), async (size, at, which, bit) => {
        const index = at % size;
        const proof = await inclusionProof(index, size, hashAt);
        const root = definedRoot(leaves.slice(0, size));
        const flipped = proof.map((hash, i) => (i === which % proof.length ? flipBit(hash, bit) : hash));
        expect(verifyInclusion(sha256, { index, size, leaf: leaves[index]!, proof, root })).toBe(true);
        expect(verifyInclusion(sha256, { index, size, leaf: leaves[index]!, proof: flipped, root })).toBe(false);
        expect(verifyInclusion(sha256, { index, size, leaf: flipBit(leaves[index]!, bit), proof, root })).toBe(false);
      }),
      { numRuns: 60 },
    );
  });

  test('are false, not thrown, for numbers and hashes that cannot be', () => {
    const claim = { index: 0, size: 1, leaf: leaves[0]!, proof: [], root: leaves[0]! };
    expect(verifyInclusion(sha256, claim)).toBe(true);
    for (const bad of [
      { index: -1 },
      { index: 0.5 },
      { size: 0 },
      { size: NaN },
      { size: 2 ** 60 },
      { leaf: new Uint8Array(3) },
      { proof: [new Uint8Array(0)] },
    ]) {
      expect(verifyInclusion(sha256, { ...claim, ...bad })).toBe(false);
    }
  });

  test('work beyond 2^32 leaves', () => {
    const proof = Array.from({ length: 40 }, (_, i) => leaves[i]!);
    const root = proof.reduce((hash, sibling) => nodeHash(sha256, hash, sibling), leaves[50]!);
    expect(verifyInclusion(sha256, { index: 0, size: 2 ** 40, leaf: leaves[50]!, proof, root })).toBe(true);
    expect(verifyInclusion(sha256, { index: 2 ** 32, size: 2 ** 40, leaf: leaves[50]!, proof, root })).toBe(false);
  });

  test('cannot be had for a leaf outside the tree', async () => {
    await expect(inclusionProof(3, 3, hashAt)).rejects.toThrow(RangeError);
    await expect(inclusionProof(-1, 3, hashAt)).rejects.toThrow(RangeError);
  });
});

describe('consistency proofs', () => {
  test('lead from every small tree to every later one, and nowhere else', async () => {
    for (let to = 1; to <= 20; to++) {
      const toRoot = definedRoot(leaves.slice(0, to));
      for (let from = 0; from <= to; from++) {
        const fromRoot = definedRoot(leaves.slice(0, from));
        const proof = await consistencyProof(from, to, hashAt);
        const claim = { from, to, fromRoot, toRoot, proof };
        expect(verifyConsistency(sha256, claim)).toBe(true);
        expect(verifyConsistency(sha256, { ...claim, fromRoot: flipBit(fromRoot, 9) })).toBe(false);
        expect(verifyConsistency(sha256, { ...claim, proof: [...proof, toRoot] })).toBe(false);
        if (from > 0) expect(verifyConsistency(sha256, { ...claim, toRoot: flipBit(toRoot, 3) })).toBe(false);
        for (let i = 0; i < proof.length; i++) {
          expect(verifyConsistency(sha256, { ...claim, proof: proof.map((hash, j) => (i === j ? flipBit(hash, 100) : hash)) })).toBe(false);
        }
      }
    }
  });

  test('cannot be had backwards', async () => {
    await expect(consistencyProof(4, 3, hashAt)).rejects.toThrow(RangeError);
  });
});

describe('the tiles client', () => {
  test('gives the proofs of the naive tree at every size, reading only tiles that the size has', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 600 }), fc.nat(), fc.nat(), async (size, a, b) => {
        const tiles = new Map<string, Uint8Array>();
        for (const { level, n, width } of tilesBetween(0, size)) {
          tiles.set(tilePath(level, n, width), Buffer.concat(Array.from({ length: width }, (_, i) => hashAt(level * 8, n * 256 + i))));
        }
        const reader = new LogReader(nodePrimitives, async (path) => tiles.get(path) ?? Promise.reject(new Error(`no ${path}`)));
        const index = a % size;
        const from = b % (size + 1);
        expect((await reader.inclusionProof(index, size)).map(hexOf)).toEqual((await inclusionProof(index, size, hashAt)).map(hexOf));
        expect((await reader.consistencyProof(from, size)).map(hexOf)).toEqual((await consistencyProof(from, size, hashAt)).map(hexOf));
        expect(hexOf(await reader.rootAt(from, size))).toBe(hexOf(definedRoot(leaves.slice(0, from))));
      }),
      { numRuns: 40 },
    );
  });
});
