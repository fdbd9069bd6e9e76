import type { EventTypes } from '@attesta/events';
import type { Cause } from './planner.js';

type Data<Name extends string> = EventTypes[`attesta.${Name}.v1` & keyof EventTypes];
type Named<Name extends string> = { type: `attesta.${Name}.v1`; data: Omit<Data<Name>, 'disposal'> };

/** What we say of a disposal. */
export type OwnEvent = Named<'disposal.started'> | Named<'disposal.instructed'> | Named<'disposal.abandoned'> | Named<'disposal.completed'>;
/** What the ledger and the requests service answer. */
export type Answer =
  | Named<'key.closed'>
  | Named<'disposal.systems-answered'>
  | { type: 'attesta.key.destroyed.v1'; data: { keys: string[]; scope: string } }
  | { type: 'attesta.ciphertext.removed.v1'; data: object };

export type Survivor = Data<'disposal.completed'>['survivors'][number];
export type PartName = Data<'disposal.instructed'>['parts'][number];
type Acknowledgement = Data<'disposal.completed'>['acknowledgements'][number];

/** started -> instructed -> completed, or abandoned before anything was destroyed. */
export type Status = 'started' | 'instructed' | 'completed' | 'abandoned';

export interface DisposalState {
  status: Status;
  cause: Cause;
  request?: string;
  action: 'destroy' | 'anonymise';
  rules: string[];
  /** What systems were asked to erase. */
  categories: string[];
  classes: string[];
  /** RFC 3339. */
  collectedUntil: string;
  /** Keys that the ledger closed, and the position from which nothing is sealed under them. */
  closed?: { keys: string[]; fence: number };
  acknowledgements?: Acknowledgement[];
  /** What the ledger was told to destroy. */
  scope: 'class' | 'subject';
  keys: string[];
  /** It was told to destroy keys, or the person, and has not said that it did. */
  awaitsKeys: boolean;
  /** Whether ciphertexts under living keys were removed. */
  removed: boolean;
}

/** What is found to be destroyed when the ledger and the systems have answered. */
export interface Found {
  scope: 'class' | 'subject';
  /** Closed keys none of whose parts stay. */
  keys: string[];
  parts: PartName[];
  basis?: string;
  /** Holds that kept everything. */
  holds: string[];
}

/** What was destroyed, and what survives. */
export interface Outcome {
  rules: Data<'disposal.completed'>['rules'];
  categories: string[];
  parts: number;
  collected?: { from: string; until: string };
  survivors: Survivor[];
  /** Position of the key.destroyed event. */
  destroyed?: number;
}

const MOST_PARTS = 1000;

export function start(cause: Cause, data: Omit<Data<'disposal.started'>, 'disposal' | 'cause'>): OwnEvent[] {
  return [{ type: 'attesta.disposal.started.v1', data: { cause, ...data } }];
}

/** Whether the ledger has closed the keys and every system has answered; for a request its systems answered before. */
export const isReady = (state: DisposalState): boolean =>
  state.status === 'started' && state.closed !== undefined && (state.request !== undefined || state.acknowledgements !== undefined);

/** Whether the ledger has destroyed all keys that it was told to. */
export const areKeysDone = (state: DisposalState): boolean => state.status === 'instructed' && !state.awaitsKeys;

export const hasEnded = ({ status }: DisposalState): boolean => status === 'completed' || status === 'abandoned';

/**
 * What the ledger is told to destroy; nothing where nothing is left to do: then a scheduled disposal is abandoned, and one that a request asked for
 * goes on to its end.
 */
export function instruct(state: DisposalState, { scope, keys, parts, basis, holds }: Found): OwnEvent[] {
  if (!isReady(state)) return [];
  if (keys.length === 0 && parts.length === 0 && scope === 'class') {
    if (state.request !== undefined) return [];
    const why = holds.length > 0 ? { reason: 'held' as const, holds: holds.slice(0, 64) } : { reason: 'no-longer-due' as const };
    return [{ type: 'attesta.disposal.abandoned.v1', data: why }];
  }
  const events: OwnEvent[] = [];
  for (let from = 0; from === 0 || from < parts.length; from += MOST_PARTS) {
    const first = from === 0;
    events.push({
      type: 'attesta.disposal.instructed.v1',
      data: {
        scope: first ? scope : 'class',
        keys: first ? keys : [],
        parts: parts.slice(from, from + MOST_PARTS),
        ...(basis !== undefined && { basis }),
      },
    });
  }
  return events;
}

/** The last word, once the ledger has removed all ciphertexts too: complete only where nothing of what was to go survives, here or in a system. */
export function complete(state: DisposalState, { destroyed, ...outcome }: Outcome): OwnEvent[] {
  const nothingToDo = isReady(state) && state.request !== undefined;
  if (!areKeysDone(state) && !nothingToDo) return [];
  const acknowledgements = state.acknowledgements ?? [];
  const kept = acknowledgements.flatMap(({ system, kept: theirs = [] }): Survivor[] =>
    theirs.map(({ category, reason, law }) => ({ category, ground: system, reason, ...(law !== undefined && { law }) })),
  );
  const survivors = distinct([...outcome.survivors, ...kept]).slice(0, 128);
  const { cause, request, action, scope, keys, closed } = state;
  const methods: Data<'disposal.completed'>['methods'] = [
    ...(keys.length > 0 ? (['crypto-shredding'] as const) : []),
    ...(state.removed ? (['ciphertext-removal'] as const) : []),
    ...(acknowledgements.some(({ outcome: did }) => did === 'done') ? (['system-erasure'] as const) : []),
  ];
  return [
    {
      type: 'attesta.disposal.completed.v1',
      data: {
        cause,
        ...(request !== undefined && { request }),
        outcome: survivors.length > 0 ? 'partial' : 'complete',
        action,
        scope,
        ...outcome,
        keys,
        survivors,
        acknowledgements,
        methods,
        priorNotice: cause === 'erasure-request' ? 'requested-by-subject' : 'not-required',
        ...(closed && { fence: closed.fence }),
        ...(destroyed !== undefined && { destroyed }),
      },
    },
  ];
}

/** @param state undefined before the first */
export function evolve(state: DisposalState | undefined, { type, data }: OwnEvent | Answer): DisposalState {
  if (type === 'attesta.disposal.started.v1') {
    const { request, ...started } = data;
    return {
      ...started,
      ...(request !== undefined && { request }),
      status: 'started',
      scope: 'class',
      keys: [],
      awaitsKeys: false,
      removed: false,
    };
  }
  if (!state) throw new Error(`${type} came before the disposal was started`);
  switch (type) {
    case 'attesta.key.closed.v1':
      return state.closed ? state : { ...state, closed: { keys: data.keys, fence: data.fence } };
    case 'attesta.disposal.systems-answered.v1':
      return state.acknowledgements ? state : { ...state, acknowledgements: data.acknowledgements };
    case 'attesta.disposal.instructed.v1':
      return {
        ...state,
        status: 'instructed',
        scope: data.scope === 'subject' ? 'subject' : state.scope,
        keys: [...new Set([...state.keys, ...data.keys])],
        awaitsKeys: state.awaitsKeys || data.keys.length > 0 || data.scope === 'subject',
      };
    case 'attesta.key.destroyed.v1': {
      const areGone = state.keys.every((key) => data.keys.includes(key)) && (state.scope === 'class' || data.scope === 'subject');
      return { ...state, awaitsKeys: state.awaitsKeys && !areGone };
    }
    case 'attesta.ciphertext.removed.v1':
      return { ...state, removed: true };
    case 'attesta.disposal.abandoned.v1':
      return { ...state, status: 'abandoned' };
    case 'attesta.disposal.completed.v1':
      return { ...state, status: 'completed' };
  }
}

/** The first of each: whoever names a reason first says most of it. */
function distinct(survivors: readonly Survivor[]): Survivor[] {
  const found = new Map<string, Survivor>();
  for (const one of survivors) {
    const name = JSON.stringify([one.category, one.ground, one.hold]);
    if (!found.has(name)) found.set(name, one);
  }
  return [...found.values()];
}
