import { clockFor, deadline, timeBefore, type Clock, type Policy } from '@attesta/policy';
import { clockName, initialNotice, type BreachEvent, type BreachState, type ClockName } from './breach.state.js';

/** The duty of the policy whose clocks these are. */
const DUTY = 'breach-notice';

/** A clock of a breach. */
export interface BreachClock {
  name: ClockName;
  duty: 'authority' | 'assessment';
  jurisdiction: string;
  clock: Clock;
  /** The first instant at which it is too late (RFC 3339). */
  due: string;
}

/** The clock of an authority, where the policy sets one; it runs from when the company became aware. */
export function authorityClock(policy: Policy, { recorded }: Pick<BreachState, 'recorded'>, jurisdiction: string): BreachClock | undefined {
  const clock = clockFor(policy, DUTY, jurisdiction);
  if (!clock) return undefined;
  const { overdueFrom: due } = deadline(clock, recorded.discoveredAt);
  return { name: clockName('authority', jurisdiction), duty: 'authority', jurisdiction, clock, due };
}

/**
 * Clocks that run: of every authority that has to know and does not, and of the assessment, which has to be there when the first authority has to
 * know, whatever that one was told before.
 */
export function runningClocks(policy: Policy, state: BreachState): BreachClock[] {
  if (state.status === 'closed') return [];
  const clocks = state.facts.jurisdictions.flatMap((jurisdiction) => authorityClock(policy, state, jurisdiction) ?? []);
  const waiting = state.excused ? [] : clocks.filter(({ jurisdiction }) => !initialNotice(state, jurisdiction));
  if (state.assessment) return waiting;
  const [first] = clocks.toSorted((a, b) => Date.parse(a.due) - Date.parse(b.due));
  return first ? [...waiting, { ...first, name: clockName('assessment', first.jurisdiction), duty: 'assessment' }] : waiting;
}

/** When the clocks have next something to say, in milliseconds; undefined: not before something else happens. */
export function nextLook(policy: Policy, state: BreachState): number | undefined {
  const moments = runningClocks(policy, state).flatMap((clock) =>
    isSaid(state, clock) ? [] : [Date.parse(clock.due), ...warnings(policy, state, clock).map(({ at }) => at)],
  );
  return moments.length > 0 ? Math.min(...moments) : undefined;
}

/** What clocks say at `now`. Of several warnings that have passed, the nearest alone is said. @param but clocks that are not asked */
export function lookAtClocks(policy: Policy, state: BreachState, now: number, but?: ClockName): BreachEvent[] {
  return runningClocks(policy, state).flatMap((clock): BreachEvent[] => {
    const { name, duty, jurisdiction, due } = clock;
    if (name === but || isSaid(state, clock)) return [];
    const data = { duty, jurisdiction, clock: clock.clock.id, due };
    if (now >= Date.parse(due)) return [{ type: 'attesta.breach.overdue.v1', data }];
    const nearest = warnings(policy, state, clock).findLast(({ at }) => at <= now);
    return nearest ? [{ type: 'attesta.breach.warned.v1', data: { ...data, before: nearest.before } }] : [];
  });
}

const isSaid = ({ clocks }: BreachState, { name, due }: BreachClock): boolean => clocks[name]?.overdue === due;

/** Warnings nearer to the deadline than the one that was said of it, the nearest last. */
function warnings(policy: Policy, { clocks }: BreachState, { name, clock, due }: BreachClock): { before: string; at: number }[] {
  const momentOf = (before: string) => Date.parse(timeBefore(clock, due, before));
  const warned = clocks[name]?.warned;
  const last = warned?.due === due ? momentOf(warned.before) : -Infinity;
  return (policy.breaches?.warnings ?? [])
    .map((before) => ({ before, at: momentOf(before) }))
    .filter(({ at }) => at > last)
    .toSorted((a, b) => a.at - b.at);
}
