import type pg from 'pg';
import { Stopped } from './feed-batch.js';
import { backoff, Bell, pause } from './pace.js';
import { isTransient } from './transaction.js';

/** A log in the order of its positions; EntrySource and ServiceLog are. */
export interface RelayLog<T> {
  /** Positions may be missing, as where only the newest of each key is kept. Otherwise they are contiguous from 0. */
  sparse?: boolean;
  read(after: number, limit: number): Promise<T[]>;
  watch(wake: () => void): Promise<() => Promise<void>>;
}

/** What has been acknowledged. `tails` belongs to the carrier. */
export interface RelayCursor {
  position: number;
  tails: Record<string, Tail>;
}

/** Last message of one Kafka partition: its offset, its log position, and the position that was said to be complete there. */
export interface Tail {
  offset: string;
  position: number;
  upto: number;
}

export const START: RelayCursor = { position: -1, tails: {} };

/** The far side of a relay. It may answer with a cursor further back when the far side has lost what it had acknowledged. */
export interface Carrier<T> {
  /** Called at the start and after every failure, before anything is sent. */
  open(cursor: RelayCursor): Promise<RelayCursor>;
  /**
   * Resolves when all items are acknowledged, or with a rewound cursor. One call at a time.
   * @param asOf milliseconds since the epoch: the log ended with these items then; undefined when there may be more
   */
  send(items: T[], cursor: RelayCursor, asOf?: number): Promise<RelayCursor>;
  /**
   * Called at the end of the log, now and then. Returns the same cursor when there was nothing to do.
   * @param asOf milliseconds since the epoch: the log ended at the cursor then
   */
  idle(cursor: RelayCursor, asOf: number): Promise<RelayCursor>;
  close(): Promise<void>;
}

export interface RelayOptions {
  /** Where `relayTables` were run: the database of the log. One connection is held for as long as this process leads. */
  pool: pg.Pool;
  /** Most items read and sent at a time. Default 1,000. */
  batchSize?: number;
  onError?: (error: unknown, relay: string) => void;
}

/** Milliseconds between looks at the end of the log, and between a follower's tries for the lead. */
const LOOK_MS = 250;

/**
 * Carries a log to somewhere else, in order, at least once. Of all processes only the one that holds the advisory lock sends, one send under way
 * at a time, and the cursor moves after the acknowledgement: a crash at any moment sends again, never leaves out.
 */
export class Relay<T extends { position: number }> {
  private readonly stopping = new AbortController();
  private readonly news = new Bell();
  private readonly moved = new Bell();
  private running?: Promise<void>;

  constructor(
    readonly name: string,
    private readonly log: RelayLog<T>,
    private readonly carrier: Carrier<T>,
    private readonly options: RelayOptions,
  ) {}

  start(): void {
    this.running ??= this.run();
  }

  /** Lets the send under way finish, gives the lead to another process. */
  async stop(): Promise<void> {
    this.stopping.abort();
    this.news.ring();
    this.moved.ring();
    await this.running;
  }

  /** Last acknowledged position, by whichever process; -1 = none. */
  async position(): Promise<number> {
    return (await this.load(this.options.pool)).position;
  }

  /** Resolves when everything up to `position` has been acknowledged. */
  async caughtUp(position: number): Promise<void> {
    for (;;) {
      this.moved.clear();
      if (this.stopping.signal.aborted) throw new Stopped(`Relay ${this.name} was stopped before it reached position ${position}`);
      if ((await this.position()) >= position) return;
      await this.moved.wait(50);
    }
  }

  private async run(): Promise<void> {
    let tries = 0;
    while (!this.stopping.signal.aborted) {
      try {
        const led = await this.tryToLead(() => (tries = 0));
        if (!led) await pause(LOOK_MS, this.stopping.signal);
      } catch (error) {
        this.options.onError?.(error, this.name);
        await pause(backoff(tries++, 2_000), this.stopping.signal);
      }
    }
    await this.carrier.close();
  }

  private async tryToLead(working: () => void): Promise<boolean> {
    const client = await this.options.pool.connect();
    let lost: Error | undefined;
    client.on('error', (error) => {
      lost = error;
      this.news.ring();
    });
    let unwatch = () => Promise.resolve();
    try {
      const { rows } = await client.query<{ leads: boolean }>('select pg_try_advisory_lock(hashtextextended($1, 0)) leads', [
        `attesta relay ${this.name}`,
      ]);
      if (!rows[0]?.leads) return false;
      // A cursor lost in a crash of the database only sends a little again.
      await client.query('set synchronous_commit = off');
      await client.query('insert into relay_cursor (relay) values ($1) on conflict do nothing', [this.name]);
      unwatch = await this.log.watch(() => this.news.ring());
      await this.carry(client, () => {
        if (lost) throw lost;
        working();
      });
      return true;
    } finally {
      await unwatch().catch((error: unknown) => this.options.onError?.(error, this.name));
      // Closing the connection releases the lock, whatever state it is in.
      client.release(true);
    }
  }

  private async carry(client: pg.PoolClient, working: () => void): Promise<void> {
    const limit = this.options.batchSize ?? 1_000;
    const read = async (after: number) => {
      this.news.clear();
      const asOf = Date.now();
      return { items: await this.log.read(after, limit), asOf };
    };
    let cursor = await this.load(client);
    const settle = async (fresh: RelayCursor) => {
      if (fresh === cursor) return;
      await this.save(client, fresh);
      cursor = fresh;
    };
    await settle(await this.carrier.open(cursor));
    let next = read(cursor.position);
    while (!this.stopping.signal.aborted) {
      const { items, asOf } = await next;
      working();
      const last = items.at(-1)?.position;
      if (last === undefined) {
        await settle(await this.carrier.idle(cursor, asOf));
        await this.news.wait(LOOK_MS);
        next = read(cursor.position);
        continue;
      }
      if (!this.log.sparse && items[0]!.position !== cursor.position + 1)
        throw new Error(`The log skips from ${cursor.position} to ${items[0]!.position}`);
      next = read(last);
      next.catch(() => undefined);
      await settle(await this.carrier.send(items, cursor, items.length < limit ? asOf : undefined));
      if (cursor.position !== last) next = read(cursor.position);
    }
    await next.catch(() => undefined);
  }

  private async load(db: Pick<pg.Pool, 'query'>): Promise<RelayCursor> {
    try {
      const { rows } = await db.query<{ position: string; tails: RelayCursor['tails'] }>(
        'select position, tails from relay_cursor where relay = $1',
        [this.name],
      );
      return rows[0] ? { position: Number(rows[0].position), tails: rows[0].tails } : START;
    } catch (error) {
      if (db === this.options.pool && isTransient(error)) return START;
      throw error;
    }
  }

  private async save(client: pg.PoolClient, { position, tails }: RelayCursor): Promise<void> {
    await client.query('update relay_cursor set position = $2, tails = $3, updated_at = now() where relay = $1', [
      this.name,
      position,
      JSON.stringify(tails),
    ]);
    this.moved.ring();
  }
}
