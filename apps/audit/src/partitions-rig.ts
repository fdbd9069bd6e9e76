import {
  StoredSealedEvent,
  FeedConsumer,
  hold,
  keyOf,
  partitionOf,
  succeed,
  type FeedConsumerOptions,
  type FeedSubscription,
  type SealedFeed,
} from '@attesta/transport';
import type { TestLedger } from '@attesta/testing';
import { person } from './audit-rig.js';

const PARTITIONS = 2;

/** For specs only: a topic of two partitions that come in whatever order the spec says. Each ends with a mark, as an idle relay's do. */
export class TwoPartitions implements SealedFeed {
  private consumer!: FeedConsumer;
  constructor(private readonly ledger: TestLedger) {}

  async subscribe(options: FeedConsumerOptions): Promise<FeedSubscription> {
    this.consumer = new FeedConsumer(options, 'topic');
    await this.consumer.prepare(PARTITIONS);
    const { consumer } = this;
    return {
      stop: () => Promise.resolve(consumer.stop()),
      progress: () => consumer.progress(),
      caughtUp: (position) => consumer.caughtUp(position),
      rebuild: (reset) => consumer.rebuild(reset, PARTITIONS),
      hold: (tx) => hold(tx, consumer),
      succeed: (tx, group) => succeed(tx, consumer, PARTITIONS, group),
      parked: {
        list: () => Promise.resolve([]),
        replay: () => Promise.resolve({ applied: 0, left: 0 }),
        discard: () => Promise.resolve(false),
      },
    };
  }

  async deliver(partition: number, upto: number): Promise<void> {
    const [cursor] = (await this.consumer.cursors()).filter((one) => one.partition === partition);
    const events = this.ledger.stored
      .slice(cursor!.position + 1, upto + 1)
      .map((stored) => StoredSealedEvent.of(stored))
      .filter(({ entry }) => partitionOf(keyOf(entry), PARTITIONS) === partition);
    await this.consumer.apply({ partition, events, previous: cursor!.position, upto });
  }
}

/** Two people whose entries go to different partitions. */
export const [ANNA, PHONE] = (() => {
  const ids = Array.from({ length: 50 }, (_, n) => person(n + 1));
  const of = (partition: number) => ids.find((id) => partitionOf(id, PARTITIONS) === partition)!;
  return [of(0), of(1)];
})();
