import { fromUtf8 } from './bytes.js';
import { CanonicalScanner, ascii } from './canonical-scanner.js';
import { canonical } from './canonical.js';

const OPEN = ascii('{');
const COMMA = ascii(',');
const CLOSE = ascii('}');
const ACTOR = ascii('"actor":');
const DATA = ascii('"data":');
const ID = ascii(',"id":');
const RECORDED_AT = ascii(',"recordedAt":');
const SEALED = ascii(',"sealed":');
const SOURCE = ascii(',"source":');
const SUBJECT = ascii(',"subject":');
const SUBJECT_ID = ascii('{"id":');
const SUBJECT_PREV = ascii(',"prev":');
const SUBJECT_SEQ = ascii(',"seq":');
const TIME = ascii(',"time":');
const TYPE = ascii(',"type":');
const END = ascii(',"v":1}');

const REQUIRED = ['id', 'source', 'type', 'time', 'recordedAt', 'data', 'v'];
const OPTIONAL = ['actor', 'sealed', 'subject'];

/** Values of base64 characters and of lower-case hexadecimal digits, 0xff for other bytes. */
const BASE64 = digits('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/');
const HEX = digits('0123456789abcdef');

/**
 * Reads what a chain check needs from the bytes of an entry (format version 1) while making sure that they are canonical and whole.
 * Canonical members come in one order, so the entry is matched against that order instead of being parsed; nothing is allocated.
 */
export class EntryScanner extends CanonicalScanner {
  /** Results of the last scan that answered true. */
  hasSubject = false;
  /** Subject id as four 32-bit words. */
  readonly subject = new Uint32Array(4);
  /** Number of the entry within its subject's chain, from 1. */
  seq = 0;
  /** Leaf hash of the subject's entry before; only meaningful if seq > 1. */
  readonly prev = new Uint8Array(32);

  /** True if the bytes are a whole entry in canonical form; `explainEntry` says why not. */
  scan(bytes: Uint8Array): boolean {
    this.bytes = bytes;
    this.at = 0;
    this.hasSubject = false;
    return (
      this.word(OPEN) &&
      (!this.word(ACTOR) || (this.string() && this.word(COMMA))) &&
      this.word(DATA) &&
      this.object(1) &&
      this.word(ID) &&
      this.string() &&
      this.word(RECORDED_AT) &&
      this.string() &&
      (!this.word(SEALED) || this.array(1)) &&
      this.word(SOURCE) &&
      this.string() &&
      (!this.word(SUBJECT) || this.#readSubject()) &&
      this.word(TIME) &&
      this.string() &&
      this.word(TYPE) &&
      this.string() &&
      this.word(END) &&
      this.at === bytes.length
    );
  }

  #readSubject(): boolean {
    this.hasSubject = true;
    if (!this.word(SUBJECT_ID) || !this.#readUuid()) return false;
    const linked = this.word(SUBJECT_PREV);
    if ((linked && !this.#readHash()) || !this.word(SUBJECT_SEQ)) return false;
    const start = this.at;
    if (!this.number()) return false;
    this.seq = Number(String.fromCharCode(...this.bytes.subarray(start, this.at)));
    return Number.isSafeInteger(this.seq) && (linked ? this.seq > 1 : this.seq === 1) && this.word(CLOSE);
  }

  /** A lower-case UUID in quotes: 8-4-4-4-12 digits. */
  #readUuid(): boolean {
    const { bytes, at, subject } = this;
    if (bytes[at] !== 0x22 || bytes[at + 37] !== 0x22) return false;
    let digit = 0;
    for (let i = 1; i <= 36; i++) {
      const byte = bytes[at + i]!;
      if (i === 9 || i === 14 || i === 19 || i === 24) {
        if (byte !== 0x2d) return false;
        continue;
      }
      const value = HEX[byte]!;
      if (value === 0xff) return false;
      subject[digit >> 3] = (subject[digit >> 3]! << 4) | value;
      digit++;
    }
    this.at = at + 38;
    return true;
  }

  /** 32 bytes as padded base64 in quotes, unused bits zero. */
  #readHash(): boolean {
    const { bytes, prev } = this;
    const start = this.at + 1;
    if (bytes[this.at] !== 0x22 || bytes[start + 43] !== 0x3d || bytes[start + 44] !== 0x22) return false;
    let bits = 0;
    let held = 0;
    let out = 0;
    for (let i = 0; i < 43; i++) {
      const value = BASE64[bytes[start + i]!]!;
      if (value === 0xff) return false;
      bits = ((bits << 6) | value) & 0xfff;
      held += 6;
      if (held >= 8) {
        held -= 8;
        prev[out++] = bits >> held;
      }
    }
    this.at = start + 45;
    return (bits & 3) === 0;
  }
}

function digits(alphabet: string): Uint8Array {
  const values = new Uint8Array(256).fill(0xff);
  ascii(alphabet).forEach((byte, value) => (values[byte] = value));
  return values;
}

/** Why bytes are no entry of format version 1, in words for a person. Never repeats content of the entry. */
export function explainEntry(bytes: Uint8Array): string {
  let value: unknown;
  let text: string;
  try {
    text = fromUtf8(bytes);
  } catch {
    return 'is not valid UTF-8';
  }
  try {
    value = JSON.parse(text);
  } catch {
    return 'is not JSON';
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'is not a JSON object';
  try {
    if (canonical(value) !== text) return 'is not in canonical form (RFC 8785)';
  } catch {
    return 'has no canonical form (RFC 8785)';
  }
  const entry = value as Record<string, unknown>;
  const missing = REQUIRED.find((key) => !(key in entry));
  if (missing) return `has no "${missing}"`;
  if (entry['v'] !== 1) return 'is not of format version 1';
  if (Object.keys(entry).some((key) => !REQUIRED.includes(key) && !OPTIONAL.includes(key)))
    return 'has a member that format version 1 does not know';
  return 'does not have the members of format version 1 in their types';
}
