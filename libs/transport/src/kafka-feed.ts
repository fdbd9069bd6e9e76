import type { Admin, Kafka } from 'kafkajs';
import { FeedConsumer } from './feed-consumer.js';
import { hold, succeed, type Tx } from './feed-succession.js';
import type { FeedConsumerOptions, FeedProgress, FeedSubscription, SealedFeed } from './feed.js';
import { GroupConsumer } from './group-consumer.js';
import { KafkaPartition, type PartitionHost, type Refill } from './kafka-partition.js';
import { ParkedEvents } from './parked-events.js';
import { SEALED_TOPIC, watermarks, type Watermarks } from './topics.js';

export interface KafkaFeedOptions {
  /** A client of its own for each member of the same group within one process (see connectKafka). */
  kafka: Kafka;
  topic?: string;
  /** Reads the ledger's log, for entries that the topic has lost. Without it a hole waits until the relay has filled the topic again. */
  refill?: Refill;
  /** Partitions applied at the same time. Default 3. */
  concurrency?: number;
  /** Milliseconds of silence after which a member's partitions go to others. Default 10,000. */
  sessionTimeout?: number;
}

/** How often the cursors are compared with our claims, to notice a rebuild ordered elsewhere while nothing comes in. */
const LOOK_MS = 1_000;
/** An idle partition's last message is compared with what was read this often. */
const IDLE_MS = 3_000;

/** The sealed feed over Kafka. The topic may not exist yet: consuming begins when the relay has made it. */
export class KafkaFeed implements SealedFeed {
  constructor(private readonly options: KafkaFeedOptions) {}

  subscribe(options: FeedConsumerOptions): Promise<FeedSubscription> {
    const subscription = new TopicSubscription(new FeedConsumer(options, this.options.topic ?? SEALED_TOPIC), this.options);
    subscription.start();
    return Promise.resolve(subscription);
  }
}

class TopicSubscription implements FeedSubscription, PartitionHost {
  readonly parked: ParkedEvents;
  readonly refill?: Refill;
  partitions = 0;
  private readonly admin: Admin;
  private readonly group: GroupConsumer;
  private owned = new Map<number, KafkaPartition>();
  private connecting?: Promise<void>;
  private looking?: NodeJS.Timeout;

  constructor(
    readonly consumer: FeedConsumer,
    { kafka, refill, concurrency, sessionTimeout }: KafkaFeedOptions,
  ) {
    this.parked = new ParkedEvents(consumer);
    this.refill = refill;
    this.admin = kafka.admin();
    this.group = new GroupConsumer({
      kafka,
      group: consumer.options.group,
      topic: consumer.topic,
      concurrency,
      sessionTimeout,
      prepare: async (partitions) => {
        this.partitions = partitions;
        await consumer.prepare(partitions);
      },
      assigned: (partitions) => this.assigned(partitions),
      batch: async (payload) => this.owned.get(payload.batch.partition)?.consume(payload),
      onError: (error) => consumer.report(error, 'connection'),
    });
  }

  /** Kafka may be away: the group keeps trying. */
  start(): void {
    this.group.start();
    this.looking = setInterval(() => void this.look(), LOOK_MS);
  }

  async stop(): Promise<void> {
    clearInterval(this.looking);
    this.consumer.stop();
    await this.group.stop();
    await this.admin.disconnect();
  }

  async progress(): Promise<FeedProgress[]> {
    return (await this.consumer.progress()).map((progress) => {
      const lag = this.owned.get(progress.partition)?.lag;
      return lag === undefined ? progress : { ...progress, lag };
    });
  }

  caughtUp(position: number): Promise<void> {
    return this.consumer.caughtUp(position);
  }

  async rebuild(reset: Parameters<FeedSubscription['rebuild']>[0]): Promise<void> {
    await this.consumer.rebuild(reset, await this.partitionsThere());
    await this.look();
  }

  hold(tx: Tx): Promise<number> {
    return hold(tx, this.consumer);
  }

  async succeed(tx: Tx, group: string): Promise<void> {
    await succeed(tx, this.consumer, await this.partitionsThere(), group);
  }

  private async partitionsThere(): Promise<number> {
    const there = await this.marks();
    if (!there) throw new Error(`There is no topic ${this.consumer.topic} to read on from`);
    return there.length;
  }

  seek(partition: number, offset: bigint): void {
    this.group.seek(partition, offset);
  }

  async watermarks(partition: number): Promise<Watermarks> {
    const found = (await this.marks())?.[partition];
    if (!found) throw new Error(`Topic ${this.consumer.topic} has no partition ${partition}`);
    return found;
  }

  private async marks(): Promise<Watermarks[] | undefined> {
    this.connecting ??= this.admin.connect().catch((error: unknown) => {
      this.connecting = undefined;
      throw error;
    });
    await this.connecting;
    return watermarks(this.admin, this.consumer.topic);
  }

  private assigned(partitions: number[]): void {
    for (const partition of this.owned.values()) partition.close();
    this.owned = new Map(partitions.map((partition) => [partition, new KafkaPartition(partition, this)]));
  }

  private async look(): Promise<void> {
    for (const partition of this.owned.values()) partition.lookAgain(IDLE_MS);
    try {
      for (const { partition, epoch } of await this.consumer.cursors()) this.owned.get(partition)?.reopenUnless(epoch);
    } catch (error) {
      this.consumer.report(error, 'connection');
    }
  }
}
