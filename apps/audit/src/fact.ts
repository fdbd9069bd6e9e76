import { events, rfc3339Millis, type Entry } from '@attesta/events';
import type { SealedEvent } from '@attesta/transport';

/** A sealed entry as registers read it: in the newest version of its type, times in milliseconds. */
export interface Fact {
  position: number;
  bytes: Uint8Array;
  entry: Entry;
  /** Type without version, such as `attesta.use.recorded`; the full type where we do not know it. */
  name: string;
  data: Record<string, unknown>;
  /** When it happened, by the publisher. */
  occurredAt: number;
  recordedAt: number;
}

/** @throws Error when the entry has no usable time: such an entry is parked, not guessed at */
export function factOf({ position, bytes, entry }: Pick<SealedEvent, 'position' | 'bytes' | 'entry'>): Fact {
  const occurredAt = rfc3339Millis(entry.time);
  const recordedAt = rfc3339Millis(entry.recordedAt);
  if (occurredAt === undefined || recordedAt === undefined) throw new Error('The entry has no time of RFC 3339');
  const definition = events.get(entry.type);
  const data = definition?.upcast ? events.upcast(entry.type, entry.data).data : entry.data;
  return { position, bytes, entry, name: definition?.name ?? entry.type, data, occurredAt, recordedAt };
}

/** The people an entry is about: its own subject first, then related and sealed ones, each once. */
export function subjectsOf({ entry, data }: Pick<Fact, 'entry' | 'data'>): string[] {
  const own = entry.subject?.id;
  const related = data.related as { subject: string }[] | undefined;
  if (!related && !entry.sealed && !data.keys) return own === undefined ? [] : [own];
  const found = new Set(own === undefined ? [] : [own]);
  for (const { subject } of related ?? []) found.add(subject);
  for (const { subject } of entry.sealed ?? []) found.add(subject);
  if (entry.type.startsWith('attesta.key.destroyed.')) for (const { subject } of data.keys as { subject: string }[]) found.add(subject);
  return [...found];
}
