import type { Consumer, EachBatchPayload, Kafka } from 'kafkajs';
import { backoff, pause } from './pace.js';
import { watermarks, type Watermarks } from './topics.js';

export interface GroupConsumerOptions {
  kafka: Kafka;
  /** Names the group among those of the topic. */
  group: string;
  topic: string;
  /** Called with the topic's number of partitions, and what is in each, before each consumer's life. */
  prepare(partitions: number, marks: Watermarks[]): Promise<void>;
  /** Called at every (re)assignment before anything is fetched; must not wait. What was assigned before is no longer ours. */
  assigned(partitions: number[]): void;
  /** Called with one partition's messages at a time per partition. Must resolve what it has handled, and not throw. */
  batch(payload: EachBatchPayload): Promise<void>;
  onError(error: unknown): void;
  /** Partitions handled at the same time. Default 3. */
  concurrency?: number;
  /** Milliseconds of silence after which the group gives a member's partitions to others. Default 10,000. */
  sessionTimeout?: number;
}

/**
 * The Kafka group id: a group belongs to one topic, for Kafka shares the partitions of one member's topic among members that read another. Offsets are
 * not committed here: where they matter PostgreSQL knows.
 */
const groupId = (topic: string, group: string): string => `${topic}.${group}`;

/**
 * One member of a consumer group that never gives up: kafkajs ends a consumer on errors it holds for final (a topic deleted, an unknown codec),
 * and then another one is made.
 */
export class GroupConsumer {
  private consumer?: Consumer;
  private readonly stopping = new AbortController();
  private running?: Promise<void>;
  private endLife: () => void = () => undefined;

  constructor(private readonly options: GroupConsumerOptions) {}

  start(): void {
    this.running ??= this.run();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  /** Next fetch of a partition starts here. Without effect on a partition that is not ours. */
  seek(partition: number, offset: bigint): void {
    try {
      this.consumer?.seek({ topic: this.options.topic, partition, offset: String(offset) });
    } catch {
      // The consumer is between two lives: the next assignment seeks again.
    }
  }

  /** Ends this consumer's life; another one begins where a new member of the group does. */
  restart(): void {
    this.endLife();
  }

  private async run(): Promise<void> {
    for (let tries = 0; !this.stopping.signal.aborted;) {
      const began = Date.now();
      try {
        await this.live();
      } catch (error) {
        this.options.onError(error);
      }
      tries = Date.now() - began > 10_000 ? 0 : tries + 1;
      await pause(backoff(tries, 1_000), this.stopping.signal);
    }
  }

  /** One consumer's life, from its start to its crash, a restart or our stop. */
  private async live(): Promise<void> {
    const { kafka, topic, group, sessionTimeout = 10_000 } = this.options;
    if (!(await this.topicThere())) return;
    const consumer = kafka.consumer({
      groupId: groupId(topic, group),
      allowAutoTopicCreation: false,
      sessionTimeout,
      rebalanceTimeout: Math.max(sessionTimeout, 30_000),
      heartbeatInterval: Math.min(1_000, Math.floor(sessionTimeout / 3)),
      // A seek waits for the fetch under way: keep fetches short.
      maxWaitTimeInMs: 200,
      maxBytesPerPartition: 2 << 20,
      maxBytes: 16 << 20,
      metadataMaxAge: 10_000,
      retry: { initialRetryTime: 100, retries: 4, maxRetryTime: 1_000, restartOnFailure: () => Promise.resolve(false) },
    });
    const over = new Promise<void>((resolve) => {
      this.endLife = resolve;
      consumer.on(consumer.events.CRASH, ({ payload }) => {
        if (!this.stopping.signal.aborted) this.options.onError(payload.error);
        resolve();
      });
      if (this.stopping.signal.aborted) resolve();
      else this.stopping.signal.addEventListener('abort', () => resolve(), { once: true });
    });
    consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => this.options.assigned(payload.memberAssignment[topic] ?? []));
    try {
      await consumer.connect();
      await consumer.subscribe({ topic, fromBeginning: true });
      this.consumer = consumer;
      await consumer.run({
        autoCommit: false,
        eachBatchAutoResolve: false,
        partitionsConsumedConcurrently: this.options.concurrency ?? 3,
        eachBatch: (payload) => this.options.batch(payload),
      });
      await over;
    } finally {
      this.consumer = undefined;
      this.options.assigned([]);
      await consumer.disconnect().catch((error: unknown) => this.options.onError(error));
    }
  }

  private async topicThere(): Promise<boolean> {
    const admin = this.options.kafka.admin();
    try {
      await admin.connect();
      const marks = await watermarks(admin, this.options.topic);
      if (marks) await this.options.prepare(marks.length, marks);
      return marks !== undefined;
    } finally {
      await admin.disconnect();
    }
  }
}
