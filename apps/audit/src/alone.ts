import type pg from 'pg';

/**
 * Does work that one process of the service does at a time; the others are told that it is not theirs. A process whose connection breaks no longer keeps
 * others out: what it writes must be harmless then.
 * @returns undefined when another process is at it
 */
export async function alone<T>(pool: pg.Pool, what: string, work: () => Promise<T>): Promise<{ done: T } | undefined> {
  const client = await pool.connect();
  let broken: Error | undefined;
  const note = (error: Error) => {
    broken = error;
  };
  client.on('error', note);
  try {
    const { rows } = await client.query<{ mine: boolean }>('select pg_try_advisory_lock(hashtextextended($1, 0)) as mine', [what]);
    if (!rows[0]?.mine) return undefined;
    try {
      return { done: await work() };
    } finally {
      await client.query('select pg_advisory_unlock(hashtextextended($1, 0))', [what]).catch(note);
    }
  } finally {
    client.off('error', note);
    client.release(broken);
  }
}
