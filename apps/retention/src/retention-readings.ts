import { secondsSince, serviceReadings, type Reading } from '@attesta/service-kit';
import { RETENTION_SOURCE } from './disposal-store.js';
import { GROUP, type Retention } from './retention.js';

export async function retentionReadings(retention: Retention): Promise<Reading[]> {
  const { pool, server } = retention;
  const now = () => retention.now();
  const service = await serviceReadings({ pool, group: GROUP, source: RETENTION_SOURCE, feed: server.running, now });
  // What is due and free to go has an index that begins with the oldest.
  const { rows } = await pool.query<{ open: string; oldest: Date | null; due: Date | null }>({
    name: 'retention-readings',
    text: `select count(*) as open, min(started_at) as oldest,
                  (select due_at from part where disposal is null and not held and (action <> 'review' or approved) and due_at <= $1 order by due_at limit 1) as due
             from disposal where status in ('started', 'instructed')`,
    values: [now()],
  });
  const { open, oldest, due } = rows[0]!;
  return [
    ...service,
    { gauge: 'attesta_disposals_open', value: Number(open) },
    { gauge: 'attesta_disposal_age_seconds', value: secondsSince(oldest, now()) },
    { gauge: 'attesta_disposal_due_age_seconds', value: secondsSince(due, now()) },
  ];
}
