import { uuidOf, type NewEvent } from '@attesta/event-log';
import type { EventTypes } from '@attesta/events';
import type pg from 'pg';
import type { Requests } from './requests.js';

type Answered = EventTypes['attesta.disposal.systems-answered.v1'];
type Stuck = EventTypes['attesta.disposal.task-stuck.v1'];

/** Stream of everything that is said of disposals: they are many, and little is said of each. */
export const DISPOSALS = 'disposals';

export const systemsAnswered = (
  requests: Requests,
  { id, subject }: { id: string; subject: string },
  acknowledgements: Answered['acknowledgements'],
  actor?: string,
): NewEvent => event(requests, 'attesta.disposal.systems-answered.v1', id, subject, { disposal: id, acknowledgements }, actor);

export const taskStuck = (requests: Requests, subject: string, data: Stuck, actor: string | undefined): NewEvent =>
  event(requests, 'attesta.disposal.task-stuck.v1', data.task, subject, data, actor);

/** In one append, last in the transaction. */
export async function say(tx: pg.PoolClient, requests: Requests, events: readonly NewEvent[]): Promise<void> {
  if (events.length > 0) await requests.log.append(tx, DISPOSALS, 'any', events);
}

/** @param about what it is said of, once */
function event(
  requests: Requests,
  type: string,
  about: string,
  subject: string,
  data: NewEvent['data'],
  actor: string | undefined,
): NewEvent {
  const time = requests.now().toISOString();
  return { id: uuidOf(`${type}\n${about}`), type, time, subject, ...(actor !== undefined && { actor }), data };
}
