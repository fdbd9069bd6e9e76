import { StoredSealedEvent } from './sealed-event.js';
import { outgoingTrace } from './tracing.js';
import type { KafkaRecord } from './cloud-events-kafka.js';

/** What a message of the sealed topic says. */
export type SealedMessage =
  | { kind: 'event'; event: StoredSealedEvent; previous: number }
  /** Every entry of this partition up to `upto` has been sent; the last of them was `previous`. Carries no event. */
  | { kind: 'mark'; upto: number; previous: number }
  | { kind: 'malformed' };

/**
 * A sealed entry as a Kafka record: CloudEvents binary mode, the value being the exact sealed bytes.
 * @param previous position of the entry before it in the same partition, -1 for none
 */
export function sealedMessage(event: StoredSealedEvent, partition: number, previous: number) {
  const { entry } = event;
  const headers: Record<string, string> = {
    ce_specversion: '1.0',
    ce_id: entry.id,
    ce_source: entry.source,
    ce_type: entry.type,
    ce_time: entry.time,
    'content-type': 'application/json',
    attesta_position: String(event.position),
    attesta_leaf: event.leafHash.toString('base64'),
    attesta_previous: String(previous),
    ...outgoingTrace(event.trace),
  };
  if (entry.subject) headers.ce_subject = entry.subject.id;
  return { key: event.key, value: event.bytes, partition, headers };
}

/** Tells a partition's readers how far the log has come where nothing of it fell to them. No CloudEvent: no ce_ headers, no value. */
export const markMessage = (partition: number, upto: number, previous: number) => ({
  key: null,
  value: null,
  partition,
  headers: { attesta_upto: String(upto), attesta_previous: String(previous) },
});

export function readSealedMessage({ key, value, headers }: KafkaRecord): SealedMessage {
  const previous = integer(headers?.attesta_previous, -1);
  const upto = integer(headers?.attesta_upto, -1);
  if (previous !== undefined && upto !== undefined && !value) return { kind: 'mark', upto, previous };
  const position = integer(headers?.attesta_position, 0);
  const leaf = text(headers?.attesta_leaf);
  if (previous === undefined || position === undefined || leaf === undefined || !value || previous >= position)
    return { kind: 'malformed' };
  const leafHash = Buffer.from(leaf, 'base64');
  if (leafHash.length !== 32) return { kind: 'malformed' };
  const trace = text(headers?.traceparent) ?? null;
  return { kind: 'event', previous, event: new StoredSealedEvent(position, leafHash, value, trace, key ? key.toString() : undefined) };
}

type Header = NonNullable<KafkaRecord['headers']>[string];

function text(header: Header): string | undefined {
  if (header === undefined || Array.isArray(header)) return undefined;
  return typeof header === 'string' ? header : header.toString('latin1');
}

function integer(header: Header, least: number): number | undefined {
  const digits = text(header);
  if (digits === undefined || !/^(-1|\d{1,15})$/.test(digits)) return undefined;
  const value = Number(digits);
  return value >= least ? value : undefined;
}
