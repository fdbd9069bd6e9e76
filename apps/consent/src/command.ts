import type { Fact } from '@attesta/decisions';
import { parseEvent, rfc3339Millis, type FieldProblem } from '@attesta/events';
import type { NewEvent } from '@attesta/event-log';
import { checkEvent, personalKind, type Policy } from '@attesta/policy';
import { Problem } from '@attesta/service-kit';
import { CONSENT_SOURCE, uuidOf } from './decision-events.js';

export interface CommandNames {
  /** The caller's own id of the command. */
  id?: string | undefined;
  /** RFC 3339. */
  time?: string | undefined;
}

/** A command as an event of ours, about to be appended. */
export interface CommandEvent extends NewEvent {
  subject: string;
  actor: string;
}

const FIVE_MINUTES = 300_000;

/** The id of the event that a command makes: the same for the same caller's id, so that a command sent twice is one. */
export const commandId = (actor: string, kind: string, { id }: CommandNames, random: () => string): string =>
  id === undefined ? random() : uuidOf(`${kind}\n${actor}\n${id}`);

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
export function refuseUnsealable(event: NewEvent, policy: Policy, now: Date, status = 422): void {
  const { id, type, time, subject, actor, data } = event;
  const cloudEvent = {
    specversion: '1.0',
    source: CONSENT_SOURCE,
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

/**
 * Whether a command that was carried out before under this id said something else. The time counts only where the caller gave it: without one, the
 * same command is sent again at another time.
 */
export const contradicts = (before: Fact, after: Fact, time: string | undefined): boolean =>
  contentOf(before) !== contentOf(after) || (time !== undefined && before.at !== after.at);

function contentOf(fact: Fact): string {
  const { position: _position, known: _known, at: _at, ...said } = fact;
  return JSON.stringify(Object.entries(said).sort(([a], [b]) => (a < b ? -1 : 1)));
}

const NO_TIME = { code: 'bad-format', message: 'is not an RFC 3339 date-time', fix: 'write it like 2026-01-31T09:30:00Z' };
const FUTURE = {
  code: 'time-in-future',
  message: 'is in the future',
  fix: 'send the time it happened, and check the clock of the sending machine',
};

/** The id of a command was used for another. */
export const usedBefore = (): Problem =>
  Problem.conflict(
    'This id was used before for something else.',
    'Give a new command a new id; send the same one again unchanged.',
    'id-conflict',
  );
