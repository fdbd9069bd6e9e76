import type { FindingRaised, FindingResolved } from '@attesta/events';
import { uuidOf, type NewEvent } from '@attesta/event-log';
import type pg from 'pg';
import type { Candidate, Finding } from './candidate.js';
import { Where } from './page.js';
import { defineRegister } from './register.js';
import { answerOf, columnsOf, selectionOf, type AnswerOf, type RowOf, type Shape } from './row-shape.js';

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

/** Findings as the log has them: ours coming back, those of other services, and what became of them. */
export const findingEvents = defineRegister({
  name: 'finding-events',
  table: 'finding_event',
  columns: { ...FINDING, raised: 'flag', rule: 'text?', severity: 'text?', positions: 'int8s?', explanation: 'text?', source: 'text' },
  order: [],
  rows({ position, entry, name, data, recordedAt }) {
    const sealed = { position, subject: entry.subject?.id, source: entry.source, recordedAt };
    if (name === 'attesta.finding.raised') return [{ ...(data as FindingRaised), ...sealed, raised: true }];
    if (name !== 'attesta.finding.resolved') return [];
    const { finding, reason, positions } = data as FindingResolved;
    return [{ ...sealed, raised: false, finding, positions, explanation: reason }];
  },
});

export const findingId = (rule: string, position: number): string => `${rule}:${position}`;

export const findingRow = ({ position, subject, recordedAt }: Candidate, found: Finding): RowOf<typeof FINDING> => ({
  ...found,
  position,
  finding: findingId(found.rule, position),
  subject,
  recordedAt,
});

/** The finding as an event. Everything in it follows from the entries, so that raising it again is the same event again. */
export function findingEvent({ position, subject, recordedAt }: Candidate, { rule, ...found }: Finding): NewEvent {
  const finding = findingId(rule, position);
  return {
    id: uuidOf(`attesta.finding.raised.v1\n${finding}`),
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
  rule?: string | undefined;
  severity?: string | undefined;
  state?: 'open' | 'resolved' | undefined;
  subject?: string | undefined;
}

const VIEW = {
  ...FINDING,
  /** Position of the sealed finding.raised; empty until it is back from the ledger. */
  sealedPosition: 'int8?',
  resolvedPosition: 'int8?',
  resolution: 'text?',
} as const satisfies Shape;
const VIEW_COLUMNS = columnsOf(VIEW);

/** Its position is that of the entry it is about, or of finding.raised where another service found it. */
export type FindingView = AnswerOf<typeof VIEW> & { state: 'open' | 'resolved' };

// Our own by the entry they are about, others' by their first finding.raised; joined with what is sealed up to $1.
const FINDINGS = `
  select f.position, f.finding, f.rule, f.severity, f.clause, f.law, f.subject, f.positions, f.explanation, f.recorded_at, r.position as sealed_position
    from finding f left join lateral (
      select position from finding_event e where e.finding = f.finding and e.raised and e.position <= $1 order by position limit 1) r on true
   where f.position <= $1
  union all
  select e.position, e.finding, e.rule, e.severity, e.clause, e.law, e.subject, e.positions, e.explanation, e.recorded_at, e.position
    from finding_event e
   where e.raised and e.position <= $1
     and not exists (select 1 from finding f where f.finding = e.finding)
     and not exists (select 1 from finding_event o where o.finding = e.finding and o.raised and o.position < e.position)`;

/** Newest first. */
export async function readFindings(pool: pg.Pool, filter: FindingFilter): Promise<FindingView[]> {
  const { cursor, state } = filter;
  const where = new Where([filter.asOf])
    .and('v.rule = ?', filter.rule)
    .and('v.severity = ?', filter.severity)
    .and('v.subject = ?', filter.subject)
    .and('(resolved_position is not null) = ?::bool', state === undefined ? undefined : state === 'resolved');
  const before = cursor
    ? `(v.position, v.finding) < (${where.parameter(cursor.position)}::int8, ${where.parameter(cursor.finding)}::text)`
    : 'true';
  const { rows } = await pool.query<object>(
    `select ${selectionOf(VIEW_COLUMNS)} from (${FINDINGS}) v
       left join lateral (select position as resolved_position, explanation as resolution from finding_event e
         where e.finding = v.finding and not e.raised and e.position <= $1 order by position limit 1) x on true
      where ${where.sql} and ${before} order by v.position desc, v.finding desc limit ${where.parameter(filter.limit)}`,
    where.values,
  );
  return rows.map((row) => {
    const finding = answerOf<typeof VIEW>(VIEW_COLUMNS, row);
    return { ...finding, state: finding.resolvedPosition === null ? 'open' : 'resolved' };
  });
}
