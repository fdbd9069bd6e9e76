import type { EventTypes } from '@attesta/events';
import { defineRegister } from './register.js';

type DisposalCompleted = EventTypes['attesta.disposal.completed.v1'];

/** What was disposed of, and what of it is kept. Findings ask for it: what is gone is used no more (notice clause 5.1). */
export const disposals = defineRegister({
  name: 'disposals',
  table: 'disposal',
  columns: {
    position: 'int8',
    subject: 'uuid',
    scope: 'text',
    categories: 'texts',
    /** Categories of which something survives. */
    kept: 'texts',
    /** What came in until then is gone. */
    collectedUntil: 'time',
    occurredAt: 'time',
  },
  order: [],
  rows({ position, entry, name, data, occurredAt }) {
    if (name !== 'attesta.disposal.completed') return [];
    const { scope, categories, survivors, collected } = data as DisposalCompleted;
    const kept = [...new Set(survivors.map(({ category }) => category))];
    const collectedUntil = collected ? Date.parse(collected.until) : occurredAt;
    return [{ position, subject: entry.subject!.id, scope, categories, kept, collectedUntil, occurredAt }];
  },
});
