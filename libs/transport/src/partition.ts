import type { Entry } from '@attesta/events';

/** What keeps its order: the subject, or the source for an entry about nobody. Key of the Kafka message. */
export const keyOf = (entry: Pick<Entry, 'source' | 'subject'>): string => entry.subject?.id ?? entry.source;

/**
 * Partition of a key: murmur2 of its UTF-8 bytes, as Kafka's own clients choose it, so that a foreign producer lands on the same one.
 * Relay and refill must agree for ever: a change loses order.
 */
export function partitionOf(key: string, partitions: number): number {
  return (murmur2(Buffer.from(key)) & 0x7fffffff) % partitions;
}

/** MurmurHash2, 32 bit, seed 0x9747b28c (Kafka: org.apache.kafka.common.utils.Utils.murmur2). */
export function murmur2(data: Uint8Array): number {
  const m = 0x5bd1e995;
  const length = data.length;
  const whole = length & ~3;
  let h = 0x9747b28c ^ length;
  for (let i = 0; i < whole; i += 4) {
    let k = data[i]! | (data[i + 1]! << 8) | (data[i + 2]! << 16) | (data[i + 3]! << 24);
    k = Math.imul(k, m);
    k ^= k >>> 24;
    h = Math.imul(h, m) ^ Math.imul(k, m);
  }
  const rest = length & 3;
  if (rest > 2) h ^= data[whole + 2]! << 16;
  if (rest > 1) h ^= data[whole + 1]! << 8;
  if (rest > 0) h = Math.imul(h ^ data[whole]!, m);
  h ^= h >>> 13;
  h = Math.imul(h, m);
  return h ^ (h >>> 15);
}
