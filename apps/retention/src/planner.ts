import { identitySpans, type IdentitySpan, type Tie } from '@attesta/decisions';
import { ERASURE_ASKED, type Occurrence, type Part, type Schedule, schedule, settled, type Told } from '@attesta/disposal';
import type { Policy } from '@attesta/policy';
import type pg from 'pg';
import { distinct, grouped } from './grouping.js';

type Tx = Pick<pg.PoolClient, 'query'>;

export type Cause = 'schedule' | 'erasure-request' | 'minor' | 'review';

/** A line of the inventory as the database has it. */
export interface StoredPart extends Part {
  /** Milliseconds. */
  dueAt: number | null;
  action: string;
  cause: Cause;
  unruled: boolean;
  held: boolean;
  keptUntil: number | null;
  approved: boolean;
  disposal: string | null;
  removed: boolean;
}

/** A line with what its rules say of it now. */
export interface Planned {
  part: StoredPart;
  schedule: Schedule;
  /** When it is to go, a person's decision to keep it longer included. */
  due: number | undefined;
  /** Whether its erasure was asked for. */
  asked: boolean;
  cause: Cause;
}

const COLUMNS = `position, part, subject, class, key, categories, purposes, jurisdiction, collected_at, due_at, action, cause, unruled, held, kept_until, approved, disposal, removed`;

/** Puts what came in newly into the inventory. */
export async function addParts(tx: Tx, parts: readonly Part[]): Promise<void> {
  if (parts.length === 0) return;
  await tx.query(
    `insert into part (position, part, subject, class, key, categories, purposes, jurisdiction, collected_at)
     select (p->>'position')::bigint, (p->>'part')::int, (p->>'subject')::uuid, p->>'class', p->>'key',
            array(select jsonb_array_elements_text(p->'categories')), array(select jsonb_array_elements_text(p->'purposes')), p->>'jurisdiction',
            to_timestamp((p->>'collectedAt')::float8 / 1000)
       from jsonb_array_elements($1::jsonb) p on conflict do nothing`,
    [JSON.stringify(parts)],
  );
}

/** Everything held of these people, in the order of the log. */
export async function partsOfPeople(tx: Tx, subjects: readonly string[], lock = false): Promise<StoredPart[]> {
  if (subjects.length === 0) return [];
  const { rows } = await tx.query<Row>(
    `select ${COLUMNS} from part where subject = any($1::uuid[]) order by position, part${lock ? ' for update' : ''}`,
    [subjects],
  );
  return rows.map(fromRow);
}

/** What came in at these positions. */
export async function partsAt(tx: Tx, positions: readonly number[]): Promise<StoredPart[]> {
  if (positions.length === 0) return [];
  const { rows } = await tx.query<Row>(`select ${COLUMNS} from part where position = any($1::bigint[])`, [positions]);
  return rows.map(fromRow);
}

/** What the rules say of these parts now. */
export async function plan(tx: Tx, policy: Policy, parts: readonly StoredPart[], now: number): Promise<Planned[]> {
  const known = await Known.of(tx, policy, distinct(parts.map(({ subject }) => subject)));
  return parts.map((part) => {
    const occurrences = known.about(part);
    const found = schedule(policy, part, occurrences, known.activity.get(part.subject), now);
    const due = found.due !== undefined && part.keptUntil !== null ? Math.max(found.due, part.keptUntil) : found.due;
    const asked = isAsked(occurrences, part);
    return { part, schedule: found, due, asked, cause: causeOf(found, asked, part) };
  });
}

/** Plans parts and writes where something changed. @returns how many became due earlier, and later */
export async function replan(
  tx: Tx,
  policy: Policy,
  parts: readonly StoredPart[],
  now: number,
): Promise<{ earlier: number; later: number }> {
  return writePlans(tx, await plan(tx, policy, parts, now));
}

/** @returns how many became due earlier, and later */
export async function writePlans(tx: Tx, planned: readonly Planned[]): Promise<{ earlier: number; later: number }> {
  const changed = planned.filter(
    ({ part, due, schedule: { action, unruled }, cause }) =>
      (due ?? null) !== part.dueAt || action !== part.action || cause !== part.cause || unruled.length > 0 !== part.unruled,
  );
  if (changed.length > 0) {
    await tx.query(
      `update part set due_at = to_timestamp(n.due / 1000), action = n.action, cause = n.cause, unruled = n.unruled
         from unnest($1::bigint[], $2::int[], $3::float8[], $4::text[], $5::text[], $6::boolean[]) n (position, part, due, action, cause, unruled)
        where part.position = n.position and part.part = n.part`,
      [
        changed.map(({ part }) => part.position),
        changed.map(({ part }) => part.part),
        changed.map(({ due }) => due ?? null),
        changed.map(({ schedule: { action } }) => action),
        changed.map(({ cause }) => cause),
        changed.map(({ schedule: { unruled } }) => unruled.length > 0),
      ],
    );
  }
  const moved = changed.map(({ part, due }) => order(due) - order(part.dueAt));
  return { earlier: moved.filter((by) => by < 0).length, later: moved.filter((by) => by > 0).length };
}

const order = (due: number | null | undefined): number => due ?? Number.MAX_SAFE_INTEGER;

/** Holds that stand on parts are noted with them, so that what is held costs no look. @param where SQL on `part` */
export async function noteHolds(tx: Tx, where: string, values: unknown[]): Promise<void> {
  await tx.query(
    `update part set held = h.held from (
       select position, part, exists (select 1 from hold where ${COVERS}) as held from part where ${where}) h
      where part.position = h.position and part.part = h.part and part.held <> h.held`,
    values,
  );
}

/** Whether a row of `hold` stands on a row of `part`. */
export const COVERS = `hold.released_at is null and (hold.subject is null or hold.subject = part.subject)
  and (hold.categories is null or hold.categories && part.categories) and (hold.purposes is null or hold.purposes && part.purposes)`;

const isAsked = (occurrences: readonly Occurrence[], part: StoredPart): boolean =>
  occurrences.some(
    ({ trigger, at, categories }) =>
      trigger === ERASURE_ASKED && part.collectedAt <= at && (!categories || categories.some((one) => part.categories.includes(one))),
  );

function causeOf({ rules }: Schedule, asked: boolean, { approved }: StoredPart): Cause {
  if (rules.some(({ trigger }) => trigger === 'minor-found')) return 'minor';
  if (approved) return 'review';
  return asked ? 'erasure-request' : 'schedule';
}

/** What is known of some people that retention is counted from. */
class Known {
  private constructor(
    /** By person, null for everybody. */
    private readonly occurrences: ReadonlyMap<string | null, Occurrence[]>,
    readonly activity: ReadonlyMap<string, number>,
    private readonly owners: ReadonlyMap<string, Owner[]>,
  ) {}

  static async of(tx: Tx, policy: Policy, subjects: readonly string[]): Promise<Known> {
    const owners = await ownersOf(tx, subjects);
    const people = [...new Set([...subjects, ...[...owners.values()].flat().map(({ person }) => person)])];
    const { rows } = await tx.query<OccurrenceRow>(
      `select subject, trigger_id, state, at, categories, purposes, channels, collected_until from occurrence
        where subject = any($1::uuid[]) or subject is null order by position`,
      [people],
    );
    const told = grouped(rows, ({ subject }) => subject);
    const { rows: active } = await tx.query<{ subject: string; at: Date }>(
      'select subject, at from activity where subject = any($1::uuid[])',
      [subjects],
    );
    return new Known(
      new Map([...told].map(([whose, theirs]) => [whose, settled(policy, theirs.map(toldOf))])),
      new Map(active.map(({ subject, at }) => [subject, at.getTime()])),
      owners,
    );
  }

  /** What happened to the person of a part, to those it belongs to as an identity of theirs, and to everybody. */
  about(part: Part): Occurrence[] {
    const owners = (this.owners.get(part.subject) ?? []).filter((owner) => owns(owner, part)).map(({ person }) => person);
    return [part.subject, ...owners, null].flatMap((whose) => this.occurrences.get(whose) ?? []);
  }
}

/** Somebody to whom an identity is tied, or was, and the stretches of the log in which it is theirs. */
export interface Owner {
  person: string;
  spans: readonly IdentitySpan[];
}

export const owns = ({ spans }: Owner, { position }: Pick<Part, 'position'>): boolean =>
  spans.some(({ after, upto }) => position > after && position <= upto);

/** To whom these identities belong, or did. */
export async function ownersOf(tx: Tx, identities: readonly string[]): Promise<Map<string, Owner[]>> {
  const { rows } = await tx.query<Omit<Tie, 'position'> & { position: string }>(
    'select position, person, identity, linked from tie where identity = any($1::uuid[]) order by position',
    [identities],
  );
  const ties = grouped(
    rows.map((row): Tie => ({ ...row, position: Number(row.position) })),
    ({ identity }) => identity,
  );
  return new Map(
    [...ties].map(([identity, all]) => [
      identity,
      [...new Set(all.map(({ person }) => person))].map((person) => ({
        person,
        spans: identitySpans(person, Number.MAX_SAFE_INTEGER, all),
      })),
    ]),
  );
}

interface OccurrenceRow {
  subject: string | null;
  trigger_id: string;
  state: 'occurred' | 'revoked';
  at: Date;
  categories: string[] | null;
  purposes: string[] | null;
  channels: string[] | null;
  collected_until: Date | null;
}

const toldOf = ({ trigger_id: trigger, state, at, categories, purposes, channels, collected_until: until }: OccurrenceRow): Told => ({
  trigger,
  state,
  at: at.getTime(),
  categories: categories ?? undefined,
  purposes: purposes ?? undefined,
  channels: channels ?? undefined,
  collectedUntil: until?.getTime(),
});

interface Row {
  position: string;
  part: number;
  subject: string;
  class: string;
  key: string | null;
  categories: string[];
  purposes: string[];
  jurisdiction: string;
  collected_at: Date;
  due_at: Date | null;
  action: string;
  cause: Cause;
  unruled: boolean;
  held: boolean;
  kept_until: Date | null;
  approved: boolean;
  disposal: string | null;
  removed: boolean;
}

const fromRow = ({ position, collected_at: collectedAt, due_at: dueAt, kept_until: keptUntil, ...row }: Row): StoredPart => ({
  ...row,
  position: Number(position),
  collectedAt: collectedAt.getTime(),
  dueAt: dueAt?.getTime() ?? null,
  keptUntil: keptUntil?.getTime() ?? null,
});
