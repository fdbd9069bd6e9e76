import { rfc3339Millis, type EventTypes } from '@attesta/events';
import { latestExtension, requestDeadline, type Policy } from '@attesta/policy';
import { NotNow } from './not-now.js';
import { clockOf, deadlineOf, lookAtClock, startOf } from './request.clock.js';
import { fulfilment, instruction, type Ending } from './request.ending.js';
import {
  evolve,
  OPEN,
  UNDECIDED,
  type Justification,
  type Kept,
  type Outcome,
  type Received,
  type RequestEvent,
  type RequestState,
  type Spared,
  type Status,
  type TaskState,
} from './request.state.js';

/** From which statuses a command is taken, and where it leads; the diagram in the documentation is drawn from it. `same`: the status stays. */
export const TRANSITIONS = {
  acknowledge: { from: ['initiated'], to: ['acknowledged'] },
  require: { from: ['acknowledged', 'requires-action', 'action-performed'], to: ['requires-action'] },
  answer: { from: ['requires-action'], to: ['action-performed', 'same'] },
  'verify-identity': { from: ['acknowledged', 'requires-action', 'action-performed'], to: ['action-performed', 'same'] },
  'fail-identity': { from: ['acknowledged', 'requires-action', 'action-performed'], to: ['same'] },
  extend: { from: OPEN, to: ['same'] },
  accept: { from: ['acknowledged', 'action-performed'], to: ['accepted'] },
  reject: { from: UNDECIDED, to: ['rejected'] },
  'answer-task': { from: ['accepted'], to: ['same'] },
  'override-task': { from: ['accepted'], to: ['same'] },
  'note-stuck': { from: ['accepted'], to: ['same'] },
  'instruct-erasure': { from: ['accepted'], to: ['same'] },
  fulfil: { from: ['accepted'], to: ['fulfilled'] },
  withdraw: { from: OPEN, to: ['unfulfilled'] },
  'give-up': { from: ['requires-action'], to: ['unfulfilled'] },
  reopen: { from: ['rejected', 'fulfilled', 'unfulfilled'], to: ['acknowledged'] },
  look: { from: OPEN, to: ['same'] },
} as const satisfies Record<string, { from: readonly Status[]; to: readonly (Status | 'same')[] }>;

export interface NewTask extends Omit<TaskState, 'outcome' | 'stuck'> {
  task: string;
  due: string;
}

export type Command =
  | { kind: 'acknowledge' }
  | { kind: 'require'; justification: Justification; reason?: string | undefined }
  | { kind: 'answer' }
  | { kind: 'verify-identity'; method: EventTypes['attesta.request.identity-verified.v1']['method']; evidence?: Received['evidence'] }
  | { kind: 'fail-identity'; method: 'email-code' | 'documents'; reason: 'too-many-tries' | 'documents-insufficient' }
  | { kind: 'extend'; until: string; reason: string }
  | {
      kind: 'accept';
      /** What the request covers; without it everything. */
      categories?: string[] | undefined;
      refused: { category: string; ground: string }[];
      tasks: NewTask[];
    }
  | { kind: 'reject'; ground: string; reason: string }
  | {
      kind: 'answer-task';
      task: string;
      outcome: Exclude<Outcome, 'overridden'>;
      categories?: string[];
      kept?: Kept[];
      reason?: string;
    }
  | { kind: 'override-task'; task: string; reason: string }
  | { kind: 'note-stuck'; task: string; reason: EventTypes['attesta.request.task-stuck.v1']['reason']; attempts: number }
  /** What the law, or a hold, keeps is told with it. */
  | { kind: 'instruct-erasure'; survivors: Spared[] }
  | ({ kind: 'fulfil' } & Ending)
  | { kind: 'withdraw' }
  | { kind: 'give-up' }
  | { kind: 'reopen'; reason: string; complaint?: string | undefined }
  /** The clock is looked at. */
  | { kind: 'look' };

/**
 * What a command leads to, at `now` (milliseconds). Whatever is decided, a deadline that has passed by then is said to be missed first: no
 * command can make it in time afterwards.
 * @throws NotNow
 */
export function decide(policy: Policy, state: RequestState, command: Command, now: number): RequestEvent[] {
  const { from } = TRANSITIONS[command.kind];
  if (!(from as readonly Status[]).includes(state.status)) {
    if (command.kind === 'look') return [];
    throw new NotNow('wrong-status', `The request is ${state.status}.`, `This is possible while it is ${from.join(', ')}.`);
  }
  const told = lookAtClock(policy, state, now);
  return [
    ...told,
    ...decideAlone(
      policy,
      told.reduce((s, event) => evolve(s, event, now), state),
      command,
      now,
    ),
  ];
}

function decideAlone(policy: Policy, state: RequestState, command: Command, now: number): RequestEvent[] {
  switch (command.kind) {
    case 'look':
      return [];
    case 'acknowledge': {
      const due = deadlineOf(policy, state);
      return [{ type: 'attesta.request.acknowledged.v1', data: due ? { clock: due.clock, due: due.overdueFrom } : {} }];
    }
    case 'require': {
      const { justification, reason } = command;
      if (justification === 'identity-verification' && state.identity === 'verified')
        throw new NotNow('identity-verified', 'The identity is verified already.', 'Ask for information instead.', '/justification');
      return [{ type: 'attesta.request.action-required.v1', data: { justification, ...(reason !== undefined && { reason }) } }];
    }
    case 'answer':
      if (!state.needs.includes('information'))
        throw new NotNow('nothing-asked', 'No information was asked for.', 'Prove who you are first.');
      return [{ type: 'attesta.request.action-performed.v1', data: { justification: 'information' } }];
    case 'verify-identity': {
      const { method, evidence } = command;
      if (state.identity === 'verified') return [];
      if (state.identity === 'failed' && method === 'email-code')
        throw new NotNow('too-many-tries', 'The code was wrong too often.', 'Let the data protection officer verify documents.');
      const performed: RequestEvent[] = state.needs.includes('identity-verification')
        ? [{ type: 'attesta.request.action-performed.v1', data: { justification: 'identity-verification' } }]
        : [];
      return [{ type: 'attesta.request.identity-verified.v1', data: { method, ...(evidence && { evidence }) } }, ...performed];
    }
    case 'fail-identity':
      if (state.identity === 'verified')
        throw new NotNow('identity-verified', 'The identity is verified already.', 'Nothing need be done.');
      return [{ type: 'attesta.request.identity-failed.v1', data: { method: command.method, reason: command.reason } }];
    case 'extend':
      return [extension(policy, state, command)];
    case 'accept':
      return acceptance(policy, state, command);
    case 'reject': {
      const { ground, reason } = command;
      const law = refusalLaw(policy, state, ground, '/ground');
      const authority = policy.jurisdictions.get(state.jurisdiction)!.authority;
      return [{ type: 'attesta.request.rejected.v1', data: { ground, law, reason, authority } }];
    }
    case 'answer-task': {
      const { task, outcome, categories, kept, reason } = command;
      const { system } = openTask(state, task);
      const data = {
        task,
        system,
        outcome,
        ...(categories && { categories }),
        ...(kept?.length && { kept }),
        ...(reason !== undefined && { reason }),
      };
      return [{ type: 'attesta.request.task-answered.v1', data }];
    }
    case 'override-task': {
      const { system } = openTask(state, command.task);
      return [{ type: 'attesta.request.task-overridden.v1', data: { task: command.task, system, reason: command.reason } }];
    }
    case 'note-stuck': {
      const { system, stuck: known } = openTask(state, command.task);
      return known ? [] : [stuck(command.task, system, command.reason, command.attempts)];
    }
    case 'instruct-erasure':
      return [instruction(state, command.survivors)];
    case 'fulfil':
      return fulfilment(policy, state, command, now);
    case 'withdraw':
      if (state.instructed) throw new NotNow('erasing', 'What was asked for is being destroyed.', 'Wait until it is done.');
      return [{ type: 'attesta.request.unfulfilled.v1', data: { reason: 'withdrawn' } }];
    case 'give-up': {
      const reason = state.needs.includes('identity-verification') ? 'identity-not-verified' : 'no-answer';
      return [{ type: 'attesta.request.unfulfilled.v1', data: { reason } }];
    }
    case 'reopen': {
      const { reason, complaint } = command;
      return [{ type: 'attesta.request.reopened.v1', data: { reason, ...(complaint !== undefined && { complaint }) } }];
    }
  }
}

/** The first event. */
export const received = (data: Received): RequestEvent => ({ type: 'attesta.request.received.v1', data });

/** In year 9999 in every time zone, a month before its end: no later date can be written. */
const LAST_DATE = Date.UTC(9999, 11, 1);

function extension(policy: Policy, state: RequestState, { until, reason }: Command & { kind: 'extend' }): RequestEvent {
  const clock = clockOf(policy, state);
  if (!clock?.extension) throw new NotNow('no-extension', 'The law lets nobody extend this deadline.', 'Decide the request in time.');
  const due = deadlineOf(policy, state);
  if (!due) throw new NotNow('clock-not-running', 'The clock does not run.', 'Wait until the person did what was asked for.');
  if (clock.extension.duration !== undefined && state.told.includes(`missed ${due.overdueFrom}`))
    throw new NotNow(
      'missed-already',
      'The deadline has passed, and an extension had to be announced before it (GDPR Art. 12(3)).',
      'Deal with the request; it is late.',
    );
  const end = rfc3339Millis(until);
  if (end === undefined || end > LAST_DATE)
    throw new NotNow('bad-time', 'The new date is no time.', 'Write it like 2026-03-31T23:59:59+07:00.', '/until');
  if (end < Date.parse(due.overdueFrom))
    throw new NotNow('not-later', 'The new date is not after the deadline.', `Announce a date after ${due.overdueFrom}.`, '/until');
  const start = new Date(startOf(clock, state) ?? state.receivedAt).toISOString();
  const announced = requestDeadline(clock, start, 0, until);
  const latest = latestExtension(clock, start);
  if (latest && Date.parse(announced.overdueFrom) > Date.parse(latest.overdueFrom))
    throw new NotNow(
      'too-late',
      'The law does not let the deadline be extended that far.',
      `Announce ${latest.lastDay} or earlier.`,
      '/until',
    );
  return { type: 'attesta.request.delayed.v1', data: { clock: clock.id, due: announced.overdueFrom, reason } };
}

function acceptance(policy: Policy, state: RequestState, command: Command & { kind: 'accept' }): RequestEvent[] {
  if (state.identity !== 'verified')
    throw new NotNow('identity-not-verified', 'Nobody has proved to be the person yet.', 'Verify the identity first (notice clause 7.1).');
  command.refused.forEach(({ category }, i) => {
    if (command.refused.findIndex((one) => one.category === category) !== i)
      throw new NotNow(
        'refused-twice',
        'A category is refused twice.',
        'Refuse each category once, on one ground.',
        `/refused/${i}/category`,
      );
  });
  const refused = command.refused.map(({ category, ground }, i) => ({
    category,
    ground,
    law: refusalLaw(policy, state, ground, `/refused/${i}/ground`),
  }));
  const { categories, tasks } = command;
  const accepted: RequestEvent = {
    type: 'attesta.request.accepted.v1',
    data: {
      ...(categories && { categories }),
      ...(refused.length > 0 && { refused }),
      ...(tasks.length > 0 && { systems: [...new Set(tasks.map(({ system }) => system))] }),
    },
  };
  return [accepted, ...tasks.map((data): RequestEvent => ({ type: 'attesta.request.task-issued.v1', data }))];
}

/** The citation of a ground on which the law lets this request be refused. There is no other way to refuse (notice clause 8.6). */
function refusalLaw(policy: Policy, { right, jurisdiction }: RequestState, ground: string, field: string): string {
  const found = policy.refusals.get(ground);
  if (found?.rights.includes(right) && found.jurisdiction === jurisdiction) return found.citation;
  const possible = [...policy.refusals.values()].filter((one) => one.rights.includes(right) && one.jurisdiction === jurisdiction);
  throw new NotNow(
    'no-legal-ground',
    `${found ? 'The law gives this ground for other requests.' : 'This is no ground of the policy.'}`,
    possible.length > 0 ? `Give one of: ${possible.map(({ id }) => id).join(', ')}.` : 'The law lets nobody refuse such a request.',
    field,
  );
}

function openTask(state: RequestState, task: string): TaskState {
  const found = Object.hasOwn(state.tasks, task) ? state.tasks[task] : undefined;
  if (!found) throw new NotNow('no-such-task', 'The request has no such task.', 'Look at its tasks.');
  if (found.outcome !== undefined) throw new NotNow('task-ended', `The task ended: ${found.outcome}.`, 'Nothing need be done.');
  return found;
}

const stuck = (
  task: string,
  system: string,
  reason: EventTypes['attesta.request.task-stuck.v1']['reason'],
  attempts: number,
): RequestEvent => ({
  type: 'attesta.request.task-stuck.v1',
  data: { task, system, reason, attempts },
});
