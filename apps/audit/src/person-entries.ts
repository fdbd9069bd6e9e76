import type { IdentitySpan } from '@attesta/decisions';
import type { Entry } from '@attesta/events';
import type pg from 'pg';

/** An entry, or what is left of it, as one about some people. */
export interface PersonEntry {
  position: number;
  entry: Entry;
  /** People in it are forgotten: it is what is left. */
  reduced: boolean;
}

/** Ties of an identity up to a position, also those undone since, as SQL; whoever is forgotten is tied to nobody. */
const TIES = (identity: string, asOf: string): string =>
  `select l.person, l.identity from link l where (l.person = ${identity} or l.identity = ${identity}) and l.position <= ${asOf}
      and not exists (select 1 from forgotten f where f.subject in (l.person, l.identity))`;

/** Entries of these types in stretches of people's records, in the order of the log. */
export function entriesOf(pool: Pick<pg.Pool, 'query'>, spans: readonly IdentitySpan[], types: readonly string[]): Promise<PersonEntry[]> {
  return entriesAt(
    pool,
    types,
    `select s.position from unnest($2::uuid[], $3::int8[], $4::int8[]) r (subject, after, upto)
       join timeline_subject s on s.subject = r.subject and s.position > r.after and s.position <= r.upto`,
    [spans.map(({ subject }) => subject), spans.map(({ after }) => after), spans.map(({ upto }) => upto)],
  );
}

/** Entries of these types up to a position about a person, and about all to whom they are tied, or were, in the order of the log. */
export function entriesAround(
  pool: Pick<pg.Pool, 'query'>,
  subject: string,
  asOf: number,
  types: readonly string[],
): Promise<PersonEntry[]> {
  return entriesAt(
    pool,
    types,
    `select s.position from (select $2::uuid as subject union select unnest(array[person, identity]) from (${TIES('$2', '$3')}) t) r
       join timeline_subject s on s.subject = r.subject and s.position <= $3`,
    [subject, asOf],
  );
}

/** Those to whom an identity is tied, or was, up to a position. */
export async function peopleTiedTo(pool: Pick<pg.Pool, 'query'>, identity: string, asOf: number): Promise<string[]> {
  const { rows } = await pool.query<{ person: string }>(`select distinct person from (${TIES('$1', '$2')}) t where identity = $1`, [
    identity,
    asOf,
  ]);
  return rows.map(({ person }) => person);
}

async function entriesAt(
  pool: Pick<pg.Pool, 'query'>,
  types: readonly string[],
  positions: string,
  parameters: readonly unknown[],
): Promise<PersonEntry[]> {
  const { rows } = await pool.query<{ position: string; text: string; reduced: boolean }>(
    `select position, convert_from(bytes, 'UTF8') as text, leaf_hash is not null as reduced
       from timeline where type = any($1::text[]) and position in (${positions}) order by position`,
    [types, ...parameters],
  );
  return rows.map(({ position, text, reduced }) => ({ position: Number(position), entry: JSON.parse(text) as Entry, reduced }));
}
