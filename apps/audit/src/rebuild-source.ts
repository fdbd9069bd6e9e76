import type { EntrySource, StoredEntry } from '@attesta/event-log';
import { leafHash, TILE_WIDTH, tileWidth } from '@attesta/proof';
import { nodePrimitives } from '@attesta/proof/node';
import type { Checkpoints } from './checkpoints.js';

const LOOK_MS = 50;

/**
 * The ledger's log itself as a source of entries, as far as its newest checkpoint covers them, and no further than a last position.
 */
export const logSource = (checkpoints: Checkpoints, last: () => Promise<number>): EntrySource => ({
  size: async () => (await checkpoints.latest()).checkpoint.size,
  async read(after, limit) {
    const { size } = (await checkpoints.latest()).checkpoint;
    const to = Math.min(after + 1 + limit, size, (await last()) + 1);
    const bundles: Promise<StoredEntry[]>[] = [];
    for (let n = Math.floor((after + 1) / TILE_WIDTH); n * TILE_WIDTH < to; n++) bundles.push(bundle(checkpoints, n, size));
    return (await Promise.all(bundles)).flat().filter(({ position }) => position > after && position < to);
  },
  watch(wake) {
    const looking = setInterval(wake, LOOK_MS);
    return Promise.resolve(() => Promise.resolve(clearInterval(looking)));
  },
});

async function bundle({ reader }: Checkpoints, n: number, size: number): Promise<StoredEntry[]> {
  const width = tileWidth(0, n, size);
  const entries = await reader.bundle(n, width);
  if (entries.length < width) throw new Error(`The log has fewer entries at ${n * TILE_WIDTH} than its checkpoint says`);
  return entries.map((bytes, i) => ({
    position: n * TILE_WIDTH + i,
    bytes: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length),
    leafHash: Buffer.from(leafHash(nodePrimitives.sha256, bytes)),
    trace: null,
  }));
}
