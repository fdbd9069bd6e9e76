import type { CloudEvent } from '@attesta/events';

/** What the ledger takes in one request. */
export const BATCH_EVENTS = 100;
export const BATCH_BYTES = 1_000_000;

export interface Batch {
  /** Places of the events in what was given. */
  indices: number[];
  serialized: string[];
}

/**
 * Splits events into lanes of batches. Lanes may be sent at the same time, batches of a lane one after the other; events of
 * one subject (of one source, where there is none) share a lane, so that they are sealed in the order given.
 */
export function lanesOf(events: readonly CloudEvent[], lanes: number): Batch[][] {
  const result: Batch[][] = Array.from({ length: Math.max(1, lanes) }, () => []);
  const bytes = result.map(() => 0);
  events.forEach((event, index) => {
    const lane = hash(event.subject ?? event.source) % result.length;
    const batches = result[lane] as Batch[];
    const text = JSON.stringify(event);
    const size = byteLength(text) + 1;
    let batch = batches.at(-1);
    if (!batch || batch.indices.length >= BATCH_EVENTS || (bytes[lane] as number) + size > BATCH_BYTES) {
      batch = { indices: [], serialized: [] };
      batches.push(batch);
      bytes[lane] = 2;
    }
    batch.indices.push(index);
    batch.serialized.push(text);
    bytes[lane] = (bytes[lane] as number) + size;
  });
  return result.filter((batches) => batches.length > 0);
}

/** FNV-1a: spreads, and is the same everywhere; nothing depends on its being secret. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193);
  return value >>> 0;
}

const encoder = new TextEncoder();
const byteLength = (text: string): number => (text.length * 3 < 4_096 ? text.length * 3 : encoder.encode(text).length);
