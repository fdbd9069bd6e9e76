import type pg from 'pg';
import { inTransaction } from './in-transaction.js';

/** Keys of one person to be closed, for something that will destroy them. Without classes and keys: all of them. */
export interface Closing {
  /** UUID of what they are closed for. */
  by: string;
  subject: string;
  classes?: readonly string[];
  /** `<retention class>.<version>` */
  keys?: readonly string[];
}

export interface Closed {
  /** `<retention class>.<version>`: closed for this, or closed earlier for something else and still alive. */
  keys: string[];
  /** Some were open until now. */
  fresh: boolean;
}

/** Data keys of one person to be destroyed. */
export interface Order {
  /** UUID; the id of the event that tells of it. The same one again destroys nothing more, and answers the same. */
  id: string;
  subject: string;
  /** The person is forgotten: all keys, and every ref to them. */
  whole: boolean;
  classes?: readonly string[];
  /** `<retention class>.<version>` */
  keys?: readonly string[];
  reason: string;
  actor?: string | undefined;
}

/** Data keys that were destroyed together. */
export interface Destruction {
  id: string;
  /** RFC 3339. */
  at: string;
  subject: string;
  /** `<retention class>.<version>`: those that this destroyed, and those named that were destroyed before. */
  keys: string[];
  whole: boolean;
  reason: string;
  actor: string | null;
}

/** An order in the transaction that carries it out. */
export interface Carried {
  order: Order;
  /** Absent where there was nothing to destroy, or to forget. */
  destruction: Destruction | undefined;
  /** Every key of the subject that is destroyed by now. */
  destroyed: ReadonlySet<string>;
}

const ORDERED = `jsonb_to_recordset($1::jsonb) as o(id uuid, subject uuid, whole boolean, classes text[], keys text[], reason text, actor text)`;
const NAMED = `(o.whole or k.class = any (o.classes) or k.class || '.' || k.version = any (o.keys))`;
/** Marks these keys closed: they open what was sealed, and nothing is sealed under them by whoever looks them up from now on. */
export function closeKeys(pool: pg.Pool, closings: readonly Closing[]): Promise<Closed[]> {
  return inTransaction(pool, async (tx) => {
    await tx.query(IN_ORDER);
    const { rows } = await tx.query<Closed & { o: number }>(
      `with o as (select * from jsonb_to_recordset($1::jsonb) as o(o int, by uuid, subject uuid, classes text[], keys text[])),
            named as (select o.o, o.by, k.subject, k.class, k.version, k.closed_at
                        from o join data_key k on k.subject = o.subject
                       where (k.wrapped is not null or k.closed_by = o.by)
                         and (k.class = any (o.classes) or k.class || '.' || k.version = any (o.keys) or coalesce(o.classes, o.keys) is null)),
            closed as (update data_key k set closed_at = clock_timestamp(), closed_by = n.by
                         from (select distinct on (subject, class, version) * from named where closed_at is null order by subject, class, version, o) n
                        where (k.subject, k.class, k.version) = (n.subject, n.class, n.version))
       select o, array_agg(class || '.' || version order by class, version) as keys, bool_or(closed_at is null) as fresh from named group by o`,
      [JSON.stringify(closings.map((closing, o) => ({ ...closing, o })))],
    );
    const found = new Map(rows.map(({ o, keys, fresh }) => [o, { keys, fresh }]));
    return closings.map((_, o) => found.get(o) ?? { keys: [], fresh: false });
  });
}

/**
 * Crypto-shredding, all orders in one transaction. Who is forgotten is nobody: every key destroyed, every ref removed.
 * @param journal called with what is destroyed here for the first time, before the commit: when it throws, nothing is
 * @returns in the order given; undefined where there is no such subject
 */
export function destroyKeys(
  pool: pg.Pool,
  orders: readonly Order[],
  journal: (carried: readonly Carried[]) => Promise<void>,
): Promise<(Carried | undefined)[]> {
  return inTransaction(pool, async (tx) => {
    const values = [JSON.stringify(orders)];
    const subjects = [orders.map(({ subject }) => subject)];
    await tx.query(IN_ORDER);
    const locked = await tx.query<{ id: string }>('select id from subject where id = any ($1::uuid[]) order by id for update', subjects);
    const { rows: gone } = await tx.query<{ id: string; key: string }>(
      `update data_key k set wrapped = null, destroyed_at = clock_timestamp(), reason = o.reason from ${ORDERED}
        where k.subject = o.subject and k.destroyed_at is null and ${NAMED} returning o.id, k.class || '.' || k.version as key`,
      values,
    );
    const { rows: forgotten } = await tx.query<{ id: string }>(
      `with refs as (delete from subject_ref r using ${ORDERED} where o.whole and r.subject = o.subject)
       update subject s set forgotten_at = clock_timestamp() from ${ORDERED} where o.whole and s.id = o.subject and s.forgotten_at is null
       returning o.id`,
      values,
    );
    const { rows: dead } = await tx.query<{ subject: string; keys: string[] }>(
      `select subject, array_agg(class || '.' || version order by class, version) as keys from data_key
        where subject = any ($1::uuid[]) and destroyed_at is not null group by subject`,
      subjects,
    );
    const known = new Set(locked.rows.map(({ id }) => id));
    const told = await recorded(tx, orders);
    const effective = new Set([...gone, ...forgotten].map(({ id }) => id));
    const here = new Set(gone.map(({ id, key }) => `${id} ${key}`));
    const destroyed = new Map(dead.map(({ subject, keys }) => [subject, keys]));
    const at = new Date().toISOString();
    const carried = orders.map((order): Carried | undefined => {
      const { id, subject, whole, reason, actor = null } = order;
      if (!known.has(subject)) return undefined;
      const all = destroyed.get(subject) ?? [];
      const keys = all.filter((key) => here.has(`${id} ${key}`) || order.keys?.includes(key));
      const any = effective.has(id) || keys.length > 0 || (whole && order.keys !== undefined);
      const destruction = told.get(id) ?? (any ? { id, at, subject, keys, whole, reason, actor } : undefined);
      return { order, destruction, destroyed: new Set(all) };
    });
    const fresh = carried.filter((one): one is Carried => one !== undefined && !told.has(one.order.id));
    if (fresh.length > 0) await journal(fresh);
    await recordDestructions(
      tx,
      fresh.flatMap(({ destruction }) => destruction ?? []),
    );
    await tx.query(`select pg_notify('${FORGOTTEN_CHANNEL}', subject::text) from (select distinct o.subject from ${ORDERED}) o`, values);
    return carried;
  });
}

async function recorded(tx: pg.PoolClient, orders: readonly Order[]): Promise<Map<string, Destruction>> {
  const { rows } = await tx.query<DestructionRow>(`select ${COLUMNS} from destruction where id = any ($1::uuid[])`, [
    orders.map(({ id }) => id),
  ]);
  return new Map(rows.map((row) => [row.id, fromRow(row)]));
}

/** In a transaction that holds the turn (`IN_ORDER`). One that is recorded already stays as it is. */
export async function recordDestructions(tx: pg.PoolClient, destructions: readonly Destruction[], told = false): Promise<void> {
  if (destructions.length === 0) return;
  await tx.query(
    `with o as (select * from jsonb_to_recordset($1::jsonb)
                  as o(o int, id uuid, at timestamptz, subject uuid, keys text[], whole boolean, reason text, actor text)),
          new as (select *, row_number() over (order by o) as place from o where not exists (select from destruction d where d.id = o.id))
     insert into destruction (id, at, subject, keys, whole, reason, actor, told, n)
     select id, at, subject, keys, whole, reason, actor, $2, coalesce((select max(n) from destruction), 0) + place from new`,
    [JSON.stringify(destructions.map((destruction, o) => ({ ...destruction, o }))), told],
  );
}

/** Destructions of before a time that the log has not been told of, oldest first. */
export async function untoldDestructions(pool: pg.Pool, before: Date): Promise<Destruction[]> {
  const { rows } = await pool.query<DestructionRow>(`select ${COLUMNS} from destruction where not told and at < $1 order by at limit 500`, [
    before,
  ]);
  return rows.map(fromRow);
}

const COLUMNS = 'id, at, subject, keys, whole, reason, actor';
type DestructionRow = Omit<Destruction, 'at'> & { at: Date };
const fromRow = (row: DestructionRow): Destruction => ({ ...row, at: row.at.toISOString() });

/** One destruction after the other: numbers, and the journal's lines, come in the order of the commits. */
export const IN_ORDER = "select pg_advisory_xact_lock(hashtextextended('attesta erasures', 0))";

/** Where processes hear of people whose keys were destroyed. */
export const FORGOTTEN_CHANNEL = 'attesta_vault';
