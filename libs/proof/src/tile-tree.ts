import type { Sha256 } from './primitives.js';
import { TILE_WIDTH } from './tile.js';
import { HASH_SIZE, emptyRoot, hashPairs, nodeHash } from './tree-hash.js';

const TILE_BYTES = TILE_WIDTH * HASH_SIZE;

/** Hooks of a growing tree. Byte arrays are only valid during the call. */
export interface TileTreeEvents {
  /** A tile is full: 8,192 bytes. */
  onTile?(level: number, n: number, bytes: Uint8Array): void;
  /** Asked once per tree level (0 = leaves): should its complete subtrees be reported? */
  wants?(level: number): boolean;
  /** A complete subtree of 2^level leaves. Within one level in rising order; those of a tile not yet full come with `finish`. */
  onSubtree?(level: number, index: number, hash: Uint8Array): void;
}

interface Edge {
  /** The tile at the right edge of its level. */
  bytes: Uint8Array;
  count: number;
  n: number;
}

/** An RFC 6962 tree kept as the C2SP tiles at its right edge: append leaf hashes, get the tiles as they fill and the root at any time. */
export class TileTree {
  #size = 0;
  readonly #edges: Edge[] = [];
  readonly #scratch = new Uint8Array(TILE_BYTES);

  constructor(
    private readonly sha256: Sha256,
    private readonly events: TileTreeEvents = {},
  ) {}

  get size(): number {
    return this.#size;
  }

  /** Adds leaf hashes, given one after the other (n * 32 bytes). */
  append(hashes: Uint8Array): void {
    this.#size += hashes.length / HASH_SIZE;
    this.#add(0, hashes);
  }

  /** The tiles at the right edge that are not full, lowest level first. Views: copy what must outlive the next append. */
  partialTiles(): { level: number; n: number; bytes: Uint8Array }[] {
    return this.#edges
      .map(({ bytes, count, n }, level) => ({ level, n, bytes: bytes.subarray(0, count * HASH_SIZE) }))
      .filter(({ bytes }) => bytes.length > 0);
  }

  root(): Uint8Array {
    let right: Uint8Array | undefined;
    for (const { bytes, count } of this.#edges) {
      const row = splitHashes(bytes, count);
      if (right) row.push(right);
      if (row.length > 0) right = this.#rootOf(row);
    }
    // A copy: the root of a single leaf would be a view of a tile that goes on changing.
    return right ? new Uint8Array(right) : emptyRoot(this.sha256);
  }

  /** Reports the wanted subtrees inside the tiles that are not full. Call it last. */
  finish(): void {
    this.#edges.forEach((edge, level) => this.#fold(level, edge));
  }

  /** A tree that goes on from here by itself, with other hooks. */
  branch(events: TileTreeEvents = {}): TileTree {
    const copy = new TileTree(this.sha256, events);
    copy.#size = this.#size;
    for (const { bytes, count, n } of this.#edges) copy.#edges.push({ bytes: bytes.slice(), count, n });
    return copy;
  }

  #add(level: number, hashes: Uint8Array): void {
    const edge = (this.#edges[level] ??= { bytes: new Uint8Array(TILE_BYTES), count: 0, n: 0 });
    for (let at = 0; at < hashes.length;) {
      const taken = hashes.subarray(at, at + (TILE_WIDTH - edge.count) * HASH_SIZE);
      edge.bytes.set(taken, edge.count * HASH_SIZE);
      edge.count += taken.length / HASH_SIZE;
      at += taken.length;
      if (edge.count === TILE_WIDTH) this.#close(level, edge);
    }
  }

  #close(level: number, edge: Edge): void {
    this.events.onTile?.(level, edge.n, edge.bytes);
    this.#fold(level, edge);
    const root = this.#scratch.slice(0, HASH_SIZE);
    edge.count = 0;
    edge.n++;
    this.#add(level + 1, root);
  }

  /** Hashes a tile upwards in the scratch row, reporting wanted subtrees; a full tile's root is left at the row's start. */
  #fold(level: number, { bytes, count, n }: Edge): void {
    const row = this.#scratch;
    row.set(bytes.subarray(0, count * HASH_SIZE));
    let width = count;
    for (let step = 0; step < 8; step++) {
      if (this.events.wants?.(level * 8 + step)) {
        const first = n * (TILE_WIDTH >> step);
        for (let i = 0; i < width; i++) {
          this.events.onSubtree?.(level * 8 + step, first + i, row.subarray(i * HASH_SIZE, (i + 1) * HASH_SIZE));
        }
      }
      width = hashPairs(this.sha256, row, width);
    }
  }

  /** Root over complete subtrees of one size, the last of which may be an incomplete one. */
  #rootOf(row: readonly Uint8Array[]): Uint8Array {
    let layer = row;
    while (layer.length > 1) {
      const above: Uint8Array[] = [];
      for (let i = 0; i < layer.length; i += 2) {
        const right = layer[i + 1];
        above.push(right ? nodeHash(this.sha256, layer[i]!, right) : layer[i]!);
      }
      layer = above;
    }
    return layer[0]!;
  }
}

function splitHashes(bytes: Uint8Array, count: number): Uint8Array[] {
  return Array.from({ length: count }, (_, i) => bytes.subarray(i * HASH_SIZE, (i + 1) * HASH_SIZE));
}
