import type pg from 'pg';
import type { Survivor } from './disposal.decider.js';
import type { OpenDisposal } from './disposal-store.js';
import { distinct, grouped } from './grouping.js';
import { ownersOf, owns, partsOfPeople, plan, type Planned } from './planner.js';
import type { Retention } from './retention.js';
import type { ActiveHold } from './survivors.js';

/** What is known of the people of some disposals. */
export interface People {
  /** All that is held of them. */
  planned: Map<string, Planned[]>;
  /** Holds that stand on them, or on everybody. */
  holds: readonly ActiveHold[];
  /** Disposals that have instructed the ledger: what they have is as good as gone. */
  instructed: Set<string>;
  /** Who is forgotten, or about to be. */
  forgotten: Set<string>;
  /** Whose account is closed. */
  closed: ReadonlySet<string>;
  /** Requests for erasure that mean the person. */
  whole: ReadonlySet<string>;
  /** By the last disposal of a request for erasure: what the request left out, on the law or by what systems said. */
  spared: ReadonlyMap<string, readonly Survivor[]>;
  /** By people who asked for erasure: what is held of identities of theirs, as far as they are theirs. */
  tied: Map<string, Planned[]>;
}

/** Locks all that is held of the people. */
export async function peopleOf(tx: pg.PoolClient, retention: Retention, disposals: readonly OpenDisposal[]): Promise<People> {
  const subjects = distinct(disposals.map(({ subject }) => subject));
  const now = retention.now().getTime();
  const parts = await partsOfPeople(tx, subjects, true);
  const { rows: erasures } = await tx.query<{
    request: string;
    subject: string;
    whole: boolean;
    disposal: string | null;
    spared: Survivor[];
  }>('select request, subject, whole, disposal, spared from erasure where request = any($1::uuid[])', [
    disposals.flatMap(({ state }) => state.request ?? []),
  ]);
  const last = erasures.filter(({ disposal }) => disposals.some(({ id }) => id === disposal));
  const tied = await tiedTo(
    tx,
    retention,
    last.map(({ subject }) => subject),
  );
  const identities = [...tied.values()].flat().map(({ part }) => part.subject);
  const { rows: holds } = await tx.query<ActiveHold>(
    `select id, subject, matter, reason, law, categories, purposes from hold
      where released_at is null and (subject is null or subject = any($1::uuid[])) order by placed_at, id`,
    [[...subjects, ...distinct(identities)]],
  );
  const { rows: instructed } = await tx.query<{ id: string }>(
    `select id from disposal where id = any($1::uuid[]) and status = 'instructed'`,
    [distinct(parts.flatMap(({ disposal }) => disposal ?? []))],
  );
  const { rows: forgotten } = await tx.query<{ subject: string }>(
    `select subject from disposal where subject = any($1::uuid[]) and state->>'scope' = 'subject'
     union select subject from forgotten where subject = any($1::uuid[])`,
    [subjects],
  );
  const closing = [...retention.policy.triggers.values()].filter(({ closesAccount }) => closesAccount).map(({ id }) => id);
  const { rows: latest } = await tx.query<{ subject: string; state: string }>(
    `select distinct on (subject) subject, state from occurrence
      where subject = any($1::uuid[]) and trigger_id = any($2) and categories is null order by subject, at desc, position desc`,
    [subjects, closing],
  );
  return {
    planned: grouped(await plan(tx, retention.policy, parts, now), ({ part }) => part.subject),
    holds,
    instructed: new Set(instructed.map(({ id }) => id)),
    forgotten: new Set(forgotten.map(({ subject }) => subject)),
    closed: new Set(latest.filter(({ state }) => state === 'occurred').map(({ subject }) => subject)),
    whole: new Set(erasures.filter(({ whole }) => whole).map(({ request }) => request)),
    spared: new Map(last.map(({ disposal, spared }) => [disposal!, spared])),
    tied,
  };
}

async function tiedTo(tx: pg.PoolClient, retention: Retention, people: readonly string[]): Promise<Map<string, Planned[]>> {
  if (people.length === 0) return new Map();
  const { rows } = await tx.query<{ person: string; identity: string }>(
    'select distinct person, identity from tie where person = any($1::uuid[])',
    [people],
  );
  const identities = distinct(rows.map(({ identity }) => identity));
  const owners = await ownersOf(tx, identities);
  const planned = await plan(tx, retention.policy, await partsOfPeople(tx, identities), retention.now().getTime());
  const isOf = (person: string, { part }: Planned) =>
    owners.get(part.subject)?.some((owner) => owner.person === person && owns(owner, part)) ?? false;
  return new Map(people.map((person) => [person, planned.filter((one) => isOf(person, one))]));
}
