import { Directory, noteForgotten, type Forgotten } from '@attesta/service-kit';
import type pg from 'pg';

/**
 * Nothing that could be opened stays of whoever is forgotten, nor is anything kept that is told of them later; that there were requests, and how they
 * ended, stays. @returns of how many there was something
 */
export async function forget(tx: pg.PoolClient, people: readonly Forgotten[]): Promise<number> {
  const subjects = people.map(({ subject }) => subject);
  await noteForgotten(tx, people);
  await tx.query('delete from session where ref in (select ref from known_ref where subject = any($1::uuid[]))', [subjects]);
  const found = new Set(await Directory.forget(tx, subjects));
  const take = async (text: string) => {
    const { rows } = await tx.query<{ subject: string }>(`${text} returning subject`, [subjects]);
    for (const { subject } of rows) found.add(subject);
  };
  const theirs = 'subject = any($1::uuid[])';
  const own = `in (select id from request where ${theirs})`;
  await take(`delete from dossier where ${theirs}`);
  await tx.query(`delete from outgoing where request ${own}`, [subjects]);
  await take(`delete from code_sent where ${theirs}`);
  await tx.query(`delete from code where request ${own}`, [subjects]);
  await tx.query(`delete from package where request ${own}`, [subjects]);
  await tx.query(`update mail set kek = null, box = null where request ${own}`, [subjects]);
  await take(
    `update task set kek = null, box = null, answer_kek = null, answer = null where ${theirs} and num_nonnulls(kek, box, answer_kek, answer) > 0`,
  );
  await take(`update request set kek = null, box = null, receipt = null where ${theirs} and num_nonnulls(kek, box, receipt) > 0`);
  return found.size;
}
