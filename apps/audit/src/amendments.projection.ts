import type { PurposeQuarantined } from '@attesta/events';
import { defineRegister } from './register.js';

const EVENTS: Readonly<Record<string, string>> = {
  'attesta.notice.published': 'notice-published',
  'attesta.purpose.registered': 'purpose-registered',
  'attesta.purpose.quarantined': 'purpose-quarantined',
};

/** What was added to the policy while the system runs, and purposes that somebody asked about and nobody registered (notice clauses 0, 4.11). */
export const amendments = defineRegister({
  name: 'amendments',
  table: 'amendment',
  columns: {
    position: 'int8',
    event: 'text',
    /** Of an event about one purpose. */
    purpose: 'text?',
    data: 'json',
    occurredAt: 'time',
  },
  order: [],
  rows({ position, name, data, occurredAt }) {
    const event = EVENTS[name];
    if (event === undefined) return [];
    return [{ position, event, purpose: (data as Partial<PurposeQuarantined>).purpose, data, occurredAt }];
  },
});
