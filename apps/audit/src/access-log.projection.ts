import type { AccessRecorded } from '@attesta/events';
import type pg from 'pg';
import { Where, type Page } from './page.js';
import { defineRegister } from './register.js';

/** Who looked at personal data, or tried to, and why (notice clauses 5.1, 6.3). */
export const accesses = defineRegister({
  name: 'access-log',
  table: 'access',
  columns: {
    position: 'int8',
    subject: 'uuid',
    actor: 'text',
    role: 'text',
    action: 'text',
    resource: 'text',
    reason: 'text',
    outcome: 'text',
    rows_read: 'int8',
    as_of: 'int8',
    occurred_at: 'time',
    recorded_at: 'time',
    source: 'text',
  },
  order: [],
  rows({ position, entry, name, data, occurredAt, recordedAt }) {
    if (name !== 'attesta.access.recorded') return [];
    const access = data as AccessRecorded;
    return [
      {
        position,
        subject: entry.subject?.id ?? null,
        actor: entry.actor ?? null,
        role: access.role ?? null,
        action: access.action,
        resource: access.resource,
        reason: access.reason ?? null,
        outcome: access.outcome,
        rows_read: access.rows ?? null,
        as_of: access.asOf ?? null,
        occurred_at: occurredAt,
        recorded_at: recordedAt,
        source: entry.source,
      },
    ];
  },
});

export interface AccessFilter extends Page {
  subject?: string | undefined;
  actor?: string | undefined;
  outcome?: string | undefined;
  action?: string | undefined;
  from?: string | undefined;
  to?: string | undefined;
}

export interface AccessRow {
  position: number;
  subject: string | null;
  actor: string | null;
  role: string | null;
  action: string;
  resource: string;
  reason: string | null;
  outcome: string;
  rows: number | null;
  asOf: number | null;
  occurredAt: string;
  recordedAt: string;
  source: string;
}

interface Stored {
  position: string;
  subject: string | null;
  actor: string | null;
  role: string | null;
  action: string;
  resource: string;
  reason: string | null;
  outcome: string;
  rows_read: string | null;
  as_of: string | null;
  occurred_at: Date;
  recorded_at: Date;
  source: string;
}

/** Newest first. */
export async function readAccessLog(pool: pg.Pool, filter: AccessFilter): Promise<AccessRow[]> {
  const where = new Where()
    .and('position <= ?', filter.asOf)
    .and('position < ?', filter.cursor)
    .and('subject = ?', filter.subject)
    .and('actor = ?', filter.actor)
    .and('outcome = ?', filter.outcome)
    .and('action = ?', filter.action)
    .and('occurred_at >= ?::timestamptz', filter.from)
    .and('occurred_at < ?::timestamptz', filter.to);
  const { rows } = await pool.query<Stored>(
    `select * from access where ${where.sql} order by position desc limit ${where.parameter(filter.limit)}`,
    where.values,
  );
  return rows.map((row) => ({
    position: Number(row.position),
    subject: row.subject,
    actor: row.actor,
    role: row.role,
    action: row.action,
    resource: row.resource,
    reason: row.reason,
    outcome: row.outcome,
    rows: row.rows_read === null ? null : Number(row.rows_read),
    asOf: row.as_of === null ? null : Number(row.as_of),
    occurredAt: row.occurred_at.toISOString(),
    recordedAt: row.recorded_at.toISOString(),
    source: row.source,
  }));
}
