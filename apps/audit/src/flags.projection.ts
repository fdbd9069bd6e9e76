import type { EventTypes } from '@attesta/events';
import type { FlagFact } from './candidate.js';
import { defineRegister } from './register.js';

type Said = Pick<FlagFact, 'kind' | 'holds'>;

const SAID: Readonly<Record<string, Said>> = {
  'attesta.objection.raised': { kind: 'objection', holds: true },
  'attesta.objection.withdrawn': { kind: 'objection', holds: false },
  'attesta.restriction.placed': { kind: 'restriction', holds: true },
  'attesta.restriction.lifted': { kind: 'restriction', holds: false },
  'attesta.age.attested': { kind: 'age', holds: true },
  'attesta.guardian.recorded': { kind: 'guardian', holds: true },
  'attesta.guardian.ended': { kind: 'guardian', holds: false },
};

type Decided = EventTypes['attesta.objection.decided.v1'];
type Scope = { purposes?: string[]; categories?: string[]; rules?: string[] };

/**
 * What findings ask for besides consents: objections and what was decided of them, restrictions, ages and guardians (notice clauses 6.5, 7.4, 7.5).
 * Few people have any. Who the guardian is stays out of it, so that it is the same when they are forgotten.
 */
export const flags = defineRegister({
  name: 'flags',
  table: 'flag',
  columns: {
    position: 'int8',
    subject: 'uuid',
    /** `weighing`: of an objection. */
    kind: 'text',
    /** Raised, upheld, placed, attested or recorded; no longer, or not. */
    holds: 'flag',
    purposes: 'texts?',
    categories: 'texts?',
    /** Age rules of the policy. */
    rules: 'texts?',
    occurredAt: 'time',
    recordedAt: 'time',
  },
  order: [],
  keyedBy: 'subject',
  rows({ position, entry, name, data, occurredAt, recordedAt }) {
    const said = saidOf(name, data);
    if (!said) return [];
    const { purposes, categories, rules } = data as Scope;
    return [{ position, subject: entry.subject!.id, ...said, purposes, categories, rules, occurredAt, recordedAt }];
  },
});

function saidOf(name: string, data: Record<string, unknown>): Said | undefined {
  if (name === 'attesta.objection.decided') return { kind: 'weighing', holds: (data as Decided).outcome === 'upheld' };
  return Object.hasOwn(SAID, name) ? SAID[name] : undefined;
}
