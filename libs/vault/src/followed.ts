import type pg from 'pg';

/** How far a database has followed something that is kept elsewhere: restored from a backup, it is at an earlier place. */
export const followedTable = `create table followed (source text primary key, at bigint not null, mark text);`;

export interface Followed {
  at: number;
  /** What tells that `at` still means the same. */
  mark: string | null;
}

export async function followed(pool: pg.Pool, source: string): Promise<Followed | undefined> {
  const { rows } = await pool.query<{ at: string; mark: string | null }>('select at, mark from followed where source = $1', [source]);
  return rows[0] && { at: Number(rows[0].at), mark: rows[0].mark };
}

export async function follow(pool: pg.Pool, source: string, { at, mark }: Followed): Promise<void> {
  await pool.query(
    'insert into followed (source, at, mark) values ($1, $2, $3) on conflict (source) do update set at = excluded.at, mark = excluded.mark',
    [source, at, mark],
  );
}

/** Moves on from where one was: false when the database is somewhere else, as after a restore or another's move. */
export async function followOn(pool: pg.Pool, source: string, from: number, to: number): Promise<boolean> {
  const { rowCount } = await pool.query('update followed set at = $3 where source = $1 and at = $2', [source, from, to]);
  return rowCount === 1;
}
