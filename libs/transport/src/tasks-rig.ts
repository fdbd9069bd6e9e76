import { randomBytes, randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { testDatabase, type TestDatabase } from '@attesta/testing';
import { relayTables } from './feed-tables.js';
import { connectKafka } from './kafka-client.js';
import { kafkaTasks, type KafkaTasksOptions } from './kafka-tasks.js';
import { TaskRelay, type TaskSource } from './task-relay.js';
import { topicPlans, type TopicPlan } from './topics.js';

/** What a system gets when it fetches; the topic has no more of it than the names. */
export interface RigTask {
  task: string;
  request: string;
  system: string;
  kind: string;
  identifiers: string;
}

const COLUMNS = 'task, request, system, kind, identifiers';

/** For specs only: a requests service's table of tasks, the relay that carries it to a topic of its own, and systems that read that topic. */
export class TasksRig {
  readonly topic: TopicPlan;
  readonly relays: TaskRelay[] = [];
  readonly relayErrors: unknown[] = [];
  /** Tasks that were fetched one by one, in order. */
  readonly fetched: string[] = [];
  /** The service answers nothing while it is away. */
  away = false;
  private readonly readers: TaskReaderRig[] = [];

  private constructor(
    readonly db: TestDatabase,
    readonly brokers: string[],
  ) {
    this.topic = { ...topicPlans(3).tasks, topic: `test.tasks.${randomBytes(5).toString('hex')}` };
    this.startRelay();
  }

  static async create(brokers: string[]): Promise<TasksRig> {
    const db = await testDatabase();
    await db.pool.query(relayTables);
    await db.pool.query(`create table task (number bigint generated always as identity primary key, task uuid unique, request uuid not null,
      system text not null, kind text not null, identifiers text not null, open boolean not null default true)`);
    return new TasksRig(db, brokers);
  }

  /** Another process, which leads when no other does. */
  startRelay(): TaskRelay {
    const relay = new TaskRelay({
      source: sourceOf(this.db),
      pool: this.db.pool,
      kafka: connectKafka({ brokers: this.brokers }),
      topic: this.topic,
      onError: (error) => this.relayErrors.push(error),
    });
    this.relays.push(relay);
    relay.start();
    return relay;
  }

  async stopRelays(): Promise<void> {
    await Promise.all(this.relays.splice(0).map((relay) => relay.stop()));
  }

  /** Ends the leading relay's connection, as when its process or the database dies; waits for one to lead. */
  async killLeader(): Promise<void> {
    for (let killed: number | null = 0; !killed;) {
      const { rowCount } = await this.db.pool.query(
        `select pg_terminate_backend(pid) from pg_locks
          where locktype = 'advisory' and granted and database = (select oid from pg_database where datname = current_database())`,
      );
      killed = rowCount;
    }
  }

  /** Issues tasks, one to each of the systems, in one transaction; resolves with their ids. */
  async issue(...systems: string[]): Promise<string[]> {
    const tasks = systems.map(() => randomUUID());
    await this.db.pool.query(
      `insert into task (task, request, system, kind, identifiers)
       select t, gen_random_uuid(), s, 'erasure', 'email|' || t || '@planted.example' from unnest($1::uuid[], $2::text[]) with ordinality f (t, s, o) order by o`,
      [tasks, systems],
    );
    return tasks;
  }

  async end(...tasks: string[]): Promise<void> {
    await this.db.pool.query('update task set open = false where task = any($1::uuid[])', [tasks]);
  }

  /** Resolves when the relay has carried everything there is. */
  async carried(): Promise<void> {
    const { rows } = await this.db.pool.query<{ last: string }>('select max(number) as last from task where open');
    await this.relays[0]?.caughtUp(Number(rows[0]?.last));
  }

  find = async (task: string): Promise<RigTask | undefined> => {
    this.fetched.push(task);
    this.answers();
    const { rows } = await this.db.pool.query<RigTask>(`select ${COLUMNS} from task where task = $1 and open`, [task]);
    return rows[0];
  };

  async list(system: string): Promise<RigTask[]> {
    this.answers();
    const { rows } = await this.db.pool.query<RigTask>(`select ${COLUMNS} from task where system = $1 and open order by number limit 50`, [
      system,
    ]);
    return rows;
  }

  read(system: string, options: Partial<KafkaTasksOptions<RigTask>> = {}): TaskReaderRig {
    const reader = new TaskReaderRig(this, system, options);
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
    await this.stopRelays();
    await this.readersLeft().catch(() => undefined);
    await this.deleteTopic().catch(() => undefined);
    await this.db.drop();
  }

  /** A reader does not say when it has left its group; the broker does. */
  private readersLeft(): Promise<void> {
    const groups = this.readers.map(({ group }) => `${this.topic.topic}.${group}`);
    return this.admin(async (admin) => {
      const members = async () => (await admin.describeGroups(groups)).groups.flatMap((group) => group.members);
      while ((await members()).length > 0) await delay(20);
    });
  }

  private answers(): void {
    if (this.away) throw new Error('the service is away');
  }
}

/** A connected system: remembers what it was told, each task once, as the SDK does. */
export class TaskReaderRig {
  readonly told: RigTask[] = [];
  readonly troubles: unknown[] = [];
  lists = 0;
  readonly group: string;
  private readonly ending = new AbortController();

  constructor(rig: TasksRig, system: string, options: Partial<KafkaTasksOptions<RigTask>>) {
    this.group = options.groupId ?? system;
    kafkaTasks<RigTask>({
      kafka: connectKafka({ brokers: rig.brokers }),
      system,
      topic: rig.topic.topic,
      fetch: rig.find,
      open: () => {
        this.lists++;
        return rig.list(system);
      },
      ...options,
    }).start({ task: (task) => this.take(task), trouble: (error) => void this.troubles.push(error) }, this.ending.signal);
  }

  get tasks(): string[] {
    return this.told.map(({ task }) => task);
  }

  /** Resolves when it was told of as many tasks. */
  async has(count: number): Promise<string[]> {
    await this.until(() => this.told.length >= count);
    return this.tasks;
  }

  async until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      if (this.ending.signal.aborted) throw new Error('the reader was stopped before that');
      await delay(20);
    }
  }

  stop(): void {
    this.ending.abort();
  }

  private take(task: RigTask): boolean {
    if (this.tasks.includes(task.task)) return false;
    this.told.push(task);
    return true;
  }
}

const sourceOf = ({ pool }: TestDatabase): TaskSource => ({
  async read(after, limit) {
    // More than a notice may say: the relay must leave it out.
    const { rows } = await pool.query<RigTask & { number: string }>(
      `select number, ${COLUMNS} from task where number > $1 and open order by number limit $2`,
      [after, limit],
    );
    return rows.map((row) => ({ ...row, number: Number(row.number) }));
  },
  watch: () => Promise.resolve(() => Promise.resolve()),
});
