import { setTimeout as delay } from 'node:timers/promises';
import { describeKafka, startOwnKafka, testKafka, type OwnKafka } from '@attesta/testing';
import { keys, Register, TestLog, upTo } from './feed-rig.js';
import type { FeedConsumerOptions, FeedIncident, FeedSubscription } from './feed.js';
import type { KafkaFeedOptions } from './kafka-feed.js';
import { connectKafka } from './kafka-client.js';
import { KafkaRig } from './kafka-rig.js';

await describeKafka('what Kafka loses', () => {
  let log: TestLog;
  let register: Register;
  let rig: KafkaRig;
  let running: FeedSubscription[];
  let incidents: FeedIncident[];

  beforeEach(async () => {
    [log, register] = await Promise.all([TestLog.create(), Register.create()]);
    running = [];
    incidents = [];
  });

  afterEach(async () => {
    await Promise.all(running.map((subscription) => subscription.stop()));
    await rig.close();
    await Promise.all([log.db.drop(), register.db.drop()]);
  });

  async function subscribe(
    feedOptions: Partial<KafkaFeedOptions> = {},
    options: Partial<FeedConsumerOptions> = {},
  ): Promise<FeedSubscription> {
    const feed = await rig.feed(feedOptions);
    const subscription = await feed.subscribe({
      group: 'register',
      pool: register.db.pool,
      handle: register.handler('register'),
      onError: (_error, where) => incidents.push(where),
      ...options,
    });
    running.push(subscription);
    return subscription;
  }

  async function expectAll(last: number): Promise<void> {
    expect(await register.positions('register')).toEqual(upTo(last));
    expect(await register.disordered('register')).toEqual([]);
  }

  const start = async () => (rig = new KafkaRig(log, (await testKafka())!.brokers));
  const refill: KafkaFeedOptions['refill'] = (after, limit) => log.reader.read(after, limit);

  it('the relay sends again when the topic was deleted, and a new consumer gets everything', async () => {
    await start();
    const first = await log.append(keys(120));
    const subscription = await subscribe();
    await subscription.caughtUp(first);
    await rig.deleteTopic();
    const last = await log.append(keys(80));
    await subscription.caughtUp(last);
    await expectAll(last);
    const late = await subscribe({}, { group: 'late', handle: register.handler('late') });
    await late.caughtUp(last);
    expect(await register.positions('late')).toEqual(upTo(last));
    expect(await register.disordered('late')).toEqual([]);
  });

  it('a topic that was deleted while nothing happens is filled again', async () => {
    await start();
    const last = await log.append(keys(50));
    await rig.relay.caughtUp(last);
    await rig.deleteTopic();
    const admin = connectKafka({ brokers: rig.brokers }).admin();
    await admin.connect();
    try {
      while (!(await admin.listTopics()).includes(rig.topic.topic)) await delay(20);
    } finally {
      await admin.disconnect();
    }
    const subscription = await subscribe();
    await subscription.caughtUp(last);
    await expectAll(last);
  });

  it('a consumer fills a hole from the ledger when the topic no longer has the entries', async () => {
    await start();
    const lost = await log.append(keys(200));
    await rig.relay.caughtUp(lost);
    const subscription = await subscribe({ refill });
    await subscription.stop();
    await deleteRecords();
    const last = await log.append(keys(100));
    const again = await subscribe({ refill });
    await again.caughtUp(last);
    await expectAll(last);
    expect(incidents.some((incident) => incident.kind === 'gap')).toBe(true);
  });

  it('without the ledger a hole waits, and closes when the relay starts over', async () => {
    await start();
    const lost = await log.append(keys(40));
    await rig.relay.caughtUp(lost);
    await deleteRecords();
    const last = await log.append(keys(40));
    const subscription = await subscribe();
    while (!incidents.some((incident) => incident.kind === 'gap')) await delay(10);
    expect(await register.positions('register')).toEqual([]);
    await rig.redeliver();
    await subscription.caughtUp(last);
    await expectAll(last);
  });

  it('members that share the partitions survive the loss of one', async () => {
    await start();
    const one = await subscribe({}, { batchSize: 20 });
    const two = await subscribe({}, { batchSize: 20 });
    const owned = async (subscription: FeedSubscription) => (await subscription.progress()).filter((at) => at.lag !== undefined).length;
    await log.append(keys(60));
    // Both work only when both have seen messages of partitions of their own.
    while (!(await owned(one)) || !(await owned(two))) {
      await one.caughtUp(await log.append(keys(24)));
    }
    await log.append(keys(200));
    await one.stop();
    const last = await log.append(keys(200));
    await two.caughtUp(last);
    await expectAll(last);
  });

  it('two relays do not disturb each other: one leads, the other takes over', async () => {
    await start();
    const leader = rig.relay;
    const follower = rig.startRelay();
    const subscription = await subscribe();
    await log.append(keys(100));
    await leader.stop();
    const last = await log.append(keys(100));
    await follower.caughtUp(last);
    await subscription.caughtUp(last);
    await expectAll(last);
  });

  it('the relay goes on after its database connection was cut', async () => {
    await start();
    const subscription = await subscribe();
    await subscription.caughtUp(await log.append(keys(50)));
    await log.db.pool.query(
      'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
    );
    const last = await log.append(keys(50));
    await subscription.caughtUp(last);
    await expectAll(last);
  });

  describe('with a broker that dies', () => {
    let broker: OwnKafka;

    beforeEach(async () => {
      broker = await startOwnKafka();
      rig = new KafkaRig(log, broker.brokers);
    });

    afterEach(async () => {
      await broker.kill();
    });

    it('everything arrives once when the broker is killed and when all of its data is gone', async () => {
      const subscription = await subscribe();
      await subscription.caughtUp(await log.append(keys(100)));
      await broker.kill();
      await log.append(keys(100));
      broker = await startOwnKafka(broker.port, broker.dataDir);
      await subscription.caughtUp(await log.append(keys(50)));
      await broker.kill();
      await broker.wipe();
      broker = await startOwnKafka(broker.port, broker.dataDir);
      const last = await log.append(keys(50));
      await subscription.caughtUp(last);
      await expectAll(last);
    }, 180_000);
  });

  /** As if retention had taken everything that the topic has. */
  async function deleteRecords(): Promise<void> {
    const admin = connectKafka({ brokers: rig.brokers }).admin();
    await admin.connect();
    const offsets = await admin.fetchTopicOffsets(rig.topic.topic);
    await admin.deleteTopicRecords({
      topic: rig.topic.topic,
      partitions: offsets.filter(({ high }) => high !== '0').map(({ partition, high }) => ({ partition, offset: high })),
    });
    await admin.disconnect();
  }
});
