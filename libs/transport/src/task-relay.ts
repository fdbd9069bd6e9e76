import type { Kafka } from 'kafkajs';
import { partitionOf } from './partition.js';
import { Relay, type RelayLog, type RelayOptions } from './relay.js';
import { taskMessage, type TaskNotice } from './task-message.js';
import { TopicCarrier } from './topic-carrier.js';
import { topicPlans, type TopicPlan } from './topics.js';

/** A notice at its place in the order in which tasks were issued. Numbers grow, and may be missing. */
export interface NumberedTask extends TaskNotice {
  number: number;
}

/** Where tasks are kept. */
export interface TaskSource {
  /**
   * Tasks that wait for an answer and have a number > `after`, in order, at most `limit`. A smaller number than one that was read must never
   * appear later.
   */
  read(after: number, limit: number): Promise<NumberedTask[]>;
  watch(wake: () => void): Promise<() => Promise<void>>;
}

export interface TaskRelayOptions extends RelayOptions {
  source: TaskSource;
  kafka: Kafka;
  /** Default: topicPlans().tasks, created when missing. */
  topic?: TopicPlan;
}

type Positioned = NumberedTask & { position: number };

/** Tells connected systems over Kafka of every task, key = system. What is asked, and about whom, is fetched over HTTP. */
export class TaskRelay extends Relay<Positioned> {
  constructor({ source, kafka, topic = topicPlans().tasks, ...options }: TaskRelayOptions) {
    const log: RelayLog<Positioned> = {
      sparse: true,
      read: async (after, limit) => (await source.read(after, limit)).map((task) => ({ ...task, position: task.number })),
      watch: (wake) => source.watch(wake),
    };
    const carrier = new TopicCarrier<Positioned>({
      kafka,
      topic,
      partition: ({ system }, partitions) => partitionOf(system, partitions),
      message: taskMessage,
    });
    super(topic.topic, log, carrier, options);
  }
}
