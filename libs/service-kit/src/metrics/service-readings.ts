import type pg from 'pg';
import type { OperatedFeed } from '../ops/feed-ops.js';
import { secondsSince, type Reading } from './readings.js';

export interface OfService {
  pool: pg.Pool;
  /** Name of the feed's consumer. */
  group: string;
  /** CloudEvents source as which the service's own log leaves. */
  source: string;
  feed: Pick<OperatedFeed, 'progress'> | undefined;
  now: () => Date;
}

// A relay whose cursor was never written has carried nothing. Event times are when things happened: late reports look older than they are, for a moment.
const OUTBOX_AND_FEED = `
  select o.waiting, (select time from service_event where position = o.carried + 1) as oldest,
         (select count(*) from relay_parked where relay = $1)::int8 as refused,
         (select case when count(*) = max(partitions) then min(position) end from feed_cursor where consumer = $2) as applied,
         (select count(*) from feed_parked where consumer = $2 and state = 'parked')::int8 as parked
    from (select h.size - 1 - r.position as waiting, r.position as carried
            from service_log_head h, (select coalesce(max(position), -1) as position from relay_cursor where relay = $1) r) o`;

/** What every service with a log of its own and a feed tells: its outbox, how far it is, and what it set aside. */
export async function serviceReadings({ pool, group, source, feed, now }: OfService): Promise<Reading[]> {
  const { rows } = await pool.query<{ waiting: string; oldest: Date | null; refused: string; applied: string | null; parked: string }>({
    name: 'service-readings',
    text: OUTBOX_AND_FEED,
    values: [`outbox ${source}`, group],
  });
  const { waiting, oldest, refused, applied, parked } = rows[0]!;
  const lags = ((await feed?.progress()) ?? []).flatMap(({ lag }) => (lag === undefined ? [] : [lag]));
  return [
    { gauge: 'attesta_outbox_waiting_events', value: Number(waiting) },
    { gauge: 'attesta_outbox_age_seconds', value: secondsSince(oldest, now()) },
    { gauge: 'attesta_outbox_refused_events', value: Number(refused) },
    { gauge: 'attesta_feed_applied_entries', value: Number(applied ?? -1) + 1 },
    { gauge: 'attesta_feed_parked_events', value: Number(parked) },
    ...(lags.length > 0 ? [{ gauge: 'attesta_feed_lag_entries', value: lags.reduce((sum, lag) => sum + lag) } as const] : []),
  ];
}
