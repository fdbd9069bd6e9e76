import { Partitioners, type Kafka, type Message, type ProducerRecord, type RecordMetadata } from 'kafkajs';

/** What relays and publishers send with; one send under way at a time keeps the order. */
export interface OrderedProducer {
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  /** Resolves with an answer for every partition that messages went to. */
  send(record: ProducerRecord): Promise<RecordMetadata[]>;
}

/** How often what stayed unanswered is sent. */
const MOST_TRIES = 4;

/**
 * A producer for one relay or publisher. Not kafkajs' idempotent one (it loses its sequence under concurrency): consumers drop duplicates by
 * position or event id instead. Never creates topics by accident.
 *
 * kafkajs 2.2.4 (sendMessages.js) tries again by broker, not by partition: when a partition moves to a broker that has answered for others of the same
 * request, its messages are left out and the send resolves all the same. So every partition's answer is looked for here, and what has none is sent again.
 */
export function orderedProducer(kafka: Kafka): OrderedProducer {
  const places = new WeakMap<Message, number>();
  const producer = kafka.producer({
    allowAutoTopicCreation: false,
    maxInFlightRequests: 1,
    createPartitioner: () => {
      const choose = Partitioners.DefaultPartitioner();
      return (choice) => {
        // A message without a key would be drawn elsewhere at each try, and then answered for by others.
        const partition = places.get(choice.message) ?? choose(choice);
        places.set(choice.message, partition);
        return partition;
      };
    },
    // Whoever sends tries again by itself, and looks first whether the topic is still there.
    retry: { initialRetryTime: 50, retries: 3, maxRetryTime: 500 },
    metadataMaxAge: 60_000,
  });
  return {
    connect: () => producer.connect(),
    disconnect: () => producer.disconnect(),
    async send(record) {
      const answers: RecordMetadata[] = [];
      let { messages } = record;
      for (let tries = 0; messages.length > 0; tries++) {
        if (tries === MOST_TRIES) throw new Error(`Kafka did not answer for ${messages.length} messages to ${record.topic}`);
        const answered = await producer.send({ ...record, messages });
        answers.push(...answered);
        const partitions = new Set(answered.map(({ partition }) => partition));
        messages = messages.filter((message) => !partitions.has(places.get(message) ?? -1));
      }
      return answers;
    },
  };
}
