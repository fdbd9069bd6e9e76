import type { Entry } from '@attesta/events';
import type { ErasedPart } from '@attesta/vault';
import type pg from 'pg';

/** A sealed part of the log. */
export interface Located {
  part: ErasedPart;
  subject: string;
  /** `<retention class>.<version>` */
  key: string;
}

const MOST = 5_000;

/** The sealed parts at these places (position and part), in their order; undefined where there is none. */
export async function locate(pool: pg.Pool, places: readonly { position: number; part: number }[]): Promise<(Located | undefined)[]> {
  const found: (Located | undefined)[] = [];
  for (let from = 0; from < places.length; from += MOST) {
    const some = places.slice(from, from + MOST);
    const { rows } = await pool.query<{ position: string; bytes: Buffer }>(
      'select position, bytes from entry where position = any ($1::bigint[])',
      [[...new Set(some.map(({ position }) => position))]],
    );
    const sealed = new Map(
      rows.map(({ position, bytes }) => [Number(position), (JSON.parse(bytes.toString('utf8')) as Entry).sealed ?? []]),
    );
    for (const { position, part } of some) {
      const one = sealed.get(position)?.[part];
      found.push(one && { part: [position, part, one.nonce], subject: one.subject, key: one.key });
    }
  }
  return found;
}

/** Empties these ciphertexts in the log's database. @returns how many were there */
export async function removeCiphertexts(pool: pg.Pool, parts: readonly ErasedPart[]): Promise<number> {
  let removed = 0;
  for (let from = 0; from < parts.length; from += MOST) {
    const some = parts.slice(from, from + MOST);
    const { rows } = await pool.query<{ n: string }>('select remove_ciphers($1::bigint[], $2::int[]) as n', [
      some.map(([position]) => position),
      some.map(([, part]) => part),
    ]);
    removed += Number(rows[0]!.n);
  }
  return removed;
}
