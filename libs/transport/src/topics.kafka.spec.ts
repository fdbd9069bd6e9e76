import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { describeKafka, testKafka } from '@attesta/testing';
import type { Kafka } from 'kafkajs';
import { connectKafka } from './kafka-client.js';
import { compareTopics, ensureTopics, topicPlans, type TopicPlan } from './topics.js';

await describeKafka('topics compared with their plans', () => {
  let kafka: Kafka;
  let plans: TopicPlan[];

  beforeEach(async () => {
    kafka = connectKafka({ brokers: (await testKafka())!.brokers });
    const run = randomBytes(4).toString('hex');
    plans = Object.values(topicPlans(2)).map((plan) => ({ ...plan, topic: `test.${run}.${plan.topic}` }));
  });
  afterEach(async () => {
    const admin = kafka.admin();
    await admin.connect();
    await admin.deleteTopics({ topics: plans.map(({ topic }) => topic) }).catch(() => undefined);
    await admin.disconnect();
  });
  /** A broker that is busy does not know yet of what was made a moment ago, and says so. */
  async function eventually<T>(work: () => Promise<T>): Promise<T> {
    for (const until = Date.now() + 60_000; ; await delay(100)) {
      try {
        return await work();
      } catch (error) {
        if (Date.now() > until) throw error;
      }
    }
  }
  const make = (wanted: TopicPlan[]) => eventually(() => ensureTopics(kafka, wanted));
  const messages = async () =>
    (await eventually(() => compareTopics(kafka, plans))).map(({ topic, message }) => `${topic.split('.').at(-2)} ${message}`);

  it('are as planned once they were made', async () => {
    await make(plans);
    expect(await messages()).toEqual([]);
  });

  it('are named where they lack, have other partitions, or lose what they should keep', async () => {
    const [intake, sealed, ...others] = plans as [TopicPlan, TopicPlan, ...TopicPlan[]];
    const missing = others.pop()!;
    await make([{ ...intake, partitions: 3 }, { ...sealed, config: { ...sealed.config, 'retention.ms': '3600000' } }, ...others]);
    expect((await messages()).sort()).toEqual([
      'intake has 3 partitions and not 2',
      'sealed retention.ms is 3600000 and not -1',
      `${missing.topic.split('.').at(-2)} is not there`,
    ]);
  });
});
