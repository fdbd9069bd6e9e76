import type { LogReader } from './log-reader.js';
import { formatVerifierKey, NoteError, openNote, parseVerifierKey, type VerifierKey } from './note.js';
import type { Primitives } from './primitives.js';

const HEADER = 'attesta/key-change/v1';

/** A log goes on under another key, by the word of the one before. */
export interface KeyChange {
  origin: string;
  /** Verifier key line of the new key. */
  key: string;
  /** RFC 3339: since when the new key signs beside the old. */
  at: string;
}

/** The text of the note that tells of a change; the old key signs it, and the new one, which shows that somebody has it. */
export function formatKeyChange({ origin, key, at }: KeyChange): string {
  return `${HEADER}\n${origin}\n${key}\n${at}\n`;
}

/** Reads the text of an opened note. Throws NoteError unless it tells of a change of key. */
export function parseKeyChange(text: string): KeyChange {
  const [header, origin, key, at, ...rest] = text.split('\n');
  if (header !== HEADER || !origin || !key || !at || rest.length !== 1 || rest[0] !== '')
    throw new NoteError('the note tells of no change of key');
  if (parseVerifierKey(key).name !== origin) throw new NoteError('the new key is of another log');
  return { origin, key, at };
}

/**
 * The keys that a log's changes lead to from one that is trusted, the newest last; that one alone where none does. Only forward: who trusts the new key does
 * not trust the old one for what comes. A note that no trusted key signed is passed over, since whoever serves the log may put any there.
 */
export function followKeyChanges(
  primitives: Primitives,
  notes: readonly string[],
  trusted: VerifierKey,
): { keys: VerifierKey[]; changes: KeyChange[] } {
  const keys = [trusted];
  const changes: KeyChange[] = [];
  for (const note of notes) {
    try {
      const change = parseKeyChange(openNote(primitives, note, [keys.at(-1)!]).text);
      const key = parseVerifierKey(change.key);
      openNote(primitives, note, [key]);
      if (change.origin !== trusted.name || keys.some((one) => formatVerifierKey(one.name, one.publicKey) === change.key)) continue;
      keys.push(key);
      changes.push(change);
    } catch (error) {
      if (!(error instanceof NoteError)) throw error;
    }
  }
  return { keys, changes };
}

/** A log that knows nothing of changes has none. */
type ChangesReader = Pick<LogReader, 'keyChanges'>;
const changesOf = (reader: ChangesReader): Promise<string[]> => reader.keyChanges().catch(() => []);

/**
 * Opens a note by the key that is trusted; or, where that does not sign any more, by the one that its changes lead to.
 * Rejects with NoteError.
 */
export async function openByKeyOrNext(
  primitives: Primitives,
  reader: ChangesReader,
  note: string,
  trusted: VerifierKey,
): Promise<{ text: string; key: VerifierKey; changes: KeyChange[] }> {
  try {
    return { text: openNote(primitives, note, [trusted]).text, key: trusted, changes: [] };
  } catch (error) {
    let unread: unknown;
    const notes = await reader.keyChanges().catch((failure: unknown) => void (unread = failure));
    const { keys, changes } = followKeyChanges(primitives, notes ?? [], trusted);
    const newest = keys.at(-1)!;
    if (newest === trusted)
      throw notes || !(error instanceof NoteError) ? error : new NoteError(`${error.message}${unknownWhether(unread)}`);
    return { text: openNote(primitives, note, [newest]).text, key: newest, changes };
  }
}

/** A log that does not answer is not one whose key is wrong. */
const unknownWhether = (failure: unknown): string =>
  `; whether it goes on under another key is not known: ${failure instanceof Error ? failure.message : String(failure)}`;

/** Whether a verifier key line is that of this key, or changes lead from it to there. */
export async function leadsTo(primitives: Primitives, reader: ChangesReader, from: string, to: VerifierKey): Promise<boolean> {
  const line = formatVerifierKey(to.name, to.publicKey);
  if (from === line) return true;
  const { keys } = followKeyChanges(primitives, await changesOf(reader), parseVerifierKey(from));
  return keys.some(({ name, publicKey }) => formatVerifierKey(name, publicKey) === line);
}
