import { atLeast, average, throughput, type Bench } from './bench.js';
import { knownPeople, sealBatch, sealMany } from './grow.js';
import { eventFactory } from './sample-events.js';
import { singleCommits } from './single-commits.js';

const IN_FLIGHT = 32;
const PAYLOAD = 600;

/** One event per call, each answered when it is durable: what group commit is worth. */
export const single: Bench = {
  name: 'single',
  run: (workshop) =>
    workshop.withLedger('single', async (ledger) => {
      const make = eventFactory(await knownPeople(ledger, 10_000));
      await sealMany(ledger, make, 5_000);
      const url = await workshop.limitDatabase('single_commits');
      const limit = () => singleCommits(url, { payload: PAYLOAD, connections: IN_FLIGHT, seconds: workshop.seconds(1 / 12) });
      const before = await limit();
      const ours = await throughput(workshop.seconds(1 / 6), IN_FLIGHT, async () => (await sealBatch(ledger, make, 1)).length);
      const mean = average([before, await limit()]);
      const row = atLeast('single events, 32 in flight, each durable', ours, 'events/s', 20_000);
      return [
        {
          ...row,
          limit: mean,
          ratio: ours / mean,
          goal: `${row.goal} and ratio > 1`,
          met: row.met && ours > mean,
          note: 'the limit is single-row commits over 32 connections',
        },
      ];
    }),
};
