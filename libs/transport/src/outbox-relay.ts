import type { LoggedEvent } from '@attesta/event-log';
import type { CloudEvent, EventData } from '@attesta/events';
import type { Kafka } from 'kafkajs';
import { encodeKafka } from './cloud-events-kafka.js';
import { signed, type IntakeSigner } from './intake-mac.js';
import { partitionOf } from './partition.js';
import { Relay, type RelayLog, type RelayOptions } from './relay.js';
import { TopicCarrier } from './topic-carrier.js';
import { topicPlans, type TopicPlan } from './topics.js';
import { outgoingTrace } from './tracing.js';

export interface OutboxRelayOptions extends RelayOptions {
  /** The service's own log. */
  log: RelayLog<LoggedEvent>;
  /** CloudEvents source the service speaks as. */
  source: string;
  kafka: Kafka;
  /** Says to the ledger that it is this service who speaks. */
  signer?: IntakeSigner;
  /** Default: topicPlans().intake, created when missing. */
  topic?: TopicPlan;
  /** Name of lock and cursor. Default: outbox of the source. */
  name?: string;
}

/** Carries a service's own log to the ledger's intake topic. What is sent twice the ledger answers with `duplicate`. */
export class OutboxRelay extends Relay<LoggedEvent> {
  constructor({ log, source, kafka, signer, topic = topicPlans().intake, name = `outbox ${source}`, ...options }: OutboxRelayOptions) {
    const carrier = new TopicCarrier<LoggedEvent>({
      kafka,
      topic,
      ...(signer && { before: () => signer.ready() }),
      partition: (event, partitions) => partitionOf(event.subject ?? source, partitions),
      message: (event, partition) => {
        const plain = encodeKafka(toCloudEvent(event, source));
        const message = signer ? signed(plain, source, signer) : plain;
        return { ...message, headers: { ...message.headers, ...outgoingTrace(event.trace) }, partition };
      },
    });
    super(name, log, carrier, options);
  }
}

/** An event of a service's own log as the ledger takes it. */
export function toCloudEvent({ id, type, time, subject, actor, data, trace }: LoggedEvent, source: string): CloudEvent {
  return {
    specversion: '1.0',
    id,
    source,
    type,
    time,
    ...(subject !== undefined && { subject }),
    ...(actor !== undefined && { actor }),
    ...(trace && { traceparent: trace }),
    data: data as EventData,
  };
}
