import { randomUUID } from 'node:crypto';
import type { Principal } from './principal.js';

/** A look at a person's data, or a refused one (notice clause 6.3). */
export interface Access {
  action: string;
  /** Route pattern, never with an id. */
  resource: string;
  /** The person read about. */
  subject?: string | undefined;
  reason?: string | undefined;
  positions?: number[] | undefined;
  rows?: number | undefined;
  /** Position the answer stands at; none for an empty log. */
  asOf?: number | undefined;
}

const MOST_POSITIONS = 1_000;

/** The access as an event of a service's own log: durable there before the answer leaves, then sealed. */
export function accessEvent(
  { sub, roles }: Principal,
  { subject, asOf, positions, ...access }: Access,
  outcome: 'allowed' | 'denied',
  now: Date,
) {
  const data = {
    ...access,
    outcome,
    role: roles[0],
    positions: positions?.slice(0, MOST_POSITIONS),
    asOf: asOf !== undefined && asOf >= 0 ? asOf : undefined,
  };
  return {
    id: randomUUID(),
    type: 'attesta.access.recorded.v1',
    time: now.toISOString(),
    ...(subject !== undefined && { subject }),
    actor: sub,
    data: Object.fromEntries(Object.entries(data).filter(([, value]) => value !== undefined)),
  };
}
