import { serviceReadings, type Reading } from '@attesta/service-kit';
import { GROUP } from './requests.consumer.js';
import { REQUESTS_SOURCE } from './request-store.js';
import type { Requests } from './requests.js';

interface Row {
  open: string;
  overdue: string;
  next_due: Date | null;
  tasks: string;
  late: string;
  waiting: string;
  failed: string;
}

/** Of open requests and tasks alone, which are as many as people are at work on. */
export async function requestsReadings(requests: Requests): Promise<Reading[]> {
  const { pool, server } = requests;
  const now = () => requests.now();
  const service = await serviceReadings({ pool, group: GROUP, source: REQUESTS_SOURCE, feed: server.running, now });
  const { rows } = await pool.query<Row>({
    name: 'requests-readings',
    text: `select r.*, t.*, m.*
             from (select count(*) as open, count(*) filter (where due <= $1) as overdue, min(due) as next_due from request where open) r,
                  (select count(*) as tasks, count(*) filter (where due_at <= $1) as late from task where open) t,
                  (select count(*) filter (where failure is null) as waiting, count(*) filter (where failure is not null) as failed from outgoing) m`,
    values: [now()],
  });
  const { open, overdue, next_due, tasks, late, waiting, failed } = rows[0]!;
  return [
    ...service,
    { gauge: 'attesta_requests_open', value: Number(open) },
    { gauge: 'attesta_requests_overdue', value: Number(overdue) },
    ...(next_due ? [{ gauge: 'attesta_requests_due_in_seconds', value: (next_due.getTime() - now().getTime()) / 1_000 } as const] : []),
    { gauge: 'attesta_request_tasks_open', value: Number(tasks) },
    { gauge: 'attesta_request_tasks_late', value: Number(late) },
    { gauge: 'attesta_request_mail_waiting', value: Number(waiting) },
    { gauge: 'attesta_request_mail_failed', value: Number(failed) },
  ];
}
