import { ageOn, localDay, noticePeriod, supersededAt, tellsOf, type Policy } from '@attesta/policy';
import type { AgeFact, ChoiceFact, GuardianFact } from './fact.js';

/** Why a consent that was reported as given is none. */
export type Invalidity =
  | 'unknown-notice'
  | 'notice-not-effective'
  | 'notice-superseded'
  | 'unknown-purpose'
  | 'purpose-not-in-notice'
  | 'not-consent-based'
  | 'explicit-required'
  | 'given-by-another'
  | 'guardian-required'
  | 'guardian-unrecorded';

/** What else is known of the person a consent was given for. */
export interface PersonFacts {
  age: AgeFact | undefined;
  /** In time. */
  guardians: readonly GuardianFact[];
}

/**
 * Why a consent does not count for one of its purposes, or undefined when it does. A consent is judged by what held when it was given: the
 * notice of that day, the age of that day (PDPA s.19, s.20, s.26; GDPR 7, 8, 9; notice clauses 4.11, 6.5).
 */
export function invalidity(choice: ChoiceFact, purpose: string, person: PersonFacts, policy: Policy): Invalidity | undefined {
  const period = noticePeriod(policy, choice.noticeVersion);
  if (period === undefined) return 'unknown-notice';
  if (choice.at < period.from) return 'notice-not-effective';
  const known = policy.purposes.get(purpose);
  if (known === undefined) return 'unknown-purpose';
  if (!tellsOf(policy, choice.noticeVersion, purpose)) return 'purpose-not-in-notice';
  if (choice.at >= supersededAt(policy, choice.noticeVersion, purpose)) return 'notice-superseded';
  const jurisdiction = jurisdictionOf(choice, policy);
  const bases = known.bases[jurisdiction]?.map((basis) => policy.bases.get(jurisdiction)?.get(basis)) ?? [];
  if (!bases.some((basis) => basis?.kind === 'consent')) return 'not-consent-based';
  if (choice.explicit !== true && choice.categories?.some((category) => policy.categories.get(category)?.sensitive === true))
    return 'explicit-required';
  if (choice.by === 'controller') return 'given-by-another';
  return whoMayConsent(choice, jurisdiction, person, policy);
}

function whoMayConsent(choice: ChoiceFact, jurisdiction: string, { age, guardians }: PersonFacts, policy: Policy): Invalidity | undefined {
  if (choice.by === 'guardian') return guardians.some(holdsAt(choice.at, guardians)) ? undefined : 'guardian-unrecorded';
  const rule = age && ruleAt(age, jurisdiction, choice.at, policy);
  if (rule === undefined || rule.consentBy === 'subject') return undefined;
  if (rule.consentBy === 'conditional' && choice.capacity !== undefined) return undefined;
  return 'guardian-required';
}

const holdsAt = (at: number, all: readonly GuardianFact[]) => (recorded: GuardianFact) =>
  !recorded.ended &&
  recorded.at <= at &&
  !all.some((later) => later.ended && later.guardian === recorded.guardian && later.at >= recorded.at && later.at <= at);

/**
 * The age rule a person is under in a jurisdiction at an instant: from the date of birth, where a birthday counts from its first moment there;
 * without one, the rule that was attested.
 */
export function ruleAt({ birthDate, rules }: AgeFact, jurisdiction: string, at: number, policy: Policy) {
  const ofLaw = policy.ages.filter((rule) => rule.jurisdiction === jurisdiction);
  if (birthDate === undefined) return ofLaw.find(({ id }) => rules.includes(id));
  const age = ageOn(birthDate, localDay(policy, jurisdiction, at));
  return ofLaw.find(({ from, below }) => age >= from && (below === undefined || age < below));
}

/** The law a fact falls under: the one it names, else the first of its controller. */
export function jurisdictionOf({ jurisdiction, controller }: { jurisdiction?: string; controller?: string }, policy: Policy): string {
  return jurisdiction ?? (policy.controllers.get(controller ?? '') ?? policy.defaultController).jurisdictions[0]!;
}
