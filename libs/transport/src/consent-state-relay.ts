import type { StateChange } from '@attesta/decisions';
import type { Kafka } from 'kafkajs';
import { stateMark, stateMessage } from './consent-state-message.js';
import { partitionOf } from './partition.js';
import { Relay, type RelayLog, type RelayOptions } from './relay.js';
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

/** Every partition hears this often that its relay lives: readers' knowledge is never younger than what they heard last. */
const BEAT_MS = 5_000;

/** Carries consent state to its compacted topic: a message per change, a null value for who was forgotten, and marks of how far it has come. */
export class ConsentStateRelay extends Relay<NumberedChange> {
  constructor({ source, kafka, topic = topicPlans().consentState, ...options }: ConsentStateRelayOptions) {
    const log: RelayLog<NumberedChange> = {
      sparse: true,
      read: async (after, limit) => (await source.read(after, limit)).map((change) => ({ ...change, position: change.changed })),
      watch: (wake) => source.watch(wake),
    };
    const carrier = new TopicCarrier<NumberedChange>({
      kafka,
      topic,
      partition: ({ key }, partitions) => partitionOf(key, partitions),
      message: stateMessage,
      beat: { mark: stateMark, everyMs: BEAT_MS },
    });
    super(topic.topic, log, carrier, options);
  }
}
