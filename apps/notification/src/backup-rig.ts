import type { TestDatabase } from '@attesta/testing';

/** Rows by table. */
export type Backup = ReadonlyMap<string, object[]>;

export async function backUp({ pool }: TestDatabase): Promise<Backup> {
  const { rows } = await pool.query<{ name: string }>(`select tablename as name from pg_tables where schemaname = 'public' order by 1`);
  const tables = new Map<string, object[]>();
  for (const { name } of rows) {
    const { rows: all } = await pool.query<{ row: object }>(`select to_jsonb(t) as row from "${name}" t`);
    tables.set(
      name,
      all.map(({ row }) => row),
    );
  }
  return tables;
}

/** The database as it was, or a new one. */
export async function restore({ pool }: TestDatabase, backup: Backup | undefined): Promise<void> {
  if (!backup) {
    await pool.query('drop schema public cascade; create schema public');
    return;
  }
  const client = await pool.connect();
  try {
    await client.query(`set session_replication_role = replica`); // foreign keys come in any order
    for (const [name, rows] of backup) {
      await client.query(`delete from "${name}"`);
      await client.query(`insert into "${name}" select * from jsonb_populate_recordset(null::"${name}", $1)`, [JSON.stringify(rows)]);
    }
  } finally {
    client.release(true);
  }
}
