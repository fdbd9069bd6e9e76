import type { Entry, EventTypes } from '@attesta/events';
import { identitySpans } from '@attesta/decisions';
import type pg from 'pg';
import type { Spared } from './request.state.js';
import { streamOf } from './request-store.js';
import type { Requests } from './requests.js';
import { survivorsOf, SURVIVAL } from './survivors.js';

type Queryable = Pick<pg.Pool, 'query'>;
type Collected = EventTypes['attesta.collection.recorded.v1'];
type Disclosed = EventTypes['attesta.disclosure.recorded.v1'];

/** What the ledger sealed about each person, as far as the sealed feed has brought it. */
export class Dossier {
  constructor(private readonly requests: Requests) {}

  /** All of it, oldest first: what is sealed of the person, and of the identities tied to them as far as it is theirs. */
  async of(db: Queryable, subject: string): Promise<{ position: number; entry: Entry }[]> {
    const { rows } = await db.query<{ position: string; entry: Entry }>(
      `select d.position, d.entry from dossier d join ${SPANS} order by d.position`,
      await this.spans(db, [subject]),
    );
    return rows.map(({ position, entry }) => ({ position: Number(position), entry }));
  }

  /**
   * Whether the ledger has given back the newest event of a request, and with it everything that was sealed of the person before: whoever decides or
   * answers from the dossier leaves nothing of that out. Of somebody who is forgotten nothing comes back, and there is nothing to wait for.
   */
  async follows(request: string): Promise<boolean> {
    const { rowCount } = await this.requests.pool.query(
      `select 1 from (select id, subject from service_event where stream = $1 and type !~ $2 order by version desc limit 1) said
        where exists (select 1 from dossier d where d.subject = said.subject::uuid and d.entry->>'id' = said.id::text)
           or exists (select 1 from forgotten f where f.subject = said.subject::uuid)`,
      [streamOf(request), UNTOLD.source],
    );
    return rowCount !== 0;
  }

  /** Categories of data collected about the person. */
  async categories(db: Queryable, subject: string): Promise<string[]> {
    const collected = await this.ofTypes(db, [subject], ['attesta.collection.recorded.v1']);
    return [...new Set(collected.flatMap(({ entry }) => (entry.data as Collected).categories))].sort();
  }

  /**
   * Who was given data of these categories, with what, by person: recipients are told of rectification and erasure (GDPR Art. 19).
   * @param about each person once
   */
  async recipients(
    db: Queryable,
    about: readonly { subject: string; categories: readonly string[] }[],
  ): Promise<Map<string, Map<string, string[]>>> {
    const asked = new Map(about.map(({ subject, categories }) => [subject, categories]));
    const found = new Map<string, Map<string, Set<string>>>();
    for (const { person, entry } of await this.ofTypes(db, [...asked.keys()], ['attesta.disclosure.recorded.v1'])) {
      const { recipient, categories: given } = entry.data as Disclosed;
      if (this.requests.policy.parties.get(recipient)?.role === 'authority') continue; // what an authority demanded stays with it
      const theirs = given.filter((category) => asked.get(person)?.includes(category));
      if (theirs.length === 0) continue;
      const parties = found.get(person) ?? new Map<string, Set<string>>();
      found.set(person, parties.set(recipient, new Set([...(parties.get(recipient) ?? []), ...theirs])));
    }
    return new Map(
      [...found].map(([person, parties]) => [person, new Map([...parties].map(([party, given]) => [party, [...given].sort()]))]),
    );
  }

  /** What of these categories has to be kept for now, and why. */
  async survivors(db: Queryable, subject: string, jurisdiction: string, asked: readonly string[]): Promise<Spared[]> {
    const own = await this.ofTypes(db, [subject], SURVIVAL);
    const general = await db.query<{ entry: Entry }>('select entry from general order by position');
    const facts = [...own, ...general.rows].map(({ entry }) => entry);
    return survivorsOf(this.requests.policy, facts, asked, jurisdiction, this.requests.now().getTime());
  }

  /** Of many people, what was sealed of these types, oldest first. */
  private async ofTypes(db: Queryable, people: readonly string[], types: readonly string[]): Promise<{ person: string; entry: Entry }[]> {
    const { rows } = await db.query<{ person: string; entry: Entry }>(
      `select s.person, d.entry from dossier d join ${SPANS} where d.entry->>'type' = any($5::text[]) order by d.position`,
      [...(await this.spans(db, people)), types],
    );
    return rows;
  }

  /** Parameters of SPANS. */
  private async spans(db: Queryable, people: readonly string[]): Promise<[string[], string[], number[], number[]]> {
    const { rows } = await db.query<{ position: string; person: string; identity: string; linked: boolean }>(
      `select position, subject as person, ${IDENTITY} as identity, entry->>'type' = 'attesta.identifier.linked.v1' as linked from dossier
        where entry->>'type' like 'attesta.identifier.%' and ${IDENTITY} in (
          select ${IDENTITY} from dossier where subject = any($1::uuid[]) and entry->>'type' like 'attesta.identifier.%') order by position`,
      [people],
    );
    const ties = rows.map((row) => ({ ...row, position: Number(row.position) }));
    const all = people.flatMap((person) =>
      [{ subject: person, after: -1, upto: Number.MAX_SAFE_INTEGER }, ...identitySpans(person, Number.MAX_SAFE_INTEGER, ties)].map(
        (span) => ({ person, ...span }),
      ),
    );
    return [all.map(({ person }) => person), all.map(({ subject }) => subject), all.map(({ after }) => after), all.map(({ upto }) => upto)];
  }
}

/** What is not about what was done with a person's data, or is ours and known already. */
export const UNTOLD = /^attesta\.(access|ciphertext|disposal\.(?!completed)|finding|key|request\.(message-due|task-)|withdrawal)/;

/** Whom a link ties to the subject of an entry of the dossier. */
export const IDENTITY = `entry->'data'->'related'->0->>'subject'`;
const SPANS = `unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::bigint[]) s (person, subject, after, upto)
  on d.subject = s.subject and d.position > s.after and d.position <= s.upto`;
