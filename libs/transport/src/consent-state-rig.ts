import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { PersonState, StateChange } from '@attesta/decisions';
import { testDatabase, type TestDatabase } from '@attesta/testing';
import { ConsentStateRelay, type StateSource } from './consent-state-relay.js';
import { relayTables } from './feed-tables.js';
import { connectKafka } from './kafka-client.js';
import { kafkaStateFeed } from './kafka-state-feed.js';
import { topicPlans, type TopicPlan } from './topics.js';

/** For specs only: a consent service's table of states, the relay that carries it to a topic of its own, and readers of that topic. */
export class StateRig {
  readonly topic: TopicPlan;
  readonly errors: unknown[] = [];
  private readonly readers: StateReader[] = [];
  relay!: ConsentStateRelay;

  private constructor(
    readonly db: TestDatabase,
    readonly brokers: string[],
  ) {
    this.topic = { ...topicPlans(3).consentState, topic: `test.consent-state.${randomBytes(5).toString('hex')}` };
    this.startRelay();
  }

  static async create(brokers: string[]): Promise<StateRig> {
    const db = await testDatabase();
    await db.pool.query(relayTables);
    await db.pool.query(`create table state_head (changed bigint not null); insert into state_head values (0);
      create table consent_state (key text primary key, changed bigint not null, state jsonb);
      create index on consent_state (changed);`);
    return new StateRig(db, brokers);
  }

  startRelay(): void {
    this.relay = new ConsentStateRelay({
      source: sourceOf(this.db),
      pool: this.db.pool,
      kafka: connectKafka({ brokers: this.brokers }),
      topic: this.topic,
      onError: (error) => this.errors.push(error),
    });
    this.relay.start();
  }

  /** Writes states in one transaction, null to forget; returns the last number given out. */
  async write(states: Record<string, number | null>): Promise<number> {
    const keys = Object.keys(states);
    const { rows } = await this.db.pool.query<{ changed: string }>(
      `with head as (update state_head set changed = changed + $3 returning changed)
       insert into consent_state select k, changed - $3 + o, s from unnest($1::text[], $2::jsonb[]) with ordinality f (k, s, o), head
       on conflict (key) do update set changed = excluded.changed, state = excluded.state returning changed`,
      [keys, Object.values(states).map((n) => (n === null ? null : JSON.stringify(stateOf(n)))), keys.length],
    );
    return Math.max(...rows.map(({ changed }) => Number(changed)));
  }

  read(): StateReader {
    const reader = new StateReader(this);
    this.readers.push(reader);
    return reader;
  }

  async admin<T>(work: (admin: ReturnType<ReturnType<typeof connectKafka>['admin']>) => Promise<T>): Promise<T> {
    const admin = connectKafka({ brokers: this.brokers }).admin();
    await admin.connect();
    try {
      return await work(admin);
    } finally {
      await admin.disconnect();
    }
  }

  deleteTopic(): Promise<void> {
    return this.admin((admin) => admin.deleteTopics({ topics: [this.topic.topic] }));
  }

  async close(): Promise<void> {
    for (const reader of this.readers) reader.stop();
    await this.relay.stop();
    await this.deleteTopic().catch(() => undefined);
    await this.db.drop();
  }
}

/** The newest state of each key, as the SDK's cache keeps it; a number stands for a state. */
export class StateReader {
  readonly told: StateChange[] = [];
  readonly troubles: unknown[] = [];
  /** When it was told so, by its own count of changes. */
  readonly currents: { changed: number; asOf: number; told: number }[] = [];
  private readonly ending = new AbortController();

  constructor({ brokers, topic }: StateRig) {
    kafkaStateFeed({ kafka: connectKafka({ brokers }), topic: topic.topic }).start(
      {
        changes: (changes) => void this.told.push(...changes),
        current: (knowledge) => void this.currents.push({ ...knowledge, told: this.told.length }),
        trouble: (error) => void this.troubles.push(error),
      },
      this.ending.signal,
    );
  }

  get changed(): number {
    return this.currents.at(-1)?.changed ?? -1;
  }

  /** How often it began again because something had been passed over. */
  get readAgain(): number {
    return this.troubles.filter((error) => /read again/.test(String(error))).length;
  }

  /** What was known when `told` changes had been told. */
  known(told = this.told.length): Record<string, number | null> {
    const newest = new Map<string, StateChange>();
    for (const change of this.told.slice(0, told))
      if (change.changed > (newest.get(change.key)?.changed ?? -1)) newest.set(change.key, change);
    return Object.fromEntries([...newest].map(([key, { state }]) => [key, state && numberOf(state as PersonState)]).sort());
  }

  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await delay(20);
  }

  /** Resolves when the reader says that it knows every change up to a number; gives what it knew then. */
  async reaches(changed: number): Promise<Record<string, number | null>> {
    await this.until(() => this.changed >= changed);
    return this.known(this.currents.find((current) => current.changed >= changed)!.told);
  }

  stop(): void {
    this.ending.abort();
  }
}

const sourceOf = ({ pool }: TestDatabase): StateSource => ({
  async read(after, limit) {
    const { rows } = await pool.query<{ key: string; changed: string; state: PersonState | null }>(
      'select key, changed, state from consent_state where changed > $1 order by changed limit $2',
      [after, limit],
    );
    return rows.map(({ key, changed, state }) => ({ key, changed: Number(changed), state }));
  },
  watch: () => Promise.resolve(() => Promise.resolve()),
});

const stateOf = (n: number): PersonState => ({ refs: [String(n)], record: { choices: [], objections: [], restrictions: [], ages: [] } });
const numberOf = ({ refs }: PersonState): number => Number(refs[0]);
