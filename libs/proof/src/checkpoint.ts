import { fromBase64, toBase64 } from './base64.js';
import { parseDecimal } from './decimal.js';
import { NoteError } from './note.js';

/** The head of a log's tree (C2SP tlog-checkpoint). Trust one only when it came out of a note that `openNote` accepted. */
export interface Checkpoint {
  origin: string;
  /** Leaves in the tree. */
  size: number;
  /** 32 bytes. */
  root: Uint8Array;
  /** Opaque lines after the root, each not empty. */
  extensions?: string[];
}

/** The note text of a checkpoint, ready to be signed. Throws NoteError on what the format cannot say. */
export function formatCheckpoint({ origin, size, root, extensions = [] }: Checkpoint): string {
  if (!Number.isSafeInteger(size) || size < 0) throw new NoteError('a tree size is a whole number');
  if (root.length !== 32) throw new NoteError('a root hash has 32 bytes');
  const lines = [origin, String(size), toBase64(root), ...extensions];
  if (lines.some((line) => line === '' || line.includes('\n'))) throw new NoteError('a checkpoint line is not empty and has no newline');
  return lines.join('\n') + '\n';
}

/** Reads the text of an opened note as a checkpoint. Throws NoteError unless it follows C2SP tlog-checkpoint to the letter. */
export function parseCheckpoint(text: string): Checkpoint {
  if (!text.endsWith('\n')) throw new NoteError('a checkpoint ends in a newline');
  const lines = text.slice(0, -1).split('\n');
  const [origin, sizeLine, rootLine, ...extensions] = lines;
  if (!origin || sizeLine === undefined || rootLine === undefined || lines.includes('')) {
    throw new NoteError('a checkpoint has an origin, a size and a root line, and no empty line');
  }
  const size = parseDecimal(sizeLine);
  if (size === undefined) throw new NoteError('the tree size is not a decimal number without leading zeros');
  const root = fromBase64(rootLine);
  if (root?.length !== 32) throw new NoteError('the root hash is not 32 bytes in base64');
  return { origin, size, root, ...(extensions.length > 0 ? { extensions } : {}) };
}
