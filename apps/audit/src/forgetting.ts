import { isDeepStrictEqual } from 'node:util';
import type { Entry } from '@attesta/events';
import { forgottenAmong, noteForgotten, type Forgotten } from '@attesta/service-kit';
import type pg from 'pg';
import { factOf, type Fact, type Source } from './fact.js';
import { deletionOf, insertOf, type Register } from './register.js';
import { peopleIn } from './remains.js';
import { forgetInSearch } from './search-forgetting.js';

type Tx = Pick<pg.PoolClient, 'query'>;

/** The entry as the registers have it, and as they are to have it. */
interface Change {
  before: Fact;
  after: Fact;
}

const AT_ONCE = 500;

/**
 * Whoever forgets waits for those who add rows, and they for it: rows that one partition adds meanwhile would else stay as they are. To the end of the
 * transaction, and before it reads who is forgotten.
 */
export const GATE = {
  adding: `pg_advisory_xact_lock_shared(hashtext('attesta audit forgetting'))`,
  forgetting: `pg_advisory_xact_lock(hashtext('attesta audit forgetting'))`,
} as const;

/**
 * Makes the rows of every entry that names these people anew, of what `remainsOf` leaves of it. Behind GATE.forgetting.
 * @param registers ties excepted: the judge lets go of those, once it has judged what was sealed while they held
 * @returns of how many people there was more than that
 */
export async function forget(tx: Tx, registers: readonly Register[], people: readonly Forgotten[]): Promise<number> {
  await noteForgotten(tx, people);
  const given = new Set(people.map(({ subject }) => subject));
  const found = new Set<string>();
  for (let after = -1; ;) {
    const sources = await read(tx, [...given], after);
    const forgotten = await forgottenAmong(
      tx,
      sources.flatMap(({ entry }) => peopleIn(entry)),
    );
    const changes = sources.map((source): Change => ({ before: factOf(source), after: factOf(source, forgotten) }));
    const changed = changes.filter(({ before, after }) => before.entry !== after.entry && !isDeepStrictEqual(before.entry, after.entry));
    for (const { before } of changed) for (const one of peopleIn(before.entry)) if (given.has(one)) found.add(one);
    for (const register of registers) await replace(tx, register, changed);
    const had = changed.map(({ before }) => before);
    await forgetInSearch(tx, registers, [...given], had);
    if (sources.length < AT_ONCE) return found.size;
    after = sources.at(-1)!.position;
  }
}

async function read(tx: Tx, subjects: string[], after: number): Promise<Source[]> {
  const { rows } = await tx.query<{ position: string; bytes: Buffer; leaf_hash: Buffer | null }>(
    `select position, bytes, leaf_hash from timeline where position in (
       select position from timeline_subject where subject = any($1::uuid[]) and position > $2) order by position limit $3`,
    [subjects, after, AT_ONCE],
  );
  return rows.map(({ position, bytes, leaf_hash }) => ({
    position: Number(position),
    bytes,
    entry: JSON.parse(bytes.toString()) as Entry,
    leafHash: leaf_hash ?? undefined,
  }));
}

async function replace(tx: Tx, register: Register, changes: readonly Change[]): Promise<void> {
  const rows = changes.map(({ before, after }) => ({ before: register.rows(before), after: register.rows(after) }));
  const changed = rows.filter(({ before, after }) => !isDeepStrictEqual(before, after));
  const stale = changed.flatMap(({ before }) => before);
  const left = changed.flatMap(({ after }) => after);
  if (stale.length > 0) await tx.query(deletionOf(register, stale));
  if (left.length > 0) await tx.query(insertOf(register, left));
}
