import type pg from 'pg';
import { Fenced, Gap, Stopped, type Cursor, type FeedBatch } from './feed-batch.js';
import type { FeedConsumerOptions, FeedIncident, FeedProgress } from './feed.js';
import { backoff, Bell, pause } from './pace.js';
import type { StoredSealedEvent } from './sealed-event.js';
import { inBatchSpan } from './tracing.js';
import { isTransient, transaction } from './transaction.js';

/** Topics of the cursor that a database has while it is built from the ledger's log, and from then until its service first follows the feed. */
export const RESTORING = 'restoring';
export const RESTORED = 'restored';

const WHERE = 'where consumer = $1 and topic = $2 and partition = $3';

/**
 * Applies batches to a consumer's database, whatever carried them: one transaction locks the cursor row, skips what is applied, runs the
 * handler and moves the cursor. A batch that fails is tried in halves down to single events; one that fails alone `attempts` times is parked
 * with what follows it of the same key, and the partition goes on. Failures of the surroundings are waited out instead.
 */
export class FeedConsumer {
  readonly moved = new Bell();
  private readonly stopping = new AbortController();

  constructor(
    readonly options: FeedConsumerOptions,
    readonly topic: string,
  ) {}

  get group(): string {
    return this.options.group;
  }

  get batchSize(): number {
    return this.options.batchSize ?? 500;
  }

  get signal(): AbortSignal {
    return this.stopping.signal;
  }

  stop(): void {
    this.stopping.abort();
    this.moved.ring();
  }

  report(error: unknown, kind: FeedIncident['kind'], partition = 0, position?: number): void {
    this.options.onError?.(error, { group: this.options.group, topic: this.topic, partition, kind, position });
  }

  /**
   * Makes the cursor rows of all partitions; in a database that was restored from the log they begin behind what it holds.
   * @throws Error when the group's cursors were made for another number of partitions: positions then belong to other keys. For a database that is
   * being restored.
   */
  async prepare(partitions: number): Promise<void> {
    const { group, pool } = this.options;
    await this.refuseHalfRestored();
    await pool.query(
      `with restored as (delete from feed_cursor where consumer = $1 and topic = $4 returning position)
       insert into feed_cursor (consumer, topic, partition, partitions, position)
       select $1, $2, p, $3, coalesce((select position from restored), -1) from generate_series(0, $3::int - 1) p
        where not exists (select 1 from feed_cursor where consumer = $1 and topic = $2 and partitions <> $3) on conflict do nothing`,
      [group, this.topic, partitions, RESTORED],
    );
    const { rows } = await pool.query<{ partitions: number }>(
      'select partitions from feed_cursor where consumer = $1 and topic = $2 and partitions <> $3 limit 1',
      [group, this.topic, partitions],
    );
    if (rows[0]) {
      throw new Error(
        `Topic ${this.topic} has ${partitions} partitions, but consumer ${group} has cursors for ${rows[0].partitions}. ` +
          'Give the topic its old number of partitions, or rebuild this consumer.',
      );
    }
  }

  private async refuseHalfRestored(): Promise<void> {
    if (this.topic === RESTORING) return;
    const { rowCount } = await this.options.pool.query('select 1 from feed_cursor where consumer = $1 and topic = $2', [
      this.group,
      RESTORING,
    ]);
    if (rowCount) throw new Error(`The database of ${this.group} is being restored, or was left half restored: restore it into a new one.`);
  }

  /** Takes a partition over: whoever claimed it before can no longer write. */
  async claim(partition: number): Promise<Cursor> {
    const { rows } = await this.options.pool.query<CursorRow>(
      `update feed_cursor set epoch = epoch + 1, updated_at = now() ${WHERE} returning position, next_offset, mark, epoch`,
      [this.options.group, this.topic, partition],
    );
    return cursorOf(rows[0]);
  }

  /** Where each partition stands. The only place that knows; read from the database. */
  async cursors(): Promise<(Cursor & { partition: number; partitions: number })[]> {
    const { rows } = await this.options.pool.query<CursorRow & { partition: number; partitions: number }>(
      'select partition, partitions, position, next_offset, mark, epoch from feed_cursor where consumer = $1 and topic = $2 order by partition',
      [this.options.group, this.topic],
    );
    return rows.map((row) => ({ partition: row.partition, partitions: row.partitions, ...cursorOf(row) }));
  }

  /**
   * Applies a batch, however long the surroundings make that take; returns the partition's position afterwards (further on than the batch
   * when others had applied more).
   * @throws Fenced, Gap, Stopped. Never an error of the handler.
   */
  async apply(batch: FeedBatch): Promise<number> {
    for (let tries = 0, alone = 0; ; tries++) {
      if (this.signal.aborted) throw new Stopped(`Consumer ${this.options.group} is stopped`);
      try {
        return await this.attempt(batch);
      } catch (error) {
        if (error instanceof Fenced || error instanceof Gap) throw error;
        const first = batch.events[0];
        if (isTransient(error) || !first) {
          this.report(error, 'retry', batch.partition, first?.position);
        } else if (batch.events.length > 1) {
          this.report(error, 'split', batch.partition, first.position);
          return this.inHalves(batch);
        } else if (++alone >= (this.options.attempts ?? 3)) {
          const parked = await this.parkPoison(batch, error, alone);
          if (parked !== undefined) return parked;
        } else {
          this.report(error, 'retry', batch.partition, first.position);
        }
        await pause(backoff(tries), this.signal);
      }
    }
  }

  private async inHalves(batch: FeedBatch): Promise<number> {
    const middle = batch.events.length >> 1;
    const first = batch.events.slice(0, middle);
    const turn = first[middle - 1]!.position;
    await this.apply({ ...batch, events: first, upto: turn, next: undefined });
    return this.apply({ ...batch, events: batch.events.slice(middle), previous: turn });
  }

  private async attempt(batch: FeedBatch): Promise<number> {
    const position = await transaction(this.options.pool, async (tx) => {
      const cursor = await this.lock(tx, batch);
      if (batch.upto <= cursor) return cursor;
      let events = batch.events[0] && batch.events[0].position > cursor ? batch.events : batch.events.filter((e) => e.position > cursor);
      if (events.length) {
        const blocked = await this.blockedKeys(tx, batch.partition);
        if (blocked.size) {
          await this.park(
            tx,
            batch.partition,
            events.filter((event) => blocked.has(event.key)),
          );
          events = events.filter((event) => !blocked.has(event.key));
        }
      }
      if (events.length) {
        await inBatchSpan(
          `process ${this.topic}`,
          events.map((event) => event.trace),
          () => this.options.handle(events, tx),
        );
      }
      await this.move(tx, batch);
      return batch.upto;
    });
    this.moved.ring();
    return position;
  }

  private async parkPoison(batch: FeedBatch, cause: unknown, attempts: number): Promise<number | undefined> {
    const event = batch.events[0]!;
    try {
      const position = await transaction(this.options.pool, async (tx) => {
        const cursor = await this.lock(tx, batch);
        if (event.position <= cursor) return cursor;
        await this.park(tx, batch.partition, [event], { error: describe(cause), attempts });
        await this.move(tx, batch);
        return batch.upto;
      });
      this.report(cause, 'parked', batch.partition, event.position);
      this.moved.ring();
      return position;
    } catch (error) {
      if (error instanceof Fenced || error instanceof Gap) throw error;
      this.report(error, 'retry', batch.partition, event.position);
      return undefined;
    }
  }

  /** Locks the cursor row until the transaction ends and checks that this batch may be applied on top of it. */
  private async lock(tx: pg.PoolClient, batch: FeedBatch): Promise<number> {
    const { rows } = await tx.query<CursorRow>(`select position, next_offset, mark, epoch from feed_cursor ${WHERE} for update`, [
      this.options.group,
      this.topic,
      batch.partition,
    ]);
    const cursor = cursorOf(rows[0]);
    if (batch.epoch !== undefined && batch.epoch !== cursor.epoch) {
      throw new Fenced(`Partition ${batch.partition} of ${this.topic} was taken over (claim ${batch.epoch}, now ${cursor.epoch})`);
    }
    const start = batch.events[0]?.position ?? batch.upto;
    if (start > cursor.position && batch.previous > cursor.position) throw new Gap(cursor.position, batch.previous);
    return cursor.position;
  }

  private async move(tx: pg.PoolClient, batch: FeedBatch): Promise<void> {
    await tx.query(
      `update feed_cursor set position = $4, next_offset = coalesce($5, next_offset), mark = coalesce($6, mark), updated_at = now() ${WHERE}`,
      [this.options.group, this.topic, batch.partition, batch.upto, batch.next?.offset ?? null, batch.next?.mark ?? null],
    );
  }

  /** Read after the cursor row is locked: parking and replaying hold the same lock. */
  private async blockedKeys(tx: pg.PoolClient, partition: number): Promise<Set<string>> {
    const { rows } = await tx.query<{ key: string }>(`select distinct key from feed_parked ${WHERE} and state = 'parked'`, [
      this.options.group,
      this.topic,
      partition,
    ]);
    return new Set(rows.map((row) => row.key));
  }

  private async park(tx: pg.PoolClient, partition: number, events: StoredSealedEvent[], poison?: { error: string; attempts: number }) {
    if (!events.length) return;
    await tx.query(
      `insert into feed_parked (consumer, topic, partition, position, key, poison, bytes, leaf_hash, trace, error, attempts)
       select $1, $2, $3, e.position, e.key, $9, e.bytes, e.leaf, e.trace, $10, $11
       from unnest($4::bigint[], $5::text[], $6::bytea[], $7::bytea[], $8::text[]) e (position, key, bytes, leaf, trace)`,
      [
        this.options.group,
        this.topic,
        partition,
        events.map((event) => event.position),
        events.map((event) => event.key),
        events.map((event) => event.bytes),
        events.map((event) => event.leafHash),
        events.map((event) => event.trace),
        poison !== undefined,
        poison?.error ?? null,
        poison?.attempts ?? 0,
      ],
    );
  }

  /** See FeedSubscription.rebuild: fences every member, so that the batch one has in its hands is dropped. */
  async rebuild(reset: (tx: pg.PoolClient) => Promise<void>, partitions: number): Promise<void> {
    const { group, pool } = this.options;
    await transaction(pool, async (tx) => {
      await tx.query('select 1 from feed_cursor where consumer = $1 and topic = $2 order by partition for update', [group, this.topic]);
      await tx.query('delete from feed_parked where consumer = $1 and topic = $2', [group, this.topic]);
      await reset(tx);
      await tx.query('delete from feed_cursor where consumer = $1 and topic = $2 and partition >= $3', [group, this.topic, partitions]);
      await tx.query(
        `insert into feed_cursor (consumer, topic, partition, partitions) select $1, $2, p, $3 from generate_series(0, $3::int - 1) p
         on conflict (consumer, topic, partition) do update
         set position = -1, next_offset = null, mark = null, partitions = $3, epoch = feed_cursor.epoch + 1, updated_at = now()`,
        [group, this.topic, partitions],
      );
    });
    this.moved.ring();
  }

  async progress(): Promise<FeedProgress[]> {
    return (await this.cursors()).map(({ partition, position }) => ({ partition, position }));
  }

  /** See FeedSubscription.caughtUp. Other members' commits show in the database only, hence the look every 50 ms. */
  async caughtUp(position: number): Promise<void> {
    for (;;) {
      this.moved.clear();
      if (this.signal.aborted) throw new Stopped(`Consumer ${this.options.group} was stopped before it reached position ${position}`);
      const cursors = await this.cursors().catch((error: unknown) => {
        if (!isTransient(error)) throw error;
        return [];
      });
      if (cursors.length > 0 && cursors.length === cursors[0]!.partitions && cursors.every((cursor) => cursor.position >= position)) return;
      await this.moved.wait(50);
    }
  }
}

interface CursorRow {
  position: string;
  next_offset: string | null;
  mark: string | null;
  epoch: string;
}

function cursorOf(row: CursorRow | undefined): Cursor {
  if (!row) throw new Fenced('The cursor is gone');
  const { next_offset: offset, mark } = row;
  return { position: Number(row.position), epoch: row.epoch, ...(offset !== null && mark !== null && { next: { offset, mark } }) };
}

/** An error in at most 2,000 characters, as an operator reads it. */
export const describe = (error: unknown): string =>
  (error instanceof Error ? `${error.name}: ${error.message}` : String(error)).slice(0, 2_000);
