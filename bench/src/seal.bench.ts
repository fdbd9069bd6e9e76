import { appendLimit } from './append-limit.js';
import { atLeast, average, throughput, type Bench, type Row } from './bench.js';
import { knownPeople, sealBatch } from './grow.js';
import { eventFactory } from './sample-events.js';

const BATCH = 500;
const UNDER_WAY = 4;
const PEOPLE = 100_000;

/** The whole path in the ledger beside what PostgreSQL takes for rows of the same size: the limit is measured before and after, in halves. */
export const seal: Bench = {
  name: 'seal',
  run: (workshop) =>
    workshop.withLedger('seal', async (ledger) => {
      const make = eventFactory(await knownPeople(ledger, PEOPLE));
      const sealed = async () => (await sealBatch(ledger, make, BATCH)).length;
      await throughput(workshop.seconds(1 / 12), UNDER_WAY, sealed);
      const { rows } = await ledger.pool.query<{ bytes: string }>(
        'select avg(length(bytes) + coalesce(length(cipher), 0)) as bytes from entry',
      );
      const payload = Math.round(Number(rows[0]!.bytes));
      const limitUrl = await workshop.limitDatabase('append_limit');
      const limit = () => appendLimit(limitUrl, { payload, seconds: workshop.seconds(1 / 2) });

      const before = await limit();
      const ours = await throughput(workshop.seconds(), UNDER_WAY, sealed);
      const mean = average([before, await limit()]);
      const ratio = ours / mean;
      const row: Row = {
        ...atLeast('seal, batches of 500, 2 connections', ratio, '', 0.6),
        value: ours,
        unit: 'events/s',
        limit: mean,
        ratio,
      };
      return [{ ...row, goal: 'ratio >= 0.6', note: `the limit inserts rows of the same ${payload} bytes and does nothing else` }];
    }),
};
