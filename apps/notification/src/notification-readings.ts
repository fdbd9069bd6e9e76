import { secondsSince, serviceReadings, type Reading } from '@attesta/service-kit';
import { GROUP, type Notification } from './notification.js';
import { NOTIFICATION_SOURCE } from './source.js';

interface Row {
  queued: string;
  oldest: Date | null;
  failed: string;
  look_at: Date | null;
}

/** No more are counted. */
const MOST = 10_000;

export async function notificationReadings(notification: Notification): Promise<Reading[]> {
  const { pool, server } = notification;
  const now = () => notification.now();
  const service = await serviceReadings({ pool, group: GROUP, source: NOTIFICATION_SOURCE, feed: server.running, now });
  const { rows } = await pool.query<Row>({
    name: 'notification-readings',
    // Those of waves come last and may be very many.
    text: `select count(*) as queued, min(next_at) as oldest,
                  (select count(*) from message where status = 'failed' and box is not null) as failed,
                  (select look_at from breach where look_at <= $1 order by look_at limit 1) as look_at
             from (select next_at from message where status = 'queued' and next_at <= $1 order by (wave is not null), next_at limit $2) m`,
    values: [now(), MOST],
  });
  const { queued, oldest, failed, look_at } = rows[0]!;
  return [
    ...service,
    { gauge: 'attesta_messages_queued', value: Number(queued) },
    { gauge: 'attesta_message_age_seconds', value: secondsSince(oldest, now()) },
    { gauge: 'attesta_messages_failed', value: Number(failed) },
    { gauge: 'attesta_breach_clock_late_seconds', value: secondsSince(look_at, now()) },
  ];
}
