import { randomUUID } from 'node:crypto';
import type { StateChange } from '@attesta/decisions';
import type { Consumer, Kafka, KafkaMessage } from 'kafkajs';
import { backoff, pause } from './pace.js';
import { CONSENT_STATE_TOPIC, watermarks } from './topics.js';

export interface KafkaStateFeedOptions {
  kafka: Kafka;
  /** Default: `attesta.consent-state.v1`. */
  topic?: string;
  onError?: (error: unknown) => void;
}

/** Told of changes, and each time the source was heard. */
export interface StateListener {
  changes(changes: StateChange[]): void;
  heard(): void;
}

/**
 * The whole compacted topic, read by this process alone from its beginning: as a `StateFeed` of '@attesta/sdk'. Resolves once what was there at the
 * start has been read, and goes on until the signal. When the topic goes, it is read from its beginning again: the listener keeps the newest of each key.
 */
export function kafkaStateFeed({ kafka, topic = CONSENT_STATE_TOPIC, onError }: KafkaStateFeedOptions) {
  return {
    async start(listener: StateListener, signal: AbortSignal): Promise<void> {
      for (let tries = 0; !signal.aborted; tries++) {
        try {
          const reader = new Reader(kafka, topic, listener);
          await reader.start(signal, (error) => {
            onError?.(error);
            if (!signal.aborted) void this.start(listener, signal);
          });
          return;
        } catch (error) {
          onError?.(error);
          await pause(backoff(tries, 2_000), signal);
        }
      }
    },
  };
}

const LOOK_MS = 2_000;

class Reader {
  private readonly consumer: Consumer;
  /** Next offset of each partition. */
  private readonly reached = new Map<number, bigint>();
  private moved: () => void = () => undefined;

  constructor(
    private readonly kafka: Kafka,
    private readonly topic: string,
    private readonly listener: StateListener,
  ) {
    // A group of its own: every process reads everything, and commits nothing.
    this.consumer = kafka.consumer({ groupId: `${topic}.reader.${randomUUID()}`, allowAutoTopicCreation: false });
  }

  /** @param lost told when the topic is not what it was, or the consumer gave up: whoever listens starts over */
  async start(signal: AbortSignal, lost: (error: unknown) => void): Promise<void> {
    const ends = await this.ends();
    let stopped = false;
    const stop = async (error?: unknown) => {
      if (stopped) return;
      stopped = true;
      clearInterval(looking);
      await this.consumer.disconnect().catch(() => undefined);
      if (error !== undefined) lost(error);
    };
    const looking = setInterval(() => {
      this.ends().then(
        (now) => {
          // Shorter than what was read: another topic of the same name.
          if (now.some((end, partition) => end < (this.reached.get(partition) ?? 0n)))
            void stop(new Error(`Topic ${this.topic} was made anew`));
          else if (now.every((end, partition) => end <= (this.reached.get(partition) ?? 0n))) this.listener.heard();
        },
        () => undefined, // away for the moment: the knowledge ages
      );
    }, LOOK_MS);
    signal.addEventListener('abort', () => void stop(), { once: true });
    try {
      await this.consumer.connect();
      this.consumer.on(this.consumer.events.CRASH, ({ payload }) => void (payload.restart || stop(payload.error)));
      await this.consumer.subscribe({ topic: this.topic, fromBeginning: true });
      await this.consumer.run({
        autoCommit: false,
        eachBatch: ({ batch }) => {
          this.listener.changes(batch.messages.flatMap(changeOf));
          this.reached.set(batch.partition, BigInt(batch.lastOffset()) + 1n);
          this.listener.heard();
          this.moved();
          return Promise.resolve();
        },
      });
      await this.caughtUp(ends, signal);
    } catch (error) {
      await stop();
      throw error;
    }
  }

  private async caughtUp(ends: readonly bigint[], signal: AbortSignal): Promise<void> {
    while (!signal.aborted && ends.some((end, partition) => (this.reached.get(partition) ?? 0n) < end)) {
      await new Promise<void>((resolve) => {
        this.moved = resolve;
        signal.addEventListener('abort', () => resolve(), { once: true });
      });
    }
  }

  private async ends(): Promise<bigint[]> {
    const admin = this.kafka.admin();
    await admin.connect();
    try {
      const marks = await watermarks(admin, this.topic);
      if (!marks) throw new Error(`Topic ${this.topic} is not there yet`);
      return marks.map(({ low, high }) => (high === low ? 0n : high));
    } finally {
      await admin.disconnect();
    }
  }
}

/** What a message says; nothing, when nobody of ours can have sent it. */
function changeOf({ key, value, headers }: KafkaMessage): StateChange[] {
  const changed = Number(headers?.attesta_changed?.toString());
  if (!key || !Number.isSafeInteger(changed)) return [];
  if (value === null) return [{ key: key.toString(), changed, state: null }];
  try {
    const { state } = JSON.parse(value.toString()) as Pick<StateChange, 'state'>;
    return state === undefined ? [] : [{ key: key.toString(), changed, state }];
  } catch {
    return [];
  }
}
