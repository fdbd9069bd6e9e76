import { UNASKED } from '@attesta/service-kit';
import {
  restoreFromLog,
  sayUnsaid,
  SealedBatchContext,
  WithholdingLog,
  type DerivedState,
  type Restored,
  type RestoreOptions,
  type Withheld,
} from '@attesta/transport';
import type { KeyProvider } from '@attesta/vault';
import type pg from 'pg';
import { NotificationConsumer } from './notification.consumer.js';
import { GROUP, Notification } from './notification.js';
import { NOTIFICATION_SOURCE } from './source.js';
import type { WaveEnd } from './waves.js';

/**
 * What of the database follows from the log. Not in it: what other services asked to be sent and did not leave, with its values; addresses of requests,
 * which the requests service is asked for again, and of those that took no mail; endpoints; who paused a change of the notice; whom it did not reach, but
 * for their number; times of our own clock.
 */
export const NOTIFICATION_STATE: DerivedState = {
  person: 'select subject, language, known_from, closed_at from person',
  address_source: 'select * from address_source',
  message: `select id, template, kind, purpose, recipient, subject, cause_source, cause_id, status, version, fields, exposed, handed_off_at from message
             where status not in ('queued', 'handing') and not (wave is not null and status = 'suppressed')`,
  withdrawal: 'select source, id, position, subject, purposes, channels, at, in_flight, last_ms from withdrawal',
  wave: 'select id, template, cause_source, cause_id, body, upto from wave',
  collected: 'select * from collected',
  supplied: 'select position, subject, party, categories, purposes, at, due from supplied',
  alert: 'select id, kind, severity, urgent, body from alert',
  breach: 'select id, version, state, positions from breach',
  breach_person: 'select * from breach_person',
  amendment: 'select * from amendment',
  forgotten: 'select * from forgotten',
  service_event: 'select id, type, time, subject, data from service_event',
};

/** Builds the service's database from the ledger's log: what had left, or was suppressed, is known from there and does not leave again. */
export async function restoreNotification({ entries, onProgress, ...options }: RestoreOptions & { keys: KeyProvider }): Promise<Restored> {
  let log!: WithholdingLog;
  const others = { ...UNASKED, decide: UNASKED.fetchLog, replyAddresses: UNASKED.fetchLog, carriers: {}, publicUrl: '', officer: '' };
  const notification = await Notification.prepare({ ...others, ...options }, (pool) => (log = new WithholdingLog(pool)));
  const consumer = new NotificationConsumer(notification);
  try {
    return await restoreFromLog({
      group: GROUP,
      source: NOTIFICATION_SOURCE,
      pool: notification.pool,
      entries,
      streamOf: ({ type, data }) => streamOf(type, data),
      handle: (events, tx) => consumer.keep(events, new SealedBatchContext([tx])),
      finish: async (tx) => {
        const withheld = log.release();
        await raiseAgain(notification, tx);
        return sayUnsaid(tx, log, await withoutOver(tx, withheld));
      },
      onProgress,
    });
  } finally {
    await notification.close();
  }
}

interface Unreached {
  message: string;
  template: string;
  reason: string;
  time: Date;
}

/** Alerts about what became of messages: they follow from our own events. What the officer was told by then has told them. */
async function raiseAgain(notification: Notification, tx: pg.PoolClient): Promise<void> {
  const { alerts } = notification;
  const { rows: unreached } = await tx.query<Unreached>(
    `select data->>'message' as message, data->>'template' as template, data->>'reason' as reason, time from service_event e
      where subject is not null and not exists (select 1 from wave w where w.cause_source = data->'cause'->>'source' and w.cause_id = data->'cause'->>'id')
        and (type = 'attesta.message.failed.v1' or type = 'attesta.message.suppressed.v1' and data->>'kind' = 'legal'
             and (data->>'reason' in ('no-address', 'address-bounced', 'expired') or data->>'reason' = 'forgotten' and data->>'template' like 'request-%'))
     union all
     select m.id::text, m.template, 'bounced', e.time from service_event e join message m on m.id::text = data->>'message'
      where type = 'attesta.message.bounced.v1' and m.kind = 'legal'`,
  );
  for (const { message: id, template, reason, time } of unreached) await alerts.undelivered(tx, { id, template }, reason, time);
  const { rows: ended } = await tx.query<{ data: WaveEnd & { version: string; people: number }; time: Date }>(
    `select data, time from service_event where type = 'attesta.notice-change.completed.v1'`,
  );
  for (const { data, time } of ended)
    await alerts.unreached(tx, { wave: `notice:${data.version}`, template: 'notice-changed', people: data.people }, data, time);
  await tx.query(
    `update alert set message = (select id from message m where m.template = 'officer-alerts' and m.handed_off_at is not null and alert.at <= m.queued_at
                                  order by m.queued_at limit 1) where message is null`,
  );
}

/** A message that the log says is over is not suppressed for a reason found on the way. */
async function withoutOver(tx: pg.PoolClient, withheld: readonly Withheld[]): Promise<Withheld[]> {
  const messageOf = ({ event }: Withheld) => event.data.message as string | undefined;
  const { rows } = await tx.query<{ message: string }>(
    `select distinct data->>'message' as message from service_event where type like 'attesta.message.%' and data->>'message' = any($1)`,
    [withheld.flatMap((one) => messageOf(one) ?? [])],
  );
  const over = new Set(rows.map(({ message }) => message));
  return withheld.filter((one) => !over.has(messageOf(one) ?? ''));
}

function streamOf(type: string, data: Record<string, unknown>): string {
  if (type.startsWith('attesta.breach.'))
    return type === 'attesta.breach.person-named.v1' ? `breach-${String(data.breach)}-people` : `breach-${String(data.breach)}`;
  return type === 'attesta.access.recorded.v1' ? 'access' : 'messages';
}
