import type { EventData } from '@attesta/events';
import type { EventCheck } from './event-check.js';
import type { Rule } from './lawfulness-rules.js';

/** The occasion exists, and has the context it needs (notice clause 2.3). */
export const occasion: Rule = (check) => {
  const found = check.known(check.policy.occasions, 'occasion', 'occasion');
  if (found?.requires === undefined) return;
  const context = check.data.context as Record<string, unknown> | undefined;
  if (!found.requires.some((key) => context?.[key] !== undefined)) {
    const [first] = found.requires;
    check.problem(
      `context/${first}`,
      'missing-context',
      `the occasion ${found.id} (clause ${found.clauses?.join(', ') ?? ''}) needs its context`,
      `add context.${found.requires.join(' or context.')}`,
    );
  }
};

/** The method exists. */
export const method: Rule = (check) => void check.known(check.policy.methods, 'method', 'method');

/** Data from a third party names the party (notice clause 1.6). */
export const origin: Rule = (check) => {
  if (check.data.originParty !== undefined) check.known(check.policy.parties, 'originParty', 'party');
  else if (check.data.origin === 'third-party') {
    check.problem(
      'originParty',
      'missing-origin-party',
      'data from a third party names the party',
      'add originParty with a party of the policy',
    );
  }
};

/** The notice version named by a field is registered. */
export const noticeVersion =
  (field: string): Rule =>
  (check) =>
    void check.known(check.policy.notices, field, 'notice version');

/** Personal values only of the categories that the event declares, within the policy's bounds. */
export const personal: Rule = (check) => {
  personalPart(check, check.data.personal, 'personal');
  check.data.related?.forEach((person, i) => personalPart(check, person.personal, `related/${i}/personal`));
};

function personalPart(check: EventCheck, part: EventData['personal'], at: string): void {
  if (typeof part !== 'object') return;
  const declared = check.list('categories');
  const { personalFields, personalValueLength } = check.policy.limits;
  for (const category of Object.keys(part)) {
    if (!declared.includes(category)) {
      const known = check.policy.categories.has(category);
      check.problem(
        known ? `${at}/${category}` : at,
        'undeclared-category',
        'holds values of a category that the event does not declare',
        'add the category to "categories", or leave the values out',
      );
      continue;
    }
    let fields = 0;
    let long = false;
    for (const value of Object.values(part[category] ?? {})) {
      fields++;
      if (typeof value === 'string' && value.length > personalValueLength) long = true;
    }
    if (fields > personalFields)
      check.problem(`${at}/${category}`, 'too-many', `may have at most ${personalFields} fields`, 'send what the purpose needs');
    if (long) {
      check.problem(
        `${at}/${category}`,
        'too-long',
        `a value may have at most ${personalValueLength} characters`,
        'send a reference to large content instead',
      );
    }
  }
}
