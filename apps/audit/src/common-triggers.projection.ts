import { rfc3339Millis, type EventTypes } from '@attesta/events';
import { defineRegister } from './register.js';

/** What retention of everybody's data is counted from, as a tax return that was filed (notice clause 5.1). What is about one person is in their record. */
export const commonTriggers = defineRegister({
  name: 'common-triggers',
  table: 'common_trigger',
  columns: {
    position: 'int8',
    trigger: 'text',
    state: 'text',
    categories: 'texts?',
    purposes: 'texts?',
    collectedUntil: 'time?',
    occurredAt: 'time',
  },
  order: [],
  rows({ position, entry, name, data, occurredAt }) {
    if (name !== 'attesta.retention-trigger.recorded' || entry.subject) return [];
    const { collectedUntil, ...trigger } = data as EventTypes['attesta.retention-trigger.recorded.v1'];
    const until = collectedUntil === undefined ? null : (rfc3339Millis(collectedUntil) ?? null);
    return [{ ...trigger, position, collectedUntil: until, occurredAt }];
  },
});
