import { feedTables, PostgresFeed } from '@attesta/transport';
import type { SealedLogReader } from '@attesta/event-log';
import { atLeast, number, type Bench } from './bench.js';
import type { Workshop } from './workshop.js';

const GOAL = 60_000;
/** A short log is read this many times over, each time by a new subscriber. */
const ENTRIES_AT_LEAST = 200_000;

/** A subscriber that does nothing: what the feed itself costs, with its cursor, at two sizes. */
export const feed: Bench = {
  name: 'feed',
  async run(workshop) {
    const sizes = [...new Set([workshop.smallest, workshop.largest])];
    const rates: number[] = [];
    for (const size of sizes) rates.push(await rateAt(workshop, size));
    return rates.map((rate, i) => ({
      ...atLeast(`feed, no-op subscriber over ${number(sizes[i]!)} entries`, rate, 'events/s', GOAL),
      ...(i > 0 && { limit: rates[0]!, ratio: rate / rates[0]!, note: 'the limit is our own rate at the smaller size' }),
    }));
  },
};

async function rateAt(workshop: Workshop, size: number): Promise<number> {
  const { ledger } = await workshop.log(size);
  const entries = await ledger.reader.size();
  const rounds = Math.max(1, Math.round(Math.min(ENTRIES_AT_LEAST, workshop.largest) / entries));
  return workshop.withDatabase('feed', async (pool) => {
    await pool.query(feedTables);
    await once(pool, ledger.reader, 'warm-up', Math.min(entries, 10_000));
    let ms = 0;
    for (let round = 0; round < rounds; round++) {
      const took = await once(pool, ledger.reader, `reader-${round}`, entries);
      ms += took;
    }
    return (rounds * entries) / (ms / 1000);
  });
}

async function once(
  pool: Parameters<PostgresFeed['subscribe']>[0]['pool'],
  reader: SealedLogReader,
  group: string,
  upto: number,
): Promise<number> {
  const started = performance.now();
  const subscription = await new PostgresFeed(reader).subscribe({ group, pool, handle: () => Promise.resolve() });
  await subscription.caughtUp(upto - 1);
  const ms = performance.now() - started;
  await subscription.stop();
  return ms;
}
