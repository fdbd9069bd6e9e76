import { rfc3339Millis } from '@attesta/events';
import type pg from 'pg';
import { readRegister, type RegisterFilter, type Through } from './register-page.js';
import { defineRegister, type Recorded } from './register.js';

const PREFIX = 'attesta.breach.';

/** What was recorded of breaches and done about them, a row for each event (notice clause 6.1). */
export const breaches = defineRegister({
  name: 'breaches',
  table: 'breach',
  columns: {
    position: 'int8',
    breach: 'uuid',
    /** What happened to it, such as `recorded` or `authority-notified`. */
    event: 'text',
    /** A person it concerns, where the event is about one. */
    subject: 'uuid?',
    jurisdiction: 'text?',
    clock: 'text?',
    due: 'time?',
    /** All else that the event says. */
    details: 'json',
    occurredAt: 'time',
    recordedAt: 'time',
    source: 'text',
  },
  order: [],
  rows({ position, entry, name, data, occurredAt, recordedAt }) {
    if (!name.startsWith(PREFIX)) return [];
    const { breach, jurisdiction, clock, due, ...details } = data as unknown as BreachEvent;
    return [
      {
        position,
        breach,
        event: name.slice(PREFIX.length),
        subject: entry.subject?.id,
        jurisdiction,
        clock,
        due: due === undefined ? null : (rfc3339Millis(due) ?? null),
        details,
        occurredAt,
        recordedAt,
        source: entry.source,
      },
    ];
  },
});

interface BreachEvent {
  breach: string;
  jurisdiction?: string;
  clock?: string;
  due?: string;
}

export type BreachRow = Recorded<typeof breaches> & Through;

export interface BreachFilter extends RegisterFilter {
  breach?: string | undefined;
  event?: string | undefined;
  jurisdiction?: string | undefined;
}

/** Newest first. */
export const readBreaches = (pool: pg.Pool, filter: BreachFilter): Promise<BreachRow[]> =>
  readRegister(pool, breaches, filter, {
    'breach = ?': filter.breach,
    'event = ?': filter.event,
    'jurisdiction = ?': filter.jurisdiction,
  });
