import type { Retention } from './retention.js';
import { partsOfPeople, plan, type Planned } from './planner.js';
import { covers, type ActiveHold } from './survivors.js';

/** What is held of a person in one category for one purpose. */
export interface Holding {
  category: string;
  purpose: string;
  class: string;
  jurisdiction: string;
  /** How many lines of the inventory; whether the ledger holds values itself. */
  entries: number;
  sealed: boolean;
  collected: { from: string; until: string };
  /** When the first of it is due; null while something runs that has no end yet. */
  due: string | null;
  /** Why it is kept: rules of the policy with their law, and holds. Empty and without a due date: no rule says. */
  keptBy: { rule: string; ground: string; law: string; until: string | null }[];
  holds: { id: string; matter: string }[];
  /** Disposals under way. */
  disposals: string[];
  unruled: boolean;
}

/** What is held of a person, from when, until when and why (notice clauses 5.1, 7.1). */
export async function holdingsOf(retention: Retention, subject: string): Promise<Holding[]> {
  const { pool, policy } = retention;
  const parts = await partsOfPeople(pool, [subject]);
  const planned = await plan(pool, policy, parts, retention.now().getTime());
  const { rows: holds } = await pool.query<ActiveHold>(
    'select id, subject, matter, reason, law, categories, purposes from hold where released_at is null and (subject is null or subject = $1)',
    [subject],
  );
  const groups = new Map<string, Planned[]>();
  for (const one of planned) {
    for (const category of one.part.categories) {
      for (const purpose of one.part.purposes.length > 0 ? one.part.purposes : ['']) {
        const name = `${category} ${purpose} ${one.part.jurisdiction}`;
        groups.set(name, [...(groups.get(name) ?? []), one]);
      }
    }
  }
  return [...groups]
    .map(([name, all]) => {
      const [category, purpose, jurisdiction] = name.split(' ') as [string, string, string];
      return holdingOf(category, purpose, jurisdiction, all, holds);
    })
    .sort((a, b) => (a.category + a.purpose < b.category + b.purpose ? -1 : 1));
}

function holdingOf(category: string, purpose: string, jurisdiction: string, all: Planned[], holds: ActiveHold[]): Holding {
  const times = all.map(({ part }) => part.collectedAt);
  const dues = all.flatMap(({ due }) => (due === undefined ? [] : [due]));
  const keeping = all.flatMap(({ schedule }) => schedule.keeping.filter((one) => one.category === category && one.purpose === purpose));
  const keptBy = keeping.map(({ rule: { id, ground, citation }, until }) => ({
    rule: id,
    ground,
    law: citation,
    until: until === undefined ? null : new Date(until).toISOString(),
  }));
  return {
    category,
    purpose,
    class: all[0]!.part.class,
    jurisdiction,
    entries: all.length,
    sealed: all.some(({ part }) => part.key !== null),
    collected: { from: iso(Math.min(...times)), until: iso(Math.max(...times)) },
    due: dues.length > 0 ? iso(Math.min(...dues)) : null,
    keptBy: [...new Map(keptBy.map((one) => [JSON.stringify(one), one])).values()],
    holds: holds.filter((hold) => all.some((one) => covers(hold, one))).map(({ id, matter }) => ({ id, matter })),
    disposals: [...new Set(all.flatMap(({ part }) => part.disposal ?? []))],
    unruled: all.some(({ schedule }) => schedule.unruled.some((one) => one.category === category && one.purpose === purpose)),
  };
}

const iso = (at: number): string => new Date(at).toISOString();
