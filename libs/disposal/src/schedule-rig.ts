/* Policies, and a second opinion on when data has to go, for specs. */
import fs from 'node:fs';
import { endOfDuration, loadPolicy, type Policy, type RetentionRule } from '@attesta/policy';
import { parse } from 'yaml';
import { ERASURE_ASKED, type Holding, type Occurrence } from './schedule.js';

const load = (path: string): Policy => loadPolicy(parse(fs.readFileSync(new URL(path, import.meta.url), 'utf8')));

export const mMed = load('../../../policies/m-med.yaml');
export const bicycleRepair = load('../../policy/src/fixtures/bicycle-repair.yaml');

export const withRules = (policy: Policy, retention: RetentionRule[]): Policy => ({ ...policy, retention });

type Told = { holding: Holding; occurrences: readonly Occurrence[]; lastActivity: number | undefined };

/**
 * When a holding has to go, found by looking at each moment at which anything could change: the first at which nothing keeps any of it. Slow, and
 * written from the words of the policy alone.
 */
export function dueByLooking(policy: Policy, told: Told): number | undefined {
  const { holding, occurrences } = told;
  const purposes = holding.purposes.length > 0 ? holding.purposes : [''];
  const pairs = holding.categories.flatMap((category) => purposes.map((purpose) => ({ category, purpose })));
  const moments = [
    ...occurrences.map(({ at }) => at),
    ...policy.retention.flatMap((rule) => pairs.flatMap((pair) => endOf(policy, rule, pair, told) ?? [])),
  ];
  return moments.sort((a, b) => a - b).find((moment) => pairs.every((pair) => !isKept(policy, pair, told, moment)));
}

type Pair = { category: string; purpose: string };

function isKept(policy: Policy, pair: Pair, told: Told, moment: number): boolean {
  const rules = policy.retention.filter(
    ({ categories, purposes, jurisdiction }) =>
      (!categories || categories.includes(pair.category)) &&
      (!purposes || purposes.includes(pair.purpose)) &&
      (!jurisdiction || jurisdiction === told.holding.jurisdiction),
  );
  const hasEnded = (rule: RetentionRule) => (endOf(policy, rule, pair, told) ?? Infinity) <= moment;
  const needs = rules.filter(({ ground }) => ground === 'need');
  const isOverruled = ({ ground }: RetentionRule) =>
    needs.some((need) => need.despite?.some((one) => one === ground) === true && endOf(policy, need, pair, told) !== undefined);
  if (rules.some((rule) => rule.ground !== 'need' && !isOverruled(rule) && !hasEnded(rule))) return true;
  if (needs.length === 0 && rules.length > 0) return false; // a need that nobody limited ends with what the law demands
  const asked = standing(new Set([ERASURE_ASKED]), pair, told);
  return !needs.some(hasEnded) && (asked === undefined || asked > moment);
}

function endOf(policy: Policy, { trigger, duration }: RetentionRule, pair: Pair, told: Told): number | undefined {
  const { collectedAt } = told.holding;
  const start =
    trigger === 'collection'
      ? collectedAt
      : trigger === 'last-activity'
        ? Math.max(collectedAt, told.lastActivity ?? collectedAt)
        : standing(impliers(policy, trigger), pair, told);
  return start === undefined ? undefined : endOfDuration(start, duration);
}

/** Everything that means the trigger: grown until nothing is added. */
function impliers(policy: Policy, trigger: string): Set<string> {
  const found = new Set([trigger]);
  for (let size = 0; size < found.size;) {
    size = found.size;
    for (const one of [...found]) policy.triggers.get(one)?.impliedBy?.forEach((other) => found.add(other));
  }
  return found;
}

/** The earliest of the triggers that stands: the first time it came about since it was last taken back. */
function standing(triggers: ReadonlySet<string>, { category, purpose }: Pair, { holding, occurrences }: Told): number | undefined {
  const starts = [...triggers].flatMap((trigger) => {
    const theirs = occurrences.filter(
      (one) =>
        one.trigger === trigger &&
        (one.categories?.includes(category) ?? true) &&
        (one.purposes?.includes(purpose) ?? true) &&
        holding.collectedAt <= (one.collectedUntil ?? one.at),
    );
    const takenBack = Math.max(-Infinity, ...theirs.filter(({ state }) => state === 'revoked').map(({ at }) => at));
    return theirs.filter(({ state, at }) => state === 'occurred' && at > takenBack).map(({ at }) => at);
  });
  return starts.length === 0 ? undefined : Math.min(...starts);
}
