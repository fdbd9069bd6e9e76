import { ERASURE_ASKED, schedule, type Keeping, type Occurrence } from '@attesta/disposal';
import type { Entry, EventTypes } from '@attesta/events';
import type { Policy } from '@attesta/policy';
import type { Spared } from './request.state.js';

/** CloudEvents source of what the retention service says. */
export const RETENTION_SOURCE = '//attesta/retention';

export type SealedFact = Pick<Entry, 'type' | 'source' | 'time' | 'data'>;

/** Types of what survivors are drawn from. */
export const SURVIVAL = ['collection.recorded', 'retention-trigger.recorded', 'hold.placed', 'hold.released'].map(
  (name) => `attesta.${name}.v1`,
);

/**
 * What is not erased though the person asks for it: categories that the law, or claims, demand be kept for what they were collected for, each by the
 * rule that ends last, and those under a legal hold (notice clause 7.7).
 * @param facts what is sealed of the person, and of everybody, in any order
 * @param asked categories that are to be erased
 * @param now milliseconds
 */
export function survivorsOf(
  policy: Policy,
  facts: readonly SealedFact[],
  asked: readonly string[],
  jurisdiction: string,
  now: number,
): Spared[] {
  const collections = of(facts, 'attesta.collection.recorded.v1');
  const occurrences = of(facts, 'attesta.retention-trigger.recorded.v1').map(({ at, data: { collectedUntil, ...rest } }): Occurrence => ({
    ...rest,
    at,
    ...(collectedUntil !== undefined && { collectedUntil: Date.parse(collectedUntil) }),
  }));
  occurrences.push({ trigger: ERASURE_ASKED, state: 'occurred', at: now, collectedUntil: Number.MAX_SAFE_INTEGER });
  const lastActivity = collections.reduce((last, { at }) => Math.max(last, at), 0);
  const longest = new Map<string, Keeping>();
  for (const { at: collectedAt, data } of collections) {
    const categories = data.categories.filter((category) => asked.includes(category));
    const holding = { categories, purposes: data.purposes, jurisdiction, collectedAt };
    for (const keeping of schedule(policy, holding, occurrences, lastActivity, now).keeping) {
      if (keeping.rule.ground === 'need') continue;
      const known = longest.get(keeping.category);
      if (!known || (known.until ?? Infinity) < (keeping.until ?? Infinity)) longest.set(keeping.category, keeping);
    }
  }
  const kept = [...longest.values()].map(({ category, rule }): Spared => ({ category, ground: rule.id, law: rule.citation }));
  const said = facts.filter(({ source }) => source === RETENTION_SOURCE);
  const released = new Set(of(said, 'attesta.hold.released.v1').map(({ data }) => data.hold));
  const holds = of(said, 'attesta.hold.placed.v1').filter(({ data }) => !released.has(data.hold));
  const held = holds.flatMap(({ data: { matter, categories, purposes, law } }) => {
    const forPurpose = (category: string) =>
      !purposes ||
      collections.some(({ data }) => data.categories.includes(category) && data.purposes.some((one) => purposes.includes(one)));
    return asked
      .filter((category) => (categories?.includes(category) ?? true) && forPurpose(category))
      .map((category): Spared => ({ category, ground: 'legal-hold', reason: `Matter ${matter}`, ...(law !== undefined && { law }) }));
  });
  return [...kept, ...held].sort((a, b) => (a.category < b.category ? -1 : a.category > b.category ? 1 : 0));
}

const of = <T extends keyof EventTypes>(facts: readonly SealedFact[], name: T): { at: number; data: EventTypes[T] }[] =>
  facts.filter(({ type }) => type === name).map(({ time, data }) => ({ at: Date.parse(time), data: data as EventTypes[T] }));
