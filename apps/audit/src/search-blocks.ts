/** Positions in one block. A term's positions in a block are a bitmap, or a list where they are few. */
export const BLOCK = 4_096;
const BITMAP = BLOCK / 8;
const WORDS = BITMAP / 4;
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

/** A set of positions of one block, to be used again for the next. */
export class Bitmap {
  private readonly bytes = new Uint8Array(BITMAP);
  private readonly words = new Uint32Array(this.bytes.buffer);
  /** What is packed stands anywhere in a buffer; words have to be aligned. */
  private readonly aligned = new Uint8Array(BITMAP);
  private readonly alignedWords = new Uint32Array(this.aligned.buffer);

  clear(): void {
    this.words.fill(0);
  }

  fill(): void {
    this.words.fill(0xffff_ffff);
  }

  add(packed: Uint8Array): void {
    const { bytes, words, alignedWords } = this;
    if (packed.length === BITMAP) {
      this.aligned.set(packed);
      for (let i = 0; i < WORDS; i++) words[i]! |= alignedWords[i]!;
      return;
    }
    for (let i = 0; i < packed.length; i += 2) {
      const offset = packed[i]! | (packed[i + 1]! << 8);
      bytes[offset >> 3]! |= 1 << (offset & 7);
    }
  }

  /** Keeps what is also in the other, or what is not. */
  keepOnly(other: Bitmap, negated: boolean): void {
    const flip = negated ? 0xffff_ffff : 0;
    for (let i = 0; i < WORDS; i++) this.words[i]! &= other.words[i]! ^ flip;
  }

  /** Positions of the block it stands for from `to` down to `from`, both inclusive. */
  positions(block: number, from: number, to: number): number[] {
    const base = block * BLOCK;
    const found: number[] = [];
    for (let word = WORDS - 1; word >= 0; word--) {
      if (this.words[word] === 0) continue;
      for (let byte = word * 4 + 3; byte >= word * 4; byte--) {
        for (let bit = 7; bit >= 0; bit--) {
          const position = base + byte * 8 + bit;
          if ((this.bytes[byte]! >> bit) & 1 && position >= from && position <= to) found.push(position);
        }
      }
    }
    return found;
  }
}
