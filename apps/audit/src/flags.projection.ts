import type { EventTypes } from '@attesta/events';
import type { FlagFact } from './candidate.js';
import { defineRegister } from './register.js';

type Said = Pick<FlagFact, 'kind' | 'holds'>;

const SAID: Readonly<Record<string, Said>> = {
  'attesta.restriction.placed': { kind: 'restriction', holds: true },
  'attesta.restriction.lifted': { kind: 'restriction', holds: false },
  'attesta.age.attested': { kind: 'age', holds: true },
  'attesta.guardian.recorded': { kind: 'guardian', holds: true },
  'attesta.guardian.ended': { kind: 'guardian', holds: false },
};

type Decided = EventTypes['attesta.objection.decided.v1'];
type Scope = { purposes?: string[]; categories?: string[]; rules?: string[] };

/**
 * What findings ask for besides consents and objections: decisions about objections, restrictions, ages and guardians (notice clauses 6.5, 7.4, 7.5).
 * Few people have any. Who the guardian is stays out of it, so that it is the same when they are forgotten.
 */
export const flags = defineRegister({
  name: 'flags',
  table: 'flag',
  columns: {
    position: 'int8',
    subject: 'uuid',
    /** `objection`: one that was weighed. */
    kind: 'text',
    /** Placed, attested, recorded or upheld; no longer, or not. */
    holds: 'flag',
    purposes: 'texts?',
    categories: 'texts?',
    /** Age rules of the policy. */
    rules: 'texts?',
    occurredAt: 'time',
  },
  order: [],
  keyedBy: 'subject',
  rows({ position, entry, name, data, occurredAt }) {
    const said = saidOf(name, data);
    if (!said) return [];
    const { purposes, categories, rules } = data as Scope;
    return [{ position, subject: entry.subject!.id, ...said, purposes, categories, rules, occurredAt }];
  },
});

function saidOf(name: string, data: Record<string, unknown>): Said | undefined {
  if (name === 'attesta.objection.decided') return { kind: 'objection', holds: (data as Decided).outcome === 'upheld' };
  return Object.hasOwn(SAID, name) ? SAID[name] : undefined;
}
