import { retentionRules, type Policy, type RetentionRule } from '@attesta/policy';
import type { ProcessingRow, RetentionRow } from './package-content.js';

/**
 * How long each category is kept (GDPR 15(1)(d), PDPA s.23(3)): by the rules for the purposes and laws the log shows it was processed under; for a
 * category that systems hold and the log does not, every rule that names it under the law of the request. Rules for all data come last, once.
 */
export function retentionOf(
  policy: Policy,
  jurisdiction: string,
  processed: readonly ProcessingRow[],
  held: readonly string[],
): RetentionRow[] {
  const found = new Map<string, Set<RetentionRule>>();
  const seen = new Set<string>();
  for (const { categories, purposes, jurisdiction: law } of processed) {
    for (const category of categories) {
      for (const purpose of purposes) {
        const key = `${category} ${purpose} ${law}`;
        if (seen.has(key)) continue;
        seen.add(key);
        const rules = retentionRules(policy, { category, purpose, jurisdiction: law });
        found.set(category, new Set([...(found.get(category) ?? []), ...rules]));
      }
    }
  }
  for (const category of held) {
    if (found.has(category)) continue;
    const rules = policy.retention.filter((rule) => bears(rule, category) && (rule.jurisdiction ?? jurisdiction) === jurisdiction);
    found.set(category, new Set(rules));
  }
  const rows = [...found].map(([category, rules]) => ({
    category,
    rules: policy.retention.filter((rule) => rule.categories && rules.has(rule)),
  }));
  const forAll = policy.retention.filter((rule) => !rule.categories && [...found.values()].some((rules) => rules.has(rule)));
  return [...rows, ...(forAll.length > 0 ? [{ category: null, rules: forAll }] : [])].map(({ category, rules }) => ({
    category,
    rules: rules.map(ruleRow),
  }));
}

const bears = (rule: RetentionRule, category: string): boolean => rule.categories?.includes(category) ?? true;

const ruleRow = ({ id, duration, trigger, action, ground, citation, clauses }: RetentionRule): RetentionRow['rules'][number] => ({
  rule: id,
  duration,
  trigger,
  action,
  ground,
  citation,
  ...(clauses && { clauses }),
});
