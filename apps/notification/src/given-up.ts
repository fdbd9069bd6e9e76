import { uuidOf, type NewEvent } from '@attesta/event-log';
import { endOfDuration } from '@attesta/policy';
import type pg from 'pg';
import { leaveNothing } from './forgetting.js';
import { whatOf, type MessageRow } from './messages.js';
import type { Notification } from './notification.js';
import { WORKING } from './worker.js';

/** Messages that expire in one transaction. */
const EXPIRED = 1_000;

/** Messages of processes that are no more, and our own that were left lying: nothing is being handed off here now. */
export async function takeOver(notification: Notification, worker: number): Promise<void> {
  await notification.transact(async (tx) => {
    const { rows } = await tx.query<MessageRow>(
      `select * from message where status = 'handing' and (worker not in (${WORKING}) or worker = $1) order by id limit 1000 for update skip locked`,
      [worker],
    );
    const doubtful = rows.filter(({ kind }) => kind === 'marketing');
    const again = rows.filter(({ kind }) => kind !== 'marketing').map(({ id }) => id);
    const now = notification.now();
    if (again.length > 0)
      await tx.query(`update message set status = 'queued', worker = null, next_at = $2 where id = any($1::uuid[])`, [again, now]);
    const events: NewEvent[] = [];
    for (const row of doubtful) {
      await tx.query(
        `update message set status = 'failed', worker = null, next_at = null, ended_at = $2, reason = 'outcome-unknown' where id = $1`,
        [row.id, now],
      );
      events.push(await giveUp(notification, tx, row, 'outcome-unknown', now));
    }
    await notification.say(tx, events);
  });
}

/** What waited longer than the policy lets anybody wait, and what was given up so long ago: before anything of it is handed off. */
export async function expire(notification: Notification): Promise<void> {
  for (let found = EXPIRED; found === EXPIRED;) found = await expireSome(notification);
}

async function expireSome(notification: Notification): Promise<number> {
  const before = expiredBefore(notification, notification.now());
  return notification.transact(async (tx) => {
    const { rows } = await tx.query<MessageRow>(
      `select * from message where status = 'queued' and greatest(queued_at, send_at) < $1 order by greatest(queued_at, send_at), id limit $2
          for update skip locked`,
      [before, EXPIRED],
    );
    await notification.messages.suppress(
      tx,
      rows.map((row) => ({ row, why: { reason: 'expired' } })),
    );
    await leaveNothing(tx, rows);
    await tx.query(
      `update message set kek = null, box = null, reason = 'unsendable' where status = 'failed' and box is not null and ended_at < $1`,
      [before],
    );
    return rows.length;
  });
}

/** What should have left before then is not sent any more. */
export const expiredBefore = ({ rules }: Notification, now: Date): Date =>
  new Date(2 * now.getTime() - endOfDuration(now.getTime(), rules.expiresAfter));

/** What is said of a message that is not tried again by itself; of a person who was not reached the officer hears. */
export async function giveUp(
  notification: Notification,
  tx: pg.PoolClient,
  row: MessageRow,
  reason: 'refused' | 'unreachable' | 'outcome-unknown' | 'unsendable',
  now: Date,
): Promise<NewEvent> {
  const event: NewEvent = {
    id: uuidOf(`failed\n${row.id}\n${now.getTime()}`),
    type: 'attesta.message.failed.v1',
    time: now.toISOString(),
    ...(row.subject !== null && { subject: row.subject }),
    data: { ...whatOf(row), queuedAt: row.queued_at.toISOString(), reason, attempts: row.attempts },
  };
  // Of those whom a wave does not reach the officer hears once, when it ends.
  if (row.recipient !== 'officer' && row.wave === null) await notification.alerts.undelivered(tx, row, reason);
  return event;
}
