import type { Admin, Kafka, Message } from 'kafkajs';
import { orderedProducer, type OrderedProducer } from './ordered-producer.js';
import type { Carrier, RelayCursor, Tail } from './relay.js';
import { START } from './relay.js';
import { createMissing, watermarks, type TopicPlan } from './topics.js';
import { inSendSpans } from './tracing.js';

export interface Outgoing extends Message {
  partition: number;
}

export interface TopicCarrierOptions<T> {
  kafka: Kafka;
  topic: TopicPlan;
  /** Awaited before items are made into messages; when it throws, the relay comes back to them. */
  before?(): Promise<void>;
  /** What keeps its order; decides the partition. */
  partition(item: T, partitions: number): number;
  /** @param previous position of the item before it in the same partition, -1 for none */
  message(item: T, partition: number, previous: number): Outgoing;
  /** A message that says how far the log has come, for partitions that got nothing; without it none are sent. */
  mark?(partition: number, upto: number, previous: number): Outgoing;
  /**
   * In the place of `mark`, where readers have to know how old their knowledge is: marks that go to every partition, also when nothing happens, and
   * only while the log's end has been reached.
   */
  beat?: {
    /** @param asOf milliseconds since the epoch: the log ended at `upto` then */
    mark(partition: number, upto: number, previous: number, asOf: number): Outgoing;
    everyMs: number;
  };
}

/** Bytes of one partition in one request; a broker takes 1 MiB by default. */
const MOST_BYTES = 600_000;
/** How often the topic is compared with what it acknowledged when nothing is sent. */
const CHECK_MS = 2_000;
/** Marks go out at most this often. */
const MARK_MS = 100;
const BUSY_MARK_MS = 1_000;

/**
 * Sends a log's items to a topic with acks=all, one request under way, and remembers each partition's last offset. A topic that has gone or ends
 * before what it acknowledged was wiped: it is created again and the cursor goes back to the start.
 */
export class TopicCarrier<T extends { position: number }> implements Carrier<T> {
  private connected?: { admin: Admin; producer: OrderedProducer };
  private partitions = 0;
  private checkedAt = 0;
  private markedAt = 0;

  constructor(private readonly options: TopicCarrierOptions<T>) {}

  async open(cursor: RelayCursor): Promise<RelayCursor> {
    await this.close();
    const admin = this.options.kafka.admin();
    const producer = orderedProducer(this.options.kafka);
    this.connected = { admin, producer };
    await admin.connect();
    await producer.connect();
    const created = await createMissing(admin, [this.options.topic]);
    return created.length && cursor.position >= 0 ? this.startAgain(admin) : this.verify(admin, cursor);
  }

  async send(items: T[], cursor: RelayCursor, asOf?: number): Promise<RelayCursor> {
    let sent = cursor;
    await this.options.before?.();
    for (const slice of this.slices(items, cursor, asOf)) {
      sent = await this.deliver(slice.messages, slice.tails, slice.last, sent);
      if (sent === START) return START;
    }
    return sent;
  }

  async idle(cursor: RelayCursor, asOf: number): Promise<RelayCursor> {
    const now = Date.now();
    if (now - this.checkedAt > CHECK_MS) {
      const verified = await this.verify(this.admin, cursor);
      if (verified !== cursor) return verified;
    }
    if (now - this.markedAt <= (this.behind(cursor) ? MARK_MS : (this.options.beat?.everyMs ?? Infinity))) return cursor;
    const marks = this.marks(cursor.tails, cursor.position, asOf);
    if (!marks.messages.length) return cursor;
    return this.deliver(marks.messages, { ...cursor.tails, ...marks.tails }, cursor.position, cursor);
  }

  async close(): Promise<void> {
    const open = this.connected;
    this.connected = undefined;
    await Promise.allSettled([open?.admin.disconnect(), open?.producer.disconnect()]);
  }

  private get admin(): Admin {
    if (!this.connected) throw new Error('The relay is not connected to Kafka');
    return this.connected.admin;
  }

  /** Compares the topic with what it acknowledged. */
  private async verify(admin: Admin, cursor: RelayCursor): Promise<RelayCursor> {
    const marks = await watermarks(admin, this.options.topic.topic);
    if (!marks) throw new Error(`Topic ${this.options.topic.topic} is gone`);
    this.checkedAt = Date.now();
    const known = Object.entries(cursor.tails);
    const wiped = known.some(([partition, tail]) => (marks[Number(partition)]?.high ?? 0n) <= BigInt(tail.offset));
    if (!wiped && this.partitions !== 0 && known.length > 0 && this.partitions !== marks.length) {
      throw new Error(
        `Topic ${this.options.topic.topic} was changed from ${this.partitions} to ${marks.length} partitions, which would break the order per ` +
          'subject. Delete the topic: it is created and filled again.',
      );
    }
    this.partitions = marks.length;
    return wiped ? START : cursor;
  }

  private async startAgain(admin: Admin): Promise<RelayCursor> {
    await this.verify(admin, START);
    return START;
  }

  /** Cuts the items into requests of which no partition's share is too large. */
  private *slices(
    items: T[],
    cursor: RelayCursor,
    asOf: number | undefined,
  ): Generator<{ messages: Outgoing[]; tails: Record<string, Tail>; last: number }> {
    let tails = { ...cursor.tails };
    let messages: Outgoing[] = [];
    let bytes = new Map<number, number>();
    let last = cursor.position;
    for (const item of items) {
      const partition = this.options.partition(item, this.partitions);
      const tail = tails[partition];
      const message = this.options.message(item, partition, tail?.position ?? -1);
      const size = sizeOf(message);
      if ((bytes.get(partition) ?? 0) + size > MOST_BYTES && messages.length) {
        yield { messages, tails, last };
        tails = { ...tails };
        messages = [];
        bytes = new Map();
      }
      bytes.set(partition, (bytes.get(partition) ?? 0) + size);
      messages.push(message);
      tails[partition] = { offset: tail?.offset ?? '-1', position: item.position, upto: item.position };
      last = item.position;
    }
    if (Date.now() - this.markedAt > BUSY_MARK_MS) {
      const marks = this.marks(tails, last, asOf, new Set(messages.map((message) => message.partition)));
      messages.push(...marks.messages);
      Object.assign(tails, marks.tails);
    }
    yield { messages, tails, last };
  }

  /** Whether some partition has not been told how far the log has come. */
  private behind({ tails, position }: RelayCursor): boolean {
    for (let partition = 0; partition < this.partitions; partition++) if ((tails[partition]?.upto ?? -1) < position) return true;
    return false;
  }

  private marks(tails: Record<string, Tail>, upto: number, asOf: number | undefined, except = new Set<number>()) {
    const { mark, beat } = this.options;
    const messages: Outgoing[] = [];
    const marked: Record<string, Tail> = {};
    if (upto < 0) return { messages, tails: marked };
    for (let partition = 0; partition < this.partitions; partition++) {
      const tail = tails[partition];
      const position = tail?.position ?? -1;
      if (beat && asOf !== undefined) messages.push(beat.mark(partition, upto, position, asOf));
      else if (mark && !except.has(partition) && (tail?.upto ?? -1) < upto) messages.push(mark(partition, upto, position));
      else continue;
      marked[partition] = { offset: tail?.offset ?? '-1', position, upto };
    }
    if (messages.length) this.markedAt = Date.now();
    return { messages, tails: marked };
  }

  private async deliver(messages: Outgoing[], tails: Record<string, Tail>, position: number, before: RelayCursor): Promise<RelayCursor> {
    if (!this.connected) throw new Error('The relay is not connected to Kafka');
    const { producer } = this.connected;
    const { topic } = this.options.topic;
    const acknowledged = await inSendSpans(topic, messages, () => producer.send({ topic, acks: -1, timeout: 30_000, messages }));
    const counts = new Map<number, number>();
    for (const { partition } of messages) counts.set(partition, (counts.get(partition) ?? 0) + 1);
    const after = { ...tails };
    for (const { partition, baseOffset } of acknowledged) {
      const base = BigInt(baseOffset ?? -1);
      const expected = BigInt(before.tails[partition]?.offset ?? -1) + 1n;
      // The topic gave out these offsets before: it is not the one that it was.
      if (base < expected) return START;
      const tail = after[partition];
      if (tail) after[partition] = { ...tail, offset: String(base + BigInt(counts.get(partition) ?? 0) - 1n) };
    }
    return { position, tails: after };
  }
}

function sizeOf({ value, headers }: Outgoing): number {
  let bytes = 96 + (value?.length ?? 0);
  for (const header of Object.values(headers ?? {}))
    bytes += 24 + (typeof header === 'string' || Buffer.isBuffer(header) ? header.length : 0);
  return bytes;
}
