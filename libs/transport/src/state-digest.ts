import { createHash } from 'node:crypto';
import type pg from 'pg';

/** What of a service's database follows from the ledger's log: by name, a query for it. */
export type DerivedState = Readonly<Record<string, string>>;

const PAGE = 5_000;

/**
 * SHA-256 (hex) of each of these tables, over its rows as JSON, in the order of that text: the same rows give the same digest, wherever they are.
 * @param tx a repeatable-read transaction, so that all are of one moment
 */
export async function digestOfState(tx: pg.PoolClient, state: DerivedState): Promise<Record<string, string>> {
  await tx.query("set local timezone = 'UTC'");
  await tx.query('set local statement_timeout = 0');
  const digests: Record<string, string> = {};
  for (const [name, query] of Object.entries(state)) {
    const digest = createHash('sha256');
    await tx.query(
      `declare state_digest no scroll cursor for select row from (select to_jsonb(q)::text as row from (${query}) q) r order by row collate "C"`,
    );
    for (;;) {
      const { rows } = await tx.query<{ row: string }>(`fetch ${PAGE} from state_digest`);
      for (const { row } of rows) digest.update(`${row}\n`);
      if (rows.length < PAGE) break;
    }
    await tx.query('close state_digest');
    digests[name] = digest.digest('hex');
  }
  return digests;
}
