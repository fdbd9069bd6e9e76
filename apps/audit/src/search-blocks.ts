/** Positions in one block. A term's positions in a block are a bitmap, or a list where they are few. */
export const BLOCK = 4_096;
const BITMAP = BLOCK / 8;
const FEWEST = BITMAP / 2;

export const blockOf = (position: number): number => Math.floor(position / BLOCK);

/** @param offsets within the block, ascending, each once */
export function packed(offsets: readonly number[]): Buffer {
  if (offsets.length < FEWEST) {
    const list = Buffer.allocUnsafe(offsets.length * 2);
    offsets.forEach((offset, i) => list.writeUInt16LE(offset, i * 2));
    return list;
  }
  const bitmap = Buffer.alloc(BITMAP);
  for (const offset of offsets) bitmap[offset >> 3]! |= 1 << (offset & 7);
  return bitmap;
}

/** Adds what was packed to a bitmap. */
export function addPacked(bitmap: Uint8Array, bytes: Uint8Array): void {
  if (bytes.length === BITMAP) for (let i = 0; i < BITMAP; i++) bitmap[i]! |= bytes[i]!;
  else
    for (let i = 0; i < bytes.length; i += 2) {
      const offset = bytes[i]! | (bytes[i + 1]! << 8);
      bitmap[offset >> 3]! |= 1 << (offset & 7);
    }
}

export const emptyBitmap = (): Uint8Array => new Uint8Array(BITMAP);
export const fullBitmap = (): Uint8Array => new Uint8Array(BITMAP).fill(0xff);

/** Keeps what is also in the other, or what is not. */
export function keepOnly(bitmap: Uint8Array, other: Uint8Array, negated: boolean): void {
  const flip = negated ? 0xff : 0;
  for (let i = 0; i < BITMAP; i++) bitmap[i]! &= other[i]! ^ flip;
}

/** Positions of a block from `to` down to `from`, both inclusive. */
export function positionsOf(bitmap: Uint8Array, block: number, from: number, to: number): number[] {
  const base = block * BLOCK;
  const found: number[] = [];
  for (let byte = BITMAP - 1; byte >= 0; byte--) {
    if (bitmap[byte] === 0) continue;
    for (let bit = 7; bit >= 0; bit--) {
      const position = base + byte * 8 + bit;
      if ((bitmap[byte]! >> bit) & 1 && position >= from && position <= to) found.push(position);
    }
  }
  return found;
}
