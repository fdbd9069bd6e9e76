import { openNote, parseCheckpoint, parseVerifierKey } from '@attesta/proof';
import { nodePrimitives } from '@attesta/proof/node';
import { atMost, number, percentile, type Bench } from './bench.js';
import { knownPeople, sealBatch, sealMany } from './grow.js';
import { Arrivals, atRate } from './load.js';
import { eventFactory } from './sample-events.js';

const RATE = 2_000;

/** From handing an event in until a checkpoint that covers it can be read and its signature holds. */
export const inclusionTime: Bench = {
  name: 'inclusion-time',
  run: (workshop) =>
    workshop.withLedger('inclusion', async (ledger) => {
      const make = eventFactory(await knownPeople(ledger, 10_000));
      await sealMany(ledger, make, 2_000);
      const key = parseVerifierKey(ledger.verifierKey);
      const arrivals = new Arrivals();
      const following = arrivals.follow(10, async () => {
        const note = await ledger.files.checkpoint();
        return note === undefined ? 0 : parseCheckpoint(openNote(nodePrimitives, note, [key]).text).size;
      });
      await atRate(RATE, workshop.seconds(1 / 3), async (n) => {
        const since = performance.now();
        for (const position of await sealBatch(ledger, make, n)) arrivals.expect(position, since);
      });
      arrivals.end();
      await following;
      const row = atMost(`event to signed checkpoint at ${number(RATE)} events/s, p99`, percentile(arrivals.ms, 0.99), 'ms', 1_500);
      return [{ ...row, note: `p50 ${number(Math.round(percentile(arrivals.ms, 0.5)))} ms` }];
    }),
};
