import type { FieldProblem } from '@attesta/events';
import type { Kafka } from 'kafkajs';
import { Relay, type RelayLog, type RelayOptions } from './relay.js';
import { TopicCarrier } from './topic-carrier.js';
import { topicPlans, type TopicPlan } from './topics.js';

/** What the rejected topic says of one refused event. Never the event itself: it may hold personal values. */
export interface RejectedEvent {
  /** Place in the rejections, contiguous from 0. */
  position: number;
  at: string;
  eventId: string | null;
  source: string | null;
  type: string | null;
  problems: FieldProblem[];
}

export interface RejectedRelayOptions extends RelayOptions {
  log: RelayLog<RejectedEvent>;
  kafka: Kafka;
  /** Default: topicPlans().rejected, created when missing. */
  topic?: TopicPlan;
}

/** Carries the ledger's rejections to the rejected topic, for publishers that publish over Kafka and must hear of it. */
export class RejectedRelay extends Relay<RejectedEvent> {
  constructor({ log, kafka, topic = topicPlans().rejected, ...options }: RejectedRelayOptions) {
    const carrier = new TopicCarrier<RejectedEvent>({
      kafka,
      topic,
      partition: () => 0,
      message: (rejected, partition) => ({
        key: rejected.source,
        value: JSON.stringify(rejected),
        headers: { 'content-type': 'application/json' },
        partition,
      }),
    });
    super(topic.topic, log, carrier, options);
  }
}
