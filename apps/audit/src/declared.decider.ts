import { noticePeriod, tellsOf, type Policy } from '@attesta/policy';
import { lawOf, type Candidate, type ConsentFact, type Finding, type FindingRule, type LinkFact } from './candidate.js';
import { answerFor } from './consent-answers.js';
import type { PolicyHistory } from './policy-history.js';
import { identitiesOf } from './ties.js';

/**
 * What goes against doing only what people were told of, and on a basis that the purpose may rest on (notice clauses 4.11, 5.3). Intake keeps most of
 * it out, by the policy of its day: what is found here was sealed under another policy, comes before its notice, or is no matter of form.
 */

const beginnings = new WeakMap<Policy, Map<string, number>>();

/** From when on a notice in effect told of a purpose (milliseconds); never is Infinity. A later notice never untells it. */
function toldFrom(purpose: string, policy: Policy): number {
  let known = beginnings.get(policy);
  if (!known) beginnings.set(policy, (known = new Map()));
  let from = known.get(purpose);
  if (from === undefined) {
    const versions = [...policy.notices.keys()].filter((version) => tellsOf(policy, version, purpose));
    from = Math.min(...versions.map((version) => noticePeriod(policy, version)!.from));
    known.set(purpose, from);
  }
  return from;
}

/** Whether the policy file alone says that people were told of every purpose. */
export const isDeclared = ({ purposes, occurredAt }: Candidate, policy: Policy): boolean =>
  purposes.every((purpose) => policy.purposes.has(purpose) && toldFrom(purpose, policy) <= occurredAt);

/** A purpose that is in no register, or that no notice in effect told of (PDPA s.21, GDPR Art. 5(1)(b)). Of the time before the first notice nothing is said. */
export function undeclaredPurpose(candidate: Candidate, policy: Policy, history: PolicyHistory | undefined): Finding | undefined {
  const { kind, position, occurredAt, purposes } = candidate;
  if (isDeclared(candidate, policy)) return undefined;
  const missing = purposes.find(
    (purpose) => !policy.purposes.has(purpose) || (toldFrom(purpose, policy) > occurredAt && beganBy(occurredAt, policy)),
  );
  if (missing === undefined) return undefined;
  const said = history?.lastWord(missing, position);
  const known = policy.purposes.has(missing);
  const clause = policy.purposes.get(missing)?.clauses?.[0] ?? '4.11';
  return declared('undeclared-purpose', clause, policy.duties.get('purpose-notice')?.citation, {
    positions: said === undefined ? [position] : [position, said],
    explanation: known
      ? `The ${kind} is for ${missing}, of which no notice told that was in effect then.`
      : `The ${kind} is for ${missing}, a purpose that was not registered.`,
  });
}

/** Whether any notice was in effect by then. */
const beganBy = (at: number, policy: Policy): boolean =>
  [...policy.notices.keys()].some((version) => noticePeriod(policy, version)!.from <= at);

/**
 * Somebody who got data and whom the notice does not name for it: no party of the policy, one that no clause names, a contractor for a method whose data
 * is not what they got it for (clause 3.1), or one that the person alone chooses (5.2). An authority demands by law.
 */
export function undeclaredRecipient(candidate: Candidate, policy: Policy): Finding | undefined {
  const { recipient = '', purposes, position } = candidate;
  const party = policy.parties.get(recipient);
  const why = party ? undeclaredFor(party, candidate, policy) : 'who is no party of the policy';
  if (why === undefined) return undefined;
  return declared('undeclared-recipient', party?.clauses?.[0] ?? '5.3', policy.duties.get('recipient-notice')?.citation, {
    positions: [position],
    explanation: `Data for ${purposes.join(', ')} went to ${recipient}, ${why}.`,
  });
}

function undeclaredFor(party: Party, { initiator, purposes }: Candidate, policy: Policy): string | undefined {
  if (party.role === 'authority') return undefined;
  if (party.role === 'linked-site') return 'who is only linked to';
  if (party.clauses === undefined) return 'of whom the notice does not tell';
  if (initiator === 'subject') return undefined;
  if (party.role === 'subject-initiated' && initiator !== undefined) return 'whom the person alone may choose';
  return servesOtherThan(party, purposes, policy) ? 'who is told of as a contractor for something else' : undefined;
}

type Party = NonNullable<ReturnType<Policy['parties']['get']>>;

/** A party that the notice names for methods alone, and a purpose that is none of theirs. */
function servesOtherThan({ clauses = [], contractorFor = [] }: Party, purposes: readonly string[], policy: Policy): boolean {
  const theirs = new Set(contractorFor.flatMap((method) => policy.methods.get(method)?.clauses ?? []));
  if (contractorFor.length === 0 || !clauses.every((clause) => theirs.has(clause))) return false;
  return purposes.some((purpose) => policy.purposes.get(purpose)?.clauses?.some((clause) => theirs.has(clause)) !== true);
}

/** Whether a basis may be there only because consent is not: the person may object to what rests on it, and the purpose may rest on consent. */
export function standsInForConsent(candidate: Candidate, policy: Policy): boolean {
  const bases = policy.bases.get(lawOf(candidate, policy));
  return (
    bases?.get(candidate.basis)?.objectable === true && candidate.purposes.some((purpose) => mayRestOnConsent(purpose, candidate, policy))
  );
}

function mayRestOnConsent(purpose: string, candidate: Candidate, policy: Policy): boolean {
  const law = lawOf(candidate, policy);
  const bases = policy.bases.get(law);
  return policy.purposes.get(purpose)?.bases[law]?.some((basis) => bases?.get(basis)?.kind === 'consent') === true;
}

/** The basis is none of the law's, none that the purpose may rest on, too weak for sensitive data, or taken where the person had said no. */
export function noValidBasis(
  candidate: Candidate,
  consents: readonly ConsentFact[],
  links: readonly LinkFact[],
  policy: Policy,
): Finding | undefined {
  const { kind, basis: id, position, purposes, categories } = candidate;
  const law = lawOf(candidate, policy);
  const basis = policy.bases.get(law)?.get(id);
  const found = (what: string, because: number[] = [], cited = basis?.citation ?? policy.duties.get('lawful-basis')?.citation) =>
    declared('no-valid-basis', '5.3', cited, {
      positions: [position, ...because],
      explanation: `The ${kind} rests on "${id}": ${what}.`,
    });
  if (!basis) return found(`no lawful basis of ${law}`);
  const forbidden = purposes.find((purpose) => policy.purposes.get(purpose)?.bases[law]?.includes(id) === false);
  if (forbidden !== undefined) return found(`the purpose ${forbidden} may not rest on that under ${law}`);
  const sensitive = basis.sensitive === true ? undefined : categories.find((one) => policy.categories.get(one)?.sensitive === true);
  if (sensitive !== undefined)
    return found(`that is not enough for ${sensitive}, which is sensitive`, [], policy.categories.get(sensitive)?.citation);
  if (candidate.subject === undefined || !standsInForConsent(candidate, policy)) return undefined;
  const people = identitiesOf(candidate, links);
  const no = purposes
    .filter((purpose) => mayRestOnConsent(purpose, candidate, policy))
    .map((purpose) => answerFor(purpose, people, candidate, consents, policy))
    .find(({ state }) => state === 'withdrawn');
  return no && found(`the person had said no to ${no.purpose}, and that cannot be got around`, [no.fact!.position]);
}

const declared = (
  rule: FindingRule,
  clause: string,
  law: string | undefined,
  found: Pick<Finding, 'positions' | 'explanation'>,
): Finding => ({ rule, severity: 'violation', clause, ...(law !== undefined && { law }), ...found });
