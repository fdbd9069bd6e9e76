#!/usr/bin/env node
// Attesta evidence checker. One file, no dependencies, Node 18 or later:
//
//   node verify.mjs [--key <verifier key line>]      in the unzipped evidence bundle
//
// Exits 0 if every entry of the bundle is proved to stand in the log, 1 naming what is wrong, 2 if it was called wrongly.
// It opens no connection. Generated from libs/proof by build-verify.mjs: change the sources there, not this file.

// src/verify-main.ts
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

// src/base64.ts
var ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
var VALUES = new Uint8Array(128).fill(255);
for (let i = 0; i < ALPHABET.length; i++) VALUES[ALPHABET.charCodeAt(i)] = i;
function toBase64(bytes) {
  let text = '';
  for (let i = 0; i < bytes.length; i += 3) {
    const left = bytes.length - i;
    const group = (bytes[i] << 16) | ((left > 1 ? bytes[i + 1] : 0) << 8) | (left > 2 ? bytes[i + 2] : 0);
    text += ALPHABET[group >> 18] + ALPHABET[(group >> 12) & 63];
    text += left > 1 ? ALPHABET[(group >> 6) & 63] : '=';
    text += left > 2 ? ALPHABET[group & 63] : '=';
  }
  return text;
}
function fromBase64(text) {
  if (text.length % 4 !== 0) return void 0;
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  const bytes = new Uint8Array((text.length / 4) * 3 - padding);
  let bits = 0;
  let held = 0;
  let at = 0;
  for (let i = 0; i < text.length - padding; i++) {
    const code = text.charCodeAt(i);
    const value = code < 128 ? VALUES[code] : 255;
    if (value === 255) return void 0;
    bits = ((bits << 6) | value) & 65535;
    held += 6;
    if (held >= 8) {
      held -= 8;
      bytes[at++] = bits >> held;
    }
  }
  return (bits & ((1 << held) - 1)) === 0 ? bytes : void 0;
}

// src/log-report.ts
function reason(error) {
  const text =
    error instanceof Error || (typeof error === 'object' && error !== null && 'message' in error) ? String(error.message) : String(error);
  const line = text.replaceAll(/[\p{Cc}\p{Cf}\p{Surrogate}]+/gu, ' ').trim();
  return line.length > 200 ? line.slice(0, 200) + '…' : line || 'no reason given';
}

// src/evidence-summary.ts
function describeEvidence(report) {
  const lines = [report.ok ? 'VERIFIED' : 'NOT VERIFIED'];
  const { checkpoint, manifest, proved } = report;
  if (checkpoint) {
    lines.push(`Log: ${plain(checkpoint.origin)}, ${count(checkpoint.size, 'entry', 'entries')}, root ${toBase64(checkpoint.root)}`);
    lines.push(
      `Proved: ${count(proved.length, 'entry stands', 'entries stand')} in this log exactly as in the bundle${positions(proved)}.`,
    );
  }
  if (report.ok && manifest?.complete) {
    const { subject, from, to } = manifest.complete;
    lines.push(`Complete: of subject ${plain(subject)}, none of the entries numbered ${from} to ${to} is left out.`);
  }
  for (const { file, position, message } of report.problems) {
    lines.push(`Wrong: ${plain(file)}${position === void 0 ? '' : `, position ${position}`}: ${message}`);
  }
  return [...lines, '', ...trusts(report)];
}
function trusts({ keyFrom, key, manifest }) {
  return [
    'This check trusts:',
    keyFrom === 'caller'
      ? `- the key you gave: ${plain(key ?? '')}`
      : `- the key that came in the bundle itself${key ? `: ${plain(key)}` : ''}. Whoever made the bundle could have made that key too. Compare it with the log's key as you know it from elsewhere, or run again with --key <line>.`,
    '- SHA-256 and Ed25519, and the program that runs this check.',
    ...(manifest?.complete
      ? ['- that nothing about the subject came after the last entry shown: a later entry cannot be seen from here.']
      : []),
    'It does not cover summary.html and README.txt: they are for reading only.',
  ];
}
function positions(proved) {
  if (proved.length === 0) return '';
  const named = proved.slice(0, 10).join(', ');
  return ` (${proved.length === 1 ? 'position' : 'positions'} ${named}${proved.length > 10 ? `, … ${proved.at(-1)}` : ''})`;
}
function count(n, one, many) {
  return `${n} ${n === 1 ? one : many}`;
}
function plain(text) {
  return reason(text);
}

// src/bytes.ts
var encoder = new TextEncoder();
var decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
function utf8(text) {
  return encoder.encode(text);
}
function fromUtf8(bytes) {
  return decoder.decode(bytes);
}
function equalBytes(a, b) {
  return a.length === b.length && sameRange(a, 0, b, 0, a.length);
}
function sameRange(a, aStart, b, bStart, length) {
  for (let i = 0; i < length; i++) {
    if (a[aStart + i] !== b[bStart + i]) return false;
  }
  return true;
}
function concat(parts) {
  const whole3 = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole3.set(part, at);
    at += part.length;
  }
  return whole3;
}
function hex(bytes) {
  let text = '';
  for (const byte of bytes) text += byte.toString(16).padStart(2, '0');
  return text;
}

// src/decimal.ts
function parseDecimal(text) {
  if (!/^(?:0|[1-9][0-9]{0,15})$/.test(text)) return void 0;
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : void 0;
}

// src/portable-sha256.ts
var ROUND = new Uint32Array([
  1116352408, 1899447441, 3049323471, 3921009573, 961987163, 1508970993, 2453635748, 2870763221, 3624381080, 310598401, 607225278,
  1426881987, 1925078388, 2162078206, 2614888103, 3248222580, 3835390401, 4022224774, 264347078, 604807628, 770255983, 1249150122,
  1555081692, 1996064986, 2554220882, 2821834349, 2952996808, 3210313671, 3336571891, 3584528711, 113926993, 338241895, 666307205,
  773529912, 1294757372, 1396182291, 1695183700, 1986661051, 2177026350, 2456956037, 2730485921, 2820302411, 3259730800, 3345764771,
  3516065817, 3600352804, 4094571909, 275423344, 430227734, 506948616, 659060556, 883997877, 958139571, 1322822218, 1537002063, 1747873779,
  1955562222, 2024104815, 2227730452, 2361852424, 2428436474, 2756734187, 3204031479, 3329325298,
]);
var START = [1779033703, 3144134277, 1013904242, 2773480762, 1359893119, 2600822924, 528734635, 1541459225];
var schedule = new Uint32Array(64);
function portableSha256(data) {
  const padded = new Uint8Array(Math.ceil((data.length + 9) / 64) * 64);
  padded.set(data);
  padded[data.length] = 128;
  const view = new DataView(padded.buffer);
  view.setUint32(padded.length - 8, Math.floor(data.length / 536870912));
  view.setUint32(padded.length - 4, data.length << 3);
  const state = Uint32Array.from(START);
  for (let block = 0; block < padded.length; block += 64) compress(state, view, block);
  const digest = new Uint8Array(32);
  const out = new DataView(digest.buffer);
  state.forEach((word, i) => out.setUint32(i * 4, word));
  return digest;
}
function compress(state, view, block) {
  const w = schedule;
  for (let i = 0; i < 16; i++) w[i] = view.getUint32(block + i * 4);
  for (let i = 16; i < 64; i++) {
    const x = w[i - 15];
    const y = w[i - 2];
    const s0 = rotate(x, 7) ^ rotate(x, 18) ^ (x >>> 3);
    const s1 = rotate(y, 17) ^ rotate(y, 19) ^ (y >>> 10);
    w[i] = w[i - 16] + s0 + w[i - 7] + s1;
  }
  let [a, b, c, d, e, f, g, h] = state;
  for (let i = 0; i < 64; i++) {
    const s1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25);
    const t1 = (h + s1 + ((e & f) ^ (~e & g)) + ROUND[i] + w[i]) | 0;
    const s0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22);
    const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + t1) | 0;
    d = c;
    c = b;
    b = a;
    a = (t1 + t2) | 0;
  }
  [a, b, c, d, e, f, g, h].forEach((word, i) => (state[i] = state[i] + word));
}
function rotate(word, by) {
  return (word >>> by) | (word << (32 - by));
}

// src/note.ts
var ED25519 = 1;
var KEY_KINDS = { 1: 'an Ed25519 key', 4: 'an Ed25519 key of a witness' };
var MAX_SIGNATURES = 100;
var MAX_NOTE_LENGTH = 1e6;
var NoteError = class extends Error {
  name = 'NoteError';
};
function formatVerifierKey(name, publicKey) {
  return formatKeyLine(name, publicKey, ED25519);
}
function parseVerifierKey(line) {
  return parseKeyLine(line, ED25519);
}
function formatKeyLine(name, publicKey, type) {
  const keyId = keyIdOf(name, publicKey, type);
  return `${name}+${keyId.toString(16).padStart(8, '0')}+${toBase64(concat([Uint8Array.of(type), publicKey]))}`;
}
function parseKeyLine(line, type) {
  const match = /^([^+]+)\+([0-9a-fA-F]{8})\+(.+)$/.exec(line.trim());
  if (!match) throw new NoteError('a verifier key line is name+hash+base64');
  const [, name, hash, encoded] = match;
  const key = fromBase64(encoded);
  if (!key || key.length !== 33 || key[0] !== type) throw new NoteError(`the verifier key is not ${KEY_KINDS[type]}`);
  const publicKey = key.slice(1);
  const keyId = keyIdOf(name, publicKey, type);
  if (parseInt(hash, 16) !== keyId) throw new NoteError('the hash in the verifier key line is not that of its name and key');
  return { name, keyId, publicKey };
}
function openNote(primitives, note, keys) {
  const { text, signatures } = splitNote(note);
  const message = utf8(text);
  const verified = [];
  for (const { name, keyId, signature } of signatures) {
    const key = keys.find((known) => known.name === name && known.keyId === keyId);
    if (!key || verified.includes(key)) continue;
    if (!primitives.verifyEd25519(key.publicKey, message, signature)) throw new NoteError(`the signature of ${name} is wrong`);
    verified.push(key);
  }
  if (verified.length === 0) throw new NoteError('the note bears no signature of a known key');
  return { text, verified: verified.map(({ name }) => name) };
}
function splitNote(note) {
  if (note.length > MAX_NOTE_LENGTH) throw new NoteError('the note is too long');
  checkCharacters(note);
  const blank = note.lastIndexOf('\n\n');
  const lines = note.slice(blank + 2);
  if (blank < 0 || !lines.endsWith('\n')) throw new NoteError('the note has no signature lines behind a blank line');
  const signatures = lines.slice(0, -1).split('\n').map(parseSignatureLine);
  if (signatures.length > MAX_SIGNATURES) throw new NoteError('the note has too many signatures');
  return { text: note.slice(0, blank + 1), signatures };
}
function parseSignatureLine(line) {
  const match = /^— ([^ ]+) ([^ ]+)$/.exec(line);
  const bytes = match && fromBase64(match[2]);
  if (!match || !bytes || bytes.length < 5 || !validName(match[1])) throw new NoteError('a signature line is malformed');
  return { name: match[1], keyId: new DataView(bytes.buffer).getUint32(0), signature: bytes.slice(4) };
}
function keyIdOf(name, publicKey, type) {
  if (!validName(name)) throw new NoteError('a key name is not empty and has neither white space nor plus');
  if (publicKey.length !== 32) throw new NoteError('an Ed25519 public key has 32 bytes');
  const digest = portableSha256(concat([utf8(name), Uint8Array.of(10, type), publicKey]));
  return parseInt(hex(digest.subarray(0, 4)), 16);
}
function validName(name) {
  return name !== '' && !/[\p{White_Space}\p{Surrogate}\p{Cc}+]/u.test(name);
}
function checkCharacters(text) {
  if (new RegExp('[\\u0000-\\u0009\\u000b-\\u001f]|\\p{Surrogate}', 'u').test(text))
    throw new NoteError('a note has no control characters but newlines, and is valid UTF-8');
}

// src/checkpoint.ts
function parseCheckpoint(text) {
  if (!text.endsWith('\n')) throw new NoteError('a checkpoint ends in a newline');
  const lines = text.slice(0, -1).split('\n');
  const [origin, sizeLine, rootLine, ...extensions] = lines;
  if (!origin || sizeLine === void 0 || rootLine === void 0 || lines.includes('')) {
    throw new NoteError('a checkpoint has an origin, a size and a root line, and no empty line');
  }
  const size = parseDecimal(sizeLine);
  if (size === void 0) throw new NoteError('the tree size is not a decimal number without leading zeros');
  const root = fromBase64(rootLine);
  if (root?.length !== 32) throw new NoteError('the root hash is not 32 bytes in base64');
  return { origin, size, root, ...(extensions.length > 0 ? { extensions } : {}) };
}

// src/canonical-scanner.ts
var MAX_DEPTH = 256;
var TRUE = ascii('true');
var FALSE = ascii('false');
var NULL = ascii('null');
var QUOTE = 34;
var BACKSLASH = 92;
var COMMA = 44;
var COLON = 58;
var CanonicalScanner = class {
  bytes = new Uint8Array(0);
  at = 0;
  /** Whether the string scanned last was ASCII without escapes, so that its bytes sort as its characters do. */
  #plain = true;
  /** True if the bytes are one canonical JSON value and nothing else. */
  isCanonical(bytes) {
    this.bytes = bytes;
    this.at = 0;
    return this.value(0) && this.at === bytes.length;
  }
  value(depth) {
    switch (this.bytes[this.at]) {
      case QUOTE:
        return this.string();
      case 123:
        return this.object(depth);
      case 91:
        return this.array(depth);
      case 116:
        return this.word(TRUE);
      case 102:
        return this.word(FALSE);
      case 110:
        return this.word(NULL);
      default:
        return this.number();
    }
  }
  /** Consumes exactly these bytes; stays where it is if they do not come next. */
  word(expected) {
    const { bytes, at } = this;
    for (let i = 0; i < expected.length; i++) {
      if (bytes[at + i] !== expected[i]) return false;
    }
    this.at = at + expected.length;
    return true;
  }
  array(depth) {
    if (this.bytes[this.at++] !== 91 || depth >= MAX_DEPTH) return false;
    if (this.bytes[this.at] === 93) {
      this.at++;
      return true;
    }
    for (;;) {
      if (!this.value(depth + 1)) return false;
      const next = this.bytes[this.at++];
      if (next === 93) return true;
      if (next !== COMMA) return false;
    }
  }
  object(depth) {
    if (this.bytes[this.at++] !== 123 || depth >= MAX_DEPTH) return false;
    if (this.bytes[this.at] === 125) {
      this.at++;
      return true;
    }
    let previousStart = -1;
    let previousEnd = -1;
    let previousPlain = true;
    for (;;) {
      const start = this.at;
      if (!this.string()) return false;
      const end = this.at;
      const plain2 = this.#plain;
      if (previousStart >= 0 && !this.#rises(previousStart, previousEnd, start, end, plain2 && previousPlain)) return false;
      previousStart = start;
      previousEnd = end;
      previousPlain = plain2;
      if (this.bytes[this.at++] !== COLON || !this.value(depth + 1)) return false;
      const next = this.bytes[this.at++];
      if (next === 125) return true;
      if (next !== COMMA) return false;
    }
  }
  string() {
    const { bytes } = this;
    const end = bytes.length;
    let at = this.at;
    if (bytes[at++] !== QUOTE) return false;
    let plain2 = true;
    for (;;) {
      if (at >= end) return false;
      const byte = bytes[at++];
      if (byte > QUOTE && byte !== BACKSLASH && byte < 128) continue;
      if (byte === QUOTE) break;
      if (byte < 32) return false;
      if (byte < QUOTE) continue;
      plain2 = false;
      const more = byte === BACKSLASH ? escapeLength(bytes, at) : continuationLength(byte, bytes, at);
      if (more === 0) return false;
      at += more;
    }
    this.at = at;
    this.#plain = plain2;
    return true;
  }
  number() {
    const { bytes } = this;
    const start = this.at;
    let at = start;
    let digitsOnly = true;
    for (; ; at++) {
      const byte = bytes[at];
      if (byte >= 48 && byte <= 57) continue;
      if (byte !== 45 && byte !== 43 && byte !== 46 && byte !== 101) break;
      digitsOnly = false;
    }
    this.at = at;
    const length = at - start;
    if (length === 0 || length > 32) return false;
    if (digitsOnly && length <= 15) return length === 1 || bytes[start] !== 48;
    const text = String.fromCharCode(...bytes.subarray(start, at));
    const number = Number(text);
    return Number.isFinite(number) && String(number) === text;
  }
  /** Whether one member name sorts strictly before the next one, by UTF-16 code units (section 3.2.3). Spans include the quotes. */
  #rises(aStart, aEnd, bStart, bEnd, plain2) {
    if (!plain2) return this.#decoded(aStart, aEnd) < this.#decoded(bStart, bEnd);
    const length = Math.min(aEnd - aStart, bEnd - bStart) - 1;
    for (let i = 1; i < length; i++) {
      const difference = this.bytes[bStart + i] - this.bytes[aStart + i];
      if (difference !== 0) return difference > 0;
    }
    return aEnd - aStart < bEnd - bStart;
  }
  #decoded(start, end) {
    return JSON.parse(fromUtf8(this.bytes.subarray(start, end)));
  }
};
function escapeLength(bytes, at) {
  switch (bytes[at]) {
    case QUOTE:
    case BACKSLASH:
    case 98:
    // \b
    case 102:
    // \f
    case 110:
    // \n
    case 114:
    // \r
    case 116:
      return 1;
    case 117: {
      if (bytes[at + 1] !== 48 || bytes[at + 2] !== 48) return 0;
      const low = bytes[at + 4];
      const digit = low >= 48 && low <= 57;
      if (bytes[at + 3] === 49) return digit || (low >= 97 && low <= 102) ? 5 : 0;
      return bytes[at + 3] === 48 && ((digit && low < 56) || low === 98 || low === 101 || low === 102) ? 5 : 0;
    }
    default:
      return 0;
  }
}
function continuationLength(first, bytes, at) {
  const second = bytes[at];
  if (first >= 194 && first <= 223) return continues(second) ? 1 : 0;
  if (first >= 224 && first <= 239) {
    const lowest = first === 224 ? 160 : 128;
    const highest = first === 237 ? 159 : 191;
    return second >= lowest && second <= highest && continues(bytes[at + 1]) ? 2 : 0;
  }
  if (first >= 240 && first <= 244) {
    const lowest = first === 240 ? 144 : 128;
    const highest = first === 244 ? 143 : 191;
    return second >= lowest && second <= highest && continues(bytes[at + 1]) && continues(bytes[at + 2]) ? 3 : 0;
  }
  return 0;
}
function continues(byte) {
  return byte >= 128 && byte <= 191;
}
function ascii(text) {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

// src/canonical.ts
var PLAIN = /^[ !#-[\]-~]*$/;
var LONE_SURROGATE = new RegExp('\\p{Surrogate}', 'u');
function quote(text) {
  if (PLAIN.test(text)) return '"' + text + '"';
  if (LONE_SURROGATE.test(text)) throw new TypeError('a lone surrogate has no canonical form');
  return JSON.stringify(text);
}
function canonical(value) {
  switch (typeof value) {
    case 'string':
      return quote(value);
    case 'number':
      if (!Number.isFinite(value)) throw new TypeError('a number that is not finite has no canonical form');
      return String(value);
    case 'boolean':
      return value ? 'true' : 'false';
    case 'object':
      if (value === null) return 'null';
      return Array.isArray(value) ? canonicalArray(value) : canonicalObject(value);
    default:
      throw new TypeError(`a value of type ${typeof value} has no canonical form`);
  }
}
function canonicalArray(items) {
  let text = '[';
  for (let i = 0; i < items.length; i++) text += (i === 0 ? '' : ',') + canonical(items[i]);
  return text + ']';
}
function canonicalObject(value) {
  const nature = Object.prototype.toString.call(value);
  if (nature !== '[object Object]') throw new TypeError(`an ${nature.slice(8, -1)} has no canonical form`);
  const members2 = value;
  let text = '{';
  for (const key of Object.keys(members2).sort()) text += (text.length === 1 ? '' : ',') + quote(key) + ':' + canonical(members2[key]);
  return text + '}';
}

// src/entry-scanner.ts
var OPEN = ascii('{');
var COMMA2 = ascii(',');
var CLOSE = ascii('}');
var ACTOR = ascii('"actor":');
var DATA = ascii('"data":');
var ID = ascii(',"id":');
var RECORDED_AT = ascii(',"recordedAt":');
var SEALED = ascii(',"sealed":');
var SOURCE = ascii(',"source":');
var SUBJECT = ascii(',"subject":');
var SUBJECT_ID = ascii('{"id":');
var SUBJECT_PREV = ascii(',"prev":');
var SUBJECT_SEQ = ascii(',"seq":');
var TIME = ascii(',"time":');
var TYPE = ascii(',"type":');
var END = ascii(',"v":1}');
var REQUIRED = ['id', 'source', 'type', 'time', 'recordedAt', 'data', 'v'];
var OPTIONAL = ['actor', 'sealed', 'subject'];
var BASE64 = digits('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/');
var HEX = digits('0123456789abcdef');
var EntryScanner = class extends CanonicalScanner {
  /** Results of the last scan that answered true. */
  hasSubject = false;
  /** Subject id as four 32-bit words. */
  subject = new Uint32Array(4);
  /** Number of the entry within its subject's chain, from 1. */
  seq = 0;
  /** Leaf hash of the subject's entry before; only meaningful if seq > 1. */
  prev = new Uint8Array(32);
  /** True if the bytes are a whole entry in canonical form; `explainEntry` says why not. */
  scan(bytes) {
    this.bytes = bytes;
    this.at = 0;
    this.hasSubject = false;
    return (
      this.word(OPEN) &&
      (!this.word(ACTOR) || (this.string() && this.word(COMMA2))) &&
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
  #readSubject() {
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
  #readUuid() {
    const { bytes, at, subject } = this;
    if (bytes[at] !== 34 || bytes[at + 37] !== 34) return false;
    let digit = 0;
    for (let i = 1; i <= 36; i++) {
      const byte = bytes[at + i];
      if (i === 9 || i === 14 || i === 19 || i === 24) {
        if (byte !== 45) return false;
        continue;
      }
      const value = HEX[byte];
      if (value === 255) return false;
      subject[digit >> 3] = (subject[digit >> 3] << 4) | value;
      digit++;
    }
    this.at = at + 38;
    return true;
  }
  /** 32 bytes as padded base64 in quotes, unused bits zero. */
  #readHash() {
    const { bytes, prev } = this;
    const start = this.at + 1;
    if (bytes[this.at] !== 34 || bytes[start + 43] !== 61 || bytes[start + 44] !== 34) return false;
    let bits = 0;
    let held = 0;
    let out = 0;
    for (let i = 0; i < 43; i++) {
      const value = BASE64[bytes[start + i]];
      if (value === 255) return false;
      bits = ((bits << 6) | value) & 4095;
      held += 6;
      if (held >= 8) {
        held -= 8;
        prev[out++] = bits >> held;
      }
    }
    this.at = start + 45;
    return (bits & 3) === 0;
  }
};
function digits(alphabet) {
  const values = new Uint8Array(256).fill(255);
  ascii(alphabet).forEach((byte, value) => (values[byte] = value));
  return values;
}
function explainEntry(bytes) {
  let value;
  let text;
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
  const entry = value;
  const missing = REQUIRED.find((key) => !(key in entry));
  if (missing) return `has no "${missing}"`;
  if (entry['v'] !== 1) return 'is not of format version 1';
  if (Object.keys(entry).some((key) => !REQUIRED.includes(key) && !OPTIONAL.includes(key)))
    return 'has a member that format version 1 does not know';
  return 'does not have the members of format version 1 in their types';
}

// src/evidence-manifest.ts
function parseManifest(text) {
  let value;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Error('the manifest is not JSON');
  }
  const manifest = members(value, 'the manifest');
  if (manifest['format'] !== 'attesta-evidence-v1') throw new Error('the manifest is not of format attesta-evidence-v1');
  const asOf = members(manifest['asOf'], 'asOf');
  const { subject, complete } = manifest;
  return {
    format: 'attesta-evidence-v1',
    origin: string(manifest['origin'], 'origin'),
    createdAt: string(manifest['createdAt'], 'createdAt'),
    asOf: {
      position: whole(asOf['position'], 'asOf.position', -1),
      size: whole(asOf['size'], 'asOf.size'),
      root: string(asOf['root'], 'asOf.root'),
    },
    entries: entries(manifest['entries']),
    ...(subject === void 0 ? {} : { subject: string(subject, 'subject') }),
    ...(complete === void 0 ? {} : { complete: completeness(members(complete, 'complete')) }),
  };
}
function entries(value) {
  if (!Array.isArray(value)) throw new Error('the manifest lists no entries');
  let last = -1;
  return value.map((item) => {
    const entry = members(item, 'a listed entry');
    const position = whole(entry['position'], 'the position of a listed entry');
    if (position <= last) throw new Error('the listed entries do not rise by position');
    last = position;
    return {
      position,
      file: string(entry['file'], 'the file of a listed entry'),
      proof: string(entry['proof'], 'the proof of a listed entry'),
    };
  });
}
function completeness(complete) {
  const from = whole(complete['from'], 'complete.from', 1);
  return { subject: string(complete['subject'], 'complete.subject'), from, to: whole(complete['to'], 'complete.to', from - 1) };
}
function members(value, what) {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error(`${what} is not an object`);
  return value;
}
function string(value, what) {
  if (typeof value !== 'string' || value === '') throw new Error(`${what} is not a text`);
  return value;
}
function whole(value, what, least = 0) {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < least)
    throw new Error(`${what} is not a whole number from ${least}`);
  return value;
}

// src/proof-file.ts
var FIRST_LINE = 'c2sp.org/tlog-proof@v1';
var MAX_HASHES = 64;
var ProofFileError = class extends Error {
  name = 'ProofFileError';
};
function parseProof(text) {
  const blank = text.indexOf('\n\n');
  if (blank < 0) throw new ProofFileError('a proof has a blank line before its checkpoint');
  const lines = text.slice(0, blank).split('\n');
  if (lines.shift() !== FIRST_LINE) throw new ProofFileError(`a proof begins with ${FIRST_LINE}`);
  let extra;
  if (lines[0]?.startsWith('extra ')) {
    extra = fromBase64(lines.shift().slice('extra '.length));
    if (!extra) throw new ProofFileError('the extra data is not base64');
  }
  const indexLine = lines.shift();
  const index = indexLine?.startsWith('index ') ? parseDecimal(indexLine.slice('index '.length)) : void 0;
  if (index === void 0) throw new ProofFileError('the index is not a decimal number without leading zeros');
  if (lines.length > MAX_HASHES) throw new ProofFileError('the proof has more hashes than any tree has levels');
  const proof = lines.map((line) => {
    const hash = fromBase64(line);
    if (hash?.length !== 32) throw new ProofFileError('a proof line is not a hash of 32 bytes in base64');
    return hash;
  });
  return { index, proof, checkpoint: text.slice(blank + 2), ...(extra ? { extra } : {}) };
}

// src/tree-hash.ts
var HASH_SIZE = 32;
var pair = new Uint8Array(1 + 2 * HASH_SIZE);
pair[0] = 1;
var leafInput = new Uint8Array(1 + 65535);
function leafHash(sha2562, entry) {
  const input = entry.length < leafInput.length ? leafInput : new Uint8Array(1 + entry.length);
  input.set(entry, 1);
  return sha2562(input.subarray(0, 1 + entry.length));
}
function nodeHash(sha2562, left, right) {
  pair.set(left, 1);
  pair.set(right, 1 + HASH_SIZE);
  return sha2562(pair);
}

// src/tree-proof.ts
function verifyInclusion(sha2562, { index, size, leaf, proof, root }) {
  if (!whole2(index) || !whole2(size) || index >= size || !allHashes([leaf, root, ...proof])) return false;
  let node = index;
  let last = size - 1;
  let hash = leaf;
  for (const sibling of proof) {
    if (last === 0) return false;
    if (node % 2 === 1 || node === last) {
      hash = nodeHash(sha2562, sibling, hash);
      while (node % 2 === 0 && node !== 0) {
        node /= 2;
        last = Math.floor(last / 2);
      }
    } else {
      hash = nodeHash(sha2562, hash, sibling);
    }
    node = Math.floor(node / 2);
    last = Math.floor(last / 2);
  }
  return last === 0 && equalBytes(hash, root);
}
function whole2(n) {
  return Number.isSafeInteger(n) && n >= 0;
}
function allHashes(hashes) {
  return hashes.every((hash) => hash.length === 32);
}

// src/evidence.ts
function verifyEvidence(primitives, files, trusted) {
  const problems = [];
  const check = (file, message, position) => {
    problems.push({ file, message, ...(position === void 0 ? {} : { position }) });
  };
  const manifest = attempt(check, 'manifest.json', () => parseManifest(textOf(files, 'manifest.json')));
  const key = readKey(files, trusted, check);
  const note = attempt(check, 'checkpoint', () => textOf(files, 'checkpoint'));
  const checkpoint =
    key && note !== void 0 ? attempt(check, 'checkpoint', () => parseCheckpoint(openNote(primitives, note, [key]).text)) : void 0;
  const entries2 = [];
  if (manifest && checkpoint && note !== void 0) {
    checkHead(manifest, checkpoint, key, check);
    for (const listed of manifest.entries) {
      const entry = attempt(check, listed.proof, () => proveEntry(primitives, files, listed, checkpoint, note), listed.position);
      if (entry) entries2.push(entry);
    }
    checkUnlisted(manifest, files, check);
    if (manifest.complete) checkComplete(manifest.complete, entries2, check);
  }
  return {
    ok: problems.length === 0,
    keyFrom: trusted === void 0 ? 'bundle' : 'caller',
    ...(key ? { key: formatVerifierKey(key.name, key.publicKey) } : {}),
    ...(checkpoint ? { checkpoint } : {}),
    ...(manifest ? { manifest } : {}),
    proved: entries2.map(({ position }) => position),
    problems,
  };
}
function readKey(files, trusted, check) {
  const own = attempt(check, 'key', () => parseVerifierKey(textOf(files, 'key')));
  if (trusted === void 0) return own;
  const given = attempt(check, 'key', () => {
    try {
      return parseVerifierKey(trusted);
    } catch (error) {
      throw new Error(`the trusted key given is no verifier key line: ${reason(error)}`, { cause: error });
    }
  });
  if (own && given && (own.name !== given.name || !equalBytes(own.publicKey, given.publicKey))) {
    check('key', 'the key in the bundle is not the trusted key');
  }
  return given;
}
function checkHead(manifest, { origin, size, root }, key, check) {
  if (origin !== key.name) check('checkpoint', 'the checkpoint is of another log than the key');
  if (origin !== manifest.origin) check('manifest.json', 'the origin is not that of the checkpoint');
  if (manifest.asOf.size !== size || manifest.asOf.root !== toBase64(root))
    check('manifest.json', 'asOf does not name the size and root of the checkpoint');
  if (manifest.asOf.position >= size) check('manifest.json', 'asOf names a position that the checkpoint does not cover');
}
function proveEntry({ sha256: sha2562 }, files, { position, file, proof: proofFile }, { size, root }, note) {
  const bytes = fileOf(files, file);
  const { index, proof, checkpoint } = parseProof(textOf(files, proofFile));
  if (index !== position) throw new Error(`the proof is for position ${index}`);
  if (checkpoint !== note) throw new Error('the proof carries another checkpoint than the bundle');
  const leaf = leafHash(sha2562, bytes);
  if (!verifyInclusion(sha2562, { index, size, leaf, proof, root })) {
    throw new Error(`${file} with this proof does not lead to the root of the checkpoint: one of them was changed`);
  }
  if (!new EntryScanner().scan(bytes)) throw new Error(`${file} ${explainEntry(bytes)}`);
  const { subject } = JSON.parse(fromUtf8(bytes));
  return { position, leaf, ...(subject ? { subject } : {}) };
}
function checkUnlisted(manifest, files, check) {
  const listed = new Set(manifest.entries.flatMap(({ file, proof }) => [file, proof]));
  for (const path2 of files.keys()) {
    if (/^(?:entries|proofs)\/./.test(path2) && !path2.endsWith('/') && !listed.has(path2))
      check(path2, 'the manifest does not list this file');
  }
}
function checkComplete({ subject, from, to }, entries2, check) {
  const own = entries2.filter((entry) => entry.subject?.id === subject).sort((a, b) => a.subject.seq - b.subject.seq);
  let expected = from;
  let before;
  for (const entry of own) {
    const { seq, prev } = entry.subject;
    if (seq !== expected) {
      check('manifest.json', `the subject's entry number ${expected} is left out, or number ${seq} is too many`, entry.position);
      return;
    }
    if (before && !equalBytes(fromBase64(prev ?? ''), before.leaf)) {
      check('manifest.json', "does not carry the leaf hash of the subject's entry before", entry.position);
    }
    before = entry;
    expected++;
  }
  if (expected !== to + 1) check('manifest.json', `the subject's entries ${expected} to ${to} are left out`);
}
function attempt(check, file, step, position) {
  try {
    return step();
  } catch (error) {
    check(file, reason(error), position);
    return void 0;
  }
}
function fileOf(files, path2) {
  const bytes = files.get(path2);
  if (!bytes) throw new Error(`${path2} is missing`);
  return bytes;
}
function textOf(files, path2) {
  try {
    return fromUtf8(fileOf(files, path2));
  } catch (error) {
    throw error instanceof TypeError ? new Error(`${path2} is not valid UTF-8`) : error;
  }
}

// src/node.ts
import crypto from 'node:crypto';
var SPKI_ED25519 = Buffer.from('302a300506032b6570032100', 'hex');
var sha256 =
  typeof crypto.hash === 'function'
    ? (data) => {
        const digest = crypto.hash('sha256', data, 'binary');
        const bytes = new Uint8Array(32);
        for (let i = 0; i < 32; i++) bytes[i] = digest.charCodeAt(i);
        return bytes;
      }
    : (data) => new Uint8Array(crypto.createHash('sha256').update(data).digest());
var nodePrimitives = {
  sha256,
  verifyEd25519(publicKey, message, signature) {
    if (publicKey.length !== 32 || signature.length !== 64) return false;
    try {
      return crypto.verify(null, message, { key: Buffer.concat([SPKI_ED25519, publicKey]), format: 'der', type: 'spki' }, signature);
    } catch {
      return false;
    }
  },
};

// src/verify-main.ts
var USAGE = 'usage: node verify.mjs [--key <verifier key line>] [directory of the unzipped bundle]';
function main(args) {
  let key;
  let directory;
  for (let i = 0; i < args.length; i++) {
    const arg = args[i];
    if (arg === '--key' && args[i + 1] !== void 0) key = args[++i];
    else if (arg.startsWith('--key=')) key = arg.slice('--key='.length);
    else if (!arg.startsWith('-') && directory === void 0) directory = arg;
    else {
      process.stderr.write(USAGE + '\n');
      return 2;
    }
  }
  const files = readBundle(directory ?? path.dirname(fileURLToPath(import.meta.url)));
  const report = verifyEvidence(nodePrimitives, files, key);
  process.stdout.write(describeEvidence(report).join('\n') + '\n');
  return report.ok ? 0 : 1;
}
function readBundle(directory) {
  const files = /* @__PURE__ */ new Map();
  const read = (name) => {
    try {
      const file = path.join(directory, name);
      if (fs.statSync(file).isFile()) files.set(name, fs.readFileSync(file));
    } catch {}
  };
  for (const name of ['manifest.json', 'checkpoint', 'key']) read(name);
  for (const folder of ['entries', 'proofs']) {
    for (const name of namesIn(path.join(directory, folder))) read(`${folder}/${name}`);
  }
  return files;
}
function namesIn(folder) {
  try {
    return fs.readdirSync(folder);
  } catch {
    return [];
  }
}
process.exitCode = main(process.argv.slice(2));
