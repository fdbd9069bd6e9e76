import {
  leafHash,
  openNote,
  parseCheckpoint,
  parseProof,
  parseVerifierKey,
  verifyInclusion,
  type Checkpoint,
  type Primitives,
} from '@attesta/proof';
import { messageOf } from './failure.js';

export interface ProofReport {
  ok: boolean;
  position?: number;
  checkpoint?: Checkpoint;
  problem?: string;
}

/** Whether an entry stands where a C2SP tlog-proof says, in the log of the key (a verifier key line). Throws nothing for hostile files. */
export function checkProof(
  primitives: Primitives,
  { proof: proofBytes, entry, key: keyLine }: { proof: Uint8Array; entry: Uint8Array; key: string },
): ProofReport {
  let checkpoint: Checkpoint | undefined;
  const wrong = (problem: string): ProofReport => ({ ok: false, ...(checkpoint && { checkpoint }), problem });
  try {
    const key = parseVerifierKey(keyLine);
    const proof = parseProof(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(proofBytes));
    checkpoint = parseCheckpoint(openNote(primitives, proof.checkpoint, [key]).text);
    if (checkpoint.origin !== key.name) return wrong('the checkpoint is of another log than the key');
    const { sha256 } = primitives;
    const inclusion = {
      index: proof.index,
      size: checkpoint.size,
      leaf: leafHash(sha256, entry),
      proof: proof.proof,
      root: checkpoint.root,
    };
    if (!verifyInclusion(sha256, inclusion)) {
      return wrong('the entry with this proof does not lead to the root of the checkpoint: one of them was changed');
    }
    return { ok: true, position: proof.index, checkpoint };
  } catch (error) {
    return wrong(messageOf(error));
  }
}
