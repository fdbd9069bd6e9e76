import type { Policy } from '@attesta/policy';
import type { Candidate, Finding } from './candidate.js';

/** What had to be done about a breach was not done in time (notice clause 6.1; the law is that of the clock). */
export function lateBreach({ position, clock = '', duty, due }: Candidate, policy: Policy): Finding {
  const { clauses, citation, right } = policy.clocks.get(clock) ?? {};
  const law = citation ?? policy.duties.get(right ?? '')?.citation;
  const what = duty === 'assessment' ? 'The risk of a breach was not assessed' : 'The authority was not told of a breach';
  return {
    rule: 'breach-overdue',
    severity: 'violation',
    clause: clauses?.[0] ?? '6.1',
    ...(law !== undefined && { law }),
    positions: [position],
    explanation: `${what} by ${due} (clock ${clock}).`,
  };
}
