/**
 * Columns of rows as PostgreSQL arrays in the binary format (one dimension, lower bound 1), to be unnested by one insert. node-postgres would
 * send arrays as text, at a third of the speed. Lists within a row cannot be unnested from an array of arrays: they travel as array literals.
 */
export type ColumnKind = 'int8' | 'uuid' | 'text' | 'time' | 'flag' | 'bytes' | 'texts' | 'int8s' | 'json';

/** What a column of each kind holds in a row; every one may also be null. `time` is milliseconds since the epoch. */
export interface ColumnValues {
  int8: number;
  uuid: string;
  text: string;
  time: number;
  flag: boolean;
  bytes: Uint8Array;
  texts: readonly string[];
  int8s: readonly number[];
  json: object;
}

type Cell = ColumnValues[ColumnKind] | null;

/** Type of the array parameter, and how an element of it becomes the value of the column. */
export const SQL: Record<ColumnKind, { array: string; cast: string }> = {
  int8: { array: 'int8[]', cast: '' },
  uuid: { array: 'uuid[]', cast: '' },
  text: { array: 'text[]', cast: '' },
  time: { array: 'timestamptz[]', cast: '' },
  flag: { array: 'bool[]', cast: '' },
  bytes: { array: 'bytea[]', cast: '' },
  texts: { array: 'text[]', cast: '::text[]' },
  int8s: { array: 'text[]', cast: '::int8[]' },
  json: { array: 'text[]', cast: '::json' },
};

const OID: Record<ColumnKind, number> = {
  int8: 20,
  uuid: 2950,
  text: 25,
  time: 1184,
  flag: 16,
  bytes: 17,
  texts: 25,
  int8s: 25,
  json: 25,
};

const HEADER = 20;
const EPOCH_2000 = 946_684_800_000;

/** One column of the rows as a parameter. */
export function encodeColumn(kind: ColumnKind, rows: readonly object[], name: string): Buffer {
  const array = new ArrayWriter(rows.length, kind === 'bytes' ? lengthOf(rows, name) : rows.length * 40);
  for (const row of rows) {
    const value = (row as Record<string, Cell>)[name];
    if (value === null || value === undefined) array.null();
    else write(array, kind, value);
  }
  return array.done(OID[kind]);
}

const lengthOf = (rows: readonly object[], name: string): number =>
  rows.reduce((sum, row) => sum + 4 + ((row as Record<string, Uint8Array | null>)[name]?.length ?? 0), 0);

function write(array: ArrayWriter, kind: ColumnKind, value: NonNullable<Cell>): void {
  switch (kind) {
    case 'int8':
      return array.int8(value as number);
    case 'time':
      return array.int8(((value as number) - EPOCH_2000) * 1000);
    case 'uuid':
      return array.uuid(value as string);
    case 'text':
      return array.text(value as string);
    case 'flag':
      return array.flag(value as boolean);
    case 'bytes':
      return array.bytes(value as Uint8Array);
    case 'texts':
      return array.text(literal(value as string[]));
    case 'int8s':
      return array.text(`{${(value as number[]).join(',')}}`);
    case 'json':
      return array.text(JSON.stringify(value));
  }
}

/** An array literal; ids of the policy never need the escapes, but nothing here relies on that. */
function literal(items: readonly string[]): string {
  const quoted = `{"${items.join('","')}"}`;
  if (items.length > 0 && !SPECIAL.test(items.join(''))) return quoted;
  return `{${items.map((item) => `"${item.replaceAll(/["\\]/g, '\\$&')}"`).join(',')}}`;
}

const SPECIAL = /["\\]/;

/** Value of each hexadecimal digit by character code. */
const HEX = Uint8Array.from({ length: 128 }, (_, code) => parseInt(String.fromCharCode(code), 16) || 0);

/** Below this a loop writes a text faster than a call into the runtime. */
const SHORT = 64;

class ArrayWriter {
  private buffer: Buffer;
  private offset = HEADER;
  private hasNull = false;

  constructor(
    private readonly length: number,
    capacity: number,
  ) {
    this.buffer = Buffer.allocUnsafe(HEADER + capacity);
  }

  null(): void {
    this.hasNull = true;
    this.prefix(-1, 0);
  }

  int8(value: number): void {
    this.prefix(8, 8);
    if (Number.isSafeInteger(value)) {
      const high = Math.floor(value / 2 ** 32);
      this.buffer.writeInt32BE(high, this.offset);
      this.buffer.writeUInt32BE(value - high * 2 ** 32, this.offset + 4);
    } else {
      this.buffer.writeBigInt64BE(BigInt(value), this.offset);
    }
    this.offset += 8;
  }

  uuid(value: string): void {
    this.prefix(16, 16);
    const { buffer } = this;
    let at = this.offset;
    for (let i = 0; i < 36; i += 2) {
      if (i === 8 || i === 13 || i === 18 || i === 23) i++;
      buffer[at++] = (HEX[value.charCodeAt(i)]! << 4) | HEX[value.charCodeAt(i + 1)]!;
    }
    this.offset = at;
  }

  flag(value: boolean): void {
    this.prefix(1, 1);
    this.offset = this.buffer.writeUInt8(value ? 1 : 0, this.offset);
  }

  bytes(value: Uint8Array): void {
    this.prefix(value.length, value.length);
    this.buffer.set(value, this.offset);
    this.offset += value.length;
  }

  text(value: string): void {
    const at = this.offset;
    this.prefix(0, value.length * 3);
    const written = value.length <= SHORT && this.ascii(value) ? value.length : this.buffer.write(value, this.offset);
    this.buffer.writeInt32BE(written, at);
    this.offset += written;
  }

  /** Writes the text if it is ASCII; says whether it was. */
  private ascii(value: string): boolean {
    const { buffer, offset } = this;
    for (let i = 0; i < value.length; i++) {
      const code = value.charCodeAt(i);
      if (code > 0x7f) return false;
      buffer[offset + i] = code;
    }
    return true;
  }

  done(oid: number): Buffer {
    this.buffer.writeInt32BE(1, 0);
    this.buffer.writeInt32BE(this.hasNull ? 1 : 0, 4);
    this.buffer.writeInt32BE(oid, 8);
    this.buffer.writeInt32BE(this.length, 12);
    this.buffer.writeInt32BE(1, 16);
    return this.buffer.subarray(0, this.offset);
  }

  /** Writes the length of an element and makes room for at most `room` bytes of it. */
  private prefix(length: number, room: number): void {
    const needed = this.offset + 4 + room;
    if (needed > this.buffer.length) {
      const grown = Buffer.allocUnsafe(this.buffer.length + needed);
      this.buffer.copy(grown, 0, 0, this.offset);
      this.buffer = grown;
    }
    this.offset = this.buffer.writeInt32BE(length, this.offset);
  }
}
