import type { EventCheck } from './event-check.js';

/** One thing that keeps an event out of the log. */
export type Rule = (check: EventCheck) => void;

/** Every category exists. */
export const categories: Rule = (check) => {
  const list = check.list('categories');
  for (let i = 0; i < list.length; i++) {
    if (!check.policy.categories.has(list[i] ?? '')) check.unknown(check.policy.categories, `categories/${i}`, 'category');
  }
};

/** Each purpose exists, and where its law must always be named, it is. */
export const purposes: Rule = (check) => {
  const list = check.list('purposes');
  for (let i = 0; i < list.length; i++) {
    const purpose = check.policy.purposes.get(list[i] ?? '');
    if (purpose === undefined) check.unknown(check.policy.purposes, `purposes/${i}`, 'purpose');
    if (purpose?.citation === undefined || check.data.basis === undefined || cited(check)) continue;
    if (purpose.citation === 'unless-consent' && isConsent(check)) {
      if (check.data.consent === undefined && check.data.noticeVersion === undefined) {
        check.problem(
          'consent',
          'missing-consent',
          'this purpose needs the consent that was given for it',
          'cite the position of the consent, or the notice version it was given under',
        );
      }
    } else {
      check.problem(
        'basisCitation',
        'missing-citation',
        'this purpose needs the provision that is relied on',
        'name the law and section, or the order',
      );
    }
  }
};

/** What a message was for. */
export const messagePurpose: Rule = (check) => check.known(check.policy.purposes, 'purpose', 'purpose');

/** A registered trigger; what is about everybody says of which data. */
export const trigger: Rule = (check) => {
  check.known(check.policy.triggers, 'trigger', 'trigger');
  if (check.event.subject === undefined && check.data.collectedUntil === undefined) {
    check.problem(
      'collectedUntil',
      'missing-field',
      'is needed where the event names no person',
      'say until when the data was collected that it is about, or name the person',
    );
  }
};

/** Whether the event names the provision or order it relies on. */
export const cited = (check: EventCheck) => check.data.basisCitation !== undefined || check.data.legalReference !== undefined;
const isConsent = (check: EventCheck) =>
  check.policy.bases.get(check.jurisdiction?.id ?? '')?.get(check.text('basis') ?? '')?.kind === 'consent';

/** One lawful basis that the jurisdiction has, that every purpose may rest on, and that is strong enough for every category. */
export const basis: Rule = (check) => {
  const { jurisdiction, policy } = check;
  if (jurisdiction === undefined) return;
  const bases = policy.bases.get(jurisdiction.id);
  const id = check.text('basis');
  if (id === undefined) {
    check.problem(
      'basis',
      'missing-basis',
      'every processing rests on a lawful basis',
      `use one of: ${[...(bases?.keys() ?? [])].join(', ')}`,
    );
    return;
  }
  const found = bases?.get(id);
  if (found === undefined) {
    check.problem(
      'basis',
      'unknown-basis',
      `is no lawful basis of ${jurisdiction.id}`,
      `use one of: ${[...(bases?.keys() ?? [])].join(', ')}`,
    );
    return;
  }
  for (const name of check.list('purposes')) {
    const allowed = policy.purposes.get(name)?.bases[jurisdiction.id];
    if (allowed !== undefined && !allowed.includes(id)) {
      check.problem('basis', 'basis-not-allowed', `the purpose ${name} may not rest on this basis`, `use one of: ${allowed.join(', ')}`);
      break;
    }
  }
  for (const name of check.list('categories')) {
    if (policy.categories.get(name)?.sensitive !== true) continue;
    if (found.sensitive !== true) {
      check.problem(
        'basis',
        'explicit-consent-required',
        `the category ${name} is sensitive: this basis is not enough`,
        'rest on explicit consent, or on a statutory exemption for sensitive data with basisCitation',
      );
    } else if (found.kind === 'statutory' && check.data.basisCitation === undefined) {
      check.problem(
        'basisCitation',
        'missing-citation',
        'a statutory exemption for sensitive data needs its citation',
        'name the provision and why it applies',
      );
    }
    return;
  }
};
