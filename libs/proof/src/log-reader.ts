import { fromUtf8 } from './bytes.js';
import { parseCheckpoint, type Checkpoint } from './checkpoint.js';
import { openNote, type VerifierKey } from './note.js';
import type { Primitives } from './primitives.js';
import { MAX_ENTRY_SIZE, TILE_WIDTH, decodeEntryBundle, entriesPath, tilePath, tileWidth } from './tile.js';
import { consistencyProof, inclusionProof, rootAt } from './tree-proof.js';
import { HASH_SIZE, hashPairs } from './tree-hash.js';

/**
 * Gets the bytes behind a path of the log ('checkpoint', 'tile/0/000', ...). Rejects if the log does not have it.
 * `maxBytes` is more than any honest answer has: a fetcher over a network must stop there, and must give up on an answer that does not end.
 */
export type LogFetch = (path: string, limit: { maxBytes: number }) => Promise<Uint8Array>;

/** An answer of the log that no log following C2SP tlog-tiles gives. */
export class LogError extends Error {
  override readonly name = 'LogError';
}

const MAX_CHECKPOINT_BYTES = 1_000_000;
const TILES_KEPT = 1024;

/**
 * Client of a C2SP tlog-tiles log over any fetcher. It checks the form of every answer but not that tiles match a root:
 * verify each proof it makes (verifyInclusion, verifyConsistency) against a checkpoint you trust, or use verifyLog.
 */
export class LogReader {
  readonly #tiles = new Map<string, Promise<Uint8Array>>();

  constructor(
    private readonly primitives: Primitives,
    private readonly fetch: LogFetch,
  ) {}

  /** The latest checkpoint, signed by one of the keys. Rejects with NoteError if it is not, LogError if the answer is no text. */
  async checkpoint(keys: readonly VerifierKey[]): Promise<{ note: string; checkpoint: Checkpoint; verified: string[] }> {
    const note = await this.note();
    const { text, verified } = openNote(this.primitives, note, keys);
    return { note, checkpoint: parseCheckpoint(text), verified };
  }

  /** The checkpoint as the log sent it: not verified. */
  note(): Promise<string> {
    return this.#note('checkpoint');
  }

  /** The newest checkpoint that the log says enough witnesses signed: not verified, and no path of C2SP tlog-tiles. */
  witnessedNote(): Promise<string> {
    return this.#note('checkpoint/witnessed');
  }

  /** The notes that tell of changes of the log's key, oldest first: not verified (`followKeyChanges`), and no path of C2SP tlog-tiles. */
  async keyChanges(): Promise<string[]> {
    const bytes = await this.fetch('key/changes', { maxBytes: MAX_CHECKPOINT_BYTES });
    const notes: unknown = JSON.parse(fromUtf8(bytes));
    if (!Array.isArray(notes) || !notes.every((note) => typeof note === 'string'))
      throw new LogError('the key changes are no list of notes');
    return notes;
  }

  async #note(path: string): Promise<string> {
    const bytes = await this.fetch(path, { maxBytes: MAX_CHECKPOINT_BYTES });
    if (bytes.length > MAX_CHECKPOINT_BYTES) throw new LogError('the checkpoint is too long');
    try {
      return fromUtf8(bytes);
    } catch {
      throw new LogError('the checkpoint is not valid UTF-8');
    }
  }

  /** Hash of a complete subtree of a tree with `size` leaves, which must be a size that a checkpoint had. */
  hashAt(size: number): (level: number, index: number) => Promise<Uint8Array> {
    return async (level, index) => {
      const tileLevel = Math.floor(level / 8);
      const span = 2 ** (level % 8);
      const n = Math.floor((index * span) / TILE_WIDTH);
      const first = index * span - n * TILE_WIDTH;
      const tile = await this.#cachedTile(tileLevel, n, tileWidth(tileLevel, n, size));
      if ((first + span) * HASH_SIZE > tile.length)
        throw new RangeError(`a tree of ${size} has no complete subtree ${index} at level ${level}`);
      // A copy: slice() of a Buffer would be a view, and hashing in place would spoil the cached tile.
      const row = new Uint8Array(tile.subarray(first * HASH_SIZE, (first + span) * HASH_SIZE));
      for (let width = span; width > 1;) width = hashPairs(this.primitives.sha256, row, width);
      return row.slice(0, HASH_SIZE);
    };
  }

  inclusionProof(index: number, size: number): Promise<Uint8Array[]> {
    return inclusionProof(index, size, this.hashAt(size), this.primitives.sha256);
  }

  /** `to` must be a size that a checkpoint had; `from` need not be. */
  consistencyProof(from: number, to: number): Promise<Uint8Array[]> {
    return consistencyProof(from, to, this.hashAt(to), this.primitives.sha256);
  }

  /** Root of the first `at` leaves as the tiles of the tree of `size` leaves have it. */
  rootAt(at: number, size: number): Promise<Uint8Array> {
    return rootAt(at, this.hashAt(size), this.primitives.sha256);
  }

  /** Hash tile `n` of a level, exactly `width` * 32 bytes. A partial tile that is gone is cut from the full one, as C2SP allows. */
  async tile(level: number, n: number, width: number): Promise<Uint8Array> {
    const read = async (ofWidth: number) => {
      const bytes = await this.fetch(tilePath(level, n, ofWidth), { maxBytes: TILE_WIDTH * HASH_SIZE });
      if (bytes.length !== ofWidth * HASH_SIZE)
        throw new LogError(`${tilePath(level, n, ofWidth)} has ${bytes.length} bytes, not ${ofWidth * HASH_SIZE}`);
      return bytes;
    };
    return (await this.#partialOrFull(width, read)).subarray(0, width * HASH_SIZE);
  }

  /**
   * The entries of bundle `n`, views into one buffer. May be fewer than `width` if the log lost some; never more.
   * Rejects with LogError if the answer is not an entry bundle.
   */
  async bundle(n: number, width: number): Promise<Uint8Array[]> {
    const read = async (ofWidth: number) => {
      const path = entriesPath(n, ofWidth);
      const maxBytes = ofWidth * (2 + MAX_ENTRY_SIZE);
      const bytes = await this.fetch(path, { maxBytes });
      if (bytes.length > maxBytes) throw new LogError(`${path} is longer than any bundle`);
      try {
        return decodeEntryBundle(bytes);
      } catch (error) {
        throw new LogError(`${path}: ${(error as Error).message}`);
      }
    };
    return (await this.#partialOrFull(width, read)).slice(0, width);
  }

  /**
   * Entries from position `from` up to but not including `to`, in order. `size` must be a size that a checkpoint had (`to` by default).
   * Not verified: hash them against a proof or a tile. Rejects with LogError where the log has fewer than it should.
   */
  async *entries(from: number, to: number, size: number = to): AsyncGenerator<{ position: number; bytes: Uint8Array }> {
    for (let n = Math.floor(from / TILE_WIDTH); n * TILE_WIDTH < to; n++) {
      const width = tileWidth(0, n, size);
      const entries = await this.bundle(n, width);
      const start = n * TILE_WIDTH;
      for (let position = Math.max(from, start); position < Math.min(to, start + TILE_WIDTH); position++) {
        const bytes = entries[position - start];
        if (!bytes) throw new LogError(`the log has no entry ${position}`);
        yield { position, bytes };
      }
    }
  }

  async #partialOrFull<T>(width: number, read: (width: number) => Promise<T>): Promise<T> {
    if (width === TILE_WIDTH) return read(width);
    try {
      return await read(width);
    } catch (partialError) {
      try {
        return await read(TILE_WIDTH);
      } catch {
        throw partialError;
      }
    }
  }

  #cachedTile(level: number, n: number, width: number): Promise<Uint8Array> {
    if (width === 0) throw new RangeError('the tree does not reach that far');
    const path = tilePath(level, n, width);
    let tile = this.#tiles.get(path);
    if (!tile) {
      if (this.#tiles.size >= TILES_KEPT) this.#tiles.delete(this.#tiles.keys().next().value!);
      tile = this.tile(level, n, width);
      // What failed may be there the next time.
      tile.catch(() => this.#tiles.delete(path));
      this.#tiles.set(path, tile);
    }
    return tile;
  }
}
