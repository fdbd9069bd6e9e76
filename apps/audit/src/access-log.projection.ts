import type { AccessRecorded } from '@attesta/events';
import type pg from 'pg';
import { readRegister, type RegisterFilter } from './register-page.js';
import { defineRegister, type Recorded } from './register.js';

/** Who looked at personal data, or tried to, and why (notice clauses 5.1, 6.3). */
export const accesses = defineRegister({
  name: 'access-log',
  table: 'access',
  columns: {
    position: 'int8',
    subject: 'uuid?',
    actor: 'text?',
    role: 'text?',
    action: 'text',
    resource: 'text',
    reason: 'text?',
    outcome: 'text',
    rowsRead: 'int8?',
    asOf: 'int8?',
    occurredAt: 'time',
    recordedAt: 'time',
    source: 'text',
  },
  order: [],
  rows({ position, entry, name, data, occurredAt, recordedAt }) {
    if (name !== 'attesta.access.recorded') return [];
    const { rows: rowsRead, ...access } = data as AccessRecorded;
    const { actor, source } = entry;
    return [{ ...access, rowsRead, position, subject: entry.subject?.id, actor, occurredAt, recordedAt, source }];
  },
});

export interface AccessFilter extends RegisterFilter {
  subject?: string | undefined;
  actor?: string | undefined;
  outcome?: string | undefined;
  action?: string | undefined;
}

export type AccessRow = Omit<Recorded<typeof accesses>, 'rowsRead'> & { rows: number | null };

/** Newest first. */
export async function readAccessLog(pool: pg.Pool, filter: AccessFilter): Promise<AccessRow[]> {
  const found = await readRegister(pool, accesses, filter, {
    'subject = ?': filter.subject,
    'actor = ?': filter.actor,
    'outcome = ?': filter.outcome,
    'action = ?': filter.action,
  });
  return found.map(({ rowsRead, ...access }) => ({ ...access, rows: rowsRead }));
}
