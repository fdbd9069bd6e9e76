import { parseEvent, rfc3339Millis, type FieldProblem } from '@attesta/events';
import { checkEvent, personalKind, type Policy } from '@attesta/policy';
import { Problem } from '../problems/problem.js';

/** An event that a service is about to say. */
export interface SealableEvent {
  id: string;
  type: string;
  time: string;
  subject?: string;
  actor?: string;
  data: Record<string, unknown>;
}

const FIVE_MINUTES = 300_000;

/** When a command says it happened; now, where it does not say. @throws Problem for the future */
export function happenedAt(time: string | undefined, now: Date): string {
  if (time === undefined) return now.toISOString();
  const millis = rfc3339Millis(time);
  if (millis === undefined) throw Problem.invalid([{ field: '/time', ...NO_TIME }]);
  if (millis > now.getTime() + FIVE_MINUTES) throw Problem.invalid([{ field: '/time', ...FUTURE }]);
  return new Date(millis).toISOString();
}

/**
 * Refuses what the ledger would refuse, before anything is written: what we have said cannot be taken back.
 * @throws Problem 422 with the fields of the command
 */
export function refuseUnsealable(source: string, event: SealableEvent, policy: Policy, now: Date, status = 422): void {
  const { id, type, time, subject, actor, data } = event;
  const cloudEvent = {
    specversion: '1.0',
    source,
    id,
    type,
    time,
    data,
    ...(subject && { subject }),
    ...(actor && { actor }),
  };
  const parsed = parseEvent(cloudEvent, { now });
  const problems = parsed.ok ? checkEvent(policy, parsed.event) : parsed.problems;
  const text = JSON.stringify(data);
  const kind = personalKind(text);
  if (kind !== undefined) {
    problems.push({
      field: '/data',
      code: 'personal-value-in-clear',
      message: `There is what looks like ${kind}; what is recorded here is sealed unencrypted and for ever.`,
      fix: 'Refer to a case or request number instead.',
    });
  }
  if (problems.length === 0) return;
  throw new Problem({
    slug: 'command-refused',
    status,
    title: 'The command cannot be carried out as it is',
    detail: `${problems.length} thing${problems.length === 1 ? ' is' : 's are'} wrong with it; nothing was recorded.`,
    fix: 'Mend what errors names and send it again.',
    errors: problems.map(ofBody),
  });
}

/** Fields as the caller wrote them: the body has no `data` around it. */
const ofBody = (problem: FieldProblem): FieldProblem => ({
  ...problem,
  field: (problem.field.startsWith('/data') ? problem.field.slice('/data'.length) || '' : problem.field).replace(
    '/channelPreferences',
    '/channels',
  ),
});

const NO_TIME = { code: 'bad-format', message: 'is not an RFC 3339 date-time', fix: 'write it like 2026-01-31T09:30:00Z' };
const FUTURE = {
  code: 'time-in-future',
  message: 'is in the future',
  fix: 'send the time it happened, and check the clock of the sending machine',
};
