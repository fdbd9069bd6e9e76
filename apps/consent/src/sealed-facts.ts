import { factIn, type Fact } from '@attesta/decisions';
import type { NewEvent } from '@attesta/event-log';
import { rfc3339Millis, type Entry } from '@attesta/events';

/** The fact of an event of our own, before it is sealed. */
export function ownFact(source: string, { id, type, time, subject, data }: NewEvent & { subject: string }, known: number): Fact {
  const fact = factIn({ source, id, type, time, subject, data, position: null, known });
  if (fact === undefined) throw new Error(`${type} holds no fact`);
  return fact;
}

/** When a sealed event became known: when we took it, where it is one of ours, else when it was sealed. */
export function knownAt({ data, recordedAt }: Pick<Entry, 'data' | 'recordedAt'>, own: boolean): number {
  const accepted = own && typeof data.acceptedAt === 'string' ? rfc3339Millis(data.acceptedAt) : undefined;
  const known = accepted ?? rfc3339Millis(recordedAt);
  if (known === undefined) throw new Error('The entry has no time of RFC 3339');
  return known;
}
