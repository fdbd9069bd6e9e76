import { clockFor, requestDeadline, timeBefore, type Clock, type Deadline, type Policy } from '@attesta/policy';
import { isOpen, type Justification, type RequestEvent, type RequestState } from './request.state.js';

/** The clock of a request, where the policy sets one. */
export const clockOf = (policy: Policy, { right, jurisdiction }: Pick<RequestState, 'right' | 'jurisdiction'>): Clock | undefined =>
  clockFor(policy, right, jurisdiction);

/** When the clock began to run: undefined while it has not. */
export function startOf({ starts }: Clock, { receivedAt, verifiedAt, sufficientAt }: RequestState): number | undefined {
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

export function lookAtClock(policy: Policy, state: RequestState, now: number): RequestEvent[] {
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
