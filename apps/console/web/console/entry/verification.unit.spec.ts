import {
  consistencyProof,
  formatCheckpoint,
  formatProof,
  formatVerifierKey,
  inclusionProof,
  leafHash,
  nodeHash,
  portableSha256,
  rootAt,
  signNote,
  toBase64,
} from '@attesta/proof';
import { ed25519 } from '@noble/curves/ed25519.js';
import { browserPrimitives } from '../../kit/proof/primitives.js';
import { verification, type Memory, type Seen, type Source } from './verification.js';

const NAME = 'log.example';
const secret = new Uint8Array(32).fill(7);
const publicKey = ed25519.getPublicKey(secret);
const KEY = formatVerifierKey(NAME, publicKey);
const bytesOf = (text: string) => new TextEncoder().encode(text);

/** A log of these entries, small enough to be hashed from the leaves each time. */
function logOf(entries: readonly string[], signedBy = secret) {
  const leaves = entries.map((entry) => leafHash(portableSha256, bytesOf(entry)));
  const hashAt = (level: number, index: number): Uint8Array =>
    level === 0 ? leaves[index]! : nodeHash(portableSha256, hashAt(level - 1, index * 2), hashAt(level - 1, index * 2 + 1));
  const root = (size: number) => rootAt(size, hashAt);
  const checkpoint = async (size: number) => {
    const text = formatCheckpoint({ origin: NAME, size, root: await root(size) });
    return signNote(text, NAME, ed25519.getPublicKey(signedBy), (message) => ed25519.sign(message, signedBy));
  };
  const size = entries.length;
  return {
    root: async (of = size) => toBase64(await root(of)),
    source: (position: number, bytes = entries[position]!): Source => ({
      bytes: () => Promise.resolve(bytesOf(bytes)),
      proof: async () =>
        formatProof({ index: position, proof: await inclusionProof(position, size, hashAt), checkpoint: await checkpoint(size) }),
      key: () => Promise.resolve({ key: KEY, pinned: false, changed: false }),
      consistency: async (from, to) => (await consistencyProof(from, to, hashAt)).map(toBase64),
    }),
  };
}

const memoryOf = (seen?: Seen): Memory & { kept: Seen | undefined } => {
  const memory = {
    kept: undefined as Seen | undefined,
    last: () => memory.kept ?? seen,
    keep: (_origin: string, now: Seen) => {
      memory.kept = now;
    },
  };
  return memory;
};

const ENTRIES = ['zero', 'one', 'two', 'three', 'four', 'five', 'six'];
const check = (position: number, source: Source, memory: Memory = memoryOf()) => verification(browserPrimitives, position, source, memory);

describe('verifying an entry', () => {
  it('recomputes its way to the root that the key signed, at every position', async () => {
    const log = logOf(ENTRIES);
    for (const position of ENTRIES.keys()) {
      const found = await check(position, log.source(position));
      expect(found).toMatchObject({
        failed: null,
        position,
        key: { name: NAME },
        checkpoint: { origin: NAME, size: 7, root: await log.root() },
      });
      expect(found.siblings.length).toBeGreaterThan(1);
    }
  });

  it('says that an edited entry is not what was sealed', async () => {
    const log = logOf(ENTRIES);
    const found = await check(4, log.source(4, 'fore'));
    expect(found).toMatchObject({ failed: 'inclusion', position: 4, leaf: toBase64(leafHash(portableSha256, bytesOf('fore'))) });
    expect(found.history).toEqual({ kind: 'first' });
  });

  it('does not take the proof of another position', async () => {
    const log = logOf(ENTRIES);
    expect((await check(3, { ...log.source(3), proof: log.source(2).proof })).failed).toBe('position');
  });

  it('does not believe a checkpoint that another key signed, nor keep it', async () => {
    const memory = memoryOf();
    const log = logOf(ENTRIES, new Uint8Array(32).fill(8));
    expect(await check(2, log.source(2), memory)).toMatchObject({ failed: 'signature', history: null });
    expect(memory.kept).toBeUndefined();
  });

  it('names a proof file that is none', async () => {
    const log = logOf(ENTRIES);
    expect(await check(2, { ...log.source(2), proof: () => Promise.resolve('<html>') })).toMatchObject({ failed: 'proof', history: null });
  });
});

describe('the log that this browser saw before', () => {
  const grown = logOf(ENTRIES);

  it('is kept, and the same again is the same', async () => {
    const memory = memoryOf();
    expect((await check(0, grown.source(0), memory)).history).toEqual({ kind: 'first' });
    expect(memory.kept).toEqual({ size: 7, root: await grown.root() });
    expect((await check(0, grown.source(0), memory)).history).toMatchObject({ kind: 'same' });
  });

  it('may grow from any size, and is proved to', async () => {
    for (let size = 1; size < ENTRIES.length; size++) {
      const before = { size, root: await grown.root(size) };
      const memory = memoryOf(before);
      expect((await check(5, grown.source(5), memory)).history).toEqual({ kind: 'grown', before });
      expect(memory.kept?.size).toBe(7);
    }
  });

  it('is not believed when it lost entries, or has others', async () => {
    const before = { size: 7, root: await grown.root() };
    const shorter = memoryOf(before);
    expect((await check(0, logOf(ENTRIES.slice(0, 5)).source(0), shorter)).history).toEqual({ kind: 'rolled-back', before });
    const other = logOf([...ENTRIES.slice(0, 6), 'other', 'eight']);
    const forked = memoryOf(before);
    expect((await check(0, other.source(0), forked)).history).toEqual({ kind: 'forked', before });
    const same = memoryOf(before);
    expect((await check(0, logOf([...ENTRIES.slice(0, 6), 'other']).source(0), same)).history).toEqual({ kind: 'forked', before });
    expect([shorter.kept, forked.kept, same.kept]).toEqual([undefined, undefined, undefined]);
  });

  it('is not believed on a proof that is no list of hashes', async () => {
    const before = { size: 3, root: await grown.root(3) };
    const source = { ...grown.source(5), consistency: () => Promise.resolve(['?']) };
    expect((await check(5, source, memoryOf(before))).history).toMatchObject({ kind: 'forked' });
  });
});
