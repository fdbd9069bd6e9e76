import { rfc3339Millis } from '@attesta/events';
import { defineRegister, type Recorded } from './register.js';

const PREFIX = 'attesta.request.';
/** What a request is about to be told, and to whom, says nothing of the request itself. */
const MESSAGE_DUE = 'attesta.request.message-due';

/** What was sealed of requests, a row for each event (notice clauses 7 and 8; PDPA s.39). A request is put together from its rows when it is asked for. */
export const requestEvents = defineRegister({
  name: 'requests',
  table: 'request_event',
  columns: {
    position: 'int8',
    request: 'uuid',
    /** What happened to it, such as `received` or `task-answered`. */
    event: 'text',
    subject: 'uuid',
    rightId: 'text?',
    jurisdiction: 'text?',
    channel: 'text?',
    clock: 'text?',
    due: 'time?',
    /** All else that the event says. */
    details: 'json',
    occurredAt: 'time',
    recordedAt: 'time',
    source: 'text',
  },
  order: [],
  rows({ position, entry, name, data, occurredAt, recordedAt }) {
    if (!name.startsWith(PREFIX) || name === MESSAGE_DUE) return [];
    const { request, right, jurisdiction, channel, clock, due, ...details } = data as unknown as RequestEventData;
    return [
      {
        position,
        request,
        event: name.slice(PREFIX.length),
        subject: entry.subject!.id,
        rightId: right,
        jurisdiction,
        channel,
        clock,
        due: due === undefined ? null : (rfc3339Millis(due) ?? null),
        details,
        occurredAt,
        recordedAt,
        source: entry.source,
      },
    ];
  },
});

interface RequestEventData {
  request: string;
  right?: string;
  jurisdiction?: string;
  channel?: string;
  clock?: string;
  due?: string;
}

export type RequestEventRow = Recorded<typeof requestEvents>;
