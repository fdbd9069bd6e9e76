import type pg from 'pg';
import { partitionOf } from './partition.js';

export type Tx = Pick<pg.PoolClient, 'query'>;

/** A group of consumers of one topic. */
interface Group {
  group: string;
  topic: string;
}

/** See FeedSubscription.hold. */
export async function hold(tx: Tx, { group, topic }: Group): Promise<number> {
  const { rows } = await tx.query<{ position: string }>(
    'select position from feed_cursor where consumer = $1 and topic = $2 order by partition for update',
    [group, topic],
  );
  return Math.max(-1, ...rows.map(({ position }) => Number(position)));
}

/**
 * See FeedSubscription.succeed. Offsets stay as they are: what comes again from there is skipped by position. Claims are void, so that no member goes on
 * with what it has in its hands.
 */
export async function succeed(tx: Tx, { group, topic }: Group, partitions: number, other: string): Promise<void> {
  await hold(tx, { group, topic });
  const { rows } = await tx.query<{ position: string | null }>(
    'with gone as (delete from feed_cursor where consumer = $1 returning position) select min(position) as position from gone',
    [other],
  );
  const position = rows[0]?.position;
  if (position == null) throw new Error(`There is no consumer ${other}`);
  await tx.query('delete from feed_cursor where consumer = $1 and topic = $2 and partitions <> $3', [group, topic, partitions]);
  await tx.query(
    `insert into feed_cursor (consumer, topic, partition, partitions, position) select $1, $2, p, $3, $4 from generate_series(0, $3::int - 1) p
     on conflict (consumer, topic, partition) do update set position = $4, epoch = feed_cursor.epoch + 1, updated_at = now()`,
    [group, topic, partitions, position],
  );
  await takeParked(tx, { group, topic }, partitions, other);
}

/** Each to the partition where the key's next events will come. */
async function takeParked(tx: Tx, { group, topic }: Group, partitions: number, other: string): Promise<void> {
  await tx.query('delete from feed_parked where consumer = $1 and topic = $2', [group, topic]);
  const { rows } = await tx.query<{ position: string; key: string }>('select position, key from feed_parked where consumer = $1', [other]);
  await tx.query(
    `update feed_parked p set consumer = $1, topic = $2, partition = m.partition
       from unnest($4::int8[], $5::int[]) m(position, partition) where p.consumer = $3 and p.position = m.position`,
    [group, topic, other, rows.map(({ position }) => position), rows.map(({ key }) => partitionOf(key, partitions))],
  );
}
