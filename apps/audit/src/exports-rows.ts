import type { Policy } from '@attesta/policy';
import type pg from 'pg';
import { findings } from './findings.projection.js';
import type { Register } from './register.js';
import { registersOf } from './registers.js';
import { answerOf, selectionOf } from './row-shape.js';
import { subjects, timeline } from './timeline.projection.js';

const AT_ONCE = 1_000;

/** Registers whose rows can be exported: all but those that a query exports. */
export const exportable = (policy: Policy): Register[] =>
  [...registersOf(policy), findings].filter(({ name }) => name !== timeline.name && name !== subjects.name);

export async function countRows(db: Pick<pg.Pool, 'query'>, { table }: Register, asOf: number): Promise<number> {
  const { rows } = await db.query<{ n: string }>(`select count(*) as n from ${table} where position <= $1`, [asOf]);
  return Number(rows[0]!.n);
}

/** Rows of a register, newest first, all of one moment. Ends its transaction when it is left. */
export async function* registerRows(
  pool: pg.Pool,
  { table, columns, order }: Register,
  asOf: number,
): AsyncGenerator<object[], void, void> {
  const client = await pool.connect();
  let broken: Error | undefined;
  const note = (error: Error) => {
    broken = error;
  };
  client.on('error', note);
  try {
    await client.query('begin isolation level repeatable read read only');
    await client.query('set local statement_timeout = 0');
    const by = columns.filter(({ name }) => order.includes(name)).map(({ sql }) => sql);
    await client.query({
      text: `declare exported no scroll cursor for select ${selectionOf(columns)} from ${table} where position <= $1 order by ${['position desc', ...by].join(', ')}`,
      values: [asOf],
    });
    for (;;) {
      const { rows } = await client.query<object>(`fetch ${AT_ONCE} from exported`);
      if (rows.length > 0) yield rows.map((row) => answerOf(columns, row));
      if (rows.length < AT_ONCE) return;
    }
  } finally {
    await client.query('rollback').catch(note);
    client.off('error', note);
    client.release(broken);
  }
}
