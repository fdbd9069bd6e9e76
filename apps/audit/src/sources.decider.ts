import type { Policy } from '@attesta/policy';
import type { Candidate, Finding, KnownFacts, SuppliedFact, ToldFact } from './candidate.js';

/** What goes against telling people where data about them came from (notice clause 1.6; PDPA s.25, GDPR Art. 14). */

/** Positions that one event may name (libs/events). */
const MOST = 1_000;

/** A person's notice tells of all that came in before it, or of what it names; one to nobody in particular of what it names. */
export function tellsOfSource(notice: ToldFact, { position, subject }: SuppliedFact): boolean {
  if (position >= notice.position || (notice.subject !== undefined && notice.subject !== subject)) return false;
  return notice.covers ? notice.covers.includes(position) : notice.subject !== undefined;
}

/** People were told of data from third parties, and later than the law has it. */
export function toldLate(
  candidate: Candidate,
  { supplied, told }: Pick<KnownFacts, 'supplied' | 'told'>,
  policy: Policy,
): Finding | undefined {
  const { position, occurredAt } = candidate;
  const late = supplied.filter(
    (fact) =>
      tellsOfSource(candidate, fact) &&
      (fact.until === undefined || position < fact.until) &&
      occurredAt >= fact.overdueFrom &&
      !told.some((earlier) => earlier.position < position && tellsOfSource(earlier, fact)),
  );
  const [first] = late.sort((a, b) => a.position - b.position);
  if (!first) return undefined;
  const due = new Date(Math.min(...late.map(({ overdueFrom }) => overdueFrom))).toISOString();
  return {
    ...ofSources('source-told-late', first, policy),
    positions: [position, ...late.map((fact) => fact.position)].slice(0, MOST),
    explanation: `People were told of ${late.length} collections from third parties when it was too late; the first was due before ${due}.`,
  };
}

/** Nobody told the person, and the time for it is over. It is of the collection, and of nothing that is sealed. */
export const neverTold = (fact: SuppliedFact, policy: Policy): Finding => ({
  ...ofSources('source-not-told', fact, policy),
  positions: [fact.position],
  explanation: `Data came from a third party at position ${fact.position}, and the person was not told before ${new Date(fact.overdueFrom).toISOString()}.`,
});

function ofSources<R extends 'source-not-told' | 'source-told-late'>(rule: R, { jurisdiction }: SuppliedFact, policy: Policy) {
  const clock = policy.clocks.get(policy.jurisdictions.get(jurisdiction)?.sourceNotice ?? '');
  const law = clock?.citation ?? policy.duties.get(clock?.right ?? '')?.citation;
  return { rule, severity: 'violation' as const, clause: clock?.clauses?.[0] ?? '1.6', ...(law !== undefined && { law }) };
}
