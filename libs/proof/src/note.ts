import { fromBase64, toBase64 } from './base64.js';
import { concat, hex, utf8 } from './bytes.js';
import { portableSha256 } from './portable-sha256.js';
import type { Primitives } from './primitives.js';

/** Signature type bytes (C2SP signed-note): a plain Ed25519 signature, and a timestamped Ed25519 cosignature (C2SP tlog-cosignature). */
export type SignatureType = 0x01 | 0x04;
const ED25519: SignatureType = 0x01;
const KEY_KINDS: Record<SignatureType, string> = { 0x01: 'an Ed25519 key', 0x04: 'an Ed25519 key of a witness' };

/** C2SP asks for at least 16; a note with more than this is not worth the work. */
const MAX_SIGNATURES = 100;
const MAX_NOTE_LENGTH = 1_000_000;

/** A note, key line or signature that is not what C2SP signed-note describes, or that the keys at hand do not vouch for. */
export class NoteError extends Error {
  override readonly name = 'NoteError';
}

export interface VerifierKey {
  name: string;
  /** First four bytes of SHA-256(name || 0x0A || signature type || public key), as an unsigned big-endian number. */
  keyId: number;
  /** Raw Ed25519 public key, 32 bytes. */
  publicKey: Uint8Array;
}

/** The verifier key line of an Ed25519 key: 'name+hash+base64(0x01 || public key)', as Go's sumdb/note writes it. */
export function formatVerifierKey(name: string, publicKey: Uint8Array): string {
  return formatKeyLine(name, publicKey, ED25519);
}

/** Reads a verifier key line; surrounding white space is ignored. Throws NoteError if it is malformed, of another type, or its hash is not the key's. */
export function parseVerifierKey(line: string): VerifierKey {
  return parseKeyLine(line, ED25519);
}

export function formatKeyLine(name: string, publicKey: Uint8Array, type: SignatureType): string {
  const keyId = keyIdOf(name, publicKey, type);
  return `${name}+${keyId.toString(16).padStart(8, '0')}+${toBase64(concat([Uint8Array.of(type), publicKey]))}`;
}

/** Throws NoteError. */
export function parseKeyLine(line: string, type: SignatureType): VerifierKey {
  const match = /^([^+]+)\+([0-9a-fA-F]{8})\+(.+)$/.exec(line.trim());
  if (!match) throw new NoteError('a verifier key line is name+hash+base64');
  const [, name, hash, encoded] = match as unknown as [string, string, string, string];
  const key = fromBase64(encoded);
  if (!key || key.length !== 33 || key[0] !== type) throw new NoteError(`the verifier key is not ${KEY_KINDS[type]}`);
  const publicKey = key.slice(1);
  const keyId = keyIdOf(name, publicKey, type);
  if (parseInt(hash, 16) !== keyId) throw new NoteError('the hash in the verifier key line is not that of its name and key');
  return { name, keyId, publicKey };
}

/**
 * Signs a text, which must end in a newline, and returns the whole note with one signature line.
 * `sign` gets the bytes of the text and returns the 64-byte Ed25519 signature. Throws NoteError on a text or name a note cannot carry.
 */
export function signNote(text: string, name: string, publicKey: Uint8Array, sign: (message: Uint8Array) => Uint8Array): string {
  if (!text.endsWith('\n')) throw new NoteError('the text of a note ends in a newline');
  checkCharacters(text);
  return `${text}\n${formatSignatureLine(name, keyIdOf(name, publicKey, ED25519), sign(utf8(text)))}`;
}

/** One signature line of a note, its newline included. */
export function formatSignatureLine(name: string, keyId: number, signature: Uint8Array): string {
  return `— ${name} ${toBase64(concat([uint32(keyId), signature]))}\n`;
}

/**
 * The text of a note and the names of the given keys that signed it. Signatures by other keys are ignored.
 * Throws NoteError if the note is malformed, if a given key's signature is wrong, or if none of the keys signed.
 */
export function openNote(primitives: Primitives, note: string, keys: readonly VerifierKey[]): { text: string; verified: string[] } {
  const { text, signatures } = splitNote(note);
  const message = utf8(text);
  const verified: VerifierKey[] = [];
  for (const { name, keyId, signature } of signatures) {
    const key = keys.find((known) => known.name === name && known.keyId === keyId);
    if (!key || verified.includes(key)) continue;
    if (!primitives.verifyEd25519(key.publicKey, message, signature)) throw new NoteError(`the signature of ${name} is wrong`);
    verified.push(key);
  }
  if (verified.length === 0) throw new NoteError('the note bears no signature of a known key');
  return { text, verified: verified.map(({ name }) => name) };
}

/** A signature line as it stands in the note: nothing is checked but its form. */
export interface NoteSignature {
  name: string;
  keyId: number;
  signature: Uint8Array;
}

/** Takes a note apart without verifying anything: never trust the text of a note that `openNote` has not accepted. Throws NoteError. */
export function splitNote(note: string): { text: string; signatures: NoteSignature[] } {
  if (note.length > MAX_NOTE_LENGTH) throw new NoteError('the note is too long');
  checkCharacters(note);
  const blank = note.lastIndexOf('\n\n');
  const lines = note.slice(blank + 2);
  if (blank < 0 || !lines.endsWith('\n')) throw new NoteError('the note has no signature lines behind a blank line');
  const signatures = lines.slice(0, -1).split('\n').map(parseSignatureLine);
  if (signatures.length > MAX_SIGNATURES) throw new NoteError('the note has too many signatures');
  return { text: note.slice(0, blank + 1), signatures };
}

function parseSignatureLine(line: string): NoteSignature {
  const match = /^— ([^ ]+) ([^ ]+)$/.exec(line);
  const bytes = match && fromBase64(match[2]!);
  if (!match || !bytes || bytes.length < 5 || !validName(match[1]!)) throw new NoteError('a signature line is malformed');
  return { name: match[1]!, keyId: new DataView(bytes.buffer).getUint32(0), signature: bytes.slice(4) };
}

export function keyIdOf(name: string, publicKey: Uint8Array, type: SignatureType): number {
  if (!validName(name)) throw new NoteError('a key name is not empty and has neither white space nor plus');
  if (publicKey.length !== 32) throw new NoteError('an Ed25519 public key has 32 bytes');
  const digest = portableSha256(concat([utf8(name), Uint8Array.of(0x0a, type), publicKey]));
  return parseInt(hex(digest.subarray(0, 4)), 16);
}

function validName(name: string): boolean {
  return name !== '' && !/[\p{White_Space}\p{Surrogate}\p{Cc}+]/u.test(name);
}

function checkCharacters(text: string): void {
  // eslint-disable-next-line no-control-regex -- the control characters are what is looked for
  if (/[\u0000-\u0009\u000b-\u001f]|\p{Surrogate}/u.test(text))
    throw new NoteError('a note has no control characters but newlines, and is valid UTF-8');
}

function uint32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
}
