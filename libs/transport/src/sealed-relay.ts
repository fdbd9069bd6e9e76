import type { EntrySource } from '@attesta/event-log';
import type { Kafka } from 'kafkajs';
import { partitionOf } from './partition.js';
import { Relay, type RelayLog, type RelayOptions } from './relay.js';
import { StoredSealedEvent } from './sealed-event.js';
import { markMessage, sealedMessage } from './sealed-message.js';
import { TopicCarrier } from './topic-carrier.js';
import { topicPlans, type TopicPlan } from './topics.js';

export interface SealedRelayOptions extends RelayOptions {
  source: EntrySource;
  kafka: Kafka;
  /** Default: topicPlans().sealed, created when missing. */
  topic?: TopicPlan;
  /** Name of lock and cursor. Default: the topic's name. */
  name?: string;
}

/** Carries the ledger's log to the sealed topic, key = subject id or source, each message naming the one before it in its partition. */
export class SealedRelay extends Relay<StoredSealedEvent> {
  constructor({ source, kafka, topic = topicPlans().sealed, name = topic.topic, ...options }: SealedRelayOptions) {
    const log: RelayLog<StoredSealedEvent> = {
      read: async (after, limit) => (await source.read(after, limit)).map((stored) => StoredSealedEvent.of(stored)),
      watch: (wake) => source.watch(wake),
    };
    const carrier = new TopicCarrier<StoredSealedEvent>({
      kafka,
      topic,
      partition: (event, partitions) => partitionOf(event.key, partitions),
      message: sealedMessage,
      mark: markMessage,
    });
    super(name, log, carrier, options);
  }
}
