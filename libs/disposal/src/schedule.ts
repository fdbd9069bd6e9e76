import { endOfDuration, retentionRules, type Policy, type RetentionRule } from '@attesta/policy';

/** Data that came in together about one person, all of one retention class. */
export interface Holding {
  categories: readonly string[];
  purposes: readonly string[];
  jurisdiction: string;
  /** Milliseconds. */
  collectedAt: number;
}

/** Something from which retention is counted came about, or did not after all. */
export interface Occurrence {
  /** Id of the policy's register, or one that is found. */
  trigger: string;
  state: 'occurred' | 'revoked';
  /** Milliseconds. */
  at: number;
  /** Without them: all. */
  categories?: readonly string[] | undefined;
  purposes?: readonly string[] | undefined;
  /** It is about data collected until then (milliseconds), whenever it came about; without it, about what was collected before. */
  collectedUntil?: number | undefined;
}

/** The trigger of whoever asks for erasure: the need ends then, whatever the rules say of it (PDPA s.33, GDPR Art. 17). */
export const ERASURE_ASKED = 'erasure-asked';

export type Action = RetentionRule['action'];

/** What keeps one category for one purpose. */
export interface Keeping {
  category: string;
  purpose: string;
  /** The rule that ends last. */
  rule: RetentionRule;
  /** When it ends (milliseconds); undefined while its trigger has not come about. */
  until: number | undefined;
}

export interface Schedule {
  /** When all of it is to be disposed of (milliseconds); undefined while something runs that has no end yet. */
  due: number | undefined;
  action: Action;
  /** Rules that have ended when it is due (or by now, where it has no date); none when nobody set a rule, or erasure was asked for. */
  rules: RetentionRule[];
  /** What keeps it for now, at the time asked about. */
  keeping: Keeping[];
  /** Categories and purposes that no rule bears on: kept without end, which is a finding. */
  unruled: { category: string; purpose: string }[];
}

/**
 * When a holding has to go (notice clause 5.1, PDPA s.37(3), GDPR Art. 5(1)(e)). For each category and purpose: the need ends with the first of its
 * rules that ends, or when erasure is asked for; what the law demands or claims need is kept until the last of theirs has ended. The whole goes when
 * no category is kept for any purpose.
 * @param occurrences those of the person and those of everybody, in any order but for those of one instant
 * @param lastActivity when the person last did something (milliseconds), for rules that count from it
 * @param now milliseconds: decides what is listed as keeping
 */
export function schedule(
  policy: Policy,
  holding: Holding,
  occurrences: readonly Occurrence[],
  lastActivity: number | undefined,
  now: number,
): Schedule {
  const ordered = occurrences.toSorted((a, b) => a.at - b.at);
  const keeping: Keeping[] = [];
  const unruled: Schedule['unruled'] = [];
  const ending: { rule: RetentionRule; until: number }[] = [];
  let asked = false;
  let due: number | undefined = -Infinity;
  // Where no purpose was told, the rules that are for every purpose.
  const purposes = holding.purposes.length > 0 ? holding.purposes : [''];
  for (const category of holding.categories) {
    for (const purpose of purposes) {
      const about = { ...holding, category, purpose, lastActivity };
      const rules = retentionRules(policy, { category, purpose, jurisdiction: holding.jurisdiction });
      const ends = rules.map((rule) => ({ rule, until: endOf(policy, rule, about, ordered) }));
      const needs = ends.filter(({ rule }) => rule.ground === 'need');
      const despite = needs.flatMap(({ rule, until }) => (until === undefined ? [] : (rule.despite ?? [])));
      const duties = ends.filter(({ rule: { ground } }) => ground !== 'need' && !despite.includes(ground));
      const askedAt = startOf(new Set([ERASURE_ASKED]), about, ordered);
      if (rules.length === 0 && askedAt === undefined) {
        unruled.push({ category, purpose });
        due = undefined;
        continue;
      }
      const first = needs.filter(({ until }) => until !== undefined).sort((a, b) => a.until! - b.until!)[0];
      if (askedAt !== undefined) asked = true;
      if (first && first.until! < (askedAt ?? Infinity)) ending.push({ rule: first.rule, until: first.until! });
      // A need that nobody limited ends with what the law demands.
      const needed = needs.length === 0 && duties.length > 0 ? -Infinity : Math.min(first?.until ?? Infinity, askedAt ?? Infinity);
      const last = duties.reduce<(typeof ends)[number] | undefined>(
        (latest, one) => (latest === undefined || (one.until ?? Infinity) > (latest.until ?? Infinity) ? one : latest),
        undefined,
      );
      const kept = last === undefined ? -Infinity : (last.until ?? Infinity);
      if (last && kept > now && kept >= needed) keeping.push({ category, purpose, rule: last.rule, until: last.until });
      else if (needed > now) {
        const rule = (first ?? needs.find(({ until }) => until === undefined))?.rule;
        if (rule) keeping.push({ category, purpose, rule, until: first?.until });
      }
      for (const { rule, until } of duties) if (until !== undefined) ending.push({ rule, until });
      const end = Math.max(needed, kept);
      due = due === undefined || end === Infinity ? undefined : Math.max(due, end);
    }
  }
  if (due === -Infinity) due = undefined;
  const rules = [...new Set(ending.filter(({ until }) => until <= (due ?? now)).map(({ rule }) => rule))];
  const needs = rules.filter(({ ground }) => ground === 'need');
  return {
    due,
    action: asked || needs.some(({ despite: stands }) => stands) ? 'destroy' : actionOf(needs.length > 0 ? needs : rules),
    rules,
    keeping,
    unruled,
  };
}

/** A person decides where any rule says so; otherwise the strictest: what one rule anonymises and another destroys is destroyed. */
function actionOf(rules: readonly RetentionRule[]): Action {
  if (rules.some(({ action }) => action === 'review')) return 'review';
  return rules.length > 0 && rules.every(({ action }) => action === 'anonymise') ? 'anonymise' : 'destroy';
}

interface About extends Holding {
  category: string;
  purpose: string;
  lastActivity: number | undefined;
}

function endOf(policy: Policy, rule: RetentionRule, about: About, ordered: readonly Occurrence[]): number | undefined {
  const start =
    rule.trigger === 'collection'
      ? about.collectedAt
      : rule.trigger === 'last-activity'
        ? Math.max(about.collectedAt, about.lastActivity ?? -Infinity)
        : startOf(meaning(policy, rule.trigger), about, ordered);
  return start === undefined ? undefined : endOfDuration(start, rule.duration);
}

/** A trigger and all that imply it. */
export function meaning(policy: Policy, trigger: string, seen = new Set<string>()): Set<string> {
  if (!seen.has(trigger)) {
    seen.add(trigger);
    for (const other of policy.triggers.get(trigger)?.impliedBy ?? []) meaning(policy, other, seen);
  }
  return seen;
}

/** When it first came about and was not taken back since. */
function startOf(triggers: ReadonlySet<string>, about: About, ordered: readonly Occurrence[]): number | undefined {
  const starts = new Map<string, number>();
  for (const { trigger, state, at, categories, purposes, collectedUntil } of ordered) {
    if (!triggers.has(trigger)) continue;
    if (categories && !categories.includes(about.category)) continue;
    if (purposes && !purposes.includes(about.purpose)) continue;
    if (about.collectedAt > (collectedUntil ?? at)) continue;
    if (state === 'revoked') starts.delete(trigger);
    else if (!starts.has(trigger)) starts.set(trigger, at);
  }
  return starts.size === 0 ? undefined : Math.min(...starts.values());
}
