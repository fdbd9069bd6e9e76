import { ruleAt, type AgeFact } from '@attesta/decisions';
import { restsOnConsent, type Policy } from '@attesta/policy';
import { lawOf, type Candidate, type Finding, type FindingRule, type FlagFact } from './candidate.js';
import { inTime } from './consent-answers.js';

/** What goes against the care for minors (notice clause 6.5; PDPA s.20, GDPR Art. 8). Only what was known counts: what was found later does not. */

type AgeRule = Policy['ages'][number];

/** @param flags sealed before the candidate */
export function underAge(candidate: Candidate, flags: readonly FlagFact[], policy: Policy): Finding | undefined {
  const known = flags.filter(({ subject, occurredAt }) => subject === candidate.subject && occurredAt <= candidate.occurredAt).sort(inTime);
  const age = known.findLast(({ kind }) => kind === 'age');
  const rule = age && ruleAt(asAge(age), lawOf(candidate, policy), candidate.occurredAt, policy);
  if (candidate.kind === 'consent') return consentOfMinor(candidate, known, age, rule);
  if (!age || !rule) return undefined;
  const { kind, position } = candidate;
  if (rule.collection === 'refused') {
    return ofMinor('under-age', 'violation', rule, [position, age.position], {
      explanation: `The ${kind} is of somebody known to be too young for it (age rule ${rule.id}, position ${age.position}).`,
    });
  }
  if (rule.consentBy !== 'guardian' || !restsOnConsent(policy, lawOf(candidate, policy), candidate.basis) || hasGuardian(known)) {
    return undefined;
  }
  return ofMinor('under-age-without-guardian', 'violation', rule, [position, age.position], {
    explanation: `The ${kind} rests on the consent of a minor (age rule ${rule.id}, position ${age.position}) for whom no guardian is recorded.`,
  });
}

/** A consent that the minor could not give alone counts for nothing by itself; whoever took it has to know. */
function consentOfMinor(
  { by, capable, position }: Candidate,
  known: readonly FlagFact[],
  age: FlagFact | undefined,
  rule: AgeRule | undefined,
) {
  const because = age ? [position, age.position] : [position];
  if (by === 'guardian') {
    if (hasGuardian(known)) return undefined;
    return ofMinor('under-age-without-guardian', 'warning', rule, because, {
      explanation: 'A guardian gave the consent, and no guardian of the person is recorded.',
    });
  }
  if (!rule || rule.consentBy === 'subject' || (rule.consentBy === 'conditional' && capable === true)) return undefined;
  return ofMinor('under-age-without-guardian', 'warning', rule, because, {
    explanation: `A minor gave the consent alone (age rule ${rule.id}, position ${age!.position}); a guardian has to.`,
  });
}

/** Who it is is not known here: as many were recorded as ended, then there is none. */
function hasGuardian(known: readonly FlagFact[]): boolean {
  const guardians = known.filter(({ kind }) => kind === 'guardian');
  return guardians.filter(({ holds }) => holds).length > guardians.filter(({ holds }) => !holds).length;
}

const asAge = ({ position, subject, occurredAt, rules }: FlagFact): AgeFact => ({
  kind: 'age',
  source: '',
  id: '',
  position,
  subject,
  at: occurredAt,
  known: 0,
  rules: rules ?? [],
});

const ofMinor = (
  rule: FindingRule,
  severity: Finding['severity'],
  ages: AgeRule | undefined,
  positions: number[],
  { explanation }: Pick<Finding, 'explanation'>,
): Finding => ({
  rule,
  severity,
  clause: ages?.clauses?.[0] ?? '6.5',
  ...(ages?.citation !== undefined && { law: ages.citation }),
  positions,
  explanation,
});
