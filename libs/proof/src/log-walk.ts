import { EntryScanner, explainEntry } from './entry-scanner.js';
import type { LogReader } from './log-reader.js';
import type { Mismatch, Missing } from './log-mismatch.js';
import { reason, type ProblemList } from './log-report.js';
import { Marks, type LogState } from './log-state.js';
import type { Sha256 } from './primitives.js';
import { LostEntries, SubjectChains } from './subject-chains.js';
import { TILE_WIDTH, tilePath, tileWidth } from './tile.js';
import { TileTree } from './tile-tree.js';
import { HASH_SIZE, leafHash } from './tree-hash.js';
import { sameRange } from './bytes.js';

/** Bundles asked for before they are needed: enough to hide the way to the log and back, few enough to hold in memory. */
const READ_AHEAD = 6;

/** After so many unreadable bundles in a row the walk looks whether there is an end at all. */
const PATIENCE = 8;

/** Beyond this many wrong entries nobody needs the next one named. */
const MOST_MISMATCHES = 10_000;

/** A hash of an upper tile that is not the hash of what stands below it. */
export interface UpperDifference {
  level: number;
  path: string;
  first: number;
  last: number;
}

interface Fetched {
  entries?: Uint8Array[];
  tile?: Uint8Array;
  tileProblem?: string;
}

/** One pass over all entries and tiles of a log, in order. Notes what it sees; `concludeWalk` says what it means. */
export class LogWalk {
  readonly mismatches: Mismatch[] = [];
  readonly missing: Missing[] = [];
  readonly upperDifferences: UpperDifference[] = [];
  /** The tree that the level-0 tiles commit to, complete if `complete`. */
  readonly tiles: TileTree;
  /** The tree of the entries as found, once it differs from the tiles' one; without meaning when entries are missing. */
  entries: TileTree | undefined;
  /** Roots of both at the size of the last visit. */
  tilesAtSaved: Uint8Array | undefined;
  entriesAtSaved: Uint8Array | undefined;
  /** Marks of the level that the last visit kept. */
  readonly savedMarks: Marks | undefined;
  checked = 0;
  /** False once a leaf hash is known neither from an entry nor from a tile, or the walk was given up. */
  complete = true;

  readonly #chains = new SubjectChains();
  readonly #lost = new LostEntries();
  readonly #scanner = new EntryScanner();
  readonly #found = new Uint8Array(TILE_WIDTH * HASH_SIZE);
  readonly #savedSize: number;
  #upperTiles: { level: number; n: number; bytes: Uint8Array }[] = [];

  constructor(
    private readonly sha256: Sha256,
    private readonly reader: LogReader,
    private readonly size: number,
    private readonly problems: ProblemList,
    { marks, saved }: { marks: Marks; saved?: LogState },
  ) {
    this.#savedSize = saved?.size ?? -1;
    if (saved?.marks) {
      const { level } = saved.marks;
      this.savedMarks = level === marks.level ? marks : new Marks(level, Math.floor(saved.size / 2 ** level));
    }
    const collecting = [...new Set(this.savedMarks ? [marks, this.savedMarks] : [marks])];
    this.tiles = new TileTree(sha256, {
      wants: (level) => collecting.some((wanted) => wanted.level === level),
      onSubtree: (level, _index, hash) => collecting.forEach((wanted) => wanted.level === level && wanted.add(hash)),
      onTile: (level, n, bytes) => level > 0 && this.#upperTiles.push({ level, n, bytes: new Uint8Array(bytes) }),
    });
  }

  get subjects(): number {
    return this.#chains.subjects;
  }

  async run(onProgress: (checked: number, total: number) => void = () => {}): Promise<void> {
    if (this.#savedSize === 0) this.#noteSavedRoots();
    const bundles = Math.ceil(this.size / TILE_WIDTH);
    const ahead: Promise<Fetched>[] = [];
    let unreadable = 0;
    for (let n = 0; n < bundles; n++) {
      while (ahead.length < READ_AHEAD && n + ahead.length < bundles) ahead.push(this.#fetch(n + ahead.length));
      const fetched = await ahead.shift()!;
      unreadable = fetched.entries && fetched.entries.length > 0 ? 0 : unreadable + 1;
      this.#take(n, fetched);
      await this.#compareUpperTiles();
      onProgress(this.checked, this.size);
      if (this.problems.full || this.mismatches.length > MOST_MISMATCHES) return this.#giveUp();
      if (unreadable >= PATIENCE && (await this.#endIsMissing(n, bundles))) return this.#giveUp();
    }
    if (!this.complete) return;
    this.tiles.finish();
    for (const { level, n, bytes } of this.tiles.partialTiles()) {
      if (level > 0) this.#upperTiles.push({ level, n, bytes: new Uint8Array(bytes) });
    }
    await this.#compareUpperTiles();
  }

  async #fetch(n: number): Promise<Fetched> {
    const width = tileWidth(0, n, this.size);
    const [entries, tile] = await Promise.allSettled([this.reader.bundle(n, width), this.reader.tile(0, n, width)]);
    return {
      ...(entries.status === 'fulfilled' ? { entries: entries.value } : {}),
      ...(tile.status === 'fulfilled' ? { tile: tile.value } : { tileProblem: reason(tile.reason) }),
    };
  }

  #take(n: number, { entries = [], tile, tileProblem }: Fetched): void {
    const width = tileWidth(0, n, this.size);
    const first = n * TILE_WIDTH;
    if (tileProblem !== undefined) {
      const message = `${tilePath(0, n, width)} cannot be read: ${tileProblem}`;
      this.problems.add({ kind: 'gap', position: first, lastPosition: first + width - 1, message });
    }
    if (entries.length === width) this.#takeWhole(first, entries, tile);
    else this.#takeShort(first, width, entries, tile);
    this.checked += width;
  }

  #takeWhole(first: number, entries: readonly Uint8Array[], tile: Uint8Array | undefined): void {
    const found = this.#found.subarray(0, entries.length * HASH_SIZE);
    entries.forEach((entry, i) => {
      const hash = leafHash(this.sha256, entry);
      found.set(hash, i * HASH_SIZE);
      if (tile && !sameRange(hash, 0, tile, i * HASH_SIZE, HASH_SIZE)) this.#mismatch(first + i, hashIn(tile, i), hash);
      else this.#follow(first + i, entry, hash);
    });
    this.#grow(tile ?? found, found);
  }

  /** A bundle that lost entries: those that are there are put where the tile says they belong. */
  #takeShort(first: number, width: number, entries: readonly Uint8Array[], tile: Uint8Array | undefined): void {
    if (!tile) {
      this.complete = false;
      this.#lost.unknown = true;
      entries.forEach((entry, i) => this.#follow(first + i, entry, leafHash(this.sha256, entry)));
      this.#miss(first + entries.length, first + width - 1, []);
      return;
    }
    const hashes = entries.map((entry) => leafHash(this.sha256, entry));
    let at = 0;
    hashes.forEach((hash, i) => {
      const spare = width - at - (entries.length - i);
      const skipped = indexFrom(tile, hash, at, at + spare) - at;
      if (skipped > 0) this.#missIn(tile, first, at, at + skipped - 1);
      at += Math.max(0, skipped);
      if (skipped < 0) this.#mismatch(first + at, hashIn(tile, at), hash);
      else this.#follow(first + at, entries[i]!, hash);
      at++;
    });
    if (at < width) this.#missIn(tile, first, at, width - 1);
    this.#grow(tile, tile);
  }

  #follow(position: number, entry: Uint8Array, hash: Uint8Array): void {
    if (!this.#scanner.scan(entry)) {
      this.problems.add({ kind: 'format', position, message: `the entry at position ${position} ${explainEntry(entry)}` });
      this.#lost.add(hash);
    } else if (this.#scanner.hasSubject) {
      const problem = this.#chains.follow(this.#scanner, hash, this.#lost);
      if (problem) this.problems.add({ kind: 'chain', position, message: `the entry at position ${position} ${problem}` });
    }
  }

  #mismatch(position: number, expected: Uint8Array, found: Uint8Array): void {
    this.mismatches.push({ position, expected, found: new Uint8Array(found) });
    this.#lost.add(expected);
    this.#lost.add(found);
  }

  #missIn(tile: Uint8Array, first: number, from: number, to: number): void {
    const expected = Array.from({ length: to - from + 1 }, (_, i) => hashIn(tile, from + i));
    for (const hash of expected) this.#lost.add(hash);
    this.#miss(first + from, first + to, expected);
  }

  #miss(first: number, last: number, expected: Uint8Array[]): void {
    const before = this.missing.at(-1);
    if (before?.last !== first - 1) {
      this.missing.push({ first, last, expected });
      return;
    }
    before.last = last;
    before.expected.push(...expected);
  }

  /** Grows both trees, stopping in between where the last visit ended. */
  #grow(committed: Uint8Array, found: Uint8Array): void {
    if (!this.complete) return;
    if (!this.entries && !sameRange(committed, 0, found, 0, found.length)) this.entries = this.tiles.branch();
    const toSaved = (this.#savedSize - this.tiles.size) * HASH_SIZE;
    const stop = toSaved > 0 && toSaved <= committed.length ? toSaved : committed.length;
    this.tiles.append(committed.subarray(0, stop));
    this.entries?.append(found.subarray(0, stop));
    if (stop === toSaved) this.#noteSavedRoots();
    if (stop === committed.length) return;
    this.tiles.append(committed.subarray(stop));
    this.entries?.append(found.subarray(stop));
  }

  #noteSavedRoots(): void {
    this.tilesAtSaved = this.tiles.root();
    this.entriesAtSaved = this.entries?.root() ?? this.tilesAtSaved;
  }

  async #compareUpperTiles(): Promise<void> {
    if (this.#upperTiles.length === 0) return;
    const tiles = this.#upperTiles;
    this.#upperTiles = [];
    for (const { level, n, bytes } of tiles) {
      const width = bytes.length / HASH_SIZE;
      const path = tilePath(level, n, width);
      const span = TILE_WIDTH ** level;
      try {
        const stored = await this.reader.tile(level, n, width);
        for (let i = 0; i < width; i++) {
          if (sameRange(stored, i * HASH_SIZE, bytes, i * HASH_SIZE, HASH_SIZE)) continue;
          const first = (n * TILE_WIDTH + i) * span;
          this.upperDifferences.push({ level, path, first, last: first + span - 1 });
        }
      } catch (error) {
        this.problems.add({ kind: 'gap', position: n * TILE_WIDTH * span, message: `${path} cannot be read: ${reason(error)}` });
      }
    }
  }

  /** Looks at the last bundle; if that is not there either, everything from here on counts as missing. */
  async #endIsMissing(n: number, bundles: number): Promise<boolean> {
    if (n + 1 >= bundles) return false;
    const last = await this.#fetch(bundles - 1);
    if (last.entries && last.entries.length > 0) return false;
    const from = (n + 1) * TILE_WIDTH;
    const before = this.missing.at(-1);
    if (before) before.expected.length = 0;
    this.#miss(from, this.size - 1, []);
    return true;
  }

  #giveUp(): void {
    this.complete = false;
  }
}

function hashIn(tile: Uint8Array, i: number): Uint8Array {
  return new Uint8Array(tile.subarray(i * HASH_SIZE, (i + 1) * HASH_SIZE));
}

/** Index of a hash within a tile, looked for from one index to another, both included; -1 if it is not there. */
function indexFrom(tile: Uint8Array, hash: Uint8Array, from: number, to: number): number {
  for (let i = from; i <= to; i++) {
    if (sameRange(tile, i * HASH_SIZE, hash, 0, HASH_SIZE)) return i;
  }
  return -1;
}
