import type pg from 'pg';
import { FORGOTTEN_CHANNEL, IN_ORDER, recordDestructions, type Destruction } from './destruction.js';
import { inTransaction } from './in-transaction.js';

/** What one erasure found alive again. */
export interface Again {
  people: number;
  keys: number;
}

const ERASED = `jsonb_to_recordset($1::jsonb) as o(id uuid, at timestamptz, subject uuid, whole boolean, keys text[], reason text)`;
const NAMED = `k.subject = o.subject and (o.whole or k.class || '.' || k.version = any (o.keys))`;
const SPLIT = `regexp_replace(key, '[.][0-9]+$', '') as class, substring(key from '[0-9]+$')::int as version`;

/**
 * For a vault that was restored from a backup: destroys again what had been destroyed, forgets again who had been forgotten, and remembers what it
 * never knew of (a key made and destroyed since the backup). Without effect on a vault that is whole.
 * @returns by the erasure's id, those that found something alive
 */
export function destroyAgain(pool: pg.Pool, erasures: readonly Destruction[], told: boolean): Promise<Map<string, Again>> {
  return inTransaction(pool, async (tx) => {
    const values = [JSON.stringify(erasures)];
    await tx.query(IN_ORDER);
    await tx.query(
      `insert into subject (id, forgotten_at) select subject, max(at) filter (where whole) from ${ERASED} group by subject order by subject
       on conflict do nothing`,
      values,
    );
    await tx.query('select from subject where id = any ($1::uuid[]) order by id for update', [erasures.map(({ subject }) => subject)]);
    const { rows: keys } = await tx.query<{ id: string }>(
      `update data_key k set wrapped = null, destroyed_at = o.at, reason = o.reason from ${ERASED}
        where k.wrapped is not null and ${NAMED} returning o.id`,
      values,
    );
    await tx.query(
      `update data_key k set destroyed_at = o.at, reason = o.reason from ${ERASED} where k.destroyed_at is null and ${NAMED}`,
      values,
    );
    await tx.query(
      `insert into data_key (subject, class, version, kek, destroyed_at, reason)
       select subject, ${SPLIT}, '', at, reason from ${ERASED}, unnest(o.keys) key on conflict do nothing`,
      values,
    );
    const { rows: people } = await tx.query<{ id: string }>(
      `with refs as (delete from subject_ref r using ${ERASED} where o.whole and r.subject = o.subject)
       update subject s set forgotten_at = o.at from ${ERASED} where o.whole and s.id = o.subject and s.forgotten_at is null returning o.id`,
      values,
    );
    await recordDestructions(tx, erasures, told);
    await tx.query(`select pg_notify('${FORGOTTEN_CHANNEL}', subject::text) from (select distinct o.subject from ${ERASED}) o`, values);
    const again = new Map<string, Again>();
    const at = (id: string) => again.get(id) ?? again.set(id, { people: 0, keys: 0 }).get(id)!;
    for (const { id } of keys) at(id).keys++;
    for (const { id } of people) at(id).people++;
    return again;
  });
}

/**
 * Keys that sealed entries name. One that this vault does not know was given out after the backup it was restored from: it is lost, and stays so, for
 * its version must never be given out again with other bytes.
 * @returns how many were not known
 */
export function loseUnknown(pool: pg.Pool, keys: readonly { subject: string; key: string }[]): Promise<number> {
  const named = `jsonb_to_recordset($1::jsonb) as o(subject uuid, key text)`;
  return inTransaction(pool, async (tx) => {
    const { rows: unknown } = await tx.query<{ subject: string; key: string }>(
      `select distinct subject, key from (select subject, key, ${SPLIT} from ${named}) o
        where not exists (select from data_key k where k.subject = o.subject and k.class = o.class and k.version = o.version)`,
      [JSON.stringify(keys)],
    );
    if (unknown.length === 0) return 0;
    const values = [JSON.stringify(unknown)];
    await tx.query(`insert into subject (id) select distinct subject from ${named} order by subject on conflict do nothing`, values);
    const { rowCount } = await tx.query(
      `insert into data_key (subject, class, version, kek, lost_at) select subject, ${SPLIT}, '', clock_timestamp() from ${named}
       on conflict do nothing`,
      values,
    );
    return rowCount ?? 0;
  });
}
