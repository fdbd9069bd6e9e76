import { occurrenceOf } from '@attesta/disposal';
import { uuidOf, type NewEvent } from '@attesta/event-log';
import type { SealedEvent } from '@attesta/transport';
import type pg from 'pg';
import type { Retention } from './retention.js';

/**
 * The account of whoever is found to be too young for anything to be collected is closed (notice clause 6.5). What is held of the child is due at once
 * by the policy's rule for `minor-found`, and its consents were invalidated by the consent service.
 */
export async function closeAccounts(tx: pg.PoolClient, retention: Retention, events: readonly SealedEvent[]): Promise<void> {
  const closing = [...retention.policy.triggers.values()].filter(({ closesAccount }) => closesAccount);
  const said = events.flatMap(({ entry }): NewEvent[] => {
    const told = occurrenceOf(retention.policy, entry);
    const subject = entry.subject?.id;
    if (told?.trigger !== 'minor-found' || told.state !== 'occurred' || subject === undefined) return [];
    return closing.map(({ id: trigger }) => ({
      id: uuidOf(`minor\n${entry.source}\n${entry.id}\n${trigger}`),
      type: 'attesta.retention-trigger.recorded.v1',
      time: entry.time,
      subject,
      data: { trigger, state: 'occurred' },
    }));
  });
  if (said.length === 0) return;
  const { rows } = await tx.query<{ id: string }>('select id from service_event where id = any($1::uuid[])', [said.map(({ id }) => id)]);
  const known = new Set(rows.map(({ id }) => id));
  const news = said.filter(({ id }) => !known.has(id));
  if (news.length > 0) await retention.log.append(tx, 'minors', 'any', news);
}
