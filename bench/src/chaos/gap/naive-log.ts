import type pg from 'pg';

/**
 * The control: a table numbered by a sequence, and a cursor that remembers the highest number it saw. Numbers are given before the commit, so that
 * one which commits later than a higher one is passed over.
 */
export class NaiveLog {
  committed = 0;

  private constructor(private readonly pool: pg.Pool) {}

  static async open(pool: pg.Pool): Promise<NaiveLog> {
    await pool.query('create table event (position bigint generated always as identity primary key, body bytea not null)');
    return new NaiveLog(pool);
  }

  async write(writers: number, going: () => boolean, share: number, random: () => number): Promise<void> {
    const body = Buffer.alloc(400);
    // One connection stays free for the reader.
    const connections = Math.min(writers, this.pool.options.max - 1);
    const one = async () => {
      const client = await this.pool.connect();
      try {
        while (going()) {
          await client.query('begin');
          await client.query('insert into event (body) values ($1)', [body]);
          const kept = random() >= share;
          await client.query(kept ? 'commit' : 'rollback');
          if (kept) this.committed++;
        }
      } finally {
        client.release();
      }
    };
    await Promise.all(Array.from({ length: connections }, one));
  }

  /** @returns how many rows it passed over */
  async read(ended: () => boolean): Promise<number> {
    let [after, seen] = [0, 0];
    for (;;) {
      const over = ended();
      const { rows } = await this.pool.query<{ position: string }>(
        'select position from event where position > $1 order by position limit 1000',
        [after],
      );
      seen += rows.length;
      if (rows.length > 0) after = Number(rows.at(-1)!.position);
      else if (over) return this.committed - seen;
    }
  }
}
