import type { Entry, EventTypes } from '@attesta/events';
import { identitySpans } from '@attesta/decisions';
import { endOfDuration, retentionRules, type RetentionRule } from '@attesta/policy';
import type pg from 'pg';
import type { Spared } from './request.state.js';
import { streamOf } from './request-store.js';
import type { Requests } from './requests.js';

type Queryable = Pick<pg.Pool, 'query'>;

/** What the ledger sealed about each person, as far as the sealed feed has brought it. */
export class Dossier {
  constructor(private readonly requests: Requests) {}

  /** All of it, oldest first: what is sealed of the person, and of the identities tied to them as far as it is theirs. */
  async of(db: Queryable, subject: string): Promise<{ position: number; entry: Entry }[]> {
    const { rows } = await db.query<{ position: string; entry: Entry }>(
      `select d.position, d.entry from dossier d join ${SPANS} order by d.position`,
      await this.spans(db, subject),
    );
    return rows.map(({ position, entry }) => ({ position: Number(position), entry }));
  }

  /**
   * Whether the ledger has given back the newest event of a request, and with it everything that was sealed of the person before: whoever decides or
   * answers from the dossier leaves nothing of that out.
   */
  async follows(request: string): Promise<boolean> {
    const { rowCount } = await this.requests.pool.query(
      `select 1 from (select id, subject from service_event where stream = $1 and type !~ $2 order by version desc limit 1) said
        join dossier d on d.subject = said.subject::uuid and d.entry->>'id' = said.id::text`,
      [streamOf(request), UNTOLD.source],
    );
    return rowCount !== 0;
  }

  /** Categories of data collected about the person. */
  async categories(db: Queryable, subject: string): Promise<string[]> {
    const collected = await this.ofType(db, subject, 'attesta.collection.recorded.v1');
    return [...new Set(collected.flatMap(({ data }) => data.categories))].sort();
  }

  /** Who was given data of these categories (all without them), with what: recipients are told of rectification and erasure (GDPR Art. 19). */
  async recipients(db: Queryable, subject: string, categories?: readonly string[]): Promise<Map<string, string[]>> {
    const found = new Map<string, Set<string>>();
    for (const { data } of await this.ofType(db, subject, 'attesta.disclosure.recorded.v1')) {
      const { recipient, categories: given } = data;
      if (this.requests.policy.parties.get(recipient)?.role === 'authority') continue; // what an authority demanded stays with it
      for (const category of given) {
        if (categories && !categories.includes(category)) continue;
        found.set(recipient, (found.get(recipient) ?? new Set()).add(category));
      }
    }
    return new Map([...found].map(([recipient, all]) => [recipient, [...all].sort()]));
  }

  /** Categories that the law, or claims, demand be kept for what they were collected for, each by the rule that lasts longest (notice clause 7.7). */
  async survivors(db: Queryable, subject: string, jurisdiction: string): Promise<Spared[]> {
    const now = this.requests.now().getTime();
    const longest = new Map<string, RetentionRule>();
    for (const { time, data } of await this.ofType(db, subject, 'attesta.collection.recorded.v1')) {
      for (const category of data.categories) {
        const rules = data.purposes.flatMap((purpose) => retentionRules(this.requests.policy, { category, purpose, jurisdiction }));
        for (const rule of rules) {
          if (rule.ground === 'need' || hasEnded(rule, time, now)) continue;
          const known = longest.get(category);
          if (!known || endOfDuration(0, known.duration) < endOfDuration(0, rule.duration)) longest.set(category, rule);
        }
      }
    }
    return [...longest]
      .map(([category, { id, citation }]) => ({ category, ground: id, law: citation }))
      .sort((a, b) => (a.category < b.category ? -1 : 1));
  }

  private async ofType<T extends keyof EventTypes>(
    db: Queryable,
    subject: string,
    type: T,
  ): Promise<{ time: string; data: EventTypes[T] }[]> {
    const { rows } = await db.query<{ time: string; data: EventTypes[T] }>(
      `select d.entry->>'time' as time, d.entry->'data' as data from dossier d join ${SPANS} where d.entry->>'type' = $4 order by d.position`,
      [...(await this.spans(db, subject)), type],
    );
    return rows;
  }

  /** Parameters of SPANS. */
  private async spans(db: Queryable, person: string): Promise<[string[], number[], number[]]> {
    const { rows } = await db.query<{ position: string; person: string; identity: string; linked: boolean }>(
      `select position, subject as person, ${IDENTITY} as identity, entry->>'type' = 'attesta.identifier.linked.v1' as linked from dossier
        where entry->>'type' like 'attesta.identifier.%' and ${IDENTITY} in (
          select ${IDENTITY} from dossier where subject = $1 and entry->>'type' like 'attesta.identifier.%') order by position`,
      [person],
    );
    const ties = identitySpans(
      person,
      Number.MAX_SAFE_INTEGER,
      rows.map((row) => ({ ...row, position: Number(row.position) })),
    );
    const all = [{ subject: person, after: -1, upto: Number.MAX_SAFE_INTEGER }, ...ties];
    return [all.map(({ subject }) => subject), all.map(({ after }) => after), all.map(({ upto }) => upto)];
  }
}

/** What is not about what was done with a person's data, or is ours and known already. */
export const UNTOLD = /^attesta\.(access|finding|key|request\.(message-due|task-)|withdrawal)/;

const IDENTITY = `entry->'data'->'related'->0->>'subject'`;
const SPANS = `unnest($1::uuid[], $2::bigint[], $3::bigint[]) s (subject, after, upto)
  on d.subject = s.subject and d.position > s.after and d.position <= s.upto`;

/** A rule that runs from the collection may be over. When others end, only whoever knows their trigger can say. */
const hasEnded = ({ trigger, duration }: RetentionRule, collectedAt: string, now: number): boolean =>
  trigger === 'collection' && endOfDuration(Date.parse(collectedAt), duration) <= now;
