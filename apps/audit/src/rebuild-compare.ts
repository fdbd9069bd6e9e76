import type { Policy } from '@attesta/policy';
import { transaction } from '@attesta/transport';
import type pg from 'pg';
import { digestOfRows } from './digest.js';
import { findings } from './findings.projection.js';
import type { Register } from './register.js';
import { NEXT, PRESENT, within } from './register-set.js';
import { registersOf } from './registers.js';
import { NEXT_SCHEMA } from './rebuild.schema.js';

export interface Difference {
  register: string;
  /** The first position at which the two sets have different rows; null where the register has no rows by position. */
  position: number | null;
}

/** Both sets at the same position, in one moment. */
export interface Compared {
  position: number;
  present: Record<string, string>;
  rebuilt: Record<string, string>;
  differing: Difference[];
}

/**
 * Digests both sets at the position where the second one stands, which nobody is filling meanwhile.
 * @returns undefined where they cannot be compared at this moment: the present one is behind, has something to judge, or has let go of ties of
 * somebody whose forgetting the second one has not come to
 */
export function compareSets(pool: pg.Pool, policy: Policy): Promise<Compared | undefined> {
  return transaction(
    pool,
    async (tx) => {
      const position = await comparableAt(tx);
      if (position === undefined) return undefined;
      const { registers: present } = await digestOfRows(tx, policy, position);
      const { registers: rebuilt } = await within(tx, NEXT, () => digestOfRows(tx, policy, position));
      const differing: Difference[] = [];
      for (const register of Object.keys(present).filter((name) => present[name] !== rebuilt[name])) {
        const rows = [...registersOf(policy), findings].find(({ name }) => name === register);
        differing.push({ register, position: rows ? await firstDifference(tx, rows, position) : null });
      }
      return { position, present, rebuilt, differing };
    },
    'isolation level repeatable read read only',
  );
}

async function comparableAt(tx: pg.PoolClient): Promise<number | undefined> {
  const { rows } = await tx.query<{ position: string }>(
    `select n.position from feed_cursor n where n.consumer = $1
        and n.position <= (select min(position) from feed_cursor where consumer = $2)
        and not exists (select 1 from to_judge where position <= n.position)
        and not exists (select 1 from forgotten where position > n.position)`,
    [NEXT.group, PRESENT.group],
  );
  return rows[0] && Number(rows[0].position);
}

async function firstDifference(tx: pg.PoolClient, { table, columns }: Register, upto: number): Promise<number | null> {
  const cells = columns.map(({ sql, kind }) => (kind === 'json' ? `${sql}::text` : sql)).join(', ');
  const of = (schema: string) => `select ${cells} from ${schema}.${table} where position <= $1`;
  const { rows } = await tx.query<{ position: string | null }>(
    `select min(position) as position from (
       (${of('public')} except ${of(NEXT_SCHEMA)}) union all (${of(NEXT_SCHEMA)} except ${of('public')})) d`,
    [upto],
  );
  const position = rows[0]!.position;
  return position === null ? null : Number(position);
}
