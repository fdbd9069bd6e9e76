import type { Entry, EventTypes } from '@attesta/events';
import { retentionRules } from '@attesta/policy';
import type pg from 'pg';
import type { Refused } from './request.decider.js';
import type { Requests } from './requests.js';

type Queryable = Pick<pg.Pool, 'query'>;

/** What the ledger sealed about each person, as far as the sealed feed has brought it. */
export class Dossier {
  constructor(private readonly requests: Requests) {}

  /** All of it, oldest first. */
  async of(db: Queryable, subject: string): Promise<{ position: number; entry: Entry }[]> {
    const { rows } = await db.query<{ position: string; entry: Entry }>(
      'select position, entry from dossier where subject = $1 order by position',
      [subject],
    );
    return rows.map(({ position, entry }) => ({ position: Number(position), entry }));
  }

  /** Categories of data collected about the person. */
  async categories(db: Queryable, subject: string): Promise<string[]> {
    const collected = await this.ofType(db, subject, 'attesta.collection.recorded.v1');
    return [...new Set(collected.flatMap(({ categories }) => categories))].sort();
  }

  /** Who was given data of these categories (all without them), with what: recipients are told of rectification and erasure (GDPR Art. 19). */
  async recipients(db: Queryable, subject: string, categories?: readonly string[]): Promise<Map<string, string[]>> {
    const found = new Map<string, Set<string>>();
    for (const { recipient, categories: given } of await this.ofType(db, subject, 'attesta.disclosure.recorded.v1')) {
      if (this.requests.policy.parties.get(recipient)?.role === 'authority') continue; // what an authority demanded stays with it
      for (const category of given) {
        if (categories && !categories.includes(category)) continue;
        found.set(recipient, (found.get(recipient) ?? new Set()).add(category));
      }
    }
    return new Map([...found].map(([recipient, all]) => [recipient, [...all].sort()]));
  }

  /** Categories that the law, or claims, demand be kept for what they were collected for, each with the citation (notice clause 7.7). */
  async survivors(db: Queryable, subject: string, jurisdiction: string): Promise<Refused[]> {
    const survivors = new Map<string, Refused>();
    for (const { categories, purposes } of await this.ofType(db, subject, 'attesta.collection.recorded.v1')) {
      for (const category of categories) {
        for (const purpose of purposes) {
          const rule = retentionRules(this.requests.policy, { category, purpose, jurisdiction }).find(({ ground }) => ground !== 'need');
          if (rule && !survivors.has(category)) survivors.set(category, { category, ground: rule.id, law: rule.citation });
        }
      }
    }
    return [...survivors.values()].sort((a, b) => (a.category < b.category ? -1 : 1));
  }

  private async ofType<T extends keyof EventTypes>(db: Queryable, subject: string, type: T): Promise<EventTypes[T][]> {
    const { rows } = await db.query<{ data: EventTypes[T] }>(
      `select entry->'data' as data from dossier where subject = $1 and entry->>'type' = $2 order by position`,
      [subject, type],
    );
    return rows.map(({ data }) => data);
  }
}
