import { randomUUID } from 'node:crypto';
import type { StateChange } from '@attesta/decisions';
import type { EachBatchPayload, Kafka } from 'kafkajs';
import { GroupConsumer } from './group-consumer.js';
import { StatePartition } from './state-partition.js';
import { readStateMessage } from './consent-state-message.js';
import { CONSENT_STATE_TOPIC, type Watermarks } from './topics.js';

export interface KafkaStateFeedOptions {
  kafka: Kafka;
  /** Default: `attesta.consent-state.v1`. */
  topic?: string;
}

/** As '@attesta/sdk' has it: `current` says that every change up to the number `changed` was told, and that there were no others at `asOf`. */
export interface StateListener {
  changes(changes: StateChange[]): void;
  current(knowledge: { changed: number; asOf: number }): void;
  trouble(error: unknown): void;
}

/**
 * The whole compacted topic, read by this process alone from its beginning: as a `StateFeed` of '@attesta/sdk'. The topic may not exist yet, go, and
 * come again; what it holds may be told twice. `asOf` is by the clock of the relay, and no later than ours.
 */
export const kafkaStateFeed = ({ kafka, topic = CONSENT_STATE_TOPIC }: KafkaStateFeedOptions) => ({
  start(listener: StateListener, signal: AbortSignal): void {
    new TopicReader(kafka, topic, listener).start(signal);
  },
});

/**
 * A member of a group of its own, which commits nothing. Every message names the number of the change before it in its partition. Where one was passed
 * over (the topic was made anew, kafkajs jumped to another offset, compaction was faster than we), everything is read again from the beginning.
 */
class TopicReader {
  private readonly group: GroupConsumer;
  private partitions: StatePartition[] = [];
  /** Holes that led to reading again: what is still there then is part of the topic. */
  private readonly holes = new Set<string>();

  constructor(
    kafka: Kafka,
    topic: string,
    private readonly listener: StateListener,
  ) {
    this.group = new GroupConsumer({
      kafka,
      group: `reader.${randomUUID()}`,
      topic,
      prepare: (_count, marks) => Promise.resolve(this.begin(marks)),
      assigned: (partitions) => this.assigned(partitions),
      batch: (payload) => Promise.resolve(this.batch(payload)),
      onError: (error) => listener.trouble(error),
    });
  }

  start(signal: AbortSignal): void {
    if (signal.aborted) return;
    signal.addEventListener('abort', () => void this.group.stop(), { once: true });
    this.group.start();
  }

  private begin(marks: readonly Watermarks[]): void {
    this.partitions = marks.map((mark) => new StatePartition(mark));
  }

  private assigned(assigned: readonly number[]): void {
    if (assigned.length === 0) return;
    if (assigned.length !== this.partitions.length) this.group.restart();
    for (const partition of this.partitions) partition.rejoined();
  }

  private batch({ batch, resolveOffset }: EachBatchPayload): void {
    const partition = this.partitions[batch.partition];
    const changes: StateChange[] = [];
    for (const message of batch.messages) {
      const read = readStateMessage(message);
      const hole = partition?.hole(read, message.offset);
      if (!partition || (hole !== undefined && this.isNew(`${batch.partition} ${message.offset} ${hole}`))) {
        this.listener.trouble(new Error(`Partition ${batch.partition} passed over changes before offset ${message.offset}: read again`));
        this.group.restart();
        return;
      }
      if (read.kind === 'change') changes.push(read.change);
      if (read.kind === 'malformed') this.listener.trouble(new Error(`No consent state at offset ${message.offset}`));
      partition.take(read, message.offset, batch.highWatermark);
    }
    if (changes.length > 0) this.listener.changes(changes);
    resolveOffset(batch.lastOffset());
    this.tell();
  }

  private isNew(hole: string): boolean {
    if (this.holes.has(hole)) return false;
    this.holes.add(hole);
    return true;
  }

  private tell(): void {
    const known = this.partitions.map((partition) => partition.known);
    const changed = Math.min(...known.map((one) => one?.upto ?? -1));
    if (changed < 0) return;
    this.listener.current({ changed, asOf: Math.min(Date.now(), ...known.map((one) => one?.asOf ?? 0)) });
  }
}
