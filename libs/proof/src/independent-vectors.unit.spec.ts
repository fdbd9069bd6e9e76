import crypto from 'node:crypto';
import fs from 'node:fs';
import { fromBase64, toBase64 } from './base64.js';
import { formatCheckpoint, parseCheckpoint } from './checkpoint.js';
import { Frontier } from './frontier.js';
import { LogReader } from './log-reader.js';
import { nodePrimitives, publicKeyOf, signEd25519 } from './node.js';
import { formatVerifierKey, openNote, parseVerifierKey, signNote } from './note.js';
import { formatProof, parseProof } from './proof-file.js';
import { encodeEntryBundle, parseTilePath, tilePath, entriesPath, tileWidth, tilesBetween } from './tile.js';
import { TileTree } from './tile-tree.js';
import { leafHash } from './tree-hash.js';
import { verifyConsistency, verifyInclusion } from './tree-proof.js';

interface Vectors {
  roots: string[];
  bigRoots: { size: number; root: string }[];
  inclusion: { index: number; size: number; proof: string[] }[];
  consistency: { from: number; to: number; proof: string[] }[];
  tiles: { size: number; sha256: Record<string, string> }[];
  paths: Record<string, [number, number, number]>;
  keys: { name: string; seed: number; verifierKey: string }[];
  notes: { text: string; note: string }[];
  checkpoint: string;
  checkpointWithExtensions: string;
  proofs: { index: number; extra?: string; text: string }[];
}

const vectors = JSON.parse(fs.readFileSync(new URL('./fixtures/independent-vectors.json', import.meta.url), 'utf8')) as Vectors;
const { sha256 } = nodePrimitives;
const SIZE = 70_000;
const entry = (i: number) => Buffer.from(`entry ${i}`);
const bytes = (text: string) => fromBase64(text)!;

function ed25519FromSeed(seed: number): crypto.KeyObject {
  const der = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), Buffer.alloc(32, seed)]);
  return crypto.createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
}

describe('what independent Go tools made, this library makes and reads too', () => {
  const roots: string[] = [''];
  const tiles = new Map<string, Uint8Array>();
  const partialTilesAt = new Map<number, { level: number; n: number; bytes: Uint8Array }[]>();
  let reader: LogReader;

  beforeAll(() => {
    const frontier = new Frontier(sha256);
    const tree = new TileTree(sha256, { onTile: (level, n, tile) => tiles.set(tilePath(level, n), new Uint8Array(tile)) });
    const sizes = new Set(vectors.tiles.map(({ size }) => size));
    for (let i = 0; i < SIZE; i++) {
      const leaf = leafHash(sha256, entry(i));
      frontier.append(leaf);
      tree.append(leaf);
      roots.push(toBase64(frontier.root()));
      if (sizes.has(i + 1))
        partialTilesAt.set(
          i + 1,
          tree.partialTiles().map((tile) => ({ ...tile, bytes: new Uint8Array(tile.bytes) })),
        );
    }
    for (const { level, n, bytes: tile } of tree.partialTiles()) tiles.set(tilePath(level, n, tile.length / 32), tile);
    expect(toBase64(tree.root())).toBe(roots[SIZE]);
    reader = new LogReader(nodePrimitives, async (path) => tiles.get(path) ?? Promise.reject(new Error(`no ${path}`)));
  });

  test('roots of all sizes from 1 to 1000 and around 65,536', () => {
    expect(roots.slice(1, 1001)).toEqual(vectors.roots);
    for (const { size, root } of vectors.bigRoots) expect(roots[size]).toBe(root);
  });

  test('inclusion proofs, made by the tiles client and verified', async () => {
    for (const { index, size, proof } of vectors.inclusion) {
      if (size === SIZE) expect((await reader.inclusionProof(index, size)).map(toBase64)).toEqual(proof);
      const leaf = leafHash(sha256, entry(index));
      expect(verifyInclusion(sha256, { index, size, leaf, proof: proof.map(bytes), root: bytes(roots[size]!) })).toBe(true);
    }
  });

  test('consistency proofs, made by the tiles client and verified', async () => {
    for (const { from, to, proof } of vectors.consistency) {
      if (to === SIZE) expect((await reader.consistencyProof(from, to)).map(toBase64)).toEqual(proof);
      expect(
        verifyConsistency(sha256, { from, to, fromRoot: bytes(roots[from]!), toRoot: bytes(roots[to]!), proof: proof.map(bytes) }),
      ).toBe(true);
    }
  });

  test('the same tiles and entry bundles under the same paths, byte for byte', () => {
    const digest = (data: Uint8Array) => toBase64(sha256(data));
    for (const { size, sha256: expected } of vectors.tiles) {
      const made: Record<string, string> = {};
      for (const { level, n, width } of tilesBetween(0, size)) {
        const partial = partialTilesAt.get(size)!.find((tile) => tile.level === level && tile.n === n);
        made[tilePath(level, n, width)] = digest(partial?.bytes ?? tiles.get(tilePath(level, n))!);
      }
      for (let n = 0; n * 256 < size; n++) {
        const width = tileWidth(0, n, size);
        made[entriesPath(n, width)] = digest(encodeEntryBundle(Array.from({ length: width }, (_, i) => entry(n * 256 + i))));
      }
      expect(made).toEqual(expected);
    }
  });

  test('tile paths with many digits', () => {
    for (const [path, [level, n, width]] of Object.entries(vectors.paths)) {
      const address = { level: level === -1 ? ('entries' as const) : level, n, width };
      expect(parseTilePath(path)).toEqual(address);
      expect(address.level === 'entries' ? entriesPath(n, width) : tilePath(address.level, n, width)).toBe(path);
    }
  });

  test('verifier key lines and notes with one and several signatures', () => {
    for (const { name, seed, verifierKey } of vectors.keys) {
      const publicKey = publicKeyOf(ed25519FromSeed(seed));
      expect(formatVerifierKey(name, publicKey)).toBe(verifierKey);
      expect(parseVerifierKey(verifierKey + '\n')).toMatchObject({ name, publicKey });
    }
    const keys = vectors.keys.map(({ verifierKey }) => parseVerifierKey(verifierKey));
    for (const { text, note } of vectors.notes) {
      const opened = openNote(nodePrimitives, note, keys);
      expect(opened.text).toBe(text);
      expect(opened.verified).toHaveLength(note.split('\n— ').length - 1);
      expect(openNote(nodePrimitives, note, keys.slice(0, 1)).verified).toEqual(['log.example/attesta']);
    }
    const [only] = vectors.notes;
    const [key] = vectors.keys;
    const privateKey = ed25519FromSeed(key!.seed);
    expect(signNote(only!.text, key!.name, publicKeyOf(privateKey), (message) => signEd25519(privateKey, message))).toBe(only!.note);
  });

  test('checkpoints, with and without extension lines', () => {
    const keys = [parseVerifierKey(vectors.keys[0]!.verifierKey)];
    const plain = parseCheckpoint(openNote(nodePrimitives, vectors.checkpoint, keys).text);
    expect({ ...plain, root: toBase64(plain.root) }).toEqual({ origin: 'log.example/attesta', size: 1000, root: roots[1000] });
    const { text } = openNote(nodePrimitives, vectors.checkpointWithExtensions, keys);
    const extended = parseCheckpoint(text);
    expect(extended.extensions).toEqual(['one more line', 'and another']);
    expect(formatCheckpoint(extended)).toBe(text);
  });

  test('tlog-proof files, word for word', () => {
    for (const { index, extra, text } of vectors.proofs) {
      const file = parseProof(text);
      expect(file.index).toBe(index);
      expect(file.extra && toBase64(file.extra)).toBe(extra);
      expect(file.checkpoint).toBe(vectors.checkpoint);
      expect(formatProof(file)).toBe(text);
      const { size, root } = parseCheckpoint(file.checkpoint.slice(0, file.checkpoint.indexOf('\n\n') + 1));
      expect(verifyInclusion(sha256, { index, size, leaf: leafHash(sha256, entry(index)), proof: file.proof, root })).toBe(true);
    }
  });
});
