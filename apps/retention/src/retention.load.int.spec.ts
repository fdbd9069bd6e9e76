import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { RetentionRig } from './retention-rig.js';

const DAY = 86_400_000;
let rig: RetentionRig;
beforeEach(async () => {
  rig = await RetentionRig.start();
});
afterEach(() => rig.stop());

/** Counts the statements of the service from now on. */
function counter(pool: pg.Pool): () => number {
  const known = new WeakSet<pg.PoolClient>();
  let statements = 0;
  pool.on('acquire', (client) => {
    if (known.has(client)) return;
    known.add(client);
    const query = client.query.bind(client) as (...args: unknown[]) => unknown;
    client.query = ((...args: unknown[]) => {
      statements++;
      return query(...args);
    }) as typeof client.query;
  });
  return () => statements;
}

const old = () => new Date(rig.time.getTime() - 40 * DAY);

it('the work grows with the people, and takes less than a statement for each', async () => {
  const statements = counter(rig.retention.pool);
  const cost = async (people: number) => {
    const before = statements();
    for (let n = 0; n < people; n++) rig.collect(randomUUID(), ['location'], { at: old() });
    await rig.later(0);
    return statements() - before;
  };
  const few = await cost(400);
  const many = await cost(2_400);
  expect(rig.said('disposal.completed')).toHaveLength(2_800);
  expect((many - few) / 2_000).toBeLessThan(1);
});

it('somebody of whom much is held is disposed of in one piece, a thousand parts at a time', async () => {
  const ann = rig.person('account|ann');
  for (let n = 0; n < 2_500; n++) rig.collect(ann, ['location'], { at: old() });
  await rig.follow();
  await rig.later(0);
  const completed = rig.said('disposal.completed', ann);
  expect(completed.reduce((sum, { data }) => sum + data.parts, 0)).toBe(2_500);
  for (const { data } of rig.said('disposal.instructed', ann)) expect(data.parts.length).toBeLessThanOrEqual(1_000);
  const { rows } = await rig.db.pool.query('select 1 from part');
  expect(rows).toEqual([]);
});
