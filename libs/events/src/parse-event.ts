import type { CloudEvent, EventData } from './cloud-event.js';
import { events } from './catalog.js';
import type { EventDefinition } from './define.js';
import { FORBIDDEN_KEYS, hostileShape } from './hostile.js';
import { MAX_PROBLEMS, pointer, type FieldProblem } from './problem.js';
import type { EventRegistry } from './registry.js';
import { rfc3339Millis } from './rfc3339.js';
import { subjectKind } from './subject.js';
import { unknownType } from './unknown-type.js';

export interface ParseOptions {
  /** The receiver's clock, a Date or milliseconds since the epoch. */
  now: Date | number;
  /** How far ahead of `now` an event's time may be; 5 minutes by default. */
  maxFutureMs?: number;
  /** The known types; Attesta's own by default. */
  registry?: EventRegistry;
}

export type ParsedEvent =
  | { ok: true; event: CloudEvent }
  /** `id`, `source` and `type` are given where they were usable by themselves, so that a rejection can be filed under them. */
  | { ok: false; problems: FieldProblem[]; id?: string; source?: string; type?: string };

const FIVE_MINUTES = 300_000;
const YEAR_1900 = Date.UTC(1900, 0, 1);
const UNPRINTABLE = /[\p{Cc}\p{Cs}]/u;
const URI_REFERENCE =
  /^(?:[a-z][a-z0-9+.-]*:|(?![^/?#]*:))(?:[\w.~:/?[\]@!$&'()*+,;=-]|%[0-9a-f]{2})*(?:#(?:[\w.~:/?@!$&'()*+,;=-]|%[0-9a-f]{2})*)?$/i;
const ATTRIBUTE_NAME = /^[a-z0-9]{1,64}$/;
const JSON_MEDIA_TYPE = /^application\/(?:[a-z0-9.+-]+\+)?json(?:\s*;\s*charset="?utf-8"?)?$/i;
const TRACE_PARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

/**
 * Reads one CloudEvent of any origin: everything about `value` is in doubt. On success the envelope is a fresh object of known attributes
 * and `data` is the object that was given, valid for its type. Valid extension attributes that Attesta does not know are dropped, as are
 * trace headers that do not parse. All problems are reported together, at most 20; none repeats a value that was sent.
 */
export function parseEvent(value: unknown, options: ParseOptions): ParsedEvent {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return {
      ok: false,
      problems: [{ field: '', code: 'not-an-object', message: 'an event is a JSON object', fix: 'send one CloudEvents 1.0 object' }],
    };
  }
  const reading = new Reading(value as Record<string, unknown>);
  const event = reading.event(options);
  return event === undefined ? reading.failure() : { ok: true, event };
}

class Reading {
  private readonly problems: FieldProblem[] = [];

  constructor(private readonly input: Record<string, unknown>) {}

  event(options: ParseOptions): CloudEvent | undefined {
    this.names();
    if (this.own('specversion') !== '1.0') {
      this.problem('/specversion', 'unknown-specversion', '"specversion" must be the string 1.0', 'send "specversion": "1.0"');
    }
    const id = this.id();
    const source = this.source();
    const time = this.time(options);
    const definition = this.definition(options.registry ?? events);
    const subject = this.subject(definition);
    const datacontenttype = this.contentType();
    const dataschema = this.uri('dataschema');
    const actor = this.actor();
    const data = this.data(definition);
    if (this.problems.length > 0 || definition === undefined) return undefined;

    const event: CloudEvent = { specversion: '1.0', id, source, type: definition.type, time, data: data as EventData };
    if (subject !== undefined) event.subject = subject;
    if (datacontenttype !== undefined) event.datacontenttype = datacontenttype;
    if (dataschema !== undefined) event.dataschema = dataschema;
    if (actor !== undefined) event.actor = actor;
    const traceparent = this.own('traceparent');
    // Its tracestate stays behind: free text of other systems, which would stand in the log's tables, topics and spans in clear.
    if (typeof traceparent === 'string' && TRACE_PARENT.test(traceparent)) event.traceparent = traceparent;
    return event;
  }

  failure(): ParsedEvent & { ok: false } {
    const usable = (name: string, limit: number) => {
      const value = this.own(name);
      return typeof value === 'string' && value !== '' && value.length <= limit && !UNPRINTABLE.test(value) ? { [name]: value } : {};
    };
    return {
      ok: false,
      problems: this.problems.slice(0, MAX_PROBLEMS),
      ...usable('id', 200),
      ...usable('source', 300),
      ...usable('type', 200),
    };
  }

  private problem(field: string, code: string, message: string, fix: string): void {
    this.problems.push({ field, code, message, fix });
  }

  /** An attribute of the input itself, never of its prototype; null is absent, as the CloudEvents JSON format says. */
  private own(name: string): unknown {
    return Object.hasOwn(this.input, name) ? (this.input[name] ?? undefined) : undefined;
  }

  private names(): void {
    for (const name of Object.keys(this.input)) {
      if (KNOWN.has(name)) continue;
      if (this.problems.length >= MAX_PROBLEMS) return;
      const at = pointer('', name);
      const value = this.input[name];
      if (FORBIDDEN_KEYS.has(name)) this.problem(at, 'forbidden-key', `the key ${name} is never accepted`, 'rename or remove it');
      else if (name === 'data_base64')
        this.problem(at, 'binary-data', 'data must be a JSON object', 'send "data" instead of "data_base64"');
      else if (!ATTRIBUTE_NAME.test(name)) {
        this.problem(
          at,
          'bad-attribute-name',
          'a CloudEvents attribute name is lower-case letters and digits',
          'rename the attribute, or put it into data if the schema has it',
        );
      } else if (typeof value === 'object' && value !== null) {
        this.problem(
          at,
          'bad-attribute-value',
          'an extension attribute is a string, a number or a boolean',
          'move structured values into data',
        );
      }
    }
  }

  /** A required string attribute; '' stands for one that was reported. */
  private text(name: string, limit: number): string {
    const value = this.own(name);
    if (value === undefined) this.problem(`/${name}`, 'missing-field', `"${name}" is required`, 'add it');
    else if (typeof value !== 'string') this.problem(`/${name}`, 'wrong-type', `"${name}" must be a string`, 'send a string');
    else if (value === '') this.problem(`/${name}`, 'too-short', `"${name}" is empty`, 'fill it in');
    else if (value.length > limit) this.problem(`/${name}`, 'too-long', `"${name}" may have at most ${limit} characters`, 'shorten it');
    else return value;
    return '';
  }

  private id(): string {
    const id = this.text('id', 200);
    if (UNPRINTABLE.test(id))
      this.problem('/id', 'bad-format', '"id" holds a control character or half a surrogate pair', 'use a UUID, for example');
    return id;
  }

  private source(): string {
    const source = this.text('source', 300);
    if (source !== '' && !URI_REFERENCE.test(source)) {
      this.problem(
        '/source',
        'bad-format',
        '"source" is not a URI reference (RFC 3986)',
        'write it like /shop/checkout or urn:shop, with other characters percent-encoded',
      );
    }
    return source;
  }

  private uri(name: 'dataschema'): string | undefined {
    if (this.own(name) === undefined) return undefined;
    const uri = this.text(name, 300);
    if (uri !== '' && !URI_REFERENCE.test(uri))
      this.problem(`/${name}`, 'bad-format', `"${name}" is not a URI (RFC 3986)`, 'give the address of the schema, or leave it out');
    return uri;
  }

  private time(options: ParseOptions): string {
    const given = this.text('time', 64);
    if (given === '') return '';
    const time = given.toUpperCase(); // RFC 3339 lets t and z be written small; everything after us expects them large
    const millis = rfc3339Millis(time);
    const now = typeof options.now === 'number' ? options.now : options.now.getTime();
    if (millis === undefined)
      this.problem('/time', 'bad-format', '"time" is not an RFC 3339 date-time', 'write it like 2025-01-31T09:30:00Z');
    else if (millis > now + (options.maxFutureMs ?? FIVE_MINUTES)) {
      this.problem(
        '/time',
        'time-in-future',
        '"time" is in the future',
        'send the time it happened, and check the clock of the sending machine',
      );
    } else if (millis < YEAR_1900) this.problem('/time', 'time-too-old', '"time" is before the year 1900', 'send the time it happened');
    return time;
  }

  private definition(registry: EventRegistry): EventDefinition | undefined {
    const type = this.text('type', 200);
    const definition = registry.get(type);
    if (definition === undefined && type !== '') this.problems.push(unknownType(registry, type));
    return definition;
  }

  private subject(definition: EventDefinition | undefined): string | undefined {
    const subject = this.own('subject');
    if (subject === undefined) {
      if (definition?.subject === 'required') {
        this.problem(
          '/subject',
          'missing-field',
          '"subject" is required for this event type',
          'name the person as scheme|value (HTTP) or as a subject ref',
        );
      }
      return undefined;
    }
    if (typeof subject !== 'string') this.problem('/subject', 'wrong-type', '"subject" must be a string', 'send a string');
    else if (definition?.subject === 'forbidden')
      this.problem('/subject', 'subject-forbidden', 'this event type must not name a person', 'leave the subject out');
    else if (subjectKind(subject) === undefined) {
      this.problem(
        '/subject',
        'bad-subject',
        '"subject" is neither scheme|value, nor a subject ref, nor a subject id',
        'write it like account|c-1001, or use the ref that the SDK makes',
      );
    }
    return subject as string;
  }

  private contentType(): string | undefined {
    const type = this.own('datacontenttype');
    if (type === undefined) return undefined;
    if (typeof type === 'string' && type.length <= 100 && JSON_MEDIA_TYPE.test(type)) return type;
    this.problem(
      '/datacontenttype',
      'wrong-content-type',
      'data must be JSON',
      'send "datacontenttype": "application/json", or leave it out',
    );
    return undefined;
  }

  private actor(): string | undefined {
    if (this.own('actor') === undefined) return undefined;
    const actor = this.text('actor', 200);
    if (UNPRINTABLE.test(actor))
      this.problem(
        '/actor',
        'bad-format',
        '"actor" holds a control character or half a surrogate pair',
        'send the pseudonymous id of the caller',
      );
    return actor;
  }

  private data(definition: EventDefinition | undefined): unknown {
    const data = this.own('data');
    if (data === undefined) this.problem('/data', 'missing-field', '"data" is required', 'add it');
    else if (typeof data !== 'object' || Array.isArray(data))
      this.problem('/data', 'wrong-type', '"data" must be an object', 'send an object');
    else for (const problem of definition?.validate(data) ?? hostileShape(data, '/data')) this.problems.push(problem);
    return data;
  }
}

const KNOWN: ReadonlySet<string> = new Set([
  'specversion',
  'id',
  'source',
  'type',
  'time',
  'subject',
  'datacontenttype',
  'dataschema',
  'actor',
  'traceparent',
  'tracestate',
  'data',
]);
