import type pg from 'pg';
import { WrappedKeyAltered, type KeyProvider, type WrappedKey } from './key-provider.js';
import { wrappedIn, withWrapped } from './strongbox.js';

/** Where a table keeps what a key-encryption key wrapped. */
export interface WrappedColumn {
  table: string;
  /** Column of its name. */
  kek: string;
  bytes: string;
  /** The wrapped key itself, or a box that begins with it (Strongbox). */
  form: 'key' | 'box';
}

/** The vault's own. */
export const VAULT_COLUMNS: readonly WrappedColumn[] = [{ table: 'data_key', kek: 'kek', bytes: 'wrapped', form: 'key' }];

export interface Rewrapped {
  rewrapped: number;
  /** Rows whose bytes do not open; they stay as they were. */
  altered: number;
}

export interface RewrapOptions {
  /** Rows to a batch: one request to a provider that has batches. */
  batch?: number;
  onProgress?: (rewrapped: number) => void;
}

/** How many rows hang on each key-encryption key, by its name. */
export async function countByKek(pool: pg.Pool, columns: readonly WrappedColumn[]): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  for (const { table, kek, bytes } of columns) {
    const { rows } = await pool.query<{ kek: string; n: string }>(
      `select ${kek} as kek, count(*) as n from ${table} where ${bytes} is not null group by 1`,
    );
    for (const row of rows) counts.set(row.kek, (counts.get(row.kek) ?? 0) + Number(row.n));
  }
  return counts;
}

/**
 * Brings everything under the provider's current key-encryption key, while the service goes on: each batch reads rows in the order in which they lie,
 * rewraps them, and replaces those that nobody changed meanwhile. Whatever ends it, every row is under one key or the other, and another run goes on.
 * Rows that come under an older key while it runs are found by a further pass.
 * @throws KeyProviderFailure
 */
export async function rewrapAll(
  pool: pg.Pool,
  provider: KeyProvider,
  columns: readonly WrappedColumn[],
  { batch = 500, onProgress }: RewrapOptions = {},
): Promise<Rewrapped> {
  const total: Rewrapped = { rewrapped: 0, altered: 0 };
  for (const column of columns) {
    for (;;) {
      const pass = await onePass(pool, provider, column, batch, (n) => onProgress?.(total.rewrapped + n));
      total.rewrapped += pass.rewrapped;
      if (pass.rewrapped > 0) continue;
      total.altered += pass.altered;
      break;
    }
  }
  return total;
}

interface Row {
  id: string;
  kek: string;
  bytes: Buffer;
}

async function onePass(
  pool: pg.Pool,
  provider: KeyProvider,
  column: WrappedColumn,
  batch: number,
  onProgress: (rewrapped: number) => void,
): Promise<Rewrapped> {
  const { table, kek, bytes } = column;
  const pass: Rewrapped = { rewrapped: 0, altered: 0 };
  const current = await provider.current();
  let after = '(0,0)';
  for (;;) {
    // By where rows lie (a TID range scan), since no index tells the key; a row that is rewrapped moves, and is then under the new one.
    const { rows } = await pool.query<Row>(
      `select ctid::text as id, ${kek} as kek, ${bytes} as bytes from ${table}
        where ctid > $1::tid and ${bytes} is not null and ${kek} <> $2 order by ctid limit $3`,
      [after, current, batch],
    );
    if (rows.length === 0) return pass;
    after = rows.at(-1)!.id;
    const fresh = await rewrapped(provider, rows, column.form);
    pass.altered += rows.length - fresh.length;
    const { rowCount } = await pool.query(
      `update ${table} t set ${kek} = u.kek, ${bytes} = u.bytes from unnest($1::tid[], $2::text[], $3::bytea[], $4::bytea[]) u(id, kek, bytes, old)
        where t.ctid = u.id and t.${bytes} = u.old`,
      [
        fresh.map(({ row }) => row.id),
        fresh.map(({ kek: name }) => name),
        fresh.map((one) => one.bytes),
        fresh.map(({ row }) => row.bytes),
      ],
    );
    pass.rewrapped += rowCount ?? 0;
    onProgress(pass.rewrapped);
  }
}

type Fresh = { row: Row; kek: string; bytes: Buffer };

/** Without those that do not open: one of them must not keep the rest under an old key. */
async function rewrapped(provider: KeyProvider, rows: readonly Row[], form: WrappedColumn['form']): Promise<Fresh[]> {
  const keys = rows.map(({ kek, bytes }): WrappedKey => ({ kek, wrapped: form === 'box' ? wrappedIn(bytes) : bytes }));
  try {
    return (await provider.rewrap(keys)).map(({ kek, wrapped }, i) => {
      const row = rows[i]!;
      return { row, kek, bytes: form === 'box' ? withWrapped(row.bytes, wrapped) : wrapped };
    });
  } catch (error) {
    if (!(error instanceof WrappedKeyAltered)) throw error;
    if (rows.length === 1) return [];
    const half = rows.length >> 1;
    return [...(await rewrapped(provider, rows.slice(0, half), form)), ...(await rewrapped(provider, rows.slice(half), form))];
  }
}
