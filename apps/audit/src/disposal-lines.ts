import type { IdentitySpan } from '@attesta/decisions';
import type pg from 'pg';
import { disposalEvents, type DisposalEventRow } from './disposal-events.projection.js';
import { Where, type Page } from './page.js';
import { answerOf, selectionOf } from './row-shape.js';
import { RECORD, recordParameters } from './timeline.projection.js';

export type DisposalStatus = 'started' | 'keys-closed' | 'systems-answered' | 'instructed' | 'destroyed' | 'completed' | 'abandoned';

/** A destruction of data as the register shows it. */
export interface DisposalLine {
  /** Of disposal.started, or of the destroyed keys where there was no disposal; the line's place in the list. */
  position: number;
  disposal: string | null;
  subject: string | null;
  status: DisposalStatus;
  cause: string | null;
  request: string | null;
  action: string | null;
  scope: string | null;
  /** Rules of the policy that ended; with their law once it is completed. */
  rules: { rule: string; law: string | null }[];
  /** What the ledger was told as the ground, or destroyed the keys on. */
  basis: string | null;
  categories: string[];
  classes: string[];
  collectedUntil: string | null;
  /** How many keys and single parts were destroyed, and how. */
  keys: number;
  parts: number;
  methods: string[];
  outcome: string | null;
  /** What of the same stays, and why. */
  survivors: { category: string; ground: string; law?: string; reason?: string; hold?: string; until?: string }[];
  systems: { system: string; outcome: string | null; stuck: boolean; kept: { category: string; reason?: string; law?: string }[] }[];
  priorNotice: string | null;
  startedAt: string | null;
  keysClosedAt: string | null;
  systemsAnsweredAt: string | null;
  instructedAt: string | null;
  destroyedAt: string | null;
  completedAt: string | null;
  abandonedAt: string | null;
  abandonedBecause: string | null;
  holds: string[];
  /** Entries it is put together from, in the order of the log. */
  positions: number[];
}

/** Members of the events of disposals that are read here. */
interface Details {
  action?: string;
  scope?: string;
  rules?: (string | { rule: string; law: string })[];
  basis?: string;
  categories?: string[];
  classes?: string[];
  collectedUntil?: string;
  keys?: string[];
  parts?: number | unknown[];
  method?: string;
  methods?: string[];
  outcome?: string;
  survivors?: DisposalLine['survivors'];
  acknowledgements?: { system: string; outcome: string; kept?: DisposalLine['systems'][number]['kept'] }[];
  system?: string;
  priorNotice?: string;
  reason?: string;
  holds?: string[];
}

/** @param rows of one disposal, in the order of the log */
export function disposalLine(rows: readonly DisposalEventRow[]): DisposalLine {
  const first = rows[0]!;
  const of = (event: string) => rows.find((row) => row.event === event);
  const said = (event: string): Details => (of(event)?.details ?? {}) as Details;
  const [started, answered, instructed, destroyed] = [
    said('started'),
    said('systems-answered'),
    said('instructed'),
    said('keys-destroyed'),
  ];
  const [completed, abandoned] = [said('completed'), said('abandoned')];
  const removed = rows.filter(({ event }) => event === 'ciphertext-removed');
  const all = (event: string) => rows.filter((row) => row.event === event).map(({ details }) => details as Details);
  const destroyedKeys = new Set(all('keys-destroyed').flatMap(({ keys }) => keys ?? []));
  return {
    position: first.position,
    disposal: first.disposal,
    subject: first.subject,
    status: statusOf(rows),
    cause: first.cause,
    request: first.request,
    action: completed.action ?? started.action ?? null,
    scope: completed.scope ?? instructed.scope ?? destroyed.scope ?? null,
    rules: (completed.rules ?? started.rules ?? []).map((one) => (typeof one === 'string' ? { rule: one, law: null } : one)),
    basis: instructed.basis ?? (first.disposal === null ? (destroyed.basis ?? null) : null),
    categories: completed.categories ?? started.categories ?? [],
    classes: started.classes ?? [],
    collectedUntil: started.collectedUntil ?? null,
    keys: destroyedKeys.size,
    parts:
      typeof completed.parts === 'number'
        ? completed.parts
        : removed.reduce((n, { details }) => n + countOf((details as Details).parts), 0),
    methods: completed.methods ?? [...(destroyed.method ? [destroyed.method] : []), ...(removed.length > 0 ? ['ciphertext-removal'] : [])],
    outcome: completed.outcome ?? null,
    survivors: completed.survivors ?? [],
    systems: systemsOf(completed.acknowledgements ?? answered.acknowledgements ?? [], all('task-stuck')),
    priorNotice: completed.priorNotice ?? null,
    startedAt: of('started')?.occurredAt ?? null,
    keysClosedAt: of('keys-closed')?.occurredAt ?? null,
    systemsAnsweredAt: of('systems-answered')?.occurredAt ?? null,
    instructedAt: of('instructed')?.occurredAt ?? null,
    destroyedAt: (of('keys-destroyed') ?? removed[0])?.occurredAt ?? null,
    completedAt: of('completed')?.occurredAt ?? null,
    abandonedAt: of('abandoned')?.occurredAt ?? null,
    abandonedBecause: abandoned.reason ?? null,
    holds: abandoned.holds ?? [],
    positions: rows.map(({ position }) => position),
  };
}

const STATUSES: readonly [string, DisposalStatus][] = [
  ['abandoned', 'abandoned'],
  ['completed', 'completed'],
  ['keys-destroyed', 'destroyed'],
  ['ciphertext-removed', 'destroyed'],
  ['instructed', 'instructed'],
  ['systems-answered', 'systems-answered'],
  ['keys-closed', 'keys-closed'],
];
const statusOf = (rows: readonly DisposalEventRow[]): DisposalStatus =>
  STATUSES.find(([event]) => rows.some((row) => row.event === event))?.[1] ?? 'started';

const countOf = (parts: Details['parts']): number => (Array.isArray(parts) ? parts.length : 0);

function systemsOf(answered: NonNullable<Details['acknowledgements']>, stuck: readonly Details[]): DisposalLine['systems'] {
  const known = answered.map(({ system, outcome, kept }) => ({ system, outcome, stuck: false, kept: kept ?? [] }));
  const waiting = new Set(stuck.map(({ system }) => system!).filter((system) => !known.some((one) => one.system === system)));
  return [...known, ...[...waiting].map((system) => ({ system, outcome: null, stuck: true, kept: [] }))];
}

export interface DisposalFilter extends Page {
  spans?: readonly IdentitySpan[] | undefined;
  state?: 'open' | 'completed' | 'abandoned' | undefined;
  cause?: string | undefined;
  disposal?: string | undefined;
  /** Started at or after, and before. */
  from?: string | undefined;
  to?: string | undefined;
}

const ENDED_AS: Readonly<Record<NonNullable<DisposalFilter['state']>, string>> = {
  open: `d.disposal is not null and not exists (select 1 from disposal_event e where e.disposal = d.disposal and e.position <= $asOf and e.event in ('completed', 'abandoned'))`,
  completed: `(d.disposal is null or exists (select 1 from disposal_event e where e.disposal = d.disposal and e.position <= $asOf and e.event = 'completed'))`,
  abandoned: `exists (select 1 from disposal_event e where e.disposal = d.disposal and e.position <= $asOf and e.event = 'abandoned')`,
};

/** Newest first. */
export async function readDisposals(
  pool: Pick<pg.Pool, 'query'>,
  { spans, state, cause, disposal, from, to, ...page }: DisposalFilter,
): Promise<DisposalLine[]> {
  const where = new Where(spans ? recordParameters(spans, page) : []);
  if (!spans) where.and('d.position <= ?', page.asOf).and('d.position < ?', page.cursor);
  where.and('d.cause = ?', cause).and('d.disposal = ?::uuid', disposal);
  where.and('d.occurred_at >= ?::timestamptz', from).and('d.occurred_at < ?::timestamptz', to);
  const source = spans ? `${RECORD} s join disposal_event d using (position)` : 'disposal_event d';
  const ended = state ? ENDED_AS[state].replaceAll('$asOf', where.parameter(page.asOf)) : 'true';
  const columns = disposalEvents.columns;
  const { rows: heads } = await pool.query<{ position: string; disposal: string | null }>(
    `select d.position, d.disposal from ${source} where (d.event = 'started' or d.disposal is null) and ${where.sql} and ${ended}
      order by d.position desc limit ${where.parameter(page.limit)}`,
    where.values,
  );
  const { rows } = await pool.query<object>(
    `select ${selectionOf(columns)} from disposal_event
      where position <= $3 and (disposal = any($1::uuid[]) or position = any($2::int8[])) order by position`,
    [
      heads.flatMap((head) => head.disposal ?? []),
      heads.filter((head) => head.disposal === null).map(({ position }) => position),
      page.asOf,
    ],
  );
  const events = rows.map((row) => answerOf<typeof disposalEvents.shape>(columns, row));
  return heads.map((head) => {
    const position = Number(head.position);
    return disposalLine(events.filter((one) => (head.disposal === null ? one.position === position : one.disposal === head.disposal)));
  });
}
