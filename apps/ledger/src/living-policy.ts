import type { Entry, FieldProblem } from '@attesta/events';
import { Appender, type Appended, type Draft } from '@attesta/event-log';
import { amend, amends, type Amendment, type Policy } from '@attesta/policy';
import type pg from 'pg';

export interface LivingPolicyOptions {
  pool: pg.Pool;
  /** The policy as its file has it. */
  file: Policy;
  /** A connection of its own to the log's database. */
  connect(): Promise<pg.Client>;
  now: () => Date;
  onAppended(): void;
}

/** Takes the drafts of one amendment. */
export type AmendmentAppender = Pick<Appender, 'submit'>;

/** Problems that an amendment which this ledger has not seen yet would take away. */
const CURABLE = new Set(['unknown-notice-version', 'unknown-purpose', 'unregistered-notice']);

/**
 * A ledger that waits longer than this for its turn answers that it is unavailable; one that falls silent while it holds the turn loses it,
 * together with the connection it would have appended over.
 */
const PATIENCE = "set lock_timeout = '10s'; set idle_session_timeout = '30s'";
const TURN = "select pg_advisory_lock(hashtextextended('attesta amendments', 0))";

/**
 * The policy's file and what was published and registered since, as the log has it: of two entries about one notice text or one purpose
 * the earlier counts, for every ledger and for every reader of the log alike.
 */
export class LivingPolicy {
  private policy: Policy;
  /** Keys of the amendments in `policy`, as 32 hexadecimal digits. */
  private readonly known = new Set<string>();
  private reading: Promise<unknown> = Promise.resolve();
  private next: Promise<void> | undefined;
  private turn: Promise<unknown> = Promise.resolve();

  constructor(private readonly options: LivingPolicyOptions) {
    this.policy = options.file;
  }

  /** As far as this ledger has seen: what another one sealed a moment ago may be missing until `refresh`. */
  get current(): Policy {
    return this.policy;
  }

  /** Whether `refresh` could make these problems go away. */
  mayCure(problems: readonly FieldProblem[]): boolean {
    return problems.some(({ code }) => CURABLE.has(code));
  }

  /** Whether the event with this key (16 bytes, latin1) is sealed already. */
  holds(key: string): boolean {
    return this.known.size > 0 && this.known.has(hex(key));
  }

  /** Takes in everything sealed before the call. Callers that come while a look is under way share the next one. */
  refresh(): Promise<void> {
    this.next ??= this.reading.then(() => {
      this.next = undefined;
      const look = this.load(this.options.pool);
      this.reading = look.catch(() => undefined);
      return look;
    });
    return this.next;
  }

  /**
   * Does `work` while no ledger on this database amends the policy, with every earlier amendment in `current`, and seals the drafts it
   * submits before the next turn begins. Drafts are appended over the very connection that holds the turn, so that neither outlives the other.
   * @throws Error of the database: nothing was appended then
   */
  amend(work: (appender: AmendmentAppender) => Promise<void>): Promise<void> {
    const turn = this.turn.then(() => this.inTurn(work));
    this.turn = turn.catch(() => undefined);
    return turn;
  }

  private async inTurn(work: (appender: AmendmentAppender) => Promise<void>): Promise<void> {
    const client = await this.options.connect();
    try {
      await client.query(PATIENCE);
      await client.query(TURN);
      await this.load(client);
      const drafts: Draft[] = [];
      await work({ submit: (draft) => void drafts.push(draft) });
      if (drafts.length === 0) return;
      await this.append(client, drafts);
      await this.load(client).catch(() => undefined); // it is sealed: whoever needs it looks again
    } finally {
      await client.end().catch(() => undefined);
    }
  }

  private async append(client: pg.Client, drafts: readonly Draft[]): Promise<void> {
    const { now, onAppended } = this.options;
    const keys = drafts.map(({ key }) => hex(key));
    await client.query('insert into amendment (key) select unnest($1::uuid[]) on conflict do nothing', [keys]);
    const appender = new Appender({ connect: () => Promise.resolve(client), lanes: 1, heads: drafts.length, now, onAppended });
    const settled = drafts.map(
      (draft) =>
        new Promise<void>((resolve) => {
          const settle = (outcome: Appended) => {
            draft.settle(outcome);
            resolve();
          };
          appender.submit({ ...draft, settle });
        }),
    );
    await Promise.all(settled);
  }

  private async load(db: Pick<pg.ClientBase, 'query'>): Promise<void> {
    const { rows } = await db.query<{ key: string; bytes: Buffer }>(
      `select replace(a.key::text, '-', '') as key, e.bytes from amendment a join entry e on e.key = a.key
        where a.key <> all ($1::uuid[]) order by e.position`,
      [[...this.known]],
    );
    for (const { key, bytes } of rows) {
      if (this.known.has(key)) continue; // another look was quicker
      this.known.add(key);
      const { type, time, data } = JSON.parse(bytes.toString('utf8')) as Entry;
      // An id that was meant for an amendment and never sealed may have been used for something else since.
      if (amends(type)) this.policy = amend(this.policy, { type, time, data } as unknown as Amendment);
    }
  }
}

const hex = (key: string): string => Buffer.from(key, 'latin1').toString('hex');
