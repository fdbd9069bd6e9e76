import type { CloudEvent, FieldProblem } from '@attesta/events';
import { checked, names, STRUCTURED } from './cloud-events-http.js';
import type { DecodedEvent } from './intake.js';
import { invalidUtf8, parseJson, utf8Text } from './safe-json.js';

type HeaderValue = Buffer | string | (Buffer | string)[] | undefined;

/** The part of a Kafka record that the binding speaks about. */
export interface KafkaRecord {
  key?: Buffer | string | null;
  value: Buffer | null;
  headers?: Record<string, HeaderValue>;
}

export interface KafkaEventMessage {
  key: string;
  value: Buffer;
  headers: Record<string, string>;
}

/** Largest event taken from Kafka, in bytes of its value. */
export const LARGEST_KAFKA_EVENT = 262_144;

/** Extension attributes stay behind: nobody here reads them, and a topic would keep them in clear. */
const ATTRIBUTES = ['specversion', 'id', 'source', 'type', 'time', 'subject', 'dataschema', 'actor', 'traceparent'] as const;

/**
 * A CloudEvent as a Kafka record in binary content mode (CloudEvents Kafka binding 1.0.2, 3.2): attributes as `ce_` headers in UTF-8, data as the
 * value. The key keeps the order of a subject; an event about nobody keeps its source's.
 */
export function encodeKafka(event: CloudEvent, key = event.subject ?? event.source): KafkaEventMessage {
  const headers: Record<string, string> = { 'content-type': event.datacontenttype ?? 'application/json' };
  for (const name of ATTRIBUTES) if (event[name] !== undefined) headers[`ce_${name}`] = event[name];
  return { key, value: Buffer.from(JSON.stringify(event.data)), headers };
}

/**
 * Undoes the CloudEvents Kafka binding, binary or structured. The event is not checked against a schema. Never throws: a record that is no
 * CloudEvent gives problems, and the names that could be read.
 */
export function decodeKafka({ value, headers = {} }: KafkaRecord, largest = LARGEST_KAFKA_EVENT): DecodedEvent {
  const event: Record<string, unknown> = {};
  const problems: FieldProblem[] = [];
  for (const [name, raw] of Object.entries(headers)) {
    const attribute = attributeOf(name);
    if (attribute === undefined || raw === undefined) continue;
    const text = Array.isArray(raw) ? undefined : typeof raw === 'string' ? raw : utf8Text(raw);
    if (text === undefined) problems.push(headerProblem(attribute, Array.isArray(raw)));
    else if (name.startsWith('ce_') || event[attribute] === undefined) event[attribute] = text;
  }
  if (problems.length) return { ok: false, problems, ...names(event) };
  if (!value) {
    return {
      ok: false,
      problems: [
        { field: '/data', code: 'no-data', message: 'The record has no value.', fix: 'Send the data as the value of the record.' },
      ],
      ...names(event),
    };
  }
  if (value.length > largest) {
    const message = `The event is larger than ${largest} bytes.`;
    const fix = 'Send smaller events; refer to documents instead of embedding them.';
    return { ok: false, problems: [{ field: '', code: 'event-too-large', message, fix }], ...names(event) };
  }
  const media = String(event.datacontenttype ?? 'application/json')
    .split(';', 1)[0]!
    .trim()
    .toLowerCase();
  const json = parseJson(value);
  if (media === STRUCTURED) return json.ok ? checked(json.value) : { ok: false, problems: json.problems };
  if (event.specversion === undefined && event.id === undefined && event.type === undefined) {
    const message = 'The record has no ce_ headers.';
    const fix = 'Send CloudEvents in binary content mode: ce_specversion, ce_id, ce_source, ce_type, ce_time.';
    return { ok: false, problems: [{ field: '', code: 'missing-headers', message, fix }] };
  }
  if (!/^application\/(?:[\w.-]+\+)?json$/.test(media)) {
    const message = 'The data is not JSON.';
    return {
      ok: false,
      problems: [
        { field: '/datacontenttype', code: 'wrong-content-type', message, fix: 'Send the header content-type: application/json.' },
      ],
      ...names(event),
    };
  }
  if (!json.ok) return { ok: false, problems: json.problems.map((found) => ({ ...found, field: '/data' })), ...names(event) };
  if (event.datacontenttype === 'application/json') delete event.datacontenttype;
  event.data = json.value;
  return checked(event);
}

/**
 * What a MAC is made over besides the value: the headers that carry attributes, in the order of their names, each as netstrings
 * (`length:bytes,`, lengths in bytes of UTF-8), after how many they are. Trace context is left out: tracing may put it in on the way.
 */
export function authenticatedAttributes(headers: NonNullable<KafkaRecord['headers']>): string {
  const names = Object.keys(headers).filter((name) => name !== 'traceparent' && attributeOf(name) !== undefined);
  let text = `attesta-mac-1\n${names.length}\n`;
  for (const name of names.sort()) text += netstring(name) + netstring(String(headers[name]));
  return text;
}

const netstring = (text: string): string => `${Buffer.byteLength(text)}:${text},`;

/** The attribute a header carries: `ce_x` is x; content-type and traceparent stand for theirs. Others are not ours. */
function attributeOf(name: string): string | undefined {
  if (name.startsWith('ce_')) return /^[a-z0-9]{1,64}$/.test(name.slice(3)) ? name.slice(3) : undefined;
  if (name.toLowerCase() === 'content-type') return 'datacontenttype';
  return name === 'traceparent' ? name : undefined;
}

const headerProblem = (attribute: string, repeated: boolean): FieldProblem =>
  repeated
    ? { field: `/${attribute}`, code: 'repeated-header', message: 'A header is sent more than once.', fix: 'Send each attribute once.' }
    : { ...invalidUtf8, field: `/${attribute}` };
