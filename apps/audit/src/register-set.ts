import type pg from 'pg';
import { REGISTER_TABLES } from './audit.schema.js';
import { GATE } from './forgetting.js';
import { NEXT_SCHEMA } from './rebuild.schema.js';

type Tx = Pick<pg.PoolClient, 'query'>;

/** One set of all registers: where its tables are, and the feed's consumer that fills it. */
export interface RegisterSet {
  readonly group: string;
  /** PostgreSQL search path under which the names of the tables mean this set. */
  readonly path: string;
}

/** What answers. */
export const PRESENT: RegisterSet = { group: 'audit', path: 'public' };

/** What is being filled beside it, during a rebuild. */
export const NEXT: RegisterSet = { group: 'audit-next', path: `${NEXT_SCHEMA}, public` };

/** The names mean another set for as long as `work` takes. */
export async function within<T>(tx: Tx, { path }: RegisterSet, work: () => Promise<T>): Promise<T> {
  await tx.query(`set local search_path = ${path}`);
  const done = await work();
  await tx.query('set local search_path to default');
  return done;
}

export async function nextIsThere(tx: Tx): Promise<boolean> {
  const { rows } = await tx.query<{ there: boolean }>(`select to_regclass('${NEXT_SCHEMA}.timeline') is not null as there`);
  return rows[0]!.there;
}

/**
 * Makes the second set, empty, exactly as the present one is: columns, checks, keys and indexes, under the same names, so that migrations find them
 * whichever set is the present one. As the owner of the tables.
 */
export async function createNext(tx: Tx): Promise<void> {
  await tx.query(`create schema ${NEXT_SCHEMA}`);
  for (const table of REGISTER_TABLES) {
    const like =
      'including defaults including constraints including generated including storage including compression including statistics';
    await tx.query(`create table ${NEXT_SCHEMA}.${table} (like public.${table} ${like})`);
    for (const statement of await keysAndIndexes(tx, table)) await tx.query(statement);
  }
}

async function keysAndIndexes(tx: Tx, table: string): Promise<string[]> {
  const there = `${NEXT_SCHEMA}.${table}`;
  const { rows } = await tx.query<{ statement: string }>(
    `select format('alter table ${there} add constraint %I %s', conname, pg_get_constraintdef(oid)) as statement
       from pg_constraint where conrelid = $1::regclass and contype in ('p', 'u', 'x')
     union all
     select replace(pg_get_indexdef(indexrelid), ' ON public.', ' ON ${NEXT_SCHEMA}.') from pg_index
      where indrelid = $1::regclass and not exists (select 1 from pg_constraint where conindid = indexrelid)
     union all
     select 'alter table ${there} set (' || array_to_string(reloptions, ', ') || ')' from pg_class where oid = $1::regclass and reloptions is not null`,
    [`public.${table}`],
  );
  return rows.map(({ statement }) => statement);
}

/** Lets the planner know what was filled in. As the owner. */
export async function analyseNext(tx: Tx): Promise<void> {
  await tx.query(`analyze ${REGISTER_TABLES.map((table) => `${NEXT_SCHEMA}.${table}`).join(', ')}`);
}

/** Drops the second set, where there is one; first whoever fills it comes to the end of a batch. As the owner. */
export async function dropNext(tx: Tx): Promise<void> {
  await tx.query('select 1 from feed_cursor where consumer = $1 for update', [NEXT.group]);
  await tx.query(`select ${GATE.forgetting}`);
  for (const table of ['feed_cursor', 'feed_parked']) await tx.query(`delete from ${table} where consumer = $1`, [NEXT.group]);
  await tx.query(`drop schema if exists ${NEXT_SCHEMA} cascade`);
}

/**
 * Puts the second set in the place of the present one, which is gone then. Whoever reads goes on afterwards with the same names.
 * @throws 55P03 where somebody is reading for longer than the time given; before a deadlock would be looked for
 */
export async function swapIn(tx: Tx): Promise<void> {
  const present = REGISTER_TABLES.map((table) => `public.${table}`);
  const next = REGISTER_TABLES.map((table) => `${NEXT_SCHEMA}.${table}`);
  await tx.query(`set local lock_timeout = '500ms'`);
  await tx.query(`lock table ${[...present, ...next].join(', ')} in access exclusive mode`);
  await tx.query(`drop table ${present.join(', ')}`);
  for (const table of next) await tx.query(`alter table ${table} set schema public`);
  await tx.query(`drop schema ${NEXT_SCHEMA}`);
}
