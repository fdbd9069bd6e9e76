import type { EntrySource, StoredEntry } from '@attesta/event-log';
import { Fenced, Gap, Stopped } from './feed-batch.js';
import { FeedConsumer } from './feed-consumer.js';
import { hold, succeed, type Tx } from './feed-succession.js';
import type { FeedConsumerOptions, FeedProgress, FeedSubscription, SealedFeed } from './feed.js';
import { backoff, Bell, pause } from './pace.js';
import { ParkedEvents } from './parked-events.js';
import { StoredSealedEvent } from './sealed-event.js';

/** Looks for new entries at least this often, should a wake-up be lost. */
const POLL_MS = 1_000;

/**
 * The sealed feed straight from the ledger's log, as one partition (0) of the topic `log`. Several groups read each at its own pace; several
 * members of one group take turns: whoever holds the cursor's row lock applies, the others find their batch applied and stand by.
 */
export class PostgresFeed implements SealedFeed {
  constructor(
    private readonly source: EntrySource,
    private readonly topic = 'log',
  ) {}

  async subscribe(options: FeedConsumerOptions): Promise<FeedSubscription> {
    const consumer = new FeedConsumer(options, this.topic);
    await consumer.prepare(1);
    const subscription = new LogSubscription(consumer, this.source);
    await subscription.start();
    return subscription;
  }
}

class LogSubscription implements FeedSubscription {
  readonly parked: ParkedEvents;
  private readonly news = new Bell();
  private running: Promise<void> = Promise.resolve();
  private unwatch: () => Promise<void> = () => Promise.resolve();

  constructor(
    private readonly consumer: FeedConsumer,
    private readonly source: EntrySource,
  ) {
    this.parked = new ParkedEvents(consumer);
  }

  async start(): Promise<void> {
    this.unwatch = await this.source.watch(() => this.news.ring());
    this.running = this.run();
  }

  async stop(): Promise<void> {
    this.consumer.stop();
    this.news.ring();
    await this.running;
    await this.unwatch();
  }

  async progress(): Promise<FeedProgress[]> {
    const [cursors, size] = await Promise.all([this.consumer.cursors(), this.source.size()]);
    return cursors.map(({ partition, position }) => ({ partition, position, lag: Math.max(0, size - 1 - position) }));
  }

  caughtUp(position: number): Promise<void> {
    return this.consumer.caughtUp(position);
  }

  async rebuild(reset: Parameters<FeedSubscription['rebuild']>[0]): Promise<void> {
    await this.consumer.rebuild(reset, 1);
    this.news.ring();
  }

  hold(tx: Tx): Promise<number> {
    return hold(tx, this.consumer);
  }

  succeed(tx: Tx, group: string): Promise<void> {
    return succeed(tx, this.consumer, 1, group);
  }

  private async run(): Promise<void> {
    let after: number | undefined;
    let tries = 0;
    while (!this.consumer.signal.aborted) {
      try {
        after ??= (await this.consumer.cursors())[0]?.position ?? -1;
        after = await this.follow(after, () => (tries = 0));
      } catch (error) {
        after = undefined;
        if (error instanceof Stopped) return;
        this.consumer.report(error, error instanceof Gap ? 'gap' : error instanceof Fenced ? 'fenced' : 'connection');
        await pause(backoff(tries++, 1_000), this.consumer.signal);
      }
    }
  }

  /** Applies batch after batch, reading the next one meanwhile, until another member or a rebuild moves the cursor; returns where it is. */
  private async follow(start: number, moving: () => void): Promise<number> {
    let after = start;
    let next = this.read(after);
    while (!this.consumer.signal.aborted) {
      const entries = await next;
      moving();
      const last = entries.at(-1);
      if (!last) {
        await this.news.wait(POLL_MS);
        const cursor = (await this.consumer.cursors())[0]?.position ?? -1;
        if (cursor !== after) return cursor;
        next = this.read(after);
        continue;
      }
      next = this.read(last.position);
      // Whoever awaits it meets the failure; until then it must not count as unhandled.
      next.catch(() => undefined);
      const events = entries.map((entry) => StoredSealedEvent.of(entry));
      const batch = { partition: 0, events, previous: entries[0]!.position - 1, upto: last.position };
      let reached: number;
      try {
        reached = await this.consumer.apply(batch);
      } catch (error) {
        // A rebuild put the cursor back while this batch was under way.
        if (error instanceof Gap && error.applied < after) return error.applied;
        throw error;
      }
      if (reached !== last.position) {
        // Another member is ahead: let it work.
        await pause(100, this.consumer.signal);
        return reached;
      }
      after = reached;
    }
    return after;
  }

  private read(after: number): Promise<StoredEntry[]> {
    this.news.clear();
    return this.source.read(after, this.consumer.batchSize);
  }
}
