import type { StoredEntry } from '@attesta/event-log';
import type { EachBatchPayload, KafkaMessage } from 'kafkajs';
import { Fenced, Gap, Stopped } from './feed-batch.js';
import type { FeedConsumer } from './feed-consumer.js';
import { backoff, pause } from './pace.js';
import { partitionOf } from './partition.js';
import { StoredSealedEvent } from './sealed-event.js';
import { readSealedMessage, type SealedMessage } from './sealed-message.js';
import type { Watermarks } from './topics.js';

/** Entries of the ledger's log with position > `after`, in order, at most `limit`: over HTTP or straight from the log. */
export type Refill = (after: number, limit: number) => Promise<StoredEntry[]>;

export interface PartitionHost {
  consumer: FeedConsumer;
  partitions: number;
  refill?: Refill;
  seek(partition: number, offset: bigint): void;
  watermarks(partition: number): Promise<Watermarks>;
}

const REFILL_PAGE = 1_000;

/**
 * One partition of the sealed topic while it is assigned to us. The position in PostgreSQL decides; the topic's offsets only say where to look.
 * Every message names the entry before it in the partition, so that a hole shows: then the partition is read again from its start, and what the
 * topic no longer has comes from the ledger.
 */
export class KafkaPartition {
  /** Messages behind the end of the partition, as of the last batch. */
  lag?: number;
  private epoch = '';
  private position = -1;
  /** A hole was met and the partition is being read again from its start. */
  private rescanning = false;
  /** A fetch was asked to begin with this message: another one there means that the topic was made anew. */
  private expected?: MessageMark;
  /** A fetched batch is being handled. */
  private busy = false;
  /** The last message handled. */
  private last?: KafkaMessage;
  private handledAt = Date.now();
  private closed = false;
  private opened: Promise<void>;

  constructor(
    readonly partition: number,
    private readonly host: PartitionHost,
  ) {
    this.opened = this.open();
  }

  /** The partition was given to somebody else: what is still in hand is dropped. */
  close(): void {
    this.closed = true;
  }

  /** Claims the partition anew when its cursor was claimed or put back by someone else. */
  reopenUnless(epoch: string): void {
    if (!this.closed && this.epoch !== '' && epoch !== this.epoch) this.reopen();
  }

  /**
   * Looks at the last message once more when nothing has come for `idleMs`: a topic that was deleted and filled again may be just as long as
   * before, and then nothing else would show that its end is not the one we have read.
   */
  lookAgain(idleMs: number): void {
    if (!this.last || this.closed || this.busy || this.expected || this.rescanning || Date.now() - this.handledAt < idleMs) return;
    this.handledAt = Date.now();
    this.expected = { offset: BigInt(this.last.offset), mark: markOf(this.last) };
    this.host.seek(this.partition, BigInt(this.last.offset));
  }

  async consume({ batch, resolveOffset, heartbeat, isRunning, isStale }: EachBatchPayload): Promise<void> {
    let leaving = false;
    const beat = setInterval(() => void heartbeat().catch(() => (leaving = true)), 1_000);
    try {
      await this.opened;
      this.busy = true;
      const usable = () => !leaving && !this.closed && isRunning() && !isStale();
      if (usable() && !this.recognise(batch.messages[0])) {
        this.host.seek(this.partition, (await this.host.watermarks(this.partition)).low);
        return;
      }
      for (const run of this.runs(batch.messages)) {
        if (!usable()) return;
        if (!(await this.applyRun(run))) return;
        resolveOffset(run.last.offset);
        this.last = run.last;
        this.handledAt = Date.now();
        this.lag = Math.max(0, Number(BigInt(batch.highWatermark) - BigInt(run.last.offset)) - 1);
      }
    } catch (error) {
      if (error instanceof Stopped) return;
      this.host.consumer.report(error, error instanceof Fenced ? 'fenced' : 'retry', this.partition);
      // Proves to the group that we are a member still before claiming again; a member that is not rejoins instead.
      await heartbeat();
      await pause(100, this.host.consumer.signal);
      this.reopen();
    } finally {
      clearInterval(beat);
      this.busy = false;
    }
  }

  /** A message further on than the one expected says nothing: it was fetched before the place was asked for, or the expected one is deleted. */
  private recognise(first: KafkaMessage | undefined): boolean {
    const expected = this.expected;
    this.expected = undefined;
    if (!expected || !first) return true;
    const offset = BigInt(first.offset);
    return offset > expected.offset || (offset === expected.offset && markOf(first) === expected.mark);
  }

  private reopen(): void {
    this.epoch = '';
    this.opened = this.open();
  }

  private async open(): Promise<void> {
    const { consumer } = this.host;
    for (let tries = 0; !this.closed && !consumer.signal.aborted; tries++) {
      try {
        const cursor = await consumer.claim(this.partition);
        const { low, high } = await this.host.watermarks(this.partition);
        const last = BigInt(cursor.next?.offset ?? 0) - 1n;
        // Beyond the end: the topic was made anew. Before the start: its oldest messages are gone. What was applied is skipped by position.
        const there = last >= low && last < high;
        this.position = cursor.position;
        this.rescanning = false;
        this.expected = there && cursor.next ? { offset: last, mark: cursor.next.mark } : undefined;
        this.last = undefined;
        this.host.seek(this.partition, there ? last : low);
        this.epoch = cursor.epoch;
        return;
      } catch (error) {
        consumer.report(error, 'connection', this.partition);
        await pause(backoff(tries, 1_000), consumer.signal);
      }
    }
  }

  /** Cuts a fetched batch into what can be applied at once: events that follow each other, at most batchSize. */
  private *runs(messages: KafkaMessage[]): Generator<Run> {
    let run: Run | undefined;
    let reached = this.position;
    for (const message of messages) {
      const read = readSealedMessage(message);
      if (read.kind === 'malformed') {
        this.host.consumer.report(new Error(`No sealed entry at offset ${message.offset}`), 'malformed', this.partition);
      }
      const upto = uptoOf(read);
      const joins = upto <= reached || read.kind === 'malformed' || read.previous <= reached;
      if (run && (!joins || run.events.length >= this.host.consumer.batchSize)) {
        yield run;
        run = undefined;
        reached = Math.max(reached, this.position);
      }
      run ??= { events: [], previous: this.position, upto: this.position, last: message };
      run.last = message;
      if (read.kind === 'malformed' || upto <= reached) continue;
      if (run.upto <= this.position && run.events.length === 0) run.previous = read.previous;
      if (read.kind === 'event') run.events.push(read.event);
      run.upto = upto;
      reached = upto;
    }
    if (run) yield run;
  }

  /** False: the rest of the fetched batch is of no use, fetching goes on elsewhere. */
  private async applyRun(run: Run): Promise<boolean> {
    if (run.upto <= this.position) return true;
    if (run.previous > this.position) {
      const next = await this.mend(run);
      if (next !== 'apply') return next === 'skip';
    }
    const { last, ...batch } = run;
    const next = { offset: String(BigInt(last.offset) + 1n), mark: markOf(last) };
    try {
      this.position = await this.host.consumer.apply({ ...batch, partition: this.partition, epoch: this.epoch, next });
    } catch (error) {
      if (!(error instanceof Gap)) throw error;
      // The cursor is not where we left it: look again.
      this.reopen();
      return false;
    }
    this.rescanning = false;
    return true;
  }

  /** Entries between our position and the run are missing. First the topic is asked for them again, then the ledger. */
  private async mend(run: Run): Promise<'apply' | 'skip' | 'stop'> {
    const { consumer, refill } = this.host;
    if (!this.rescanning) {
      consumer.report(new Gap(this.position, run.previous), 'gap', this.partition, this.position);
      this.rescanning = true;
      this.host.seek(this.partition, (await this.host.watermarks(this.partition)).low);
      return 'stop';
    }
    // Without the ledger only the relay can mend this: it starts over when it sees that the topic lost entries, and those come further on.
    if (!refill) return 'skip';
    await this.refillTo(run.previous, refill);
    return 'apply';
  }

  private async refillTo(previous: number, refill: Refill): Promise<void> {
    const { consumer, partitions } = this.host;
    for (let tries = 0; this.position < previous;) {
      if (this.closed || consumer.signal.aborted) throw new Stopped('The partition is no longer ours');
      let entries: StoredEntry[];
      try {
        entries = (await refill(this.position, REFILL_PAGE)).filter((entry) => entry.position <= previous);
        if (entries[0]?.position !== this.position + 1) {
          throw new Error(`The ledger's log does not give the entries after position ${this.position}, which the topic has lost`);
        }
        tries = 0;
      } catch (error) {
        consumer.report(error, 'retry', this.partition, this.position);
        await pause(backoff(tries++), consumer.signal);
        continue;
      }
      const events = entries
        .map((entry) => StoredSealedEvent.of(entry))
        .filter((event) => partitionOf(event.key, partitions) === this.partition);
      const upto = entries.at(-1)!.position;
      this.position = await consumer.apply({ partition: this.partition, epoch: this.epoch, events, previous: this.position, upto });
    }
  }
}

interface MessageMark {
  offset: bigint;
  mark: string;
}

interface Run {
  events: StoredSealedEvent[];
  previous: number;
  upto: number;
  last: KafkaMessage;
}

/** What tells a message from others that may stand at the same offset of a topic made anew. */
const markOf = (message: KafkaMessage): string => `${message.timestamp} ${uptoOf(readSealedMessage(message))}`;

const uptoOf = (read: SealedMessage): number => (read.kind === 'event' ? read.event.position : read.kind === 'mark' ? read.upto : -1);
