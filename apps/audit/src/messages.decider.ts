import { endOfDuration, isMarketing, mayExpose, type Policy } from '@attesta/policy';
import { lawOf, type Candidate, type ConsentFact, type Finding, type FlagFact } from './candidate.js';
import { covers, inTime } from './consent-answers.js';

/** What goes against the notice when people are written to (clauses 4.5, 8.1). */

export const isMarketingMessage = (candidate: Candidate, policy: Policy): boolean =>
  isMarketing(policy, { purpose: purposeOf(candidate), kind: candidate.messageKind ?? '' }, lawOf(candidate, policy));

/** Somebody's no to a purpose. */
interface No {
  position: number;
  occurredAt: number;
  recordedAt: number;
  /** In words, and the right that it stands on. */
  what: 'withdrawal' | 'refusal' | 'objection';
  right: 'consent-withdrawal' | 'objection';
}

/**
 * A marketing message that left though the person had said no (clause 8.1). For a while after that it may still happen that one leaves: then it is a
 * warning where the no was in the log already, for whoever sends could have known.
 * @param people the person with what is tied to it
 */
export function sentAgainstNo(
  candidate: Candidate,
  people: ReadonlySet<string>,
  consents: readonly ConsentFact[],
  flags: readonly FlagFact[],
  policy: Policy,
): Finding | undefined {
  if (!isMarketingMessage(candidate, policy)) return undefined;
  const { position, occurredAt } = candidate;
  const nos = [...withdrawals(candidate, people, consents, policy), ...standingObjections(candidate, flags, policy)].sort(inTime);
  const [first] = nos;
  if (!first) return undefined;
  if (occurredAt > endOfDuration(first.occurredAt, policy.messages?.underWay ?? 'PT0S')) {
    const late = `${occurredAt - first.occurredAt} ms after the ${first.what} at position ${first.position}`;
    return {
      ...against(first, candidate, policy),
      rule: 'mail-after-withdrawal',
      severity: 'violation',
      explanation: `The message at position ${position} (${how(candidate)}) left ${late}, later than what is still under way then may.`,
    };
  }
  const known = nos.find(({ recordedAt }) => recordedAt < occurredAt);
  if (!known) return undefined;
  const late = `${occurredAt - known.occurredAt} ms after the ${known.what} at position ${known.position}`;
  const sealed = `${occurredAt - known.recordedAt} ms after that was sealed`;
  return {
    ...against(known, candidate, policy),
    rule: 'mail-within-window',
    severity: 'warning',
    explanation: `The message at position ${position} (${how(candidate)}) left ${late}, and ${sealed}: it should have been suppressed.`,
  };
}

/**
 * Each no since the last yes by the message's channel, as of when the message left. What a tied device was told yes to does not outweigh what the
 * person themself chose; a no carries over always.
 */
function withdrawals(candidate: Candidate, people: ReadonlySet<string>, consents: readonly ConsentFact[], policy: Policy): No[] {
  const purpose = purposeOf(candidate);
  const channel = policy.purposes.get(purpose)?.channels && candidate.channel;
  const chosen = consents.filter((one) => one.purpose === purpose && people.has(one.subject) && one.occurredAt <= candidate.occurredAt);
  const isOwn = ({ subject }: ConsentFact) => subject === candidate.subject;
  const decided = chosen.some(isOwn);
  const choices = chosen.filter((one) => covers(one, channel) && (isOwn(one) || one.status !== 'given' || !decided));
  return sinceYes(choices, ({ status }) => status === 'given').map(({ position, occurredAt, recordedAt, status }) => {
    const what = status === 'refused' ? ('refusal' as const) : ('withdrawal' as const);
    return { position, occurredAt, recordedAt, what, right: 'consent-withdrawal' };
  });
}

/** Objections that nobody weighs: they stand until the person takes them back. */
function standingObjections(candidate: Candidate, flags: readonly FlagFact[], policy: Policy): No[] {
  const purpose = purposeOf(candidate);
  if (policy.purposes.get(purpose)?.objection !== 'absolute') return [];
  const own = flags
    .filter(({ kind, purposes }) => kind === 'objection' && purposes?.includes(purpose))
    .filter(({ subject, occurredAt }) => subject === candidate.subject && occurredAt <= candidate.occurredAt);
  return sinceYes(own, ({ holds }) => !holds).map(({ position, occurredAt, recordedAt }) => {
    return { position, occurredAt, recordedAt, what: 'objection', right: 'objection' };
  });
}

function sinceYes<T extends ConsentFact | FlagFact>(facts: readonly T[], isYes: (fact: T) => boolean): T[] {
  const all = facts.toSorted(inTime);
  return all.slice(all.findLastIndex(isYes) + 1);
}

function against({ position, right }: No, candidate: Candidate, policy: Policy): Pick<Finding, 'clause' | 'law' | 'positions'> {
  const law = policy.rights.get(right)?.citations[lawOf(candidate, policy)];
  return { clause: '8.1', ...(law !== undefined && { law }), positions: [candidate.position, position] };
}

/** A message of which others could see more than the policy lets them (clause 4.5). */
export function exposedTooMuch(candidate: Candidate, policy: Policy): Finding | undefined {
  const purpose = policy.purposes.get(purposeOf(candidate));
  if (purpose?.exposure !== 'minimal' && !isMarketingMessage(candidate, policy)) return undefined;
  const allowed = mayExpose(policy, candidate.channel ?? '');
  const more = candidate.exposed?.filter((field) => !allowed.includes(field)) ?? [];
  if (more.length === 0) return undefined;
  return {
    rule: 'over-exposed',
    severity: 'violation',
    clause: '4.5',
    positions: [candidate.position],
    explanation: `Others could see ${more.join(', ')} of the message (${how(candidate)}); they may see ${allowed.join(', ') || 'nothing'}.`,
  };
}

/** Reasons for which somebody was not reached; for others nobody had to be. */
const UNREACHED = new Set(['no-address', 'address-bounced', 'refused', 'unreachable', 'outcome-unknown', 'unsendable']);
const NOTICE_CHANGED = 'notice-changed';

/** Somebody who has to be told something by law and was not. What is for the company itself has no subject. */
export function unreached(candidate: Candidate): Finding | undefined {
  const { position, subject, messageKind, reason, template } = candidate;
  if (subject === undefined || messageKind !== 'legal' || !UNREACHED.has(reason ?? '')) return undefined;
  return {
    rule: 'message-undelivered',
    severity: 'warning',
    clause: template === NOTICE_CHANGED ? '0' : '8.1',
    positions: [position],
    explanation: `A message that the law or the notice demands (${how(candidate)}) was not sent (${reason}): the person has to be told otherwise.`,
  };
}

const purposeOf = ({ purposes }: Candidate): string => purposes[0] ?? '';
const how = (candidate: Candidate): string => `template ${candidate.template}, purpose ${purposeOf(candidate)}, by ${candidate.channel}`;
