import type pg from 'pg';

/**
 * Runs `work` in one transaction on a connection of its own. A connection that broke is thrown away, never given back to the pool.
 * @param mode what follows `begin`, such as `isolation level repeatable read`
 * @throws whatever `work` or the database threw; connecting included.
 */
export async function transaction<T>(pool: pg.Pool, work: (tx: pg.PoolClient) => Promise<T>, mode = ''): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  // A checked-out client has no listener of the pool's: without this a cut connection would end the process.
  const note = (error: Error) => {
    broken = error;
  };
  client.on('error', note);
  try {
    await client.query(`begin ${mode}`);
    const result = await work(client);
    await client.query('commit');
    return result;
  } catch (error) {
    await client.query('rollback').catch(note);
    throw error;
  } finally {
    client.off('error', note);
    client.release(broken);
  }
}

const MOST_TRIES = 5;

/** The same, tried again where the surroundings failed, as where another transaction was in its way. `work` may run more than once. */
export async function retriedTransaction<T>(pool: pg.Pool, work: (tx: pg.PoolClient) => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await transaction(pool, work);
    } catch (error) {
      if (tries >= MOST_TRIES || !isTransient(error)) throw error;
    }
  }
}

const TRANSIENT_STATES = /^(08|53|28|57P0|40001|40P01|55P03|25006|3D000|42501|42P01)/;
const TRANSIENT_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EKEYPROVIDER', // of @attesta/vault: key-encryption keys cannot be used now
]);
const TRANSIENT_WORDS = /connection terminated|timeout exceeded when trying to connect|not queryable|client was closed|connection error/i;

/**
 * True when an error says that the surroundings failed (network, database down, failover, deadlock, a table or grant not there yet) and not
 * the event: such work is tried again for ever and never parks an event. Looks through causes and ORM wrappers.
 */
export function isTransient(error: unknown): boolean {
  for (let e: unknown = error, depth = 0; e instanceof Error && depth < 8; depth++) {
    const { code, driverError } = e as { code?: unknown; driverError?: unknown };
    if (typeof code === 'string' && (TRANSIENT_STATES.test(code) || TRANSIENT_CODES.has(code))) return true;
    if (typeof code !== 'string' && TRANSIENT_WORDS.test(e.message)) return true;
    e = driverError instanceof Error ? driverError : e.cause;
  }
  return false;
}
