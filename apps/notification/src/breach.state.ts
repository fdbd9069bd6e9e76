import type { EventTypes } from '@attesta/events';

/** Events of one stream of their own: people are named in another, for they are many. */
type Names = Exclude<Extract<keyof EventTypes, `attesta.breach.${string}`>, 'attesta.breach.person-named.v1'>;
/** An event of a breach, without the breach's id, which is its stream's. */
export type BreachEvent = { [T in Names]: { type: T; data: Omit<EventTypes[T], 'breach'> } }[Names];

export type Recorded = Omit<EventTypes['attesta.breach.recorded.v1'], 'breach'>;
export type Facts = Omit<Recorded, 'discoveredAt'>;
export type Assessment = Omit<EventTypes['attesta.breach.assessed.v1'], 'breach'>;
export type AuthorityNotice = Omit<EventTypes['attesta.breach.authority-notified.v1'], 'breach'>;
export type PeopleNotice = Omit<EventTypes['attesta.breach.people-notice-ordered.v1'], 'breach' | 'order'>;
export type Words = PeopleNotice['words'];
export type PeopleTold = Omit<EventTypes['attesta.breach.people-told.v1'], 'breach' | 'order'>;
export type Closing = Omit<EventTypes['attesta.breach.closed.v1'], 'breach'>;

/** What a clock runs for: `authority th-pdpa`, or the one assessment. */
export type ClockName = 'assessment' | `authority ${string}`;

export interface ClockSaid {
  warned?: { due: string; before: string };
  overdue?: string;
}

/** Something that was said: in which event of the stream, counted from 0, and when (milliseconds). */
export type Said<T> = T & { event: number; saidAt: number };

/** A breach, folded from its events. JSON as it is. */
export interface BreachState {
  status: 'open' | 'closed';
  /** How many events were folded. */
  events: number;
  /** When the last of them was said. */
  changedAt: number;
  /** As it was recorded, by which the same record is known when it is sent twice. */
  recorded: Said<Recorded>;
  /** What is known now. */
  facts: Said<Facts>;
  assessment?: Said<Assessment>;
  /** No authority has to be told, while nobody is at risk. */
  excused?: Said<{ reason: string }>;
  notified: Said<AuthorityNotice>[];
  /** What was said of each clock: the nearest warning, and of which deadline; the deadline that was found missed. */
  clocks: Partial<Record<ClockName, ClockSaid>>;
  /** What was ordered to be told to people, in order. */
  notices: (Said<PeopleNotice> & { told?: Said<PeopleTold> })[];
  closing?: Said<Closing>;
}

export const clockName = (duty: 'authority' | 'assessment', jurisdiction: string): ClockName =>
  duty === 'authority' ? `${duty} ${jurisdiction}` : duty;

/** What an authority was told first. */
export const initialNotice = ({ notified }: BreachState, jurisdiction: string): Said<AuthorityNotice> | undefined =>
  notified.find((notice) => notice.jurisdiction === jurisdiction && notice.phase === 'initial');

/** The state after an event that was said at `at` (milliseconds). @param state undefined before the first */
export function evolve(state: BreachState | undefined, { type, data }: BreachEvent, at: number): BreachState {
  const said = <T>(what: T): Said<T> => ({ ...what, event: state?.events ?? 0, saidAt: at });
  if (type === 'attesta.breach.recorded.v1') {
    const { discoveredAt: _discoveredAt, ...facts } = data;
    return { status: 'open', events: 1, changedAt: at, recorded: said(data), facts: said(facts), notified: [], clocks: {}, notices: [] };
  }
  if (!state) throw new Error(`${type} before the breach was recorded`);
  const next = { ...state, events: state.events + 1, changedAt: at };
  switch (type) {
    case 'attesta.breach.updated.v1': {
      const { reason: _reason, ...facts } = data;
      return { ...reopened(next), facts: said(facts) };
    }
    case 'attesta.breach.assessed.v1': {
      const { excused, ...rest } = reopened(next);
      return { ...rest, assessment: said(data), ...(excused && data.risk === 'none' && { excused }) };
    }
    case 'attesta.breach.not-notified.v1':
      return { ...next, excused: said(data) };
    case 'attesta.breach.authority-notified.v1':
      return { ...next, notified: [...state.notified, said(data)] };
    case 'attesta.breach.warned.v1': {
      const { due, before } = data;
      return withClock(next, data, { warned: { due, before } });
    }
    case 'attesta.breach.overdue.v1':
      return withClock(next, data, { overdue: data.due });
    case 'attesta.breach.people-notice-ordered.v1': {
      const { order: _order, ...notice } = data;
      return { ...next, notices: [...state.notices, said(notice)] };
    }
    case 'attesta.breach.people-told.v1': {
      const { order, ...told } = data;
      return { ...next, notices: state.notices.map((notice, i) => (i === order ? { ...notice, told: said(told) } : notice)) };
    }
    case 'attesta.breach.closed.v1':
      return { ...next, status: 'closed', closing: said(data) };
  }
}

const reopened = ({ closing: _closing, ...state }: BreachState): BreachState => ({ ...state, status: 'open' });

function withClock(
  state: BreachState,
  { duty, jurisdiction }: { duty: 'authority' | 'assessment'; jurisdiction: string },
  change: ClockSaid,
): BreachState {
  const name = clockName(duty, jurisdiction);
  return { ...state, clocks: { ...state.clocks, [name]: { ...state.clocks[name], ...change } } };
}
