import {
  StoredSealedEvent,
  FeedConsumer,
  keyOf,
  partitionOf,
  type FeedConsumerOptions,
  type FeedSubscription,
  type SealedFeed,
} from '@attesta/transport';
import { TestLedger } from '@attesta/testing';
import { auditRig, collection, consent, link, person, use } from './audit-rig.js';
import { readFindings } from './findings.projection.js';

const PARTITIONS = 2;

/** A topic of two partitions that come in whatever order the spec says. Each ends with a mark, as an idle relay's do. */
class TwoPartitions implements SealedFeed {
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
const [ANNA, PHONE] = (() => {
  const ids = Array.from({ length: 50 }, (_, n) => person(n + 1));
  const of = (partition: number) => ids.find((id) => partitionOf(id, PARTITIONS) === partition)!;
  return [of(0), of(1)];
})();

describe('over a topic of several partitions', () => {
  const story = (ledger: TestLedger) => {
    ledger.seal(link(ANNA, PHONE, 'third-party-account'));
    ledger.seal(collection(PHONE));
    ledger.seal(link(ANNA, PHONE, 'third-party-account', false));
    ledger.seal(collection(PHONE));
    ledger.seal(link(ANNA, PHONE, 'third-party-account'));
    ledger.seal(consent(PHONE, 'given', ['marketing']));
    ledger.seal(use(ANNA, { purposes: ['marketing'], basis: 'consent' }));
    return ledger.seal(collection(PHONE));
  };

  it.each([
    ['the person first', [0, 1]],
    ['the account first', [1, 0]],
  ])('%s, the findings and digests are those of the log in its own order', async (_name, order) => {
    const ledger = new TestLedger();
    const feed = new TwoPartitions(ledger);
    const rig = await auditRig({ feed, fetchLog: ledger.fetchLog, verifierKey: ledger.key.verifierKey });
    const last = story(ledger);
    for (const partition of order) await feed.deliver(partition, last);
    await rig.audit.caughtUp(last);
    const found = await readFindings(rig.audit.pool, { asOf: last, limit: 10 });
    expect(found.map(({ finding }) => finding)).toEqual(['collection-after-unlink:3']);
    expect(await rig.audit.digest()).toEqual(await rig.audit.recount());
    await rig.close();
  });

  it('an answer reaches as far as the slowest partition', async () => {
    const ledger = new TestLedger();
    const feed = new TwoPartitions(ledger);
    const rig = await auditRig({ feed, fetchLog: ledger.fetchLog, verifierKey: ledger.key.verifierKey });
    const last = story(ledger);
    await feed.deliver(0, last);
    await feed.deliver(1, 2);
    expect(await rig.audit.standing.at()).toMatchObject({ position: 2, size: 8, lag: { events: 5 } });
    await rig.close();
  });
});
