import { setTimeout as delay } from 'node:timers/promises';
import type { CloudEvent } from '@attesta/events';
import { describeKafka, startOwnCluster, type OwnCluster } from '@attesta/testing';
import type { Kafka } from 'kafkajs';
import { connectKafka } from './kafka-client.js';
import { KafkaPublisher } from './kafka-publisher.js';
import { ensureTopics, INTAKE_TOPIC, topicPlans } from './topics.js';

await describeKafka('topics on a cluster of three brokers', () => {
  let cluster: OwnCluster;
  let kafka: Kafka;

  beforeAll(async () => {
    cluster = await startOwnCluster();
    kafka = connectKafka({ brokers: cluster.brokers });
    await ensureTopics(kafka, [topicPlans(3).intake]);
  }, 120_000);

  afterAll(async () => {
    await cluster?.stop();
  }, 60_000);

  const partitions = async () => {
    const admin = kafka.admin();
    await admin.connect();
    const { topics } = await admin.fetchTopicMetadata({ topics: [INTAKE_TOPIC] });
    await admin.disconnect();
    return topics[0]!.partitions;
  };

  const PEOPLE = 9;
  const event = (n: number): CloudEvent => ({
    specversion: '1.0',
    id: String(n),
    source: '/shop',
    type: 'attesta.use.recorded.v1',
    time: '2026-01-02T03:04:05Z',
    subject: `ref1.${'abcdefghi'[n % PEOPLE]!.repeat(43)}`,
    data: { n },
  });

  /** What stands in the topic about each person, each event where it comes first. */
  async function firstInTopic(): Promise<number[][]> {
    const consumer = kafka.consumer({ groupId: 'spec' });
    const admin = kafka.admin();
    await Promise.all([consumer.connect(), admin.connect()]);
    const left = new Map((await admin.fetchTopicOffsets(INTAKE_TOPIC)).map(({ partition, high }) => [partition, BigInt(high)]));
    for (const [partition, high] of left) if (high === 0n) left.delete(partition);
    await admin.disconnect();
    const found: Set<number>[] = Array.from({ length: PEOPLE }, () => new Set());
    await consumer.subscribe({ topic: INTAKE_TOPIC, fromBeginning: true });
    await consumer.run({
      eachMessage: async ({ partition, message }) => {
        const n = Number(message.headers!.ce_id!.toString());
        found[n % PEOPLE]!.add(n);
        if (BigInt(message.offset) + 1n >= left.get(partition)!) left.delete(partition);
        return Promise.resolve();
      },
    });
    while (left.size > 0) await delay(50);
    await consumer.disconnect();
    return found.map((numbers) => [...numbers]);
  }

  it('has three copies of each, as the cluster does by default', async () => {
    for (const { replicas } of await partitions()) expect([...replicas].sort()).toEqual([1, 2, 3]);
  });

  it('keeps the order of what was published without waiting, though the leader dies, and loses nothing', async () => {
    const publisher = new KafkaPublisher(kafka);
    const killAt = 40;
    const calls = 120;
    let pending = Array.from({ length: calls }, (_, call) => Array.from({ length: PEOPLE }, (_, i) => event(call * PEOPLE + i)));
    await publisher.publish(pending.shift()!);
    const leader = (await partitions())[0]!.leader;
    let killed: Promise<void> | undefined;
    while (pending.length > 0) {
      const under = pending.slice(0, 4);
      const results = await Promise.allSettled(under.map((events) => publisher.publish(events)));
      const taken = results.findIndex(({ status }) => status === 'rejected');
      // Everything behind one that failed has failed as well: all of it again.
      if (taken >= 0) expect(results.slice(taken).every(({ status }) => status === 'rejected')).toBe(true);
      pending = pending.slice(taken === -1 ? under.length : taken);
      if (pending.length < calls - killAt) killed ??= cluster.nodes.find(({ id }) => id === leader)!.kill();
    }
    await killed;
    await publisher.close();
    const found = await firstInTopic();
    for (const [person, numbers] of found.entries()) {
      expect(numbers).toEqual(Array.from({ length: calls }, (_, call) => call * PEOPLE + person));
    }
  }, 120_000);
});
