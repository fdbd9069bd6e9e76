import { recordOf, type Fact, type PersonRecord } from '@attesta/decisions';
import type { Policy } from '@attesta/policy';
import { lawOf, type Candidate, type Finding, type FindingRule, type FlagFact } from './candidate.js';
import { isMarketingMessage } from './messages.decider.js';

/** What goes against an objection or a restriction (notice clauses 7.4, 7.5), as the decisions of the consent service have it. */

/** @param flags sealed before the candidate */
export function againstRights(candidate: Candidate, flags: readonly FlagFact[], policy: Policy): (Finding | undefined)[] {
  const asked = flags.map(asFact).filter((fact) => fact !== undefined);
  if (asked.length === 0) return [];
  const record = recordOf(candidate.subject!, asked, policy, { at: candidate.occurredAt, known: Infinity });
  return [objectionIgnored(candidate, record, policy), restrictionIgnored(candidate, record, policy)];
}

/** Until an objection is decided the processing stops (PDPA s.32, GDPR Art. 21); what is commanded, or rests on what nobody can object to, goes on. */
function objectionIgnored(candidate: Candidate, { objections }: PersonRecord, policy: Policy): Finding | undefined {
  const isMessage = candidate.kind === 'message';
  if (isMessage ? !isMarketingMessage(candidate, policy) : isCommanded(candidate, policy)) return undefined;
  const binding = objections.find(({ purpose, state }) => {
    const weight = candidate.purposes.includes(purpose) ? policy.purposes.get(purpose)?.objection : undefined;
    // A message against an absolute objection is found as one after a withdrawal (8.1).
    if (weight === 'absolute') return !isMessage && state !== 'withdrawn';
    return weight === 'decision' && (state === 'raised' || state === 'upheld');
  });
  if (!binding) return undefined;
  const { position, purpose, state } = binding;
  return against('objection', 'objection-ignored', candidate, position!, policy, {
    explanation: `The ${candidate.kind} for ${purpose} came after an objection of the person (${state}, position ${position}) that binds.`,
  });
}

/** Data under a restriction is kept and not used (PDPA s.34, GDPR Art. 18). */
function restrictionIgnored(candidate: Candidate, { restrictions }: PersonRecord, policy: Policy): Finding | undefined {
  const { kind, purposes, categories } = candidate;
  if (kind !== 'use' && kind !== 'disclosure') return undefined;
  if (basisOf(candidate, policy)?.despiteRestriction === true) return undefined;
  const held = restrictions.find(
    (one) =>
      (one.purposes?.some((purpose) => purposes.includes(purpose)) ?? true) &&
      (one.categories?.some((category) => categories.includes(category)) ?? true),
  );
  if (!held) return undefined;
  return against('restriction', 'restriction-ignored', candidate, held.position!, policy, {
    explanation: `The ${kind} came while the use of the data was restricted (position ${held.position}).`,
  });
}

const basisOf = (candidate: Candidate, policy: Policy) => policy.bases.get(lawOf(candidate, policy))?.get(candidate.basis);

function isCommanded(candidate: Candidate, policy: Policy): boolean {
  const basis = basisOf(candidate, policy);
  return basis?.kind === 'statutory' && basis.objectable !== true;
}

function against(
  right: string,
  rule: FindingRule,
  candidate: Candidate,
  position: number,
  policy: Policy,
  { explanation }: Pick<Finding, 'explanation'>,
): Finding {
  const { clauses, citations } = policy.rights.get(right) ?? {};
  const law = citations?.[lawOf(candidate, policy)];
  return {
    rule,
    severity: 'violation',
    clause: clauses?.[0] ?? '7',
    ...(law !== undefined && { law }),
    positions: [candidate.position, position],
    explanation,
  };
}

function asFact({ kind, position, subject, holds, occurredAt: at, purposes, categories }: FlagFact): Fact | undefined {
  // Of what happened at the same instant and weighs the same, what was sealed later comes later.
  const known = { source: '', id: String(position).padStart(16, '0'), position, subject, at, known: 0 };
  switch (kind) {
    case 'objection':
      return { ...known, kind, state: holds ? 'raised' : 'withdrawn', purposes: purposes ?? [] };
    case 'weighing':
      return { ...known, kind: 'objection', state: holds ? 'upheld' : 'rejected', purposes: purposes ?? [] };
    case 'restriction':
      return { ...known, kind, placed: holds, ...(purposes && { purposes }), ...(categories && { categories }) };
    default:
      return undefined;
  }
}
