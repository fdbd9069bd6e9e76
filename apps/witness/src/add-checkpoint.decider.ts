import {
  emptyRoot,
  fromBase64,
  NoteError,
  openNote,
  parseCheckpoint,
  splitNote,
  toBase64,
  verifyConsistency,
  type Checkpoint,
  type VerifierKey,
} from '@attesta/proof';
import { nodePrimitives } from '@attesta/proof/node';

const { sha256 } = nodePrimitives;

/** C2SP tlog-witness: no tree that can be counted needs more. */
const MOST_PROOF_LINES = 63;

/** What add-checkpoint was asked, its form checked and nothing else. */
export interface AddCheckpoint {
  oldSize: number;
  proof: Uint8Array[];
  /** The signed note as it came. */
  note: string;
  checkpoint: Checkpoint;
}

/** What is answered instead of a cosignature (C2SP tlog-witness). */
export interface Refusal {
  status: 400 | 403 | 404 | 409 | 422;
  /** For a person. */
  message: string;
  /** Size of the newest checkpoint that was cosigned; with 409. */
  size?: number;
  /** The log signed another tree of a size that was cosigned before. */
  contradiction?: true;
}

export interface LastCosigned {
  size: number;
  root: Uint8Array;
}

/** Before a log's first checkpoint it counts as cosigned when it was empty. */
export const NEVER_COSIGNED: LastCosigned = { size: 0, root: emptyRoot(sha256) };

/** Reads the body of add-checkpoint. */
export function readAddCheckpoint(body: string): AddCheckpoint | Refusal {
  const blank = body.indexOf('\n\n');
  const [oldLine = '', ...proofLines] = body.slice(0, Math.max(blank, 0)).split('\n');
  const digits = /^old (0|[1-9][0-9]{0,15})$/.exec(oldLine)?.[1];
  if (digits === undefined || !Number.isSafeInteger(Number(digits))) return malformed('the body begins with a line: old, a space, a size');
  if (proofLines.length > MOST_PROOF_LINES) return malformed(`a proof has at most ${MOST_PROOF_LINES} lines`);
  const proof = proofLines.map((line) => fromBase64(line));
  if (!proof.every((hash) => hash?.length === 32)) return malformed('each line of the proof is a hash of 32 bytes in base64');
  const note = body.slice(blank + 2);
  try {
    return { oldSize: Number(digits), proof: proof as Uint8Array[], note, checkpoint: parseCheckpoint(splitNote(note).text) };
  } catch (error) {
    if (error instanceof NoteError) return malformed(error.message);
    throw error;
  }
}

/** Whether a known log signed it. */
export function refuseStranger({ note, checkpoint, oldSize }: AddCheckpoint, logs: readonly VerifierKey[]): Refusal | undefined {
  const keys = logs.filter(({ name }) => name === checkpoint.origin);
  if (keys.length === 0) return { status: 404, message: 'this log is not witnessed here' };
  try {
    openNote(nodePrimitives, note, keys);
  } catch (error) {
    if (error instanceof NoteError) return { status: 403, message: error.message };
    throw error;
  }
  return oldSize > checkpoint.size ? malformed('the old size is larger than that of the checkpoint') : undefined;
}

/** Whether it continues what was cosigned last. */
export function refuseOtherHistory({ oldSize, proof, checkpoint }: AddCheckpoint, last: LastCosigned): Refusal | undefined {
  const { size, root } = last;
  if (oldSize !== size) return { status: 409, size, message: `the newest checkpoint cosigned here has ${size} entries` };
  if (checkpoint.size === size && toBase64(checkpoint.root) !== toBase64(root))
    return { status: 409, size, message: `another tree of ${size} entries was cosigned here`, contradiction: true };
  if (verifyConsistency(sha256, { from: size, to: checkpoint.size, fromRoot: root, toRoot: checkpoint.root, proof })) return undefined;
  return { status: 422, message: `the proof does not show that this tree continues the one of ${size} entries` };
}

const malformed = (message: string): Refusal => ({ status: 400, message });
