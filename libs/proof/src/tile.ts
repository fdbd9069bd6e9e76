import { concat } from './bytes.js';
import { parseDecimal } from './decimal.js';

/** Hashes in a full tile, entries in a full bundle (C2SP tlog-tiles). */
export const TILE_WIDTH = 256;

/** The largest entry that a bundle's 16-bit length can announce. */
export const MAX_ENTRY_SIZE = 0xffff;

export interface TileAddress {
  level: number | 'entries';
  n: number;
  /** 1..256; 256 is a full tile and has no suffix. */
  width: number;
}

/** Path of a hash tile under the log's prefix, e.g. 'tile/0/x001/067' or 'tile/1/000.p/17'. Throws RangeError on numbers no path can have. */
export function tilePath(level: number, n: number, width: number = TILE_WIDTH): string {
  if (!Number.isInteger(level) || level < 0 || level > 63) throw new RangeError('a tile level is 0 to 63');
  return `tile/${level}/${indexPath(n, width)}`;
}

/** Path of an entry bundle under the log's prefix, e.g. 'tile/entries/x001/067.p/12'. */
export function entriesPath(n: number, width: number = TILE_WIDTH): string {
  return `tile/entries/${indexPath(n, width)}`;
}

function indexPath(n: number, width: number): string {
  if (!Number.isSafeInteger(n) || n < 0) throw new RangeError('a tile index is a whole number');
  if (!Number.isInteger(width) || width < 1 || width > TILE_WIDTH) throw new RangeError('a tile width is 1 to 256');
  let path = String(n % 1000).padStart(3, '0');
  for (let rest = Math.floor(n / 1000); rest > 0; rest = Math.floor(rest / 1000)) path = `x${String(rest % 1000).padStart(3, '0')}/${path}`;
  return width === TILE_WIDTH ? path : `${path}.p/${width}`;
}

/** The address behind a path, or undefined unless the path is exactly what `tilePath` or `entriesPath` writes: one tile, one spelling. */
export function parseTilePath(path: string): TileAddress | undefined {
  const match = /^tile\/(entries|[0-9]{1,2})\/((?:x[0-9]{3}\/){0,5}[0-9]{3})(?:\.p\/([0-9]{1,3}))?$/.exec(path);
  if (!match) return undefined;
  const [, kind, index, partial] = match as unknown as [string, string, string, string | undefined];
  const level = kind === 'entries' ? kind : Number(kind);
  const n = Number(index.replaceAll(/[x/]/g, ''));
  const width = partial === undefined ? TILE_WIDTH : parseDecimal(partial);
  if (width === undefined || width < 1 || (partial !== undefined && width >= TILE_WIDTH)) return undefined;
  if (!Number.isSafeInteger(n) || (level !== 'entries' && level > 63)) return undefined;
  return (level === 'entries' ? entriesPath(n, width) : tilePath(level, n, width)) === path ? { level, n, width } : undefined;
}

/** How many hashes tile `n` of a level holds in a tree of `size` leaves: 256, fewer at the right edge, 0 beyond it. Entry bundles are as level 0. */
export function tileWidth(level: number, n: number, size: number): number {
  const hashes = Math.floor(size / TILE_WIDTH ** level);
  return Math.max(0, Math.min(TILE_WIDTH, hashes - n * TILE_WIDTH));
}

/** The tiles that a tree of `size` leaves has beyond those of an earlier size, rising by level then index; partial ones included. */
export function* tilesBetween(from: number, size: number): Generator<TileAddress & { level: number }> {
  for (let level = 0; size >= TILE_WIDTH ** level; level++) {
    const before = Math.floor(from / TILE_WIDTH ** level);
    const hashes = Math.floor(size / TILE_WIDTH ** level);
    if (hashes === before) continue;
    for (let n = Math.floor(before / TILE_WIDTH); n * TILE_WIDTH < hashes; n++) yield { level, n, width: tileWidth(level, n, size) };
  }
}

/** Entries as one bundle: each behind its length as 16-bit big-endian. Throws RangeError on an entry over 65,535 bytes. */
export function encodeEntryBundle(entries: readonly Uint8Array[]): Uint8Array {
  const parts: Uint8Array[] = [];
  for (const entry of entries) {
    if (entry.length > MAX_ENTRY_SIZE) throw new RangeError(`an entry of ${entry.length} bytes does not fit in a bundle`);
    parts.push(Uint8Array.of(entry.length >> 8, entry.length & 0xff), entry);
  }
  return concat(parts);
}

/** The entries of a bundle, as views into it. Throws RangeError if the last one is cut short or there are more than 256. */
export function decodeEntryBundle(bundle: Uint8Array): Uint8Array[] {
  const entries: Uint8Array[] = [];
  for (let at = 0; at < bundle.length;) {
    const start = at + 2;
    const end = start + bundle[at]! * 256 + (bundle[at + 1] ?? 0);
    if (start > bundle.length || end > bundle.length) throw new RangeError('the bundle ends within an entry');
    if (entries.length === TILE_WIDTH) throw new RangeError('the bundle holds more than 256 entries');
    entries.push(bundle.subarray(start, end));
    at = end;
  }
  return entries;
}
