import type { FeedConsumer } from './feed-consumer.js';
import { describe } from './feed-consumer.js';
import type { Parked, ParkedEvent } from './feed.js';
import { StoredSealedEvent } from './sealed-event.js';
import { transaction } from './transaction.js';

interface ParkedRow {
  partition: number;
  position: string;
  key: string;
  poison: boolean;
  bytes: Buffer;
  leaf_hash: Buffer;
  trace: string | null;
  error: string | null;
  attempts: number;
  state: 'parked' | 'discarded';
  reason: string | null;
  parked_at: Date;
}

/** The parked events of one consumer. Every change locks the partition's cursor first, so that it never races the running consumer. */
export class ParkedEvents implements Parked {
  constructor(private readonly consumer: FeedConsumer) {}

  private get scope(): [string, string] {
    return [this.consumer.options.group, this.consumer.topic];
  }

  async list({ key, state = 'parked', after = -1, limit = 100 }: Parameters<Parked['list']>[0] = {}): Promise<ParkedEvent[]> {
    const { rows } = await this.consumer.options.pool.query<ParkedRow>(
      `select * from feed_parked where consumer = $1 and topic = $2 and state = $3 and position > $4 and ($5::text is null or key = $5)
       order by position limit $6`,
      [...this.scope, state, after, key ?? null, limit],
    );
    const [group, topic] = this.scope;
    return rows.map((row) => ({
      group,
      topic,
      partition: row.partition,
      position: Number(row.position),
      key: row.key,
      poison: row.poison,
      error: row.error,
      attempts: row.attempts,
      parkedAt: row.parked_at,
      state: row.state,
      reason: row.reason,
      event: eventOf(row),
    }));
  }

  async replay(key: string): Promise<{ applied: number; left: number; error?: string }> {
    let applied = 0;
    for (;;) {
      const outcome = await this.replayFirst(key);
      if (outcome === 'none') return { applied, left: 0 };
      if (outcome !== 'applied') {
        await this.noteFailure(outcome.position, outcome.error);
        return { applied, left: await this.count(key), error: describe(outcome.error) };
      }
      applied++;
    }
  }

  async discard(position: number, reason: string): Promise<boolean> {
    const { rowCount } = await this.consumer.options.pool.query(
      `update feed_parked set state = 'discarded', reason = $4 where consumer = $1 and topic = $2 and position = $3 and state = 'parked'`,
      [...this.scope, position, reason],
    );
    return rowCount === 1;
  }

  private async replayFirst(key: string): Promise<'none' | 'applied' | { position: number; error: unknown }> {
    let position = -1;
    try {
      return await transaction(this.consumer.options.pool, async (tx) => {
        await tx.query(
          `select 1 from feed_cursor where consumer = $1 and topic = $2 and partition in
             (select partition from feed_parked where consumer = $1 and topic = $2 and key = $3 and state = 'parked')
           order by partition for update`,
          [...this.scope, key],
        );
        const { rows } = await tx.query<ParkedRow>(
          `select * from feed_parked where consumer = $1 and topic = $2 and key = $3 and state = 'parked' order by position limit 1 for update`,
          [...this.scope, key],
        );
        const row = rows[0];
        if (!row) return 'none';
        position = Number(row.position);
        await this.consumer.options.handle([eventOf(row)], tx);
        await tx.query('delete from feed_parked where consumer = $1 and topic = $2 and position = $3', [...this.scope, position]);
        return 'applied';
      });
    } catch (error) {
      if (position < 0) throw error;
      return { position, error };
    }
  }

  private async noteFailure(position: number, error: unknown): Promise<void> {
    await this.consumer.options.pool.query(
      'update feed_parked set poison = true, error = $4, attempts = attempts + 1 where consumer = $1 and topic = $2 and position = $3',
      [...this.scope, position, describe(error)],
    );
  }

  private async count(key: string): Promise<number> {
    const { rows } = await this.consumer.options.pool.query<{ n: number }>(
      `select count(*)::int n from feed_parked where consumer = $1 and topic = $2 and key = $3 and state = 'parked'`,
      [...this.scope, key],
    );
    return rows[0]?.n ?? 0;
  }
}

const eventOf = (row: ParkedRow) => new StoredSealedEvent(Number(row.position), row.leaf_hash, row.bytes, row.trace, row.key);
