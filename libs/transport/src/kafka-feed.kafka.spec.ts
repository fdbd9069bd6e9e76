import { describeKafka, testKafka } from '@attesta/testing';
import { feedConformance } from './feed-conformance.js';
import { keys, Register, TestLog, upTo } from './feed-rig.js';
import type { FeedSubscription } from './feed.js';
import { KafkaRig } from './kafka-rig.js';

await describeKafka('the sealed feed over Kafka', () => {
  feedConformance(async (log) => new KafkaRig(log, (await testKafka())!.brokers));

  it('groups of one name on two topics of a cluster leave each other alone', async () => {
    const sides = await Promise.all([side(), side()]);
    try {
      for (const { log, subscription } of sides) await subscription.caughtUp(await log.append(keys(60)));
      for (const { register } of sides) expect(await register.positions('same')).toEqual(upTo(59));
    } finally {
      await Promise.all(sides.map(({ close }) => close()));
    }
  });

  async function side() {
    const [log, register] = await Promise.all([TestLog.create(), Register.create()]);
    const rig = new KafkaRig(log, (await testKafka())!.brokers);
    const feed = await rig.feed();
    const subscription: FeedSubscription = await feed.subscribe({
      group: 'same',
      pool: register.db.pool,
      handle: register.handler('same'),
    });
    const close = async () => {
      await subscription.stop();
      await rig.close();
      await Promise.all([log.db.drop(), register.db.drop()]);
    };
    return { log, register, subscription, close };
  }
});
