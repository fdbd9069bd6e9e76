import { uuidOf } from '@attesta/event-log';
import type { EventTypes } from '@attesta/events';
import type { SealedEvent } from '@attesta/transport';
import type pg from 'pg';
import { start, type Survivor } from './disposal.decider.js';
import { lockDisposals, OpenDisposal } from './disposal-store.js';
import { distinct, grouped, mayGo } from './grouping.js';
import { partsOfPeople, plan, type Planned } from './planner.js';
import type { Retention } from './retention.js';

/** A request for erasure whose systems have done their part. */
interface Erasure {
  request: string;
  subject: string;
  at: Date;
  categories: string[];
  spared: Survivor[];
  disposal: string;
}

/** Notes requests for erasure: those that name no categories mean the person; the newest instruction counts, for a request may be opened again. */
export async function noteErasures(tx: pg.PoolClient, events: readonly SealedEvent[]): Promise<void> {
  for (const { position, entry } of events) {
    if (!entry.subject) continue;
    if (entry.type === 'attesta.request.received.v1') {
      const { request, right, categories } = entry.data as EventTypes[typeof entry.type];
      if (right !== 'erasure' || categories) continue;
      await tx.query(
        'insert into erasure (request, subject, whole) values ($1, $2, true) on conflict (request) do update set whole = true',
        [request, entry.subject.id],
      );
    } else if (entry.type === 'attesta.request.erasure-instructed.v1') {
      const { request, categories, survivors } = entry.data as EventTypes[typeof entry.type];
      await tx.query(
        `insert into erasure (request, subject, position, at, categories, spared, disposal) values ($1, $2, $3, $4, $5, $6, $7)
         on conflict (request) do update set position = excluded.position, at = excluded.at, categories = excluded.categories, spared = excluded.spared,
                disposal = excluded.disposal, started = false`,
        [
          request,
          entry.subject.id,
          position,
          entry.time,
          categories,
          JSON.stringify(survivors),
          uuidOf(`erasure\n${entry.source}\n${entry.id}`),
        ],
      );
    }
  }
}

/** Of a request for erasure the person's own disposal is the last: those of identities of theirs end before it. SQL on `disposal`. */
export const IS_BEHIND = `exists (select 1 from erasure e join disposal w on w.request = e.request
  where e.disposal = disposal.id and w.id <> e.disposal and w.status in ('started', 'instructed'))`;

/** A request for erasure that comes first: what it asks for is nobody else's to start. SQL on `part`. */
export const WAITING = `(select 1 from erasure e where e.disposal is not null and not e.started
  and (e.subject = part.subject or e.subject in (select person from tie where identity = part.subject)))`;

/** The oldest erasure that no disposal was started for yet. */
export async function waitingErasure(tx: pg.PoolClient): Promise<Erasure | undefined> {
  const { rows } = await tx.query<Erasure>(
    `select request, subject, at, categories, spared, disposal from erasure where disposal is not null and not started order by position limit 1`,
  );
  return rows[0];
}

/** A disposal that begins, and the parts it has. */
export interface Begun {
  disposal: OpenDisposal;
  parts: Planned[];
}

/**
 * Begins what a request for erasure asks for (notice clause 7.7): for identities of the person of which something goes, and for the person. What else
 * is due of them is left to the schedule, whose systems are asked about it.
 */
export async function beginErasure(
  tx: pg.PoolClient,
  retention: Retention,
  { request, subject, at, categories, spared, disposal: last }: Erasure,
  now: Date,
): Promise<Begun[]> {
  const { policy } = retention;
  const named = categories.length > 0 || spared.length > 0 ? categories : [...policy.categories.keys()];
  const { rows } = await tx.query<{ identity: string }>(
    'select distinct identity from tie where person = $1 and identity <> $1 order by identity',
    [subject],
  );
  const people = [...rows.map(({ identity }) => identity), subject];
  const planned = grouped(await plan(tx, policy, await partsOfPeople(tx, people, true), now.getTime()), ({ part }) => part.subject);
  const idOf = (whose: string) => (whose === subject ? last : uuidOf(`${last}\n${whose}`));
  const known = await lockDisposals(tx, people.map(idOf)); // by a database that was lost since, and of which the log does not tell all
  return people.flatMap((whose): Begun[] => {
    if (known.has(idOf(whose))) return [];
    const parts = (planned.get(whose) ?? []).filter((one) => isMeant(one, named) && mayGo(one, now.getTime()));
    const isOwn = whose === subject;
    if (!isOwn && parts.length === 0) return [];
    const theirs = isOwn ? named : distinct(parts.flatMap(({ part }) => part.categories));
    const asked = named.length > 0 ? theirs : spared.map(({ category }) => category);
    const disposal = new OpenDisposal(idOf(whose), whose, undefined, 0, now);
    const data = {
      request,
      action: 'destroy' as const,
      rules: [],
      categories: theirs.slice(0, 64),
      classes: distinct([
        ...asked.map((category) => policy.categories.get(category)?.retentionClass ?? category),
        ...parts.map(({ part }) => part.class),
      ]).slice(0, 64),
      collectedUntil: at.toISOString(),
    };
    disposal.say(retention, start('erasure-request', data), now);
    return [{ disposal, parts }];
  });
}

/** Whether a request for erasure of these categories means a part, and all of it. */
export const isMeant = ({ asked, part }: Planned, categories: readonly string[]): boolean =>
  asked && part.categories.every((category) => categories.includes(category));
