import { concat, utf8 } from './bytes.js';
import { parseCheckpoint } from './checkpoint.js';
import {
  NoteError,
  formatKeyLine,
  formatSignatureLine,
  keyIdOf,
  parseKeyLine,
  splitNote,
  type SignatureType,
  type VerifierKey,
} from './note.js';
import type { Primitives } from './primitives.js';

/** Signature type byte of an Ed25519 cosignature (C2SP tlog-cosignature). */
const COSIGNATURE: SignatureType = 0x04;
const TIMESTAMP_BYTES = 8;
const SIGNATURE_BYTES = TIMESTAMP_BYTES + 64;

/** The verifier key line of a witness: 'name+hash+base64(0x04 || public key)'. Throws NoteError on a name or key that cannot be one. */
export function formatWitnessKey(name: string, publicKey: Uint8Array): string {
  return formatKeyLine(name, publicKey, COSIGNATURE);
}

/** Reads the verifier key line of a witness; surrounding white space is ignored. Throws NoteError, also on the key of a log. */
export function parseWitnessKey(line: string): VerifierKey {
  return parseKeyLine(line, COSIGNATURE);
}

/**
 * The cosignature line of a checkpoint, its newline included: the statement that as of `time` (whole seconds since 1970) no larger consistent
 * tree of this log was seen. `text` is the note's text without its signatures. Throws NoteError unless that is a checkpoint.
 */
export function cosign(
  text: string,
  { name, publicKey, time }: { name: string; publicKey: Uint8Array; time: number },
  sign: (message: Uint8Array) => Uint8Array,
): string {
  parseCheckpoint(text);
  if (!Number.isSafeInteger(time) || time < 0) throw new NoteError('the time of a cosignature is in whole seconds since 1970');
  const signature = concat([timestamp(time), sign(signedMessage(text, time))]);
  return formatSignatureLine(name, keyIdOf(name, publicKey, COSIGNATURE), signature);
}

/** A cosignature that its key made. */
export interface Cosignature {
  key: VerifierKey;
  /** When, as the witness says: whole seconds since 1970. */
  time: number;
  /** As it stands in the note, newline included. */
  line: string;
}

/**
 * The cosignatures of these witnesses on a checkpoint, the newest of each, and the witnesses whose key ID stands there with a signature that is
 * not theirs. Lines of anybody else are ignored. Says nothing about the log's own signature. Throws NoteError if the note is malformed.
 */
export function readCosignatures(
  primitives: Primitives,
  note: string,
  keys: readonly VerifierKey[],
): { cosignatures: Cosignature[]; wrong: VerifierKey[] } {
  const { text, signatures } = splitNote(note);
  const newest = new Map<VerifierKey, Cosignature>();
  const wrong = new Set<VerifierKey>();
  for (const { name, keyId, signature } of signatures) {
    const key = keys.find((known) => known.name === name && known.keyId === keyId);
    if (!key) continue;
    const time = verifiedTime(primitives, text, key, signature);
    if (time === undefined) wrong.add(key);
    else if (time > (newest.get(key)?.time ?? -1)) newest.set(key, { key, time, line: formatSignatureLine(name, keyId, signature) });
  }
  return { cosignatures: [...newest.values()], wrong: [...wrong] };
}

function verifiedTime(primitives: Primitives, text: string, key: VerifierKey, signature: Uint8Array): number | undefined {
  if (signature.length !== SIGNATURE_BYTES) return undefined;
  const seconds = new DataView(signature.buffer, signature.byteOffset).getBigUint64(0);
  if (seconds > BigInt(Number.MAX_SAFE_INTEGER)) return undefined;
  const time = Number(seconds);
  return primitives.verifyEd25519(key.publicKey, signedMessage(text, time), signature.slice(TIMESTAMP_BYTES)) ? time : undefined;
}

const signedMessage = (text: string, time: number): Uint8Array => utf8(`cosignature/v1\ntime ${time}\n${text}`);

function timestamp(time: number): Uint8Array {
  const bytes = new Uint8Array(TIMESTAMP_BYTES);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(time));
  return bytes;
}
