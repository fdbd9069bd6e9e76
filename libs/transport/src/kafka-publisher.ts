import type { CloudEvent } from '@attesta/events';
import type { Kafka } from 'kafkajs';
import { encodeKafka, type KafkaEventMessage } from './cloud-events-kafka.js';
import { signed, type IntakeSigner } from './intake-mac.js';
import { orderedProducer, type OrderedProducer } from './ordered-producer.js';
import { INTAKE_TOPIC } from './topics.js';
import { inSendSpans, outgoingTrace } from './tracing.js';

/** Bytes of one request; a broker takes 1 MiB for a partition by default. */
const MOST_BYTES = 600_000;

/** A call that waits for its acknowledgement. */
interface Waiting {
  messages: readonly KafkaEventMessage[];
  resolve(): void;
  reject(error: unknown): void;
}

/**
 * Publishes events to the intake (or another topic), acknowledged by all replicas. Publishing the same event again is harmless: the ledger knows
 * it by source and id. Personal parts must have been encrypted before (clear ones are refused over Kafka).
 */
export class KafkaPublisher {
  private producer?: Promise<OrderedProducer>;
  private waiting: Waiting[] = [];
  private sending?: Promise<void>;

  constructor(
    private readonly kafka: Kafka,
    private readonly topic = INTAKE_TOPIC,
  ) {}

  /**
   * Resolves when every event is acknowledged. Events of the same key keep their order, also across calls that are not awaited: they go together, one
   * request under way at a time, since a request that is tried again would be overtaken by the next.
   * @param signer says to the ledger who speaks; without it the ledger takes them only under KAFKA_INTAKE_MAC=accepted
   * @throws when the broker did not take some of them, from this call and from every one that waits behind it; publish all of those again.
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
  send(messages: readonly KafkaEventMessage[]): Promise<void> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ messages, resolve, reject });
      this.sending ??= this.sendAll();
    });
  }

  /** Lets what was handed over be sent. */
  async close(): Promise<void> {
    await this.sending;
    const producer = this.producer;
    this.producer = undefined;
    await (await producer?.catch(() => undefined))?.disconnect();
  }

  private async sendAll(): Promise<void> {
    while (this.waiting.length > 0) {
      const calls = this.waiting.splice(0, this.together());
      try {
        await this.deliver(calls.flatMap(({ messages }) => messages));
        for (const { resolve } of calls) resolve();
      } catch (error) {
        for (const { reject } of [...calls, ...this.waiting.splice(0)]) reject(error);
      }
    }
    this.sending = undefined; // in this very turn: whoever sends again at once must find nobody at it
  }

  /** How many of the calls that wait fit into one request, at least one. */
  private together(): number {
    let bytes = 0;
    const beyond = this.waiting.findIndex(({ messages }) => (bytes += bytesOf(messages)) > MOST_BYTES);
    return beyond === -1 ? this.waiting.length : Math.max(1, beyond);
  }

  private async deliver(messages: readonly KafkaEventMessage[]): Promise<void> {
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
      const size = bytesOf([message]);
      if (bytes + size > MOST_BYTES) await flush();
      slice.push(message);
      bytes += size;
    }
    await flush();
  }

  private connected(): Promise<OrderedProducer> {
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

const bytesOf = (messages: readonly KafkaEventMessage[]): number => messages.reduce((sum, { value }) => sum + value.length + 512, 0);
