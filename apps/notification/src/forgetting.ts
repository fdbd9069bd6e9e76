import { Directory, noteForgotten, type Forgotten } from '@attesta/service-kit';
import type pg from 'pg';
import { LAST_WORDS } from './due.js';
import type { MessageRow } from './messages.js';
import type { Notification } from './notification.js';
import { lockPeople } from './withdrawals.js';

/**
 * Leaves nothing of people but that they are forgotten, and what they are still to be answered: the last word of a request, with the address that it
 * goes to. @returns of how many there was something
 */
export async function forget(notification: Notification, tx: pg.PoolClient, people: readonly Forgotten[]): Promise<number> {
  const subjects = [...new Set(people.map(({ subject }) => subject))].sort();
  await lockPeople(tx, subjects);
  await noteForgotten(tx, people);
  const found = new Set(await Directory.forget(tx, subjects));
  for (const table of [
    'person',
    'address_source',
    'dead_address',
    'stop',
    'withdrawal',
    'supplied',
    'collected',
    'wave_person',
    'breach_person',
  ] as const) {
    const { rows } = await tx.query<{ subject: string }>(`delete from ${table} where subject = any($1::uuid[]) returning subject`, [
      subjects,
    ]);
    for (const { subject } of rows) found.add(subject);
  }
  const { rows: pending } = await tx.query<MessageRow>(
    `select * from message where subject = any($1::uuid[]) and status in ('queued', 'failed') and not exists (
       select 1 from request_address a where a.request = message.request) order by id for update`,
    [subjects],
  );
  await notification.messages.suppress(
    tx,
    pending.filter(({ status }) => status === 'queued').map((row) => ({ row, why: { reason: 'forgotten' as const } })),
  );
  const { rows: over } = await tx.query<MessageRow & { subject: string }>(
    `select * from message where subject = any($1::uuid[]) and status not in ('queued', 'handing')`,
    [subjects],
  );
  for (const { subject } of over) found.add(subject);
  await leaveNothing(tx, [], over);
  return found.size;
}

/**
 * What is kept for the sake of messages that are over: the address of a request goes with its last word, and of forgotten people nothing stays.
 * @param over they left, or were suppressed @param failed they were given up: whoever is not forgotten may have them tried again
 */
export async function leaveNothing(tx: pg.PoolClient, over: readonly MessageRow[], failed: readonly MessageRow[] = []): Promise<void> {
  if (over.length + failed.length === 0) return;
  await tx.query(
    `with gone as (
       delete from message m using forgotten f where m.id = any($1::uuid[]) and f.subject = m.subject returning m.request, m.template)
     delete from request_address where request = any($2::uuid[]) or request in (select request from gone where template = any($3))`,
    [[...over, ...failed].map(({ id }) => id), over.filter(isLastWord).map(({ request }) => request), LAST_WORDS],
  );
}

const isLastWord = ({ template, request }: MessageRow): boolean => request !== null && LAST_WORDS.includes(template);
