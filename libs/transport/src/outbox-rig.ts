import { randomUUID } from 'node:crypto';
import type { ServiceLog } from '@attesta/event-log';
import type pg from 'pg';

/** For specs only: n decisions in a service's own log, numbered on from `first`. Returns their ids. */
export async function appendDecisions(pool: pg.Pool, log: ServiceLog, n: number, first = 0): Promise<string[]> {
  const ids = Array.from({ length: n }, () => randomUUID());
  const client = await pool.connect();
  try {
    await client.query('begin');
    const events = ids.map((id, i) => ({ id, type: 'attesta.consent.given.v1', time: '2026-01-02T03:04:05Z', data: { n: first + i } }));
    await log.append(client, `s-${first}`, 'any', events);
    await client.query('commit');
  } finally {
    client.release();
  }
  return ids;
}
