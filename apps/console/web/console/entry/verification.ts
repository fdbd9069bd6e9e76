import {
  fromBase64,
  leafHash,
  NoteError,
  parseCheckpoint,
  parseProof,
  ProofFileError,
  splitNote,
  toBase64,
  verifyConsistency,
  type Primitives,
  type Sha256,
} from '@attesta/proof';
import { verifyEntry, type Step } from '../../kit/proof/verify-entry.js';

/** A checkpoint that this browser verified: it never believes a log that does not go on from it. */
export interface Seen {
  size: number;
  /** base64 */
  root: string;
}

/** How the newest checkpoint goes on from the one before; only the first three may be. */
export type History = { kind: 'first' } | { kind: 'same' | 'grown' | 'rolled-back' | 'forked'; before: Seen };

export interface Source {
  /** The entry as the ledger gives it now. */
  bytes: () => Promise<Uint8Array>;
  /** C2SP tlog-proof file. */
  proof: () => Promise<string>;
  key: () => Promise<{ key: string; pinned: boolean; changed: boolean }>;
  /** Hashes in base64 (RFC 6962 section 2.1.2). */
  consistency: (from: number, to: number) => Promise<string[]>;
}

export interface Memory {
  last: (origin: string) => Seen | undefined;
  keep: (origin: string, seen: Seen) => void;
}

export type Failure = Step | 'proof';

/** All that was recomputed, so that it can be shown and done again elsewhere. */
export interface Verification {
  position: number;
  failed: Failure | null;
  length: number;
  /** base64 */
  leaf: string;
  siblings: string[];
  key: { name: string; pinned: boolean; changed: boolean };
  /** What the checkpoint says; as far as it can be read. */
  checkpoint: { origin: string; size: number; root: string } | null;
  /** null: the checkpoint is not signed, so its history means nothing. */
  history: History | null;
}

/** Gets everything anew and recomputes it. @throws what `source` throws */
export async function verification(primitives: Primitives, position: number, source: Source, memory: Memory): Promise<Verification> {
  const [bytes, proof, { key, pinned, changed }] = await Promise.all([source.bytes(), source.proof(), source.key()]);
  const read = readProof(proof);
  const about = {
    position,
    length: bytes.length,
    leaf: toBase64(leafHash(primitives.sha256, bytes)),
    key: { name: key.split('+', 1)[0]!, pinned, changed },
  };
  if (!read) return { ...about, failed: 'proof', siblings: [], checkpoint: null, history: null };
  const verified = verifyEntry(primitives, { position, bytes, proof, key });
  const failed = verified.holds ? null : verified.failed;
  const history = failed === 'signature' ? null : await historyOf(primitives, read.checkpoint, source, memory);
  return { ...about, ...read, failed, history };
}

/** What a proof file says, verified or not. */
function readProof(text: string): (Pick<Verification, 'siblings'> & { checkpoint: { origin: string } & Seen }) | undefined {
  try {
    const { proof, checkpoint } = parseProof(text);
    const { origin, size, root } = parseCheckpoint(splitNote(checkpoint).text);
    return { siblings: proof.map(toBase64), checkpoint: { origin, size, root: toBase64(root) } };
  } catch (error) {
    if (error instanceof ProofFileError || error instanceof NoteError) return undefined;
    throw error;
  }
}

async function historyOf(
  { sha256 }: Primitives,
  { origin, ...now }: { origin: string } & Seen,
  { consistency }: Source,
  memory: Memory,
): Promise<History> {
  const before = memory.last(origin);
  const proof = before && before.size < now.size ? await consistency(before.size, now.size) : [];
  const history = goesOn(sha256, before, now, proof);
  if (history.kind !== 'forked' && history.kind !== 'rolled-back') memory.keep(origin, now);
  return history;
}

/** @param proof that the tree now begins with the tree before, hashes in base64; not needed where nothing was added */
export function goesOn(sha256: Sha256, before: Seen | undefined, now: Seen, proof: readonly string[]): History {
  if (!before) return { kind: 'first' };
  if (now.size < before.size) return { kind: 'rolled-back', before };
  const hashes = [before.root, now.root, ...proof].map(fromBase64);
  if (hashes.some((hash) => hash === undefined)) return { kind: 'forked', before };
  const [fromRoot, toRoot, ...rest] = hashes as [Uint8Array, Uint8Array, ...Uint8Array[]];
  const holds = verifyConsistency(sha256, { from: before.size, to: now.size, fromRoot, toRoot, proof: rest });
  if (!holds) return { kind: 'forked', before };
  return { kind: now.size === before.size ? 'same' : 'grown', before };
}
