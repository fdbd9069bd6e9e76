import type { FindingAssigned, FindingRaised, FindingReopened, FindingResolved } from '@attesta/events';
import { uuidOf, type NewEvent } from '@attesta/event-log';
import type pg from 'pg';
import type { Candidate, Finding } from './candidate.js';
import { Where } from './page.js';
import { defineRegister } from './register.js';
import { answerOf, columnsOf, type AnswerOf, type RowOf, type Shape } from './row-shape.js';

const FINDING = {
  position: 'int8',
  finding: 'text',
  rule: 'text',
  severity: 'text',
  clause: 'text?',
  law: 'text?',
  subject: 'uuid?',
  /** The entries that show it. */
  positions: 'int8s',
  explanation: 'text',
  recordedAt: 'time',
} as const satisfies Shape;

/** What we found ourselves, one row per rule and entry. */
export const findings = defineRegister({
  name: 'findings',
  table: 'finding',
  columns: FINDING,
  order: ['rule'],
  rows: () => [],
});

export type FindingHappening = 'raised' | 'assigned' | 'resolved' | 'reopened';

/** Findings as the log has them: ours coming back, those of other services, and what became of them. */
export const findingEvents = defineRegister({
  name: 'finding-events',
  table: 'finding_event',
  columns: {
    ...FINDING,
    /** CloudEvents id. */
    id: 'text',
    event: 'text',
    rule: 'text?',
    severity: 'text?',
    positions: 'int8s?',
    /** What is wrong; afterwards why. */
    explanation: 'text?',
    assignee: 'text?',
    outcome: 'text?',
    actor: 'text?',
    occurredAt: 'time',
    source: 'text',
  },
  order: [],
  rows({ position, entry, name, data, occurredAt, recordedAt }) {
    const { id, source, actor, subject } = entry;
    const event = eventOf(name);
    if (event === undefined) return [];
    const { explanation, reason, note, to, ...said } = data as unknown as FindingRaised &
      Partial<FindingAssigned & FindingResolved & FindingReopened>;
    const why = explanation ?? reason ?? note;
    return [{ ...said, position, id, event, subject: subject?.id, source, actor, assignee: to, explanation: why, occurredAt, recordedAt }];
  },
});

const PREFIX = 'attesta.finding.';
const eventOf = (name: string): FindingHappening | undefined =>
  name.startsWith(PREFIX) ? (name.slice(PREFIX.length) as FindingHappening) : undefined;

export const findingId = (rule: string, position: number): string => `${rule}:${position}`;

export const findingRow = ({ position, subject, recordedAt }: Candidate, found: Finding): RowOf<typeof FINDING> => ({
  ...found,
  position,
  finding: findingId(found.rule, position),
  subject,
  recordedAt,
});

/** Id of the event by which we raise a finding. */
export const raisedId = (finding: string): string => uuidOf(`attesta.finding.raised.v1\n${finding}`);

/** The finding as an event. Everything in it follows from the entries, so that raising it again is the same event again. */
export function findingEvent(
  { position, subject, recordedAt }: Pick<Candidate, 'position' | 'subject' | 'recordedAt'>,
  { rule, ...found }: Finding,
): NewEvent {
  const finding = findingId(rule, position);
  return {
    id: raisedId(finding),
    type: 'attesta.finding.raised.v1',
    time: new Date(recordedAt).toISOString(),
    ...(subject !== undefined && { subject }),
    actor: 'attesta-audit',
    data: { finding, rule, ...found },
  };
}

export interface FindingFilter {
  asOf: number;
  /** Position and name of the last finding of the page before. */
  cursor?: { position: number; finding: string } | undefined;
  limit: number;
  finding?: string | undefined;
  rule?: string | undefined;
  severity?: string | undefined;
  /** `open`: not resolved, be it assigned or not. */
  state?: (typeof STATES)[number] | undefined;
  /** Who is to deal with it. */
  assignee?: string | undefined;
  subject?: string | undefined;
}

export const STATES = ['open', 'unassigned', 'assigned', 'resolved'] as const;

const VIEW = {
  ...FINDING,
  /** Position of the sealed finding.raised; empty until it is back from the ledger. */
  sealedPosition: 'int8?',
  assignee: 'text?',
  assignedAt: 'time?',
  resolvedPosition: 'int8?',
  resolvedAt: 'time?',
  /** Why it was resolved. */
  resolution: 'text?',
  outcome: 'text?',
} as const satisfies Shape;
const VIEW_COLUMNS = columnsOf(VIEW);

/** Its position is that of the entry it is about, or of finding.raised where another service found it, or time passing. */
export type FindingView = AnswerOf<typeof VIEW> & { state: 'open' | 'assigned' | 'resolved' };

// Our own by the entry they are about, others by their first finding.raised; joined with what is sealed up to $1.
const FINDINGS = `
  select f.position, f.finding, f.rule, f.severity, f.clause, f.law, f.subject, f.positions, f.explanation, f.recorded_at, r.position as sealed_position
    from finding f left join lateral (
      select position from finding_event e
       where e.finding = f.finding and e.event = 'raised' and e.position <= $1 order by position limit 1) r on true
   where f.position <= $1
  union all
  select e.position, e.finding, e.rule, e.severity, e.clause, e.law, e.subject, e.positions, e.explanation, e.recorded_at, e.position
    from finding_event e
   where e.event = 'raised' and e.position <= $1
     and not exists (select 1 from finding f where f.finding = e.finding)
     and not exists (select 1 from finding_event o where o.finding = e.finding and o.event = 'raised' and o.position < e.position)`;

const VIEWS = `(${FINDINGS}) v
  left join lateral (
    select event, position, explanation, outcome, occurred_at from finding_event e
     where e.finding = v.finding and e.event in ('resolved', 'reopened') and e.position <= $1 order by position desc limit 1) x on x.event = 'resolved'
  left join lateral (
    select assignee, occurred_at from finding_event e
     where e.finding = v.finding and e.event = 'assigned' and e.position <= $1 order by position desc limit 1) a on true`;
const VIEW_SQL: Readonly<Record<string, string>> = {
  assignee: 'a.assignee',
  assigned_at: 'a.occurred_at',
  resolved_position: 'x.position',
  resolved_at: 'x.occurred_at',
  resolution: 'x.explanation',
  outcome: 'x.outcome',
};
const SELECTED = VIEW_COLUMNS.map(({ name, sql }) => `${VIEW_SQL[sql] ?? `v.${sql}`} as "${name}"`).join(', ');

const IN_STATE: Readonly<Record<(typeof STATES)[number], string>> = {
  open: 'x.position is null',
  unassigned: 'x.position is null and a.assignee is null',
  assigned: 'x.position is null and a.assignee is not null',
  resolved: 'x.position is not null',
};

/** Newest first. */
export async function readFindings(pool: Pick<pg.Pool, 'query'>, filter: FindingFilter): Promise<FindingView[]> {
  const { cursor, state } = filter;
  const where = new Where([filter.asOf])
    .and('v.rule = ?', filter.rule)
    .and('v.severity = ?', filter.severity)
    .and('v.subject = ?', filter.subject)
    .and('v.finding = ?', filter.finding)
    .and('a.assignee = ? and v.finding in (select finding from finding_event where assignee = ?)', filter.assignee);
  const before = cursor
    ? `(v.position, v.finding) < (${where.parameter(cursor.position)}::int8, ${where.parameter(cursor.finding)}::text)`
    : 'true';
  const { rows } = await pool.query<object>(
    `select ${SELECTED} from ${VIEWS} where ${where.sql} and ${before} and ${state === undefined ? 'true' : IN_STATE[state]}
      order by v.position desc, v.finding desc limit ${where.parameter(filter.limit)}`,
    where.values,
  );
  return rows.map((row) => {
    const finding = answerOf<typeof VIEW>(VIEW_COLUMNS, row);
    return { ...finding, state: finding.resolvedPosition !== null ? 'resolved' : finding.assignee !== null ? 'assigned' : 'open' };
  });
}
