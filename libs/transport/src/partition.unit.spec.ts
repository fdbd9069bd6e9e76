import { Partitioners } from 'kafkajs';
import { murmur2, partitionOf } from './partition.js';

describe('the partition of a key', () => {
  it('is the one that Kafka clients choose', () => {
    const theirs = Partitioners.DefaultPartitioner();
    const partitionMetadata = Array.from({ length: 7 }, (_, partitionId) => ({
      partitionId,
      leader: 1,
      partitionErrorCode: 0,
      replicas: [1],
      isr: [1],
    }));
    for (let i = 0; i < 500; i++) {
      const key = `ก-${'k'.repeat(i % 9)}${i}`;
      expect(partitionOf(key, 7)).toBe(theirs({ topic: 't', partitionMetadata, message: { key, value: null } }));
    }
  });

  it('hashes as the reference does', () => {
    // Expected values of Kafka's own UtilsTest.
    expect(murmur2(Buffer.from('21'))).toBe(-973932308);
    expect(murmur2(Buffer.from('foobar'))).toBe(-790332482);
    expect(murmur2(Buffer.from('a-little-bit-long-string'))).toBe(-985981536);
    expect(murmur2(Buffer.from('lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8'))).toBe(-58897971);
  });
});
