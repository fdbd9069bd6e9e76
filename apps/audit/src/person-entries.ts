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

/** Entries of these types in stretches of people's records, in the order of the log. */
export async function entriesOf(
  pool: Pick<pg.Pool, 'query'>,
  spans: readonly IdentitySpan[],
  types: readonly string[],
): Promise<PersonEntry[]> {
  const { rows } = await pool.query<{ position: string; bytes: Buffer; reduced: boolean }>(
    `select position, bytes, leaf_hash is not null as reduced from timeline where type = any($4::text[]) and position in (
       select s.position from unnest($1::uuid[], $2::int8[], $3::int8[]) r (subject, after, upto)
         join timeline_subject s on s.subject = r.subject and s.position > r.after and s.position <= r.upto) order by position`,
    [spans.map(({ subject }) => subject), spans.map(({ after }) => after), spans.map(({ upto }) => upto), types],
  );
  return rows.map(({ position, bytes, reduced }) => ({
    position: Number(position),
    entry: JSON.parse(bytes.toString()) as Entry,
    reduced,
  }));
}

/** Those to whom an identity is tied, or was, up to a position; whoever is forgotten is tied to nobody. */
export async function tiedWith(
  pool: Pick<pg.Pool, 'query'>,
  subject: string,
  asOf: number,
): Promise<{ people: string[]; identities: string[] }> {
  const { rows } = await pool.query<{ person: string; identity: string }>(
    `select distinct l.person, l.identity from link l where (l.person = $1 or l.identity = $1) and l.position <= $2
        and not exists (select 1 from forgotten f where f.subject in (l.person, l.identity))`,
    [subject, asOf],
  );
  return {
    people: rows.filter(({ identity }) => identity === subject).map(({ person }) => person),
    identities: rows.filter(({ person }) => person === subject).map(({ identity }) => identity),
  };
}
