import {
  leafHash,
  NoteError,
  openNote,
  parseCheckpoint,
  parseProof,
  parseVerifierKey,
  toBase64,
  verifyInclusion,
  type Primitives,
} from '@attesta/proof';

export interface ToVerify {
  position: number;
  /** The entry as the ledger gives it now. */
  bytes: Uint8Array;
  /** C2SP tlog-proof file, whole. */
  proof: string;
  /** C2SP verifier key line. */
  key: string;
}

/** Each step in order; the first that does not hold ends it. */
export type Step = 'signature' | 'position' | 'inclusion';

export type Verified =
  | { holds: true; leaf: string; size: number; root: string; hashes: number; origin: string }
  | { holds: false; failed: Step; leaf: string; size?: number };

/**
 * Recomputes that these bytes stand at this position under a checkpoint that the key signed: RFC 6962 section 2.1.1 over C2SP tlog-proof.
 * Nothing that the server says of the outcome is believed.
 */
export function verifyEntry(primitives: Primitives, { position, bytes, proof, key }: ToVerify): Verified {
  const leaf = leafHash(primitives.sha256, bytes);
  const file = parseProof(proof);
  let text: string;
  try {
    text = openNote(primitives, file.checkpoint, [parseVerifierKey(key)]).text;
  } catch (error) {
    if (error instanceof NoteError) return { holds: false, failed: 'signature', leaf: toBase64(leaf) };
    throw error;
  }
  const { origin, size, root } = parseCheckpoint(text);
  if (file.index !== position) return { holds: false, failed: 'position', leaf: toBase64(leaf), size };
  const holds = verifyInclusion(primitives.sha256, { index: position, size, leaf, proof: file.proof, root });
  if (!holds) return { holds: false, failed: 'inclusion', leaf: toBase64(leaf), size };
  return { holds: true, leaf: toBase64(leaf), size, root: toBase64(root), hashes: file.proof.length, origin };
}
