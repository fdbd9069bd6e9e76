import type { ObjectionRaised } from '@attesta/events';
import { defineRegister } from './register.js';

const OBJECTS: Readonly<Record<string, boolean>> = { 'attesta.objection.raised': true, 'attesta.objection.withdrawn': false };

/** Per person and purpose: each time they objected, or no longer did (notice clause 7.4). Findings ask for it where no weighing can end an objection. */
export const objections = defineRegister({
  name: 'objections',
  table: 'objection',
  columns: { position: 'int8', subject: 'uuid', purpose: 'text', objects: 'flag', occurredAt: 'time', recordedAt: 'time' },
  order: ['purpose'],
  keyedBy: 'subject',
  rows({ position, entry, name, data, occurredAt, recordedAt }) {
    const objects = OBJECTS[name];
    if (objects === undefined) return [];
    const { purposes } = data as ObjectionRaised;
    return purposes.map((purpose) => ({ position, subject: entry.subject!.id, purpose, objects, occurredAt, recordedAt }));
  },
});
