import type { Policy } from '@attesta/policy';
import { authorityClock, runningClocks } from './breach.clock.js';
import type { StoredBreach } from './breach-store.js';
import { initialNotice, type BreachState } from './breach.state.js';

/** Where the duty to tell an authority stands. */
export interface ClockView {
  jurisdiction: string;
  authority: string | null;
  /** Null where the policy sets no clock. */
  clock: string | null;
  /** The first instant at which it is too late. */
  due: string | null;
  state: 'running' | 'overdue' | 'notified' | 'notified-late' | 'not-required' | 'none';
  /** While it runs. */
  remainingSeconds: number | null;
  /** By how much it was, or is by now, too late. */
  lateSeconds: number | null;
}

/** A breach as it is answered. Times are RFC 3339. */
export interface BreachView {
  breach: string;
  status: BreachState['status'];
  recordedAt: string;
  discoveredAt: string;
  facts: Plain<BreachState['facts']>;
  assessment: (Plain<NonNullable<BreachState['assessment']>> & { at: string }) | null;
  /** Until when the risk has to be assessed; null when it is. */
  assessmentDue: string | null;
  clocks: ClockView[];
  /** Why no authority has to be told. */
  notNotified: { reason: string; at: string } | null;
  notified: Plain<BreachState['notified'][number]>[];
  people: {
    /** How many were named. */
    named: number;
    /** Whether the law wants them told: at high risk, but for an exemption. */
    required: boolean;
    orders: (Plain<Omit<BreachState['notices'][number], 'told'>> & {
      at: string;
      told: { told: number; unreachable: number; failed: number } | null;
    })[];
  };
  closing: (Plain<NonNullable<BreachState['closing']>> & { at: string }) | null;
}

type Plain<T> = Omit<T, 'event' | 'saidAt'>;

export function viewOf(policy: Policy, { id, state }: StoredBreach, now: Date, named: number): BreachView {
  const { status, recorded, facts, assessment, excused, notified, notices, closing } = state;
  return {
    breach: id,
    status,
    recordedAt: iso(recorded.saidAt),
    discoveredAt: recorded.discoveredAt,
    facts: plain(facts),
    assessment: assessment ? dated(assessment) : null,
    assessmentDue: runningClocks(policy, state).find(({ duty }) => duty === 'assessment')?.due ?? null,
    clocks: facts.jurisdictions.map((jurisdiction) => clockView(policy, state, jurisdiction, now.getTime())),
    notNotified: excused ? dated(excused) : null,
    notified: notified.map(plain),
    people: {
      named,
      required: assessment?.risk === 'high' && !closing?.exemption,
      orders: notices.map(({ told, ...notice }) => ({ ...dated(notice), told: told ? plain(told) : null })),
    },
    closing: closing ? dated(closing) : null,
  };
}

export function clockView(policy: Policy, state: BreachState, jurisdiction: string, now: number): ClockView {
  const clock = authorityClock(policy, state, jurisdiction);
  const view: ClockView = {
    jurisdiction,
    authority: policy.jurisdictions.get(jurisdiction)?.authority ?? null,
    clock: clock?.clock.id ?? null,
    due: clock?.due ?? null,
    state: 'none',
    remainingSeconds: null,
    lateSeconds: null,
  };
  const due = clock && Date.parse(clock.due);
  const first = initialNotice(state, jurisdiction);
  if (first) {
    if (first.inTime !== false || due === undefined) return { ...view, state: 'notified' };
    return { ...view, state: 'notified-late', lateSeconds: seconds(Date.parse(first.at) - due) };
  }
  if (state.excused) return { ...view, state: 'not-required' };
  if (due === undefined) return view;
  return now < due
    ? { ...view, state: 'running', remainingSeconds: seconds(due - now) }
    : { ...view, state: 'overdue', lateSeconds: seconds(now - due) };
}

const seconds = (ms: number): number => Math.floor(ms / 1000);
const iso = (ms: number): string => new Date(ms).toISOString();

function plain<T extends { event: number; saidAt: number }>({ event: _event, saidAt: _saidAt, ...rest }: T): Omit<T, 'event' | 'saidAt'> {
  return rest;
}

const dated = <T extends { event: number; saidAt: number }>(said: T): Omit<T, 'event' | 'saidAt'> & { at: string } => ({
  ...plain(said),
  at: iso(said.saidAt),
});
