import { hash } from 'node:crypto';
import type { FindingRaised, FindingResolved } from '@attesta/events';
import type { NewEvent } from '@attesta/event-log';
import type pg from 'pg';
import type { Candidate, Finding } from './findings.decider.js';
import { Where } from './page.js';
import { defineRegister } from './register.js';

/** What we found ourselves, one row per rule and entry. */
export const findings = defineRegister({
  name: 'findings',
  table: 'finding',
  columns: {
    position: 'int8',
    finding: 'text',
    rule: 'text',
    severity: 'text',
    clause: 'text',
    law: 'text',
    subject: 'uuid',
    positions: 'int8s',
    explanation: 'text',
    recorded_at: 'time',
  },
  order: ['rule'],
  rows: () => [],
});

/** Findings as the log has them: ours coming back, those of other services, and what became of them. */
export const findingEvents = defineRegister({
  name: 'finding-events',
  table: 'finding_event',
  columns: {
    position: 'int8',
    finding: 'text',
    raised: 'flag',
    rule: 'text',
    severity: 'text',
    clause: 'text',
    law: 'text',
    subject: 'uuid',
    positions: 'int8s',
    explanation: 'text',
    source: 'text',
    recorded_at: 'time',
  },
  order: [],
  rows({ position, entry, name, data, recordedAt }) {
    const common = { position, subject: entry.subject?.id ?? null, source: entry.source, recorded_at: recordedAt };
    if (name === 'attesta.finding.raised') {
      const { finding, rule, severity, clause, law, positions, explanation } = data as FindingRaised;
      return [{ ...common, finding, raised: true, rule, severity, clause: clause ?? null, law: law ?? null, positions, explanation }];
    }
    if (name !== 'attesta.finding.resolved') return [];
    const { finding, reason, positions } = data as FindingResolved;
    const none = { rule: null, severity: null, clause: null, law: null };
    return [{ ...common, ...none, finding, raised: false, positions: positions ?? null, explanation: reason }];
  },
});

export const findingId = (rule: string, position: number): string => `${rule}:${position}`;

export function findingRow({ position, subject, recordedAt }: Candidate, found: Finding) {
  return {
    position,
    finding: findingId(found.rule, position),
    rule: found.rule,
    severity: found.severity,
    clause: found.clause,
    law: found.law ?? null,
    subject: subject ?? null,
    positions: found.positions,
    explanation: found.explanation,
    recorded_at: recordedAt,
  };
}

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

/** A UUID (version 8, RFC 9562) made from the SHA-256 of a name. */
function uuidOf(name: string): string {
  const hex = hash('sha256', name);
  const variant = ((parseInt(hex[16]!, 16) & 0x3) | 0x8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
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

export interface FindingView {
  finding: string;
  rule: string;
  severity: string;
  clause: string | null;
  law: string | null;
  subject: string | null;
  /** The entries that show it. */
  positions: number[];
  explanation: string;
  state: 'open' | 'resolved';
  /** Position of the entry it is about, or of finding.raised where another service found it. */
  position: number;
  /** Position of the sealed finding.raised; null until it is back from the ledger. */
  sealedPosition: number | null;
  resolvedPosition: number | null;
  resolution: string | null;
  recordedAt: string;
}

// Our own by the entry they are about, others' by their first finding.raised; joined with what is sealed up to $1.
const FINDINGS = `
  select f.position, f.finding, f.rule, f.severity, f.clause, f.law, f.subject, f.positions, f.explanation, f.recorded_at, r.position as sealed
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
    .and('(x.position is not null) = ?::bool', state === undefined ? undefined : state === 'resolved');
  const before = cursor
    ? `(v.position, v.finding) < (${where.parameter(cursor.position)}::int8, ${where.parameter(cursor.finding)}::text)`
    : 'true';
  const { rows } = await pool.query<Stored>(
    `select v.*, x.position as resolved, x.explanation as resolution from (${FINDINGS}) v
       left join lateral (select position, explanation from finding_event e
         where e.finding = v.finding and not e.raised and e.position <= $1 order by position limit 1) x on true
      where ${where.sql} and ${before} order by v.position desc, v.finding desc limit ${where.parameter(filter.limit)}`,
    where.values,
  );
  return rows.map((row) => ({
    finding: row.finding,
    rule: row.rule,
    severity: row.severity,
    clause: row.clause,
    law: row.law,
    subject: row.subject,
    positions: row.positions.map(Number),
    explanation: row.explanation,
    state: row.resolved === null ? 'open' : 'resolved',
    position: Number(row.position),
    sealedPosition: row.sealed === null ? null : Number(row.sealed),
    resolvedPosition: row.resolved === null ? null : Number(row.resolved),
    resolution: row.resolution,
    recordedAt: row.recorded_at.toISOString(),
  }));
}

interface Stored {
  position: string;
  finding: string;
  rule: string;
  severity: string;
  clause: string | null;
  law: string | null;
  subject: string | null;
  positions: string[];
  explanation: string;
  recorded_at: Date;
  sealed: string | null;
  resolved: string | null;
  resolution: string | null;
}
