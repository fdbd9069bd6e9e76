import { gzipSync } from 'node:zlib';
import { breakText } from './breaking.js';
import type { Dice } from './dice.js';
import type { EventCases } from './event-cases.js';
import { PLANTED } from './planted.js';

/** A request to POST /v1/events that is wrong as a whole, in the binding or in its size. */
export interface PublishingCase {
  how: string;
  headers: Record<string, string>;
  body: Buffer;
  /** What may be answered. */
  statuses: readonly number[];
}

const STRUCTURED = 'application/cloudevents+json';
const BATCH = 'application/cloudevents-batch+json';
const KIB = 1024;

type Make = (events: EventCases, dice: Dice) => Omit<PublishingCase, 'how'>;

const json = (value: unknown) => Buffer.from(JSON.stringify(value));
const batchOf = (events: EventCases, count: number) => Array.from({ length: count }, () => events.good().event);
const REFUSED = [400, 413, 415, 422];

/** At the limits, and past them. */
const MAKES: Readonly<Record<string, Make>> = {
  'a batch of as many as may come': (events) => ({
    headers: { 'content-type': BATCH },
    body: json(batchOf(events, 1_000)),
    statuses: [200],
  }),
  'a batch of one too many': (events) => ({ headers: { 'content-type': BATCH }, body: json(batchOf(events, 1_001)), statuses: [413] }),
  'an empty batch': () => ({ headers: { 'content-type': BATCH }, body: Buffer.from('[]'), statuses: [200, 400] }),
  'a batch that is none': (events) => ({ headers: { 'content-type': BATCH }, body: json(events.good().event), statuses: [400] }),
  'a batch beyond 4 MiB': (events) => ({
    headers: { 'content-type': BATCH },
    body: Buffer.from(JSON.stringify(batchOf(events, 500)).padEnd(4 * KIB * KIB + 1)),
    statuses: [413],
  }),
  'a batch of just 4 MiB': (events) => ({
    headers: { 'content-type': BATCH },
    body: Buffer.from(JSON.stringify(batchOf(events, 50)).padEnd(4 * KIB * KIB)),
    statuses: [200],
  }),
  'an event beyond 256 KiB': (events) => ({
    headers: { 'content-type': STRUCTURED },
    body: Buffer.from(JSON.stringify(events.good().event).padEnd(256 * KIB + 1)),
    statuses: [413],
  }),
  'an event of just 256 KiB': (events) => ({
    headers: { 'content-type': STRUCTURED },
    body: Buffer.from(JSON.stringify(events.good().event).padEnd(256 * KIB)),
    statuses: [201],
  }),
  'a bomb': (events) => ({
    headers: { 'content-type': BATCH, 'content-encoding': 'gzip' },
    body: gzipSync(Buffer.from(JSON.stringify(batchOf(events, 3)).padEnd(32 * KIB * KIB))),
    statuses: [413],
  }),
  'an encoding that it has not': (events) => ({
    headers: { 'content-type': STRUCTURED, 'content-encoding': 'gzip' },
    body: json(events.good().event),
    statuses: [400],
  }),
  'text broken as text': (events, dice) => ({
    headers: { 'content-type': dice.pick([STRUCTURED, BATCH]) },
    body: breakText(JSON.stringify(events.next().event) ?? 'null', dice).bytes,
    statuses: [200, 201, 409, ...REFUSED],
  }),
  'another content type': (events, dice) => ({
    headers: {
      'content-type': dice.pick(['text/plain', 'application/json', `application/${encodeURIComponent(PLANTED.name)}`, '', 'a/b/c']),
    },
    body: json(events.good().event),
    statuses: [415],
  }),
  'another charset': (events) => ({
    headers: { 'content-type': `${STRUCTURED}; charset=utf-16` },
    body: json(events.good().event),
    statuses: [415],
  }),
  'binary mode': (events) => {
    const { data, specversion, id, source, type, time } = events.good().event;
    const headers = {
      'ce-specversion': specversion,
      'ce-id': id,
      'ce-source': source,
      'ce-type': type,
      'ce-time': time,
      'ce-subject': `ref1.${'B'.repeat(43)}`,
    };
    return { headers: { 'content-type': 'application/json', ...headers }, body: json(data), statuses: [201] };
  },
  'binary mode with broken headers': (events, dice) => {
    const { data, id, source, type, time } = events.good().event;
    const broken = dice.pick<Record<string, string>>([
      { 'ce-id': '%' },
      { 'ce-id': '%ff%fe' },
      { 'ce-id': '%00' },
      { 'ce-id': '' },
      { 'ce-id': 'x'.repeat(5_000) },
      { 'ce-specversion': '0.3' },
      { 'ce-subject': encodeURIComponent(`email|${PLANTED.email}`) },
      { 'ce-Some_Name': 'x' },
      { 'ce-type': '__proto__' },
      { 'ce-time': 'now' },
      { 'ce-source': '%20' },
    ]);
    const headers = {
      'content-type': 'application/json',
      'ce-specversion': '1.0',
      'ce-id': id,
      'ce-source': source,
      'ce-type': type,
      'ce-time': time,
    };
    return { headers: { ...headers, ...broken }, body: json(data), statuses: REFUSED };
  },
  'binary mode with data that is none': (events, dice) => {
    const { id, source, type, time } = events.good().event;
    const headers = {
      'content-type': 'application/json',
      'ce-specversion': '1.0',
      'ce-id': id,
      'ce-source': source,
      'ce-type': type,
      'ce-time': time,
    };
    return { headers, body: Buffer.from(dice.pick(['', '[', 'null', '"x"', '\ufeff', '[]'])), statuses: REFUSED };
  },
};

const KINDS = Object.keys(MAKES);

/** Each kind in turn. */
export function publishingCase(n: number, events: EventCases, dice: Dice): PublishingCase {
  const how = KINDS[n % KINDS.length]!;
  return { how, ...MAKES[how]!(events, dice) };
}
