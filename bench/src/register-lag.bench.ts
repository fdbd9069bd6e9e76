import { atMost, number, percentile, type Bench } from './bench.js';
import { knownPeople, sealBatch, sealMany } from './grow.js';
import { Arrivals, atRate } from './load.js';
import { openRegisters } from './registers.js';
import { mixedFactory } from './sample-events.js';

const RATE = 10_000;

/** From the receipt until the entry can be found in the registers. */
export const registerLag: Bench = {
  name: 'register-lag',
  run: (workshop) =>
    workshop.withLedger('lag', async (ledger) => {
      const make = mixedFactory(await knownPeople(ledger, 10_000));
      const audit = await openRegisters(workshop, ledger);
      try {
        await sealMany(ledger, make, 2_000);
        await audit.caughtUp(1_999);
        const arrivals = new Arrivals();
        const following = arrivals.follow(10, async () => (await audit.standing.position()) + 1);
        await atRate(RATE, workshop.seconds(1 / 3), async (n) => {
          const positions = await sealBatch(ledger, make, n);
          const since = performance.now();
          for (const position of positions) arrivals.expect(position, since);
        });
        arrivals.end();
        await following;
        const row = atMost(`register lag at ${number(RATE)} events/s, p99`, percentile(arrivals.ms, 0.99), 'ms', 1_000);
        return [{ ...row, note: `p50 ${number(Math.round(percentile(arrivals.ms, 0.5)))} ms` }];
      } finally {
        await audit.close();
      }
    }),
};
