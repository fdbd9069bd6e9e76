import { createRequire } from 'node:module';

/**
 * kafkajs 2.2.4 spends most of its time on record headers: each one is written through a growing buffer of its own and read into a copy of all
 * before it. These two functions take the place of its record writer and reader and give the same bytes and objects at a fraction of the time.
 * Only modules of exactly this version are replaced; whatever else is installed keeps its own.
 */
const VERSION = '2.2.4';
const ENCODE = 'kafkajs/src/protocol/recordBatch/record/v0/index.js';
const DECODE = 'kafkajs/src/protocol/recordBatch/record/v0/decoder.js';

/** Once per process, before the first message; false when another version is installed or modules cannot be replaced (as in jest). */
export function quickenKafkajs(): boolean {
  const require = createRequire(import.meta.url);
  const installed = require('kafkajs/package.json') as { version: string };
  if (installed.version !== VERSION) return false;
  return replace(require, ENCODE, encodeRecord) && replace(require, DECODE, decodeRecord);
}

function replace(require: NodeJS.Require, name: string, replacement: unknown): boolean {
  const file = require.resolve(name);
  require(file);
  const module = require.cache[file];
  if (!module) return false;
  module.exports = replacement;
  return require(file) === replacement;
}

type Bytes = Buffer | string | null | undefined;

export interface RecordFields {
  offsetDelta?: number;
  timestampDelta?: number;
  key?: Bytes;
  value?: Bytes;
  headers?: Record<string, Bytes | Bytes[]>;
}

/** What kafkajs' batch encoder needs of a record: `buf` to recognise it, `buffer` to write it. */
export interface EncodedRecord {
  buf: Buffer;
  buffer: Buffer;
}

/** A record of message format v2, with its length in front (Kafka protocol, "Record"). */
export function encodeRecord({ offsetDelta = 0, timestampDelta = 0, key, value, headers = {} }: RecordFields): EncodedRecord {
  const pairs: Bytes[] = [];
  for (const name of Object.keys(headers)) {
    const given = headers[name];
    if (Array.isArray(given)) for (const one of given) pairs.push(name, one);
    else pairs.push(name, given);
  }
  const keyBytes = lengthOf(key);
  const valueBytes = lengthOf(value);
  let size = 1 + varSize(timestampDelta) + varSize(offsetDelta) + fieldSize(keyBytes) + fieldSize(valueBytes) + varSize(pairs.length / 2);
  const lengths = new Array<number>(pairs.length);
  for (let i = 0; i < pairs.length; i++) {
    const length = lengthOf(pairs[i]);
    lengths[i] = length;
    size += fieldSize(length);
  }
  const buf = Buffer.allocUnsafe(varSize(size) + size);
  let at = writeVar(buf, 0, size);
  buf[at++] = 0;
  at = writeVar(buf, at, timestampDelta);
  at = writeVar(buf, at, offsetDelta);
  at = writeField(buf, at, key, keyBytes);
  at = writeField(buf, at, value, valueBytes);
  at = writeVar(buf, at, pairs.length / 2);
  for (let i = 0; i < pairs.length; i++) at = writeField(buf, at, pairs[i], lengths[i]!);
  return { buf, buffer: buf };
}

export interface BatchContext {
  firstOffset?: string;
  firstTimestamp?: string;
  maxTimestamp?: string;
  timestampType?: number;
  magicByte?: number;
  isControlBatch?: boolean;
}

const LOG_APPEND_TIME = 1;

/** The record in `decoder.buffer`, its length being cut off already. Shares the buffer's memory, as kafkajs does. */
export function decodeRecord(decoder: { buffer: Buffer; offset: number }, batchContext: BatchContext = {}) {
  const read = new Reader(decoder.buffer, decoder.offset);
  const { firstOffset, firstTimestamp, magicByte, isControlBatch = false, timestampType, maxTimestamp } = batchContext;
  const attributes = read.int8();
  const timestampDelta = read.varint();
  const timestamp = timestampType === LOG_APPEND_TIME && maxTimestamp ? maxTimestamp : add(firstTimestamp, timestampDelta);
  const offset = add(firstOffset, read.varint());
  const key = read.bytes();
  const value = read.bytes();
  const headers: Record<string, Buffer | null | (Buffer | null)[]> = {};
  for (let left = read.varint(); left > 0; left--) {
    const name = read.text();
    const given = read.bytes();
    const before = Object.hasOwn(headers, name) ? headers[name] : undefined;
    const now = before === undefined ? given : Array.isArray(before) ? [...before, given] : [before, given];
    if (name === '__proto__') Object.defineProperty(headers, name, { value: now, enumerable: true, configurable: true, writable: true });
    else headers[name] = now;
  }
  decoder.offset = read.at;
  return { magicByte, attributes, timestamp, offset, key, value, headers, isControlRecord: isControlBatch, batchContext };
}

class Reader {
  constructor(
    private readonly buffer: Buffer,
    public at: number,
  ) {}

  int8(): number {
    return this.buffer.readInt8(this.at++);
  }

  /** Zigzag LEB128 up to 2^53, by arithmetic: bitwise operators end at 32 bits. */
  varint(): number {
    let value = 0;
    let scale = 1;
    for (;;) {
      const byte = this.buffer[this.at++];
      if (byte === undefined) throw new RangeError('A record ends within a number');
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) break;
      scale *= 128;
    }
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  bytes(): Buffer | null {
    const length = this.varint();
    if (length < 0) return null;
    const from = this.at;
    this.at += length;
    return this.buffer.subarray(from, this.at);
  }

  text(): string {
    const length = this.varint();
    if (length < 0) return 'null';
    const from = this.at;
    this.at += length;
    return this.buffer.toString('utf8', from, this.at);
  }
}

/** The sum of a 64-bit decimal and a small number; exact also where a double is not. */
function add(base: string | undefined, delta: number): string {
  if (base !== undefined && base.length <= 15) return String(Number(base) + delta);
  return String(BigInt(base ?? 0) + BigInt(delta));
}

const lengthOf = (field: Bytes): number =>
  field === null || field === undefined ? -1 : typeof field === 'string' ? Buffer.byteLength(field) : field.length;

const fieldSize = (length: number): number => varSize(length) + Math.max(0, length);

/** Zigzag: -1 is 1, 1 is 2. */
const zigzag = (value: number): number => (value < 0 ? -2 * value - 1 : 2 * value);

function varSize(value: number): number {
  let rest = zigzag(value);
  let size = 1;
  for (; rest >= 128; rest = Math.floor(rest / 128)) size++;
  return size;
}

function writeVar(buf: Buffer, at: number, value: number): number {
  let rest = zigzag(value);
  for (; rest >= 128; rest = Math.floor(rest / 128)) buf[at++] = (rest % 128) | 0x80;
  buf[at++] = rest;
  return at;
}

function writeField(buf: Buffer, at: number, field: Bytes, length: number): number {
  at = writeVar(buf, at, length);
  if (typeof field === 'string') buf.write(field, at, length, 'utf8');
  else if (field) field.copy(buf, at);
  return length > 0 ? at + length : at;
}
