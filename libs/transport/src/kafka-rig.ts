import { randomBytes } from 'node:crypto';
import { type FeedRig, type TestLog } from './feed-rig.js';
import { connectKafka } from './kafka-client.js';
import { KafkaFeed, type KafkaFeedOptions } from './kafka-feed.js';
import { SealedRelay } from './sealed-relay.js';
import { topicPlans, type TopicPlan } from './topics.js';

/** For specs only: the sealed feed over a topic of its own on a real broker, with the relay that fills it. */
export class KafkaRig implements FeedRig {
  readonly name = 'kafka';
  readonly topic: TopicPlan;
  readonly relayErrors: unknown[] = [];
  relay: SealedRelay;

  constructor(
    readonly log: TestLog,
    readonly brokers: string[],
    partitions = 3,
  ) {
    this.topic = { ...topicPlans(partitions).sealed, topic: `test.sealed.${randomBytes(5).toString('hex')}` };
    this.relay = this.startRelay();
  }

  startRelay(): SealedRelay {
    this.relay = new SealedRelay({
      source: this.log.reader,
      kafka: connectKafka({ brokers: this.brokers }),
      pool: this.log.db.pool,
      topic: this.topic,
      onError: (error) => this.relayErrors.push(error),
    });
    this.relay.start();
    return this.relay;
  }

  /** Each feed has a client of its own, as another process would. */
  feed(options: Partial<KafkaFeedOptions> = {}): Promise<KafkaFeed> {
    return Promise.resolve(new KafkaFeed({ kafka: connectKafka({ brokers: this.brokers }), topic: this.topic.topic, ...options }));
  }

  async redeliver(): Promise<void> {
    await this.relay.stop();
    await this.log.db.pool.query('delete from relay_cursor');
    this.startRelay();
  }

  async deleteTopic(): Promise<void> {
    const admin = connectKafka({ brokers: this.brokers }).admin();
    await admin.connect();
    await admin.deleteTopics({ topics: [this.topic.topic] });
    await admin.disconnect();
  }

  async close(): Promise<void> {
    await this.relay.stop();
    await this.deleteTopic().catch(() => undefined);
  }
}
