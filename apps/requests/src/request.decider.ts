import { rfc3339Millis, type EventTypes } from '@attesta/events';
import { clockFor, latestExtension, requestDeadline, timeBefore, type Clock, type Deadline, type Policy } from '@attesta/policy';

/** W3C DPV: RequestInitiated, RequestAcknowledged and so on. RequestActionDelayed is no status of its own here: `extendedTo` says it. */
export const STATUSES = [
  'initiated',
  'acknowledged',
  'requires-action',
  'action-performed',
  'accepted',
  'rejected',
  'fulfilled',
  'unfulfilled',
] as const;
export type Status = (typeof STATUSES)[number];
const OPEN: readonly Status[] = ['initiated', 'acknowledged', 'requires-action', 'action-performed', 'accepted'];
const UNDECIDED: readonly Status[] = ['initiated', 'acknowledged', 'requires-action', 'action-performed'];

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
  fulfil: { from: ['accepted'], to: ['fulfilled'] },
  withdraw: { from: OPEN, to: ['unfulfilled'] },
  'give-up': { from: ['requires-action'], to: ['unfulfilled'] },
  reopen: { from: ['rejected', 'fulfilled', 'unfulfilled'], to: ['acknowledged'] },
  look: { from: OPEN, to: ['same'] },
} as const satisfies Record<string, { from: readonly Status[]; to: readonly (Status | 'same')[] }>;

export type Justification = 'identity-verification' | 'information';
type Outcome = 'data' | 'done' | 'nothing-held' | 'overridden';
type Received = Omit<EventTypes['attesta.request.received.v1'], 'request'>;
/** A category that is not touched: refused, or kept, on a law, or by a system for a reason of its own. */
export interface Spared {
  category: string;
  ground: string;
  law?: string;
  reason?: string;
}
export interface Refused extends Spared {
  law: string;
}

export interface TaskState {
  system: string;
  kind: 'access' | 'portability' | 'rectification' | 'restriction' | 'erasure';
  categories: string[];
  /** Absent while it is open. */
  outcome?: Outcome;
  /** Why it was settled by hand. */
  reason?: string;
  stuck?: boolean;
}

/** A request, folded from its events. Times are milliseconds. JSON as it is. */
export interface RequestState extends Received {
  status: Status;
  /** Of the receipt, or of the reopening: clocks run from it. */
  receivedAt: number;
  needs: Justification[];
  /** Since when the person has to do something. */
  waitingSince?: number;
  waits: { from: number; to: number; needs: Justification[] }[];
  identity: 'unverified' | 'verified' | 'failed';
  verifiedAt?: number;
  /** How it was verified. */
  proof?: EventTypes['attesta.request.identity-verified.v1']['method'];
  /** When everything that was needed to begin was there for the first time. */
  sufficientAt?: number;
  extendedTo?: number;
  refused: Refused[];
  survivors: Spared[];
  tasks: Record<string, TaskState>;
  /** Deadlines that were warned of or found missed, by what was said of them. */
  told: string[];
  endedAt?: number;
}

type Names = Extract<keyof EventTypes, `attesta.request.${string}`>;
/** An event of a request, without the request's id, which is its stream's. */
export type RequestEvent = { [T in Names]: { type: T; data: Omit<EventTypes[T], 'request'> } }[Names];

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
      survivors: Spared[];
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
  | { kind: 'fulfil'; package?: { digest: string; expires: string } }
  | { kind: 'withdraw' }
  | { kind: 'give-up' }
  | { kind: 'reopen'; reason: string; complaint?: string | undefined }
  /** The clock is looked at. */
  | { kind: 'look' };
type Kept = { category: string; reason: string; law?: string };

/** A command that the request, as it stands, does not take. */
export class NotNow extends Error {
  override readonly name = 'NotNow';

  constructor(
    readonly code: string,
    message: string,
    readonly fix: string,
    /** JSON pointer into the command, when it is the command that is wrong and not its moment. */
    readonly field?: string,
  ) {
    super(message);
  }
}

export const isOpen = ({ status }: Pick<RequestState, 'status'>): boolean => OPEN.includes(status);
export const openTasks = ({ tasks }: RequestState): string[] => Object.keys(tasks).filter((task) => tasks[task]!.outcome === undefined);

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
    case 'fulfil':
      return fulfilment(policy, state, command, now);
    case 'withdraw':
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

const begun = (data: Received, at: number): RequestState => ({
  ...data,
  status: 'initiated',
  receivedAt: at,
  needs: [],
  waits: [],
  identity: 'unverified',
  refused: [],
  survivors: [],
  tasks: {},
  told: [],
});

/** The state after an event that happened at `at` (milliseconds). @param state undefined before the first */
export function evolve(state: RequestState | undefined, { type, data }: RequestEvent, at: number): RequestState {
  if (type === 'attesta.request.received.v1') return begun(withoutRequest(data), at);
  if (!state) throw new Error(`${type} before the request was received`);
  switch (type) {
    case 'attesta.request.acknowledged.v1':
      return { ...state, status: 'acknowledged' };
    case 'attesta.request.action-required.v1': {
      const needs = [...new Set([...state.needs, data.justification])];
      // What is asked later did not make anybody wait before.
      const before = state.waitingSince === undefined ? [] : [{ from: state.waitingSince, to: at, needs: state.needs }];
      return { ...state, status: 'requires-action', needs, waits: [...state.waits, ...before], waitingSince: at };
    }
    case 'attesta.request.action-performed.v1': {
      const needs = state.needs.filter((need) => need !== data.justification);
      const { waitingSince, ...rest } = state;
      const waits = [...state.waits, { from: waitingSince ?? at, to: at, needs: state.needs }];
      if (needs.length > 0) return { ...state, needs, waits, waitingSince: at };
      return sufficient({ ...rest, status: 'action-performed', needs, waits }, at);
    }
    case 'attesta.request.identity-verified.v1':
      return sufficient({ ...state, identity: 'verified', verifiedAt: at, proof: data.method }, at);
    case 'attesta.request.identity-failed.v1':
      return { ...state, identity: 'failed' };
    case 'attesta.request.delayed.v1':
      return { ...state, extendedTo: Date.parse(data.due) };
    case 'attesta.request.accepted.v1':
      return { ...state, status: 'accepted', refused: data.refused ?? [] };
    case 'attesta.request.erasure-instructed.v1':
      return { ...state, survivors: data.survivors };
    case 'attesta.request.task-issued.v1': {
      const { task, system, kind, categories } = data;
      return { ...state, tasks: { ...state.tasks, [task]: { system, kind, categories } } };
    }
    case 'attesta.request.task-answered.v1':
      return withTask({ ...state, survivors: [...state.survivors, ...keptOf(data.kept)] }, data.task, { outcome: data.outcome });
    case 'attesta.request.task-overridden.v1':
      return withTask(state, data.task, { outcome: 'overridden', reason: data.reason });
    case 'attesta.request.task-stuck.v1':
      return withTask(state, data.task, { stuck: true });
    case 'attesta.request.rejected.v1':
      return ended(state, 'rejected', at);
    case 'attesta.request.fulfilled.v1':
      return ended(state, 'fulfilled', at);
    case 'attesta.request.unfulfilled.v1':
      return ended(state, 'unfulfilled', at);
    case 'attesta.request.reopened.v1': {
      const { endedAt: _endedAt, extendedTo: _extendedTo, sufficientAt: _sufficientAt, ...rest } = state;
      const again: RequestState = {
        ...rest,
        status: 'acknowledged',
        receivedAt: at,
        needs: [],
        waits: [],
        told: [],
        tasks: {},
        refused: [],
        survivors: [],
      };
      return sufficient(again, at);
    }
    case 'attesta.request.warned.v1':
      return { ...state, told: [...state.told, `${data.before} ${data.due}`] };
    case 'attesta.request.overdue.v1':
      return { ...state, told: [...state.told, `missed ${data.due}`] };
    case 'attesta.request.package-made.v1':
    case 'attesta.request.package-downloaded.v1':
    case 'attesta.request.message-due.v1':
      return state;
  }
}

const withoutRequest = (data: Received & { request?: string }): Received => {
  const { request: _request, ...rest } = data;
  return rest;
};

/** What a system kept, as survivors: on the law it names, or for the reason it gives. */
const keptOf = (kept: readonly Kept[] = []): Spared[] =>
  kept.map(({ category, reason, law }) => ({ category, ground: 'kept-by-system', ...(law !== undefined && { law }), reason }));

/** Enough to begin: whoever asks is the person, and nothing more is asked of them. */
const sufficient = (state: RequestState, at: number): RequestState =>
  state.sufficientAt === undefined && state.identity === 'verified' && state.needs.length === 0 ? { ...state, sufficientAt: at } : state;

const ended = ({ waitingSince: _waitingSince, ...state }: RequestState, status: Status, at: number): RequestState => ({
  ...state,
  status,
  needs: [],
  endedAt: at,
});

const withTask = (state: RequestState, task: string, change: Partial<TaskState>): RequestState => {
  const known = state.tasks[task];
  return known ? { ...state, tasks: { ...state.tasks, [task]: { ...known, ...change } } } : state;
};

/** The clock of a request, where the policy sets one. */
export const clockOf = (policy: Policy, { right, jurisdiction }: Pick<RequestState, 'right' | 'jurisdiction'>): Clock | undefined =>
  clockFor(policy, right, jurisdiction);

/** When the clock began to run: undefined while it has not. */
function startOf({ starts }: Clock, { receivedAt, verifiedAt, sufficientAt }: RequestState): number | undefined {
  const start = { receipt: receivedAt, verified: verifiedAt, sufficient_information: sufficientAt }[starts];
  return start === undefined ? undefined : Math.max(start, receivedAt);
}

/**
 * By when the request must be done: undefined while its clock has not started (notice clause 8.5: sufficient information is not there yet), or
 * stands still because the person has to do something first.
 */
export function deadlineOf(policy: Policy, state: RequestState): Deadline | undefined {
  const clock = clockOf(policy, state);
  if (!clock) return undefined;
  const from = startOf(clock, state);
  if (from === undefined) return undefined;
  const pauses = ({ needs }: { needs: Justification[] }) => needs.some((need) => clock.pausesOn.includes(need));
  if (state.waitingSince !== undefined && pauses(state)) return undefined;
  const paused = state.waits.filter(pauses).reduce((sum, wait) => sum + Math.max(0, wait.to - Math.max(wait.from, from)), 0);
  const announced = state.extendedTo === undefined ? undefined : new Date(state.extendedTo - 1).toISOString();
  return requestDeadline(clock, new Date(from).toISOString(), paused, announced);
}

/** When the clock has next to be looked at, in milliseconds; undefined: not before something else happens. */
export function nextLook(policy: Policy, state: RequestState): number | undefined {
  if (!isOpen(state)) return undefined;
  const due = deadlineOf(policy, state);
  const clock = clockOf(policy, state);
  if (!due || !clock) return undefined;
  if (state.told.includes(`missed ${due.overdueFrom}`)) return undefined;
  const moments = warnings(policy, clock, due)
    .filter(({ name }) => !state.told.includes(name))
    .map(({ at }) => at);
  return Math.min(...moments, Date.parse(due.overdueFrom));
}

function lookAtClock(policy: Policy, state: RequestState, now: number): RequestEvent[] {
  const due = isOpen(state) ? deadlineOf(policy, state) : undefined;
  const clock = clockOf(policy, state);
  if (!due || !clock) return [];
  const { overdueFrom } = due;
  if (now >= Date.parse(overdueFrom)) {
    if (state.told.includes(`missed ${overdueFrom}`)) return [];
    return [{ type: 'attesta.request.overdue.v1', data: { clock: clock.id, due: overdueFrom } }];
  }
  return warnings(policy, clock, due)
    .filter(({ name, at }) => at <= now && !state.told.includes(name))
    .map(({ before }) => ({ type: 'attesta.request.warned.v1', data: { clock: clock.id, due: overdueFrom, before } }));
}

const warnings = (policy: Policy, clock: Clock, { overdueFrom }: Deadline) =>
  (policy.requests?.warnings ?? []).map((before) => ({
    before,
    name: `${before} ${overdueFrom}`,
    at: Date.parse(timeBefore(clock, overdueFrom, before)),
  }));

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
  const { categories, survivors, tasks } = command;
  const accepted: RequestEvent = {
    type: 'attesta.request.accepted.v1',
    data: {
      ...(categories && { categories }),
      ...(refused.length > 0 && { refused }),
      ...(tasks.length > 0 && { systems: [...new Set(tasks.map(({ system }) => system))] }),
    },
  };
  const erased: RequestEvent[] =
    state.right === 'erasure' ? [{ type: 'attesta.request.erasure-instructed.v1', data: { categories: categories ?? [], survivors } }] : [];
  return [accepted, ...erased, ...tasks.map((data): RequestEvent => ({ type: 'attesta.request.task-issued.v1', data }))];
}

function fulfilment(policy: Policy, state: RequestState, { package: made }: Command & { kind: 'fulfil' }, now: number): RequestEvent[] {
  const waiting = openTasks(state);
  if (waiting.length > 0)
    throw new NotNow('tasks-open', `Systems that have not answered: ${waiting.length}.`, 'Wait for them, or settle their tasks by hand.');
  const survivors = distinct([...state.survivors, ...state.refused]);
  const acknowledgements = distinct(Object.values(state.tasks).map(({ system, outcome }) => ({ system, outcome: outcome! })));
  const due = deadlineOf(policy, state);
  const packaged: RequestEvent[] = made ? [{ type: 'attesta.request.package-made.v1', data: made }] : [];
  return [
    ...packaged,
    {
      type: 'attesta.request.fulfilled.v1',
      data: {
        outcome: survivors.length > 0 || acknowledgements.some(({ outcome }) => outcome === 'overridden') ? 'partial' : 'complete',
        ...(due && { inTime: now < Date.parse(due.overdueFrom) && !state.told.some((one) => one.startsWith('missed ')) }),
        ...(survivors.length > 0 && { survivors }),
        ...(acknowledgements.length > 0 && { acknowledgements }),
      },
    },
  ];
}

/** The same said twice, as by two systems that keep the same on the same law, is said once. */
const distinct = <T extends object>(all: readonly T[]): T[] => [
  ...new Map(all.map((one) => [JSON.stringify(Object.entries(one).sort()), one])).values(),
];

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
