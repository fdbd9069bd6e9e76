import { rfc3339Millis, type EventTypes } from '@attesta/events';
import type pg from 'pg';
import { readRegister, type RegisterFilter, type Through } from './register-page.js';
import { defineRegister, type Recorded } from './register.js';

const PREFIX = 'attesta.message.';
export const OUTCOMES = ['handed-off', 'suppressed', 'in-flight', 'delivered', 'bounced', 'failed'] as const;

/** What became of messages to people, a row for each thing that did; never what they said, nor where they went (notice clauses 4.5, 8.1). */
export const messages = defineRegister({
  name: 'messages',
  table: 'message',
  columns: {
    position: 'int8',
    message: 'uuid',
    subject: 'uuid?',
    outcome: 'text',
    template: 'text?',
    /** SHA-256 of the template as it was used. */
    templateVersion: 'text?',
    channel: 'text',
    purpose: 'text?',
    kind: 'text?',
    language: 'text?',
    /** Fields that were filled in. */
    fields: 'texts?',
    /** Fields that others could see. */
    exposed: 'texts?',
    /** Why it was not sent, or did not arrive. */
    reason: 'text?',
    /** Reasons of the decision. */
    because: 'texts?',
    /** RFC 3463, of a bounce. */
    status: 'text?',
    attempts: 'int8?',
    /** Position of the consent relied on. */
    consent: 'int8?',
    /** The event that made it due. */
    cause: 'json?',
    queuedAt: 'time?',
    handedOffAt: 'time?',
    /** Of a message under way: from the withdrawal to the hand-off, and until when it is excused. */
    milliseconds: 'int8?',
    until: 'time?',
    occurredAt: 'time',
    recordedAt: 'time',
    source: 'text',
  },
  order: [],
  rows({ position, entry, name, data, occurredAt, recordedAt }) {
    const outcome = name.startsWith(PREFIX) ? OUTCOMES.find((one) => name === PREFIX + one) : undefined;
    if (outcome === undefined) return [];
    const message = data as Message;
    const { queuedAt, handedOffAt, until, permanent } = message;
    return [
      {
        ...message,
        position,
        subject: entry.subject?.id,
        outcome,
        reason: permanent === undefined ? message.reason : permanent ? 'permanent' : 'transient',
        queuedAt: millis(queuedAt),
        handedOffAt: outcome === 'handed-off' ? occurredAt : millis(handedOffAt),
        until: millis(until),
        occurredAt,
        recordedAt,
        source: entry.source,
      },
    ];
  },
});

type HandedOff = EventTypes['attesta.message.handed-off.v1'];

/** What all events of messages say, and what only some do. */
type Message = Pick<HandedOff, 'message' | 'channel'> &
  Partial<Omit<HandedOff, 'message' | 'channel'>> &
  Partial<Pick<EventTypes['attesta.message.in-flight.v1'], 'handedOffAt' | 'milliseconds' | 'until'>> &
  Partial<Pick<EventTypes['attesta.message.suppressed.v1'], 'because'>> &
  Partial<Pick<EventTypes['attesta.message.bounced.v1'], 'permanent' | 'status'>> & { reason?: string };

const millis = (time: string | undefined): number | null => (time === undefined ? null : (rfc3339Millis(time) ?? null));

export type MessageRow = Recorded<typeof messages> & Through;

export interface MessageFilter extends RegisterFilter {
  message?: string | undefined;
  template?: string | undefined;
  channel?: string | undefined;
  purpose?: string | undefined;
  kind?: string | undefined;
  outcome?: string | undefined;
}

/** Newest first. */
export const readMessages = (pool: pg.Pool, filter: MessageFilter): Promise<MessageRow[]> =>
  readRegister(pool, messages, filter, {
    'message = ?': filter.message,
    'template = ?': filter.template,
    'channel = ?': filter.channel,
    'purpose = ?': filter.purpose,
    'kind = ?': filter.kind,
    'outcome = ?': filter.outcome,
  });
