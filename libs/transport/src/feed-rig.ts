import { hash, randomUUID } from 'node:crypto';
import { sealedLogTables, SealedLogReader } from '@attesta/event-log';
import type { Entry } from '@attesta/events';
import { testDatabase, type TestDatabase } from '@attesta/testing';
import { feedTables, relayTables } from './feed-tables.js';
import type { FeedHandler, SealedFeed } from './feed.js';

/** For specs only: a ledger's log and a consumer's database, both real, and one way between them. */
export interface FeedRig {
  name: string;
  /** A feed as one more process would make it. */
  feed(): Promise<SealedFeed>;
  /** Makes the carrier deliver everything once more. */
  redeliver(): Promise<void>;
  close(): Promise<void>;
}

export class TestLog {
  readonly reader: SealedLogReader;
  size = 0;

  private constructor(readonly db: TestDatabase) {
    this.reader = new SealedLogReader(db.pool);
  }

  static async create(): Promise<TestLog> {
    const db = await testDatabase();
    await db.pool.query(sealedLogTables);
    await db.pool.query(relayTables);
    return new TestLog(db);
  }

  /** Appends one entry per key, a subject's name or `-` for an entry about nobody. Returns the last position. */
  async append(keys: string[], padding = 0): Promise<number> {
    const entries = keys.map((key) => testEntry(key, padding));
    await this.db.pool.query(
      `with moved as (update log_head set size = size + $1)
       insert into entry (position, key, content, bytes) select $2::bigint + o - 1, gen_random_uuid(), gen_random_uuid(), b
       from unnest($3::bytea[]) with ordinality e (b, o)`,
      [entries.length, this.size, entries.map((entry) => Buffer.from(JSON.stringify(entry)))],
    );
    this.size += entries.length;
    await this.db.pool.query('notify attesta_sealed');
    return this.size - 1;
  }
}

export function testEntry(key: string, padding = 0): Entry {
  return {
    v: 1,
    id: randomUUID(),
    source: '/test',
    type: 'attesta.use.recorded.v1',
    time: '2026-01-02T03:04:05.678Z',
    recordedAt: '2026-01-02T03:04:05.999Z',
    data: { operation: key, ...(padding > 0 && { note: 'x'.repeat(padding) }) },
    ...(key !== '-' && { subject: { id: subjectId(key), seq: 1 } }),
  };
}

/** The same UUID for the same name. */
export function subjectId(name: string): string {
  const hex = hash('sha256', name).slice(0, 32);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20)}`;
}

/** A consumer's database whose only projection is the list of what was applied, in the order of applying. */
export class Register {
  private constructor(readonly db: TestDatabase) {}

  static async create(): Promise<Register> {
    const db = await testDatabase();
    await db.pool.query(feedTables);
    await db.pool.query('create table applied (n bigserial primary key, consumer text, position bigint, key text)');
    return new Register(db);
  }

  handler(consumer: string, before?: FeedHandler): FeedHandler {
    return async (events, tx) => {
      await before?.(events, tx);
      await tx.query(
        'insert into applied (consumer, position, key) select $1, p, k from unnest($2::bigint[], $3::text[]) with ordinality e (p, k, o) order by o',
        [consumer, events.map((event) => event.position), events.map((event) => String(event.entry.data.operation))],
      );
    };
  }

  /** Rows as the projection holds them, in the order they were applied. */
  async rows(consumer: string): Promise<{ position: number; key: string }[]> {
    const { rows } = await this.db.pool.query<{ position: string; key: string }>(
      'select position, key from applied where consumer = $1 order by n',
      [consumer],
    );
    return rows.map(({ position, key }) => ({ position: Number(position), key }));
  }

  /** Positions applied, ascending; a position applied twice stands there twice. */
  async positions(consumer: string): Promise<number[]> {
    return (await this.rows(consumer)).map((row) => row.position).sort((a, b) => a - b);
  }

  /** Keys whose entries were applied out of order. */
  async disordered(consumer: string): Promise<string[]> {
    const last = new Map<string, number>();
    const wrong = new Set<string>();
    for (const { position, key } of await this.rows(consumer)) {
      if ((last.get(key) ?? -1) >= position) wrong.add(key);
      last.set(key, position);
    }
    return [...wrong];
  }
}

export const upTo = (position: number): number[] => Array.from({ length: position + 1 }, (_, i) => i);

/** Keys a, b, c, ... and nobody, round and round. */
export const keys = (n: number, subjects = 'abcdefg-'): string[] => Array.from({ length: n }, (_, i) => subjects[i % subjects.length]!);
