import { Directory, noteForgotten, type Forgotten } from '@attesta/service-kit';
import type pg from 'pg';

/** Of people whom the log forgets nothing is kept but what disposals have, which goes with their last word. */
export async function forget(tx: pg.PoolClient, subjects: readonly string[]): Promise<void> {
  await Directory.forget(tx, subjects);
  await tx.query('delete from part where subject = any($1::uuid[]) and disposal is null', [subjects]);
  await leaveNothing(tx, subjects);
}

/** By its directory the ledger has forgotten people, of whom this database does not know it yet: the log tells the rest. */
export async function unlink(tx: pg.PoolClient, people: readonly Forgotten[]): Promise<number> {
  await noteForgotten(tx, people);
  const known = await Directory.forget(
    tx,
    people.map(({ subject }) => subject),
  );
  return new Set(known).size;
}

/**
 * Leaves nothing of forgotten people once no part is counted from what happened to them.
 * @param subjects of whom something was destroyed: they, or those they were identities of
 */
export async function leaveNothing(tx: pg.PoolClient, subjects: readonly string[]): Promise<void> {
  await tx.query(
    `with gone as materialized (
       select f.subject from forgotten f
        where f.position is not null and (f.subject = any($1::uuid[]) or f.subject in (select person from tie where identity = any($1::uuid[])))
          and not exists (select 1 from part p where p.subject = f.subject)
          and not exists (select 1 from tie t join part p on p.subject = t.identity and p.position < f.position where t.person = f.subject)),
     o as (delete from occurrence where subject in (select subject from gone)),
     a as (delete from activity where subject in (select subject from gone))
     delete from tie where person in (select subject from gone)`,
    [subjects],
  );
}
