import type { EventTypes } from '@attesta/events';

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
export const OPEN: readonly Status[] = ['initiated', 'acknowledged', 'requires-action', 'action-performed', 'accepted'];
export const UNDECIDED: readonly Status[] = ['initiated', 'acknowledged', 'requires-action', 'action-performed'];

export type Justification = 'identity-verification' | 'information';
export type Outcome = 'data' | 'done' | 'nothing-held' | 'overridden';
export type Received = Omit<EventTypes['attesta.request.received.v1'], 'request'>;
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
  /** Of an accepted erasure: the categories to be erased. */
  erased?: string[];
  /** Systems did their part of the erasure, and the ledger's own was instructed. */
  instructed?: true;
  tasks: Record<string, TaskState>;
  /** Deadlines that were warned of or found missed, by what was said of them. */
  told: string[];
  endedAt?: number;
  /** Of what was fulfilled. */
  result?: 'complete' | 'partial';
}

type Names = Extract<keyof EventTypes, `attesta.request.${string}`>;
/** An event of a request, without the request's id, which is its stream's. */
export type RequestEvent = { [T in Names]: { type: T; data: Omit<EventTypes[T], 'request'> } }[Names];

export type Kept = { category: string; reason: string; law?: string };

export const isOpen = ({ status }: Pick<RequestState, 'status'>): boolean => OPEN.includes(status);
export const openTasks = ({ tasks }: RequestState): string[] => Object.keys(tasks).filter((task) => tasks[task]!.outcome === undefined);

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
      return {
        ...state,
        status: 'accepted',
        refused: data.refused ?? [],
        ...(state.right === 'erasure' && { erased: data.categories ?? [] }),
      };
    case 'attesta.request.erasure-instructed.v1':
      return { ...state, instructed: true, survivors: [...data.survivors, ...state.survivors] };
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
      return { ...ended(state, 'fulfilled', at), result: data.outcome };
    case 'attesta.request.unfulfilled.v1':
      return ended(state, 'unfulfilled', at);
    case 'attesta.request.reopened.v1': {
      const {
        endedAt: _endedAt,
        extendedTo: _extendedTo,
        sufficientAt: _sufficientAt,
        erased: _erased,
        instructed: _instructed,
        result: _result,
        ...rest
      } = state;
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
