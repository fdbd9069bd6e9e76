import { createHash } from 'node:crypto';

/** Turns a value into what may be printed, or undefined when it may not. */
type Printer = (value: unknown) => string | number | boolean | (string | number)[] | undefined;

const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;

const matching =
  (pattern: RegExp): Printer =>
  (value) =>
    typeof value === 'string' && pattern.test(value) ? value : undefined;
const number: Printer = (value) =>
  typeof value === 'number' && Number.isFinite(value) ? value : typeof value === 'bigint' ? Number(value) : undefined;
const flag: Printer = (value) => (typeof value === 'boolean' ? value : undefined);
const slug = matching(/^[a-z][a-z0-9]*(?:[._-][a-z0-9]+)*$/);
const version = matching(/^v?\d{1,4}(?:\.\d{1,4}){0,3}$/);
const slugs: Printer = (value) =>
  Array.isArray(value) && value.every((item) => slug(item) !== undefined) ? (value as string[]).slice(0, 50) : undefined;
const numbers: Printer = (value) =>
  Array.isArray(value) && value.every((item) => number(item) !== undefined) ? (value as number[]).slice(0, 50) : undefined;

/** A publisher chooses its event ids, so only UUIDs are printed as they are; others as a short digest that can be computed again to search for one. */
const eventId: Printer = (value) => {
  if (typeof value !== 'string') return undefined;
  return UUID.test(value) ? value : `sha256:${createHash('sha256').update(value).digest('hex').slice(0, 16)}`;
};

/** The host of a CloudEvents source; what follows it is the publisher's own and could name anybody. */
const sourceHost: Printer = (value) => (typeof value === 'string' ? /^(?:https?:)?\/\/[A-Za-z0-9.-]{1,253}/.exec(value)?.[0] : undefined);

/** A route's pattern, whose parameters are names and not values. */
const routePattern = matching(/^(?:\(no route\)|(?:\/(?:[a-z0-9.-]*|:[A-Za-z]+|\{?\*[A-Za-z]+\}?))+)$/);

/**
 * Everything a log line may hold besides time, level, context and message. A field is printed when its name is here and
 * its value has the form said here; all else is dropped and counted.
 */
export const FIELDS: Readonly<Record<string, Printer>> = {
  event: eventId,
  id: eventId,
  requestId: matching(UUID),
  traceId: matching(/^[0-9a-f]{32}$/),
  spanId: matching(/^[0-9a-f]{16}$/),
  type: matching(/^attesta\.[a-z]+(?:-[a-z]+)*(?:\.[a-z]+(?:-[a-z]+)*)*\.v\d+$/),
  source: sourceHost,
  service: slug,
  version,
  group: slug,
  topic: slug,
  stream: slug,
  job: slug,
  check: slug,
  rule: slug,
  reason: slug,
  migration: matching(/^[A-Za-z]{1,80}\d{0,17}$/),
  partition: number,
  position: number,
  from: number,
  to: number,
  size: number,
  offset: number,
  lag: number,
  attempt: number,
  attempts: number,
  count: number,
  database: slug,
  people: number,
  keys: number,
  ciphertexts: number,
  lost: number,
  sealed: number,
  rejected: number,
  duplicates: number,
  parked: number,
  rows: number,
  bytes: number,
  ms: number,
  status: number,
  port: number,
  pid: number,
  epoch: number,
  positions: numbers,
  methods: slugs,
  roles: slugs,
  method: matching(/^[A-Z]{3,10}$/),
  route: routePattern,
  signal: matching(/^SIG[A-Z0-9]{2,10}$/),
  code: matching(/^(?:[A-Z][A-Z0-9_]{1,40}|[0-9][0-9A-Z]{4}|[a-z][a-z-]{1,40})$/),
  transport: matching(/^(?:http|kafka|postgres|internal)$/),
  outcome: slug,
  /** Of a database or broker, as it is configured. */
  host: matching(/^[A-Za-z0-9][A-Za-z0-9.:_-]{0,253}$/),
  witness: matching(/^[A-Za-z0-9][A-Za-z0-9./:_-]{0,199}$/),
  ready: flag,
  leader: flag,
};

export function printableFields(fields: Record<string, unknown>): { printed: Record<string, unknown>; dropped: number } {
  const printed: Record<string, unknown> = {};
  let dropped = 0;
  for (const [name, value] of Object.entries(fields)) {
    if (name === 'error' || value === undefined) continue;
    const text = Object.hasOwn(FIELDS, name) ? FIELDS[name]?.(value) : undefined;
    if (text === undefined) dropped++;
    else printed[name] = text;
  }
  return { printed, dropped };
}
