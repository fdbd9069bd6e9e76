import type { FieldProblem } from '@attesta/events';
import type { DecodedEvent } from './intake.js';
import { hazards, parseJson, utf8Text } from './safe-json.js';

export interface HttpEventRequest {
  /** Value of the content-type header, if any. */
  contentType: string | undefined;
  /** Lower-case names, as node gives them. */
  headers: Readonly<Record<string, string | string[] | undefined>>;
  body: Uint8Array;
}

export interface HttpLimits {
  /** Most events in a batch. Default 1,000. */
  batch?: number;
  /** Most bytes of one event of a batch, and of a single event. Default 262,144. */
  eventBytes?: number;
}

/** Either one result per event, or what is wrong with the request as a whole, with the HTTP status that says so. */
export type HttpEvents =
  | { ok: true; mode: 'structured' | 'batch' | 'binary'; events: DecodedEvent[] }
  | { ok: false; status: 400 | 413 | 415; problems: FieldProblem[] };

export const STRUCTURED = 'application/cloudevents+json';
export const BATCH = 'application/cloudevents-batch+json';

/**
 * Undoes the CloudEvents HTTP binding 1.0.2: structured, batched or binary content mode, all JSON. The events are not checked against schemas.
 * In a batch each event stands for itself: one that cannot be used is a failed item, not a failed batch.
 */
export function decodeHttp({ contentType, headers, body }: HttpEventRequest, limits: HttpLimits = {}): HttpEvents {
  const eventBytes = limits.eventBytes ?? 262_144;
  const media = (contentType ?? '').split(';', 1)[0]!.trim().toLowerCase();
  const charset = /;\s*charset="?([^";\s]+)/i.exec(contentType ?? '')?.[1];
  if (charset && !/^utf-?8$/i.test(charset)) {
    return refuse(415, 'wrong-charset', 'The charset is not UTF-8.', 'Send UTF-8 and leave the charset away.');
  }
  if (media === BATCH) return decodeBatch(body, limits.batch ?? 1_000, eventBytes);
  const binary = headers['ce-specversion'] !== undefined || headers['ce-id'] !== undefined;
  if (media !== STRUCTURED && !binary) {
    return refuse(
      415,
      'wrong-content-type',
      'The request is no CloudEvent.',
      `Use the content type ${STRUCTURED}, ${BATCH}, or application/json with ce- headers.`,
    );
  }
  if (body.length > eventBytes) return tooLarge(eventBytes);
  if (media === STRUCTURED) {
    const json = parseJson(body);
    if (!json.ok) return { ok: false, status: 400, problems: json.problems };
    return { ok: true, mode: 'structured', events: [checked(json.value)] };
  }
  return decodeBinary(media, headers, body);
}

function decodeBatch(body: Uint8Array, most: number, eventBytes: number): HttpEvents {
  const json = parseJson(body);
  if (!json.ok) return { ok: false, status: 400, problems: json.problems };
  if (!Array.isArray(json.value)) return refuse(400, 'not-an-array', 'A batch is not a JSON array.', 'Send an array of CloudEvents.');
  if (json.value.length > most)
    return refuse(413, 'batch-too-large', `A batch has more than ${most} events.`, `Send at most ${most} at a time.`);
  const items: unknown[] = json.value;
  // Only a body that could hold an oversized event is worth measuring event by event.
  const measure = body.length > eventBytes;
  return {
    ok: true,
    mode: 'batch',
    events: items.map((item) => {
      const result = checked(item);
      if (!result.ok || !measure || Buffer.byteLength(JSON.stringify(item)) <= eventBytes) return result;
      return { ok: false, problems: [largeProblem(eventBytes)], ...names(item) };
    }),
  };
}

function decodeBinary(media: string, headers: HttpEventRequest['headers'], body: Uint8Array): HttpEvents {
  if (!/^application\/(?:[\w.-]+\+)?json$/.test(media)) {
    return refuse(415, 'wrong-content-type', 'The data is not JSON.', 'Send the data as application/json.');
  }
  const event: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (!name.startsWith('ce-') || value === undefined) continue;
    const attribute = name.slice(3);
    const text = typeof value === 'string' ? percentDecoded(value) : undefined;
    if (text === undefined || !/^[a-z0-9]{1,64}$/.test(attribute)) {
      return {
        ok: false,
        status: 400,
        problems: [
          {
            field: /^[a-z0-9]{1,64}$/.test(attribute) ? `/${attribute}` : '',
            code: 'invalid-header',
            message: 'A ce- header is repeated, badly named or badly encoded.',
            fix: 'Send each attribute once, lower-case letters and digits, percent-encoded UTF-8 (CloudEvents HTTP binding 3.1.3.2).',
          },
        ],
      };
    }
    event[attribute] = text;
  }
  if (event.datacontenttype === undefined && media !== 'application/json') event.datacontenttype = media;
  // The trace of the request speaks for the event where it brings none of its own.
  if (event.traceparent === undefined && typeof headers.traceparent === 'string') event.traceparent = headers.traceparent;
  const json = parseJson(body);
  if (!json.ok) {
    const problems = json.problems.map((found) => ({ ...found, field: '/data' }));
    return { ok: true, mode: 'binary', events: [{ ok: false, problems, ...names(event) }] };
  }
  event.data = json.value;
  return { ok: true, mode: 'binary', events: [checked(event)] };
}

/** An event whose contents are free of hazards, or the problems with the names that can be read. */
export function checked(event: unknown): DecodedEvent {
  const problems = hazards(event);
  return problems.length ? { ok: false, problems, ...names(event) } : { ok: true, event };
}

/** id, source and type of what may be an event, as far as they are short texts: enough to find a rejection again. */
export function names(event: unknown): { id?: string; source?: string; type?: string } {
  const found: { id?: string; source?: string; type?: string } = {};
  if (typeof event !== 'object' || event === null) return found;
  for (const name of ['id', 'source', 'type'] as const) {
    const value: unknown = Object.getOwnPropertyDescriptor(event, name)?.value;
    if (typeof value === 'string' && value.length > 0 && value.length <= 512 && !hazards(value).length) found[name] = value;
  }
  return found;
}

/** CloudEvents HTTP binding 3.1.3.2: percent-encoded UTF-8, perhaps quoted. node reads header bytes as latin1. */
function percentDecoded(value: string): string | undefined {
  const bytes: number[] = [];
  const text = value.length >= 2 && value.startsWith('"') && value.endsWith('"') ? value.slice(1, -1).replace(/\\(.)/g, '$1') : value;
  for (let i = 0; i < text.length; i++) {
    const hex = text[i] === '%' ? text.slice(i + 1, i + 3) : undefined;
    if (hex !== undefined) {
      if (!/^[0-9a-fA-F]{2}$/.test(hex)) return undefined;
      bytes.push(parseInt(hex, 16));
      i += 2;
    } else {
      const code = text.charCodeAt(i);
      if (code > 0xff) return undefined;
      bytes.push(code);
    }
  }
  return utf8Text(Uint8Array.from(bytes));
}

const largeProblem = (most: number): FieldProblem => ({
  field: '',
  code: 'event-too-large',
  message: `The event is larger than ${most} bytes.`,
  fix: 'Send smaller events; refer to documents instead of embedding them.',
});

const tooLarge = (most: number): HttpEvents => ({ ok: false, status: 413, problems: [largeProblem(most)] });

const refuse = (status: 400 | 413 | 415, code: string, message: string, fix: string): HttpEvents => ({
  ok: false,
  status,
  problems: [{ field: '', code, message, fix }],
});
