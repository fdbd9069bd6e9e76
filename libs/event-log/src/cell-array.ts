import { VariableArray } from './binary-arrays.js';

/** Value of each hexadecimal digit by character code. */
const HEX = Uint8Array.from({ length: 128 }, (_, code) => parseInt(String.fromCharCode(code), 16) || 0);

/** Below this a loop writes a text faster than a call into the runtime. */
const SHORT = 64;

/** An array whose elements come one row at a time, any of them null: a column of rows as the parameter of one insert. */
export class CellArray extends VariableArray {
  int8(value: number): void {
    const at = this.element(8);
    if (Number.isSafeInteger(value)) {
      const high = Math.floor(value / 2 ** 32);
      this.buffer.writeInt32BE(high, at);
      this.buffer.writeUInt32BE(value - high * 2 ** 32, at + 4);
    } else {
      this.buffer.writeBigInt64BE(BigInt(value), at);
    }
  }

  /** The usual text form, `8-4-4-4-12`. */
  uuid(value: string): void {
    let at = this.element(16);
    const { buffer } = this;
    for (let i = 0; i < 36; i += 2) {
      if (i === 8 || i === 13 || i === 18 || i === 23) i++;
      buffer[at++] = (HEX[value.charCodeAt(i)]! << 4) | HEX[value.charCodeAt(i + 1)]!;
    }
  }

  flag(value: boolean): void {
    this.buffer[this.element(1)] = value ? 1 : 0;
  }

  text(value: string): void {
    if (value.length > SHORT || !this.ascii(value)) this.utf8(value);
  }

  /** Writes the text if it is ASCII; says whether it was. */
  private ascii(value: string): boolean {
    this.room(4 + value.length);
    const { buffer, offset } = this;
    for (let i = 0; i < value.length; i++) {
      const code = value.charCodeAt(i);
      if (code > 0x7f) return false;
      buffer[offset + 4 + i] = code;
    }
    this.element(value.length);
    return true;
  }

  /** Counts an element of this many bytes; answers where they go. */
  private element(bytes: number): number {
    this.room(4 + bytes);
    this.length++;
    const at = this.buffer.writeInt32BE(bytes, this.offset);
    this.offset = at + bytes;
    return at;
  }
}
