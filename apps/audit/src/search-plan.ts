import type pg from 'pg';
import type { Clause, SearchQuery } from './search-language.js';
import { intervalOf, type Interval } from './search-matching.js';
import { isType, speaksOf } from './search-terms.js';

/** Of a clause: the terms of which an entry has one, or none where negated. */
export interface Choice {
  terms: string[];
  negated: boolean;
}

/** What is known of the entries a query asks for before one is read; entries that fit need not be what it asks for. */
export interface Plan {
  choices: Choice[];
  /** All of them hold. */
  positions: Interval;
  recorded: Interval;
  occurred: Interval;
  /** One of these people is in it, where any are named. */
  people: string[] | undefined;
}

/** A prefix that more terms than this begin with is not looked up, but read. */
const MOST_TERMS = 1_000;

export async function planOf(tx: pg.PoolClient, { clauses }: SearchQuery): Promise<Plan> {
  const choices: Choice[] = [];
  for (const clause of clauses) choices.push(...(await choicesOf(tx, clause)));
  const people = clauses.find((clause) => clause.kind === 'values' && clause.qualifier === 'subject' && !clause.negated);
  return {
    choices,
    positions: hullOf(clauses, 'position'),
    recorded: hullOf(clauses, 'created'),
    occurred: hullOf(clauses, 'occurred'),
    people: people?.kind === 'values' ? people.values.map(({ text }) => text) : undefined,
  };
}

async function choicesOf(tx: pg.PoolClient, clause: Clause): Promise<Choice[]> {
  if (clause.kind === 'ranges' || clause.qualifier === 'subject') return [];
  const { qualifier, values, negated } = clause;
  if (qualifier !== 'word' && qualifier !== 'type' && qualifier !== 'source')
    return [{ terms: values.map(({ text }) => `${qualifier}:${text}`), negated }];
  const name = qualifier === 'source' ? 'source' : 'type';
  const known = await termsAfter(tx, `${name}:`);
  if (known.length > MOST_TERMS) return [];
  const meant = (value: string) =>
    values.some((one) => {
      if (qualifier === 'source') return one.prefix ? value.startsWith(one.text) : value === one.text;
      return qualifier === 'word' ? speaksOf(value, one.text) : isType(value, one);
    });
  return [{ terms: known.filter((term) => meant(term.slice(name.length + 1))), negated }];
}

/** Every term of the blocks that begins so: from each to the next by the index, however many entries have it. */
async function termsAfter(tx: pg.PoolClient, prefix: string): Promise<string[]> {
  const { rows } = await tx.query<{ term: string }>({
    name: 'search terms',
    text: `with recursive known as (
             (select term from search_block where term >= $1 and term < $2 order by term limit 1)
             union all
             select (select term from search_block where term > k.term and term < $2 order by term limit 1) from known k where k.term is not null)
           select term from known where term is not null limit $3`,
    values: [prefix, `${prefix.slice(0, -1)};`, MOST_TERMS + 1],
  });
  return rows.map(({ term }) => term);
}

/** The least interval that holds all that the clauses of a qualifier allow. */
function hullOf(clauses: readonly Clause[], qualifier: 'position' | 'created' | 'occurred'): Interval {
  const hull = { from: -Infinity, to: Infinity };
  for (const clause of clauses) {
    if (clause.kind !== 'ranges' || clause.qualifier !== qualifier || clause.negated) continue;
    const intervals = clause.ranges.map((range) => intervalOf(range, qualifier !== 'position'));
    hull.from = Math.max(hull.from, Math.min(...intervals.map(({ from }) => from)));
    hull.to = Math.min(hull.to, Math.max(...intervals.map(({ to }) => to)));
  }
  return hull;
}
