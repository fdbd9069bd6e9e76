import { fromBase64, toBase64 } from './base64.js';
import { parseDecimal } from './decimal.js';
import { splitNote } from './note.js';

const FIRST_LINE = 'c2sp.org/tlog-proof@v1';

/** The most siblings a leaf can have in a tree of fewer than 2^53 leaves. */
const MAX_HASHES = 64;

/** What a C2SP tlog-proof file says: where an entry stands in a checkpointed tree, checkable offline. */
export interface ProofFile {
  index: number;
  /** Inclusion proof, the leaf's sibling first; 32 bytes each. */
  proof: Uint8Array[];
  /** The signed checkpoint, word for word. */
  checkpoint: string;
  /** Opaque bytes that nothing authenticates. */
  extra?: Uint8Array;
}

/** A text that is not a C2SP tlog-proof. */
export class ProofFileError extends Error {
  override readonly name = 'ProofFileError';
}

/** Writes a tlog-proof file. `checkpoint` must be the whole signed note, newline at its end. */
export function formatProof({ index, proof, checkpoint, extra }: ProofFile): string {
  if (!Number.isSafeInteger(index) || index < 0) throw new ProofFileError('an index is a whole number');
  if (proof.length > MAX_HASHES || proof.some((hash) => hash.length !== 32))
    throw new ProofFileError('a proof has at most 64 hashes of 32 bytes');
  splitNote(checkpoint);
  const lines = [FIRST_LINE, ...(extra ? [`extra ${toBase64(extra)}`] : []), `index ${index}`, ...proof.map(toBase64)];
  return `${lines.join('\n')}\n\n${checkpoint}`;
}

/** Reads a tlog-proof file. Verifies nothing: open the checkpoint and check the proof against its root. Throws ProofFileError. */
export function parseProof(text: string): ProofFile {
  const blank = text.indexOf('\n\n');
  if (blank < 0) throw new ProofFileError('a proof has a blank line before its checkpoint');
  const lines = text.slice(0, blank).split('\n');
  if (lines.shift() !== FIRST_LINE) throw new ProofFileError(`a proof begins with ${FIRST_LINE}`);
  let extra: Uint8Array | undefined;
  if (lines[0]?.startsWith('extra ')) {
    extra = fromBase64(lines.shift()!.slice('extra '.length));
    if (!extra) throw new ProofFileError('the extra data is not base64');
  }
  const indexLine = lines.shift();
  const index = indexLine?.startsWith('index ') ? parseDecimal(indexLine.slice('index '.length)) : undefined;
  if (index === undefined) throw new ProofFileError('the index is not a decimal number without leading zeros');
  if (lines.length > MAX_HASHES) throw new ProofFileError('the proof has more hashes than any tree has levels');
  const proof = lines.map((line) => {
    const hash = fromBase64(line);
    if (hash?.length !== 32) throw new ProofFileError('a proof line is not a hash of 32 bytes in base64');
    return hash;
  });
  return { index, proof, checkpoint: text.slice(blank + 2), ...(extra ? { extra } : {}) };
}
