import type { Entry, EventTypes } from '@attesta/events';
import type { Policy } from '@attesta/policy';
import type { SealedEvent } from '@attesta/transport';
import type pg from 'pg';
import type { Notification } from './notification.js';

type Tx = Pick<pg.PoolClient, 'query'>;

/** Events by which somebody is a person to whom the notice speaks; all others are about people who are known by these. */
const KNOWS = new Set([
  'attesta.collection.recorded.v1',
  'attesta.consent.captured.v1',
  'attesta.notice.acknowledged.v1',
  'attesta.request.received.v1',
]);

/** Who there is, what they read, and whose account was closed. Of several languages the newest counts. */
export async function learnPeople(tx: Tx, policy: Policy, events: readonly SealedEvent[]): Promise<void> {
  const people = new Map<string, { language?: string; from: number }>();
  const closings: { subject: string; at: string | null; position: number }[] = [];
  for (const { position, entry } of events) {
    const { subject, type } = entry;
    if (!subject) continue;
    if (KNOWS.has(type)) {
      const known = people.get(subject.id) ?? { from: position };
      const language = languageOf(entry);
      people.set(subject.id, { ...known, ...(language !== undefined && { language }) });
    }
    const closing = closingOf(entry, policy);
    if (closing !== undefined) closings.push({ subject: subject.id, at: closing, position });
  }
  if (people.size > 0)
    await tx.query(
      `insert into person (subject, language, known_from) select * from unnest($1::uuid[], $2::text[], $3::bigint[]) p(s, l, f) order by s
       on conflict (subject) do update set language = coalesce(excluded.language, person.language)`,
      [[...people.keys()], [...people.values()].map(({ language }) => language ?? null), [...people.values()].map(({ from }) => from)],
    );
  for (const { subject, at, position } of closings)
    await tx.query('update person set closed_at = $2 where subject = $1 and known_from < $3', [subject, at, position]);
}

/** Entries whose sealed parts may hold an address of the person: the ledger opens them when there is something to send. */
export async function addressSources(tx: Tx, { rules }: Notification, events: readonly SealedEvent[]): Promise<void> {
  const categories = new Set(Object.values(rules.addresses).map(({ category }) => category));
  const rows = events.flatMap(({ position, entry }) =>
    holdsAddress(entry, categories)
      ? [...new Set((entry.sealed ?? []).map(({ subject }) => subject))].map((subject) => ({ position, subject }))
      : [],
  );
  if (rows.length === 0) return;
  await tx.query(
    `insert into address_source (subject, position) select s, p from unnest($1::uuid[], $2::bigint[]) x(s, p)
      where not exists (select 1 from forgotten f where f.subject = s) on conflict do nothing`,
    [rows.map(({ subject }) => subject), rows.map(({ position }) => position)],
  );
}

/** Of which categories data of whom was collected, and when. */
export async function learnCollected(tx: Tx, events: readonly SealedEvent[]): Promise<void> {
  const spans = new Map<string, { subject: string; category: string; first: string; last: string }>();
  for (const { entry } of events) {
    if (entry.type !== 'attesta.collection.recorded.v1' || !entry.subject) continue;
    for (const category of (entry.data as EventTypes[typeof entry.type]).categories) {
      const key = `${entry.subject.id} ${category}`;
      const known = spans.get(key) ?? { subject: entry.subject.id, category, first: entry.time, last: entry.time };
      const [first, last] = [known.first, known.last, entry.time]
        .toSorted((a, b) => Date.parse(a) - Date.parse(b))
        .filter((_, i) => i !== 1);
      spans.set(key, { ...known, first: first!, last: last! });
    }
  }
  if (spans.size === 0) return;
  await tx.query(
    `insert into collected (subject, category, first_at, last_at)
     select (c->>'subject')::uuid, c->>'category', (c->>'first')::timestamptz, (c->>'last')::timestamptz from jsonb_array_elements($1::jsonb) c order by 1, 2
     on conflict (subject, category) do update set first_at = least(collected.first_at, excluded.first_at), last_at = greatest(collected.last_at, excluded.last_at)`,
    [JSON.stringify([...spans.values()])],
  );
}

const languageOf = ({ type, data }: Entry): string | undefined =>
  type === 'attesta.collection.recorded.v1' ? undefined : (data as { language?: string }).language;

/** RFC 3339; null: it is open after all. Undefined where the event says nothing of it. */
function closingOf({ type, time, data }: Entry, policy: Policy): string | null | undefined {
  if (type !== 'attesta.retention-trigger.recorded.v1') return undefined;
  const { trigger, state, categories, purposes } = data as EventTypes[typeof type];
  if (policy.triggers.get(trigger)?.closesAccount !== true || categories || purposes) return undefined;
  return state === 'occurred' ? time : null;
}

const holdsAddress = ({ type, data, sealed }: Entry, categories: ReadonlySet<string>): boolean =>
  sealed !== undefined &&
  sealed.length > 0 &&
  type === 'attesta.collection.recorded.v1' &&
  (data as EventTypes[typeof type]).categories.some((category) => categories.has(category));
