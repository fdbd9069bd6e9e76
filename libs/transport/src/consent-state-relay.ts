import type { StateChange } from '@attesta/decisions';
import type { Kafka } from 'kafkajs';
import { partitionOf } from './partition.js';
import { Relay, type RelayOptions } from './relay.js';
import { TopicCarrier } from './topic-carrier.js';
import { topicPlans, type TopicPlan } from './topics.js';

/** Where consent state is kept: the newest of each key, in the order of its changes. */
export interface StateSource {
  /** Changes with a number > `after`, in order, at most `limit`. */
  read(after: number, limit: number): Promise<StateChange[]>;
  watch(wake: () => void): Promise<() => Promise<void>>;
}

export interface ConsentStateRelayOptions extends RelayOptions {
  source: StateSource;
  kafka: Kafka;
  /** Default: topicPlans().consentState, created when missing. */
  topic?: TopicPlan;
}

type NumberedChange = StateChange & { position: number };

/** Carries consent state to its compacted topic: a message per change, a null value for who was forgotten. */
export class ConsentStateRelay extends Relay<NumberedChange> {
  constructor({ source, kafka, topic = topicPlans().consentState, ...options }: ConsentStateRelayOptions) {
    const log = {
      read: async (after: number, limit: number) =>
        (await source.read(after, limit)).map((change): NumberedChange => ({ ...change, position: change.changed })),
      watch: (wake: () => void) => source.watch(wake),
    };
    const carrier = new TopicCarrier<NumberedChange>({
      kafka,
      topic,
      partition: ({ key }, partitions) => partitionOf(key, partitions),
      message: ({ key, changed, state }, partition) => ({
        key,
        value: state === null ? null : JSON.stringify({ changed, state }),
        headers: { attesta_changed: String(changed), 'content-type': 'application/json' },
        partition,
      }),
    });
    super(topic.topic, log, carrier, { ...options, sparse: true });
  }
}
