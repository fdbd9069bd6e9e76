import type { EachBatchPayload, Kafka, KafkaMessage } from 'kafkajs';
import type pg from 'pg';
import type { IntakeMac } from '@attesta/vault';
import { decodeKafka } from './cloud-events-kafka.js';
import { GroupConsumer } from './group-consumer.js';
import type { DecodedEvent } from './intake.js';
import { authenticated, type MacMode } from './intake-mac.js';
import { backoff, pause } from './pace.js';
import { INTAKE_TOPIC, watermarks } from './topics.js';
import { inBatchSpan } from './tracing.js';

/** One record of the intake topic: an event, or why it is none. */
export type IntakeMessage = DecodedEvent & { partition: number; offset: string; trace: string | null; original?: unknown };

/**
 * Takes messages of one partition, in order. Resolve when every one is sealed or its rejection is stored: they do not come again, except after a
 * crash (answer those with `duplicate`). When it throws, the same messages come again until it does not.
 */
export type IntakeHandler = (messages: IntakeMessage[]) => Promise<void>;

export interface KafkaIntakeOptions {
  kafka: Kafka;
  /** The ledger's database, where feedTables were run. */
  pool: pg.Pool;
  handle: IntakeHandler;
  /** Who may speak for a source is asked of each record's MAC; without it everybody may for every source. */
  mac?: { secrets: IntakeMac; mode: MacMode };
  topic?: string;
  /** Default `intake`. */
  group?: string;
  /** Most messages at a time. Default 500. */
  batchSize?: number;
  /** Partitions handled at the same time. Default 3. */
  concurrency?: number;
  sessionTimeout?: number;
  onError?: (error: unknown) => void;
}

/** A message, and what tells it from another at the same offset of a topic made anew. */
interface Mark {
  offset: bigint;
  mark: string;
}

/** Where a partition is handled up to. */
interface Place {
  epoch: string;
  /** Last handled message, else undefined. */
  last?: Mark;
  /** A fetch was asked to begin with this message. */
  expected?: Mark;
  /** A fetched batch is being handled. */
  busy: boolean;
  handledAt: number;
}

/** An idle partition's last message is compared with what was read this often. */
const IDLE_MS = 3_000;

/** Consumes the intake topic; the position is in PostgreSQL. No message stalls it: what cannot be decoded reaches the handler as problems. */
export class KafkaIntakeConsumer {
  private readonly group: GroupConsumer;
  private readonly topic: string;
  private readonly name: string;
  private looking?: NodeJS.Timeout;
  private readonly stopping = new AbortController();
  private places = new Map<number, Promise<Place | undefined>>();

  constructor(private readonly options: KafkaIntakeOptions) {
    this.topic = options.topic ?? INTAKE_TOPIC;
    this.name = options.group ?? 'intake';
    this.group = new GroupConsumer({
      kafka: options.kafka,
      group: this.name,
      topic: this.topic,
      concurrency: options.concurrency,
      sessionTimeout: options.sessionTimeout,
      prepare: (partitions) => this.prepare(partitions),
      assigned: (partitions) => {
        this.places = new Map(partitions.map((partition) => [partition, this.open(partition)]));
      },
      batch: (payload) => this.consume(payload),
      onError: (error) => options.onError?.(error),
    });
  }

  start(): void {
    this.group.start();
    this.looking = setInterval(() => void this.look(), 1_000);
  }

  /** Lets the handler finish what it has. */
  async stop(): Promise<void> {
    clearInterval(this.looking);
    this.stopping.abort();
    await this.group.stop();
  }

  /** Last handled offset by partition, -1 = none. */
  async progress(): Promise<{ partition: number; offset: number }[]> {
    const { rows } = await this.options.pool.query<{ partition: number; position: string }>(
      'select partition, position from feed_cursor where consumer = $1 and topic = $2 order by partition',
      [this.name, this.topic],
    );
    return rows.map(({ partition, position }) => ({ partition, offset: Number(position) }));
  }

  private async prepare(partitions: number): Promise<void> {
    await this.options.pool.query(
      `insert into feed_cursor (consumer, topic, partition, partitions) select $1, $2, p, $3 from generate_series(0, $3::int - 1) p
       on conflict (consumer, topic, partition) do update set partitions = $3`,
      [this.name, this.topic, partitions],
    );
  }

  private async open(partition: number): Promise<Place | undefined> {
    for (let tries = 0; !this.stopping.signal.aborted; tries++) {
      try {
        const { rows } = await this.options.pool.query<{ position: string; mark: string | null; epoch: string }>(
          `update feed_cursor set epoch = epoch + 1 where consumer = $1 and topic = $2 and partition = $3 returning position, mark, epoch`,
          [this.name, this.topic, partition],
        );
        const row = rows[0];
        if (!row) throw new Error(`No cursor for partition ${partition} of ${this.topic}`);
        const offset = BigInt(row.position);
        const place: Place = { epoch: row.epoch, busy: false, handledAt: Date.now() };
        if (offset < 0n || row.mark === null) {
          this.group.seek(partition, 0n);
          return place;
        }
        const { low, high } = await this.watermarks(partition);
        if (offset >= high) {
          this.group.seek(partition, low);
          return place;
        }
        this.group.seek(partition, offset < low ? low : offset);
        const last = { offset, mark: row.mark };
        return { ...place, last, ...(offset >= low && { expected: last }) };
      } catch (error) {
        this.options.onError?.(error);
        await pause(backoff(tries, 1_000), this.stopping.signal);
      }
    }
    return undefined;
  }

  /** A topic that was deleted and made again may be as long as before: then only its last message tells. */
  private async look(): Promise<void> {
    for (const [partition, opened] of this.places) {
      const place = await opened;
      if (!place?.last || place.busy || place.expected || Date.now() - place.handledAt < IDLE_MS) continue;
      place.handledAt = Date.now();
      place.expected = place.last;
      this.group.seek(partition, place.last.offset);
    }
  }

  private async watermarks(partition: number) {
    const admin = this.options.kafka.admin();
    await admin.connect();
    try {
      const found = (await watermarks(admin, this.topic))?.[partition];
      if (!found) throw new Error(`Topic ${this.topic} has no partition ${partition}`);
      return found;
    } finally {
      await admin.disconnect();
    }
  }

  private async consume({ batch, resolveOffset, heartbeat, isRunning, isStale }: EachBatchPayload): Promise<void> {
    let leaving = false;
    const beat = setInterval(() => void heartbeat().catch(() => (leaving = true)), 1_000);
    const opened = this.places.get(batch.partition);
    const place = await opened;
    try {
      const ours = () => !leaving && this.places.get(batch.partition) === opened && isRunning() && !isStale();
      if (!place || !ours()) return;
      place.busy = true;
      const { expected } = place;
      place.expected = undefined;
      if (expected && isElsewhere(expected, batch.messages[0])) {
        // Another topic of the same name: everything in it is news. What was sealed before is answered as a duplicate.
        place.last = undefined;
        this.group.seek(batch.partition, 0n);
        return;
      }
      const { last } = place;
      const news = last ? batch.messages.filter((message) => BigInt(message.offset) > last.offset) : batch.messages;
      const size = this.options.batchSize ?? 500;
      for (let at = 0; at < news.length; at += size) {
        const slice = news.slice(at, at + size);
        if (!(await this.handle(batch.partition, slice, place, ours))) return;
        resolveOffset(slice.at(-1)!.offset);
      }
      if (!news.length) resolveOffset(batch.messages.at(-1)!.offset);
    } finally {
      clearInterval(beat);
      if (place) place.busy = false;
    }
  }

  /** Tries until the handler takes the messages and the position is stored, or the partition is no longer ours. */
  private async handle(partition: number, slice: KafkaMessage[], place: Place, ours: () => boolean): Promise<boolean> {
    const messages = slice.map((message) => toIntakeMessage(partition, message, this.options.mac));
    const last = slice.at(-1)!;
    for (let tries = 0; ours() && !this.stopping.signal.aborted; tries++) {
      try {
        await inBatchSpan(
          `process ${this.topic}`,
          messages.map((message) => message.trace),
          () => this.options.handle(messages),
        );
        const { rowCount } = await this.options.pool.query(
          `update feed_cursor set position = $4, mark = $5, updated_at = now()
           where consumer = $1 and topic = $2 and partition = $3 and epoch = $6`,
          [this.name, this.topic, partition, last.offset, markOf(last), place.epoch],
        );
        // Someone else has claimed the partition: it handles these again, which is harmless.
        if (rowCount !== 1) return false;
        place.last = { offset: BigInt(last.offset), mark: markOf(last) };
        place.handledAt = Date.now();
        return true;
      } catch (error) {
        this.options.onError?.(error);
        await pause(backoff(tries), this.stopping.signal);
      }
    }
    return false;
  }
}

function toIntakeMessage(partition: number, message: KafkaMessage, mac: KafkaIntakeOptions['mac']): IntakeMessage {
  const plain = decodeKafka(message);
  const decoded = mac ? authenticated(message, plain, mac.secrets, mac.mode) : plain;
  const text = (name: string) => {
    const header = message.headers?.[name];
    return Buffer.isBuffer(header) ? header.toString('latin1') : undefined;
  };
  const trace = text('ce_traceparent') ?? text('traceparent') ?? null;
  return { ...decoded, partition, offset: message.offset, trace };
}

/**
 * Whether what was fetched is of another topic than the message expected. One further on says nothing: it was fetched before the place was asked
 * for, or the expected one has been deleted since.
 */
function isElsewhere(expected: Mark, first: KafkaMessage | undefined): boolean {
  if (!first) return false;
  const offset = BigInt(first.offset);
  return offset < expected.offset || (offset === expected.offset && markOf(first) !== expected.mark);
}

/** What tells this message from another at the same offset of another topic. */
const markOf = (message: KafkaMessage): string => {
  const id = message.headers?.ce_id;
  return `${message.timestamp} ${Buffer.isBuffer(id) ? id.toString('base64url').slice(0, 128) : ''}`;
};
