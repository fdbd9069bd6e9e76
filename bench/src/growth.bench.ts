import { number, percentile, type Bench } from './bench.js';
import { sealMany } from './grow.js';
import { mixedFactory } from './sample-events.js';

const ROUNDS = 9;
const WORKING_SET = 1_000;
/** Flat within noise: the largest log appends at no less than this share of the smallest one's rate. */
const FLAT = 0.85;

/**
 * The same work on logs of rising size, in turns, so that what else the machine does hits all of them alike; the median of the turns counts.
 * Last of all rows, because it adds to the logs.
 */
export const growth: Bench = {
  name: 'growth',
  async run(workshop) {
    const { sizes } = workshop.options;
    const logs = [];
    for (const size of sizes) logs.push(await workshop.log(size));
    const each = Math.min(5_000, Math.ceil(workshop.smallest / 4));
    const makers = logs.map(({ people }) => mixedFactory(draw(people, WORKING_SET)));
    const rates = logs.map((): number[] => []);
    for (let round = -1; round < ROUNDS; round++) {
      for (const [i, { ledger }] of logs.entries()) {
        const started = performance.now();
        await sealMany(ledger, makers[i]!, each);
        if (round >= 0) rates[i]!.push(each / ((performance.now() - started) / 1000));
      }
    }
    const medians = rates.map((values) => percentile(values, 0.5));
    return medians.map((value, i) => {
      const ratio = value / medians[0]!;
      const name = `append to a log of ${number(sizes[i]!)} entries`;
      return { name, value, unit: 'events/s', limit: medians[0]!, ratio, goal: `ratio >= ${FLAT}`, met: ratio >= FLAT };
    });
  },
};

const draw = <T>(items: readonly T[], n: number): T[] =>
  items.length <= n ? [...items] : Array.from({ length: n }, () => items[Math.floor(Math.random() * items.length)]!);
