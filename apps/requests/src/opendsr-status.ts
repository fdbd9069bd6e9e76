import type { LoggedEvent } from '@attesta/event-log';
import { endOfDuration } from '@attesta/policy';
import { deadlineOf } from './request.clock.js';
import { isOpen, type RequestState, type Status } from './request.state.js';
import type { Requests } from './requests.js';

/** OpenDSR 8. It has no word for a refusal: that is cancelled too, and the extension says more. */
export type OpenDsrStatus = 'pending' | 'in_progress' | 'completed' | 'cancelled';

const STATUS: Record<Status, OpenDsrStatus> = {
  initiated: 'pending',
  acknowledged: 'pending',
  'requires-action': 'pending',
  'action-performed': 'pending',
  accepted: 'in_progress',
  fulfilled: 'completed',
  rejected: 'cancelled',
  unfulfilled: 'cancelled',
};
export const statusOf = ({ status }: Pick<RequestState, 'status'>): OpenDsrStatus => STATUS[status];

const AFTER: Record<string, OpenDsrStatus> = {
  'attesta.request.received.v1': 'pending',
  'attesta.request.accepted.v1': 'in_progress',
  'attesta.request.fulfilled.v1': 'completed',
  'attesta.request.rejected.v1': 'cancelled',
  'attesta.request.unfulfilled.v1': 'cancelled',
  'attesta.request.reopened.v1': 'pending',
};

/** A change of status, and the version of the stream that it came with. */
export interface StatusChange {
  version: number;
  status: OpenDsrStatus;
}

/** Every change of status in a request's stream, in order. */
export const changesIn = (stream: readonly Pick<LoggedEvent, 'type' | 'version'>[]): StatusChange[] =>
  stream.flatMap(({ type, version }) => {
    const status = AFTER[type];
    return status === undefined ? [] : [{ version, status }];
  });

/**
 * When we expect to be done (RFC 3339), which OpenDSR always wants to know: the deadline of the law, as it would be if a clock that stands went on
 * now; without one, or past it, as long as systems have to answer; for what ended, its end.
 */
export function expectedBy({ policy, rules }: Pick<Requests, 'policy' | 'rules'>, state: RequestState, now: number): string {
  if (!isOpen(state)) return new Date(state.endedAt ?? now).toISOString();
  const { waitingSince, ...rest } = state;
  const waits = waitingSince === undefined ? state.waits : [...state.waits, { from: waitingSince, to: now, needs: state.needs }];
  const due = deadlineOf(policy, { ...rest, waits, sufficientAt: state.sufficientAt ?? now, verifiedAt: state.verifiedAt ?? now });
  if (due && Date.parse(due.overdueFrom) > now) return due.overdueFrom;
  return new Date(endOfDuration(now, rules.task.answerWithin)).toISOString();
}
