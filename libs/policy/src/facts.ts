import type { Policy } from './policy.js';
import type { AgeRule, Controller, Jurisdiction, Notice, RetentionRule } from './policy-source.js';

/** Facts of a policy that a checker of sealed events asks for. None of them rejects anything. */

/** Whether `country` is abroad for the controller under that law: another country, unless both lie in the jurisdiction's own area. */
export function isTransferAbroad(controller: Controller, jurisdiction: Jurisdiction, country: string): boolean {
  if (country === controller.country) return false;
  return !(jurisdiction.area.includes(country) && jurisdiction.area.includes(controller.country));
}

/** Whether the party is a contractor who helps with the method (notice clause 3.1). Unknown parties are not. */
export function isContractor(policy: Policy, party: string, method: string): boolean {
  return policy.parties.get(party)?.contractorFor?.includes(method) ?? false;
}

/**
 * Whether what was collected by `method` may go to `party`. False is a violation to be found, not an event to be refused: a survey's answers
 * go to the contractors who run it and to nobody else (notice clause 3.1); an authority's demand stands above that promise.
 */
export function mayReceive(policy: Policy, method: string, party: string): boolean {
  if (policy.methods.get(method)?.onlyTo !== 'contractors') return true;
  return policy.parties.get(party)?.role === 'authority' || isContractor(policy, party, method);
}

/** Sensitive data as PDPA s.26 and GDPR Art. 9 mean it. Unknown categories are not. */
export function isSensitive(policy: Policy, category: string): boolean {
  return policy.categories.get(category)?.sensitive === true;
}

/** Whether processing on this basis stands and falls with a consent. */
export function restsOnConsent(policy: Policy, jurisdiction: string, basis: string): boolean {
  return policy.bases.get(jurisdiction)?.get(basis)?.kind === 'consent';
}

/** Whether a message is marketing: by its purpose, or by its own word where the purpose may rest on consent. */
export function isMarketing(policy: Policy, message: { purpose: string; kind: string }, jurisdiction: string): boolean {
  const purpose = policy.purposes.get(message.purpose);
  if (purpose?.marketing === true) return true;
  return message.kind === 'marketing' && (purpose?.bases[jurisdiction] ?? []).some((basis) => restsOnConsent(policy, jurisdiction, basis));
}

/** What of a message others may see by a channel (notice clause 4.5); nothing by a channel of which the policy does not speak. */
export function mayExpose(policy: Policy, channel: string): readonly string[] {
  const exposure = policy.messages?.exposure ?? {};
  return (Object.hasOwn(exposure, channel) && exposure[channel]) || [];
}

/** The rule for a person of that age, in completed years. */
export function ageRule(policy: Policy, jurisdiction: string, age: number): AgeRule | undefined {
  return policy.ages.find(
    (rule) => rule.jurisdiction === jurisdiction && age >= rule.from && (rule.below === undefined || age < rule.below),
  );
}

/** Every rule that bears on keeping a category for a purpose; `schedule` of the disposal library says when it has to go. */
export function retentionRules(policy: Policy, about: { category: string; purpose: string; jurisdiction: string }): RetentionRule[] {
  return policy.retention.filter(
    (rule) =>
      (rule.categories?.includes(about.category) ?? true) &&
      (rule.purposes?.includes(about.purpose) ?? true) &&
      (rule.jurisdiction ?? about.jurisdiction) === about.jurisdiction,
  );
}

/** The registered text of a notice version in a language. */
export function noticeText(policy: Policy, version: string, language: string): Notice | undefined {
  return policy.notices.get(version)?.find((notice) => notice.language === language);
}

/** What ends or is limited when consent to the purposes is withdrawn (notice clause 8.4): told, and never a hurdle. */
export const consequencesOf = (policy: Policy, purposes: readonly string[]): { service: string; effect: 'ends' | 'limited' }[] =>
  [...policy.services.values()]
    .filter(({ needs }) => needs.some((purpose) => purposes.includes(purpose)))
    .map(({ id, effect }) => ({ service: id, effect }));
