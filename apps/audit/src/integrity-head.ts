import {
  formatVerifierKey,
  openNote,
  parseCheckpoint,
  parseVerifierKey,
  toBase64,
  verifyConsistency,
  type Checkpoint,
  type LogReader,
} from '@attesta/proof';
import { nodePrimitives } from '@attesta/proof/node';
import type { IntegrityProblem } from './integrity-problems.js';

/** The newest checkpoint that held, as our own database keeps it; so a rollback that happened while nobody looked shows. */
export interface KnownHead {
  /** Verifier key line it was signed under; null before the first. */
  key: string | null;
  size: number;
  root: Uint8Array | null;
}

export type LookAtHead = { checkpoint: Checkpoint; note: string } | { problem: IntegrityProblem };

const { sha256 } = nodePrimitives;
const ofAll = (kind: string, detail: string): LookAtHead => ({ problem: { kind, positions: [], detail } });

/** Whether a checkpoint is signed by the log's key and continues the one before. @throws what the log cannot answer */
export async function lookAtHead(note: string, keyLine: string, known: KnownHead, reader: LogReader): Promise<LookAtHead> {
  const key = parseVerifierKey(keyLine);
  const line = formatVerifierKey(key.name, key.publicKey);
  if (known.key !== null && known.key !== line) return ofAll('signature', 'the log is signed under another key than before');
  let checkpoint: Checkpoint;
  try {
    checkpoint = parseCheckpoint(openNote(nodePrimitives, note, [key]).text);
  } catch (error) {
    return ofAll('signature', `the newest checkpoint does not hold: ${(error as Error).message}`);
  }
  if (checkpoint.origin !== key.name) return ofAll('signature', 'the newest checkpoint is of another log than its key');
  const { size, root } = checkpoint;
  if (size < known.size) {
    const detail = `the log has ${size} entries, but had ${known.size} before`;
    return { problem: { kind: 'rollback', position: size, positions: [size], detail } };
  }
  if (!known.root || known.size === 0) return { checkpoint, note };
  if (size === known.size) {
    if (toBase64(root) === toBase64(known.root)) return { checkpoint, note };
    return ofAll('fork', `two different trees of ${size} entries are signed`);
  }
  const proof = await reader.consistencyProof(known.size, size);
  if (verifyConsistency(sha256, { from: known.size, to: size, fromRoot: known.root, toRoot: root, proof })) return { checkpoint, note };
  return ofAll('fork', `the tree of ${size} entries does not continue the one of ${known.size} that was signed before`);
}
