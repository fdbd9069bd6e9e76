import {
  leadsTo,
  openByKeyOrNext,
  parseCheckpoint,
  parseVerifierKey,
  toBase64,
  verifyConsistency,
  type Checkpoint,
  type LogReader,
  type VerifierKey,
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

export type LookAtHead = { checkpoint: Checkpoint; note: string; key: VerifierKey } | { problem: IntegrityProblem };

const { sha256 } = nodePrimitives;
const ofAll = (kind: string, detail: string): LookAtHead => ({ problem: { kind, positions: [], detail } });

/** Whether a checkpoint is signed by the log's key and continues the one before. @throws what the log cannot answer */
export async function lookAtHead(note: string, keyLine: string, known: KnownHead, reader: LogReader): Promise<LookAtHead> {
  let checkpoint: Checkpoint;
  let key: VerifierKey;
  try {
    const opened = await openByKeyOrNext(nodePrimitives, reader, note, parseVerifierKey(keyLine));
    [checkpoint, key] = [parseCheckpoint(opened.text), opened.key];
  } catch (error) {
    return ofAll('signature', `the newest checkpoint does not hold: ${(error as Error).message}`);
  }
  if (known.key !== null && !(await leadsTo(nodePrimitives, reader, known.key, key)))
    return ofAll('signature', 'the log is signed under another key than before');
  if (checkpoint.origin !== key.name) return ofAll('signature', 'the newest checkpoint is of another log than its key');
  const { size, root } = checkpoint;
  if (size < known.size) {
    const detail = `the log has ${size} entries, but had ${known.size} before`;
    return { problem: { kind: 'rollback', position: size, positions: [size], detail } };
  }
  if (!known.root || known.size === 0) return { checkpoint, note, key };
  if (size === known.size) {
    if (toBase64(root) === toBase64(known.root)) return { checkpoint, note, key };
    return ofAll('fork', `two different trees of ${size} entries are signed`);
  }
  const proof = await reader.consistencyProof(known.size, size);
  if (verifyConsistency(sha256, { from: known.size, to: size, fromRoot: known.root, toRoot: root, proof }))
    return { checkpoint, note, key };
  return ofAll('fork', `the tree of ${size} entries does not continue the one of ${known.size} that was signed before`);
}
