import type { LoggedEvent } from '@attesta/event-log';
import type { Policy } from '@attesta/policy';
import type { Justification, RequestEvent } from './request.state.js';

const TOLD = [
  'received',
  'acknowledged',
  'action-required',
  'action-performed',
  'identity-verified',
  'identity-failed',
  'delayed',
  'accepted',
  'rejected',
  'package-made',
  'package-downloaded',
  'fulfilled',
  'unfulfilled',
  'reopened',
  'overdue',
] as const;

/** What happened to a request, as whoever made it is told: not which systems were asked, and not what officers warn each other of. */
export interface OwnStep {
  /** RFC 3339. */
  at: string;
  step: (typeof TOLD)[number];
  /** What was needed of the person, or was done by them. */
  need?: Justification;
  /** A question, or why: as it was written to the person. */
  reason?: string;
  law?: string;
  /** Whom a complaint goes to. */
  authority?: { title: string; titleTh: string | null };
  /** The day that was announced, or missed (RFC 3339). */
  due?: string;
}

/** @param log the request's own stream, whole */
export const ownSteps = (log: readonly LoggedEvent[], policy: Policy): OwnStep[] =>
  log.flatMap(({ type, time, data }) => {
    const step = TOLD.find((one) => type === `attesta.request.${one}.v1`);
    return step ? [{ at: time, step, ...detailsOf({ type, data } as unknown as RequestEvent, policy) }] : [];
  });

function detailsOf({ type, data }: RequestEvent, policy: Policy): Omit<OwnStep, 'at' | 'step'> {
  switch (type) {
    case 'attesta.request.action-required.v1':
      return { need: data.justification, ...(data.reason !== undefined && { reason: data.reason }) };
    case 'attesta.request.action-performed.v1':
      return { need: data.justification };
    case 'attesta.request.delayed.v1':
      return { due: data.due, reason: data.reason };
    case 'attesta.request.rejected.v1': {
      const authority = policy.parties.get(data.authority);
      const { law, reason } = data;
      return { law, reason, ...(authority && { authority: { title: authority.title, titleTh: authority.title_th ?? null } }) };
    }
    case 'attesta.request.unfulfilled.v1':
      return { reason: data.reason };
    case 'attesta.request.overdue.v1':
      return { due: data.due };
    default:
      return {};
  }
}
