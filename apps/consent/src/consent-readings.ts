import { secondsSince, serviceReadings, type Reading } from '@attesta/service-kit';
import type { Consent } from './consent.js';
import { GROUP } from './consent.consumer.js';
import { CONSENT_SOURCE } from './decision-events.js';

/** No more of one consumer are counted. */
const MOST = 10_000;

export async function consentReadings(consent: Consent): Promise<Reading[]> {
  const { pool, server } = consent;
  const now = () => consent.now();
  const service = await serviceReadings({ pool, group: GROUP, source: CONSENT_SOURCE, feed: server.running, now });
  // Consumers name themselves: they are counted together, and told apart by GET /v1/propagation alone.
  const { rows } = await pool.query<{ open: string; oldest: Date | null }>(
    `select count(*) as open, min(w.taken_at) as oldest
       from consumer c, lateral (
         select taken_at from withdrawal where changed > c.acknowledged and taken_at >= c.first_seen order by changed limit $1) w`,
    [MOST],
  );
  const { open, oldest } = rows[0]!;
  return [
    ...service,
    { gauge: 'attesta_withdrawals_unacknowledged', value: Number(open) },
    { gauge: 'attesta_withdrawal_age_seconds', value: secondsSince(oldest, now()) },
  ];
}
