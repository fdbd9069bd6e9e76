import { retentionRules, type Policy } from '@attesta/policy';
import { lawOf, type Candidate, type CollectedFact, type DisposalFact, type Finding, type FindingRule } from './candidate.js';

/** What goes against keeping no longer than there is a need (notice clause 5.1). */

/** A system has not done its part of a disposal, so that data is kept which should be gone. */
export const stuck = ({ position, system, reason }: Candidate): Finding => ({
  rule: 'disposal-stuck',
  severity: 'warning',
  clause: '5.1',
  positions: [position],
  explanation: `The system "${system}" is late with its part of a disposal (${reason}).`,
});

/** Data that came in with nobody having said how long it is kept (clause 5.1). */
export function unruled(candidate: Candidate, policy: Policy): Finding | undefined {
  const jurisdiction = lawOf(candidate, policy);
  const pairs = candidate.categories.flatMap((category) => candidate.purposes.map((purpose) => ({ category, purpose })));
  const missing = pairs.find((pair) => retentionRules(policy, { ...pair, jurisdiction }).length === 0);
  if (!missing) return undefined;
  const { category, purpose } = missing;
  return ofKeeping('no-retention-rule', 'warning', candidate, [candidate.position], policy, {
    explanation: `No retention rule bears on ${category} for the purpose ${purpose} under ${jurisdiction}: it would be kept without end.`,
  });
}

/** Data worked with after it was disposed of and before it was collected again: somebody still has it (clause 5.1). */
export function keptTooLong(
  candidate: Candidate,
  disposals: readonly DisposalFact[],
  collected: readonly CollectedFact[],
  policy: Policy,
): Finding | undefined {
  const { kind, position, subject, occurredAt, categories } = candidate;
  for (const gone of disposals) {
    if (gone.subject !== subject || gone.occurredAt > occurredAt) continue;
    const anew = collected.filter(
      (one) => one.subject === subject && (one.position > gone.position || one.occurredAt > gone.collectedUntil),
    );
    const kept = new Set([...gone.kept, ...anew.flatMap((one) => one.categories)]);
    const used = categories.find((one) => (gone.scope === 'subject' || gone.categories.includes(one)) && !kept.has(one));
    if (used === undefined) continue;
    return ofKeeping('kept-past-retention', 'violation', candidate, [position, gone.position], policy, {
      explanation: `The ${kind} of ${used} came after its disposal at position ${gone.position}, and it had not been collected again.`,
    });
  }
  return undefined;
}

/** The law is what the policy cites for keeping no longer than there is a need. */
function ofKeeping(
  rule: FindingRule,
  severity: Finding['severity'],
  candidate: Candidate,
  positions: number[],
  policy: Policy,
  { explanation }: Pick<Finding, 'explanation'>,
): Finding {
  const jurisdiction = lawOf(candidate, policy);
  const law = policy.retention.find((one) => one.ground === 'need' && (one.jurisdiction ?? jurisdiction) === jurisdiction)?.citation;
  return { rule, severity, clause: '5.1', ...(law !== undefined && { law }), positions, explanation };
}
