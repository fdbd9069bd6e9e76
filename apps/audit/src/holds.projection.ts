import type { EventTypes } from '@attesta/events';
import { defineRegister, type Recorded } from './register.js';

/** Legal holds, placed and released (notice clauses 5.1, 7.7). What one covers is not disposed of while it stands. */
export const holdEvents = defineRegister({
  name: 'holds',
  table: 'hold_event',
  columns: {
    position: 'int8',
    hold: 'uuid',
    placed: 'flag',
    /** None where it holds everybody's data. */
    subject: 'uuid?',
    /** The case; it and the reason are gone once the person is forgotten. */
    matter: 'text?',
    reason: 'text?',
    law: 'text?',
    categories: 'texts?',
    purposes: 'texts?',
    actor: 'text?',
    occurredAt: 'time',
    recordedAt: 'time',
    source: 'text',
  },
  order: [],
  rows({ position, entry, name, data, occurredAt, recordedAt }) {
    const placed = name === 'attesta.hold.placed';
    if (!placed && name !== 'attesta.hold.released') return [];
    const { hold, matter, reason, law, categories, purposes } = data as Released & Partial<EventTypes['attesta.hold.placed.v1']>;
    const { subject, actor, source } = entry;
    return [
      { position, hold, placed, subject: subject?.id, matter, reason, law, categories, purposes, actor, occurredAt, recordedAt, source },
    ];
  },
});

type Released = EventTypes['attesta.hold.released.v1'];

export type HoldEventRow = Recorded<typeof holdEvents>;
