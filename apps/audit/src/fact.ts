import { isDeepStrictEqual } from 'node:util';
import { events, rfc3339Millis, type Entry } from '@attesta/events';
import { canonical, leafHash as hashOfLeaf } from '@attesta/proof';
import { nodePrimitives } from '@attesta/proof/node';
import { remainsOf, type ForgottenPeople } from './remains.js';

/** A sealed entry, or what the registers have of it. */
export interface Source {
  position: number;
  bytes: Uint8Array;
  entry: Entry;
  /** RFC 6962; worked out from the bytes where it is not given. */
  leafHash?: Uint8Array | undefined;
}

/** A sealed entry as registers read it: in the newest version of its type, times in milliseconds. */
export interface Fact {
  position: number;
  /** As sealed; where people in it are forgotten, what is left, in the same form. */
  bytes: Uint8Array;
  /** Leaf hash of the entry as sealed, where `bytes` is only what is left of it. */
  leafHash?: Uint8Array | undefined;
  entry: Entry;
  /** Type without version, such as `attesta.use.recorded`; the full type where we do not know it. */
  name: string;
  data: Record<string, unknown>;
  /** When it happened, by the publisher. */
  occurredAt: number;
  recordedAt: number;
}

const NOBODY: ForgottenPeople = new Set();

/**
 * @param forgotten people of whom only `remainsOf` may be left
 * @throws Error when the entry has no usable time: such an entry is parked, not guessed at
 */
export function factOf(source: Source, forgotten = NOBODY): Fact {
  const entry = remainsOf(source.entry, forgotten);
  const occurredAt = rfc3339Millis(entry.time);
  const recordedAt = rfc3339Millis(entry.recordedAt);
  if (occurredAt === undefined || recordedAt === undefined) throw new Error('The entry has no time of RFC 3339');
  const definition = events.get(entry.type);
  const data = definition?.upcast ? events.upcast(entry.type, entry.data).data : entry.data;
  const { position } = source;
  return { position, ...bytesOf(source, entry), entry, name: definition?.name ?? entry.type, data, occurredAt, recordedAt };
}

function bytesOf({ bytes, entry, leafHash }: Source, left: Entry): Pick<Fact, 'bytes' | 'leafHash'> {
  // It names somebody who is forgotten, and has nothing to leave out.
  if (left === entry || isDeepStrictEqual(left, entry)) return { bytes };
  return { bytes: Buffer.from(canonical(left)), leafHash: leafHash ?? hashOfLeaf(nodePrimitives.sha256, bytes) };
}
