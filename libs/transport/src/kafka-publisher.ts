import type { CloudEvent } from '@attesta/events';
import type { Kafka, Producer } from 'kafkajs';
import { encodeKafka, type KafkaEventMessage } from './cloud-events-kafka.js';
import { orderedProducer } from './kafka-client.js';
import { signed, type IntakeSigner } from './intake-mac.js';
import { INTAKE_TOPIC } from './topics.js';
import { inSendSpans, outgoingTrace } from './tracing.js';

/** Bytes of one request; a broker takes 1 MiB for a partition by default. */
const MOST_BYTES = 600_000;

/**
 * Publishes events to the intake (or another topic), acknowledged by all replicas. Publishing the same event again is harmless: the ledger knows
 * it by source and id. Personal parts must have been encrypted before (clear ones are refused over Kafka).
 */
export class KafkaPublisher {
  private producer?: Promise<Producer>;

  constructor(
    private readonly kafka: Kafka,
    private readonly topic = INTAKE_TOPIC,
  ) {}

  /**
   * Resolves when every event is acknowledged. Events of the same key keep their order, also across calls that are not awaited.
   * @param signer says to the ledger who speaks; without it the ledger takes them only under KAFKA_INTAKE_MAC=accepted
   * @throws when the broker did not take some of them; publish all again.
   */
  async publish(events: readonly CloudEvent[], signer?: Pick<IntakeSigner, 'sign'>): Promise<void> {
    const messages = events.map((event) => {
      const plain = encodeKafka(event);
      const message = signer ? signed(plain, event.source, signer) : plain;
      return { ...message, headers: { ...message.headers, ...outgoingTrace(event.traceparent) } };
    });
    await this.send(messages);
  }

  /** As publish, for messages that are encoded already. */
  async send(messages: readonly KafkaEventMessage[]): Promise<void> {
    const producer = await this.connected();
    let slice: KafkaEventMessage[] = [];
    let bytes = 0;
    const flush = async () => {
      const messages = slice;
      if (messages.length) await inSendSpans(this.topic, messages, () => producer.send({ topic: this.topic, acks: -1, messages }));
      slice = [];
      bytes = 0;
    };
    for (const message of messages) {
      if (bytes + message.value.length > MOST_BYTES) await flush();
      slice.push(message);
      bytes += message.value.length + 512;
    }
    await flush();
  }

  async close(): Promise<void> {
    const producer = this.producer;
    this.producer = undefined;
    await (await producer?.catch(() => undefined))?.disconnect();
  }

  private connected(): Promise<Producer> {
    return (this.producer ??= (async () => {
      const producer = orderedProducer(this.kafka);
      await producer.connect();
      return producer;
    })().catch((error: unknown) => {
      this.producer = undefined;
      throw error;
    }));
  }
}
