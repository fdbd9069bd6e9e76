import type { Survivor } from './disposal.decider.js';
import type { Planned } from './planner.js';

/** A hold that stands. */
export interface ActiveHold {
  id: string;
  subject: string | null;
  matter: string;
  reason: string;
  law: string | null;
  categories: string[] | null;
  purposes: string[] | null;
}

/** Whether a hold stands on a part; `COVERS` says the same in SQL. */
export const covers = (hold: ActiveHold, { part }: Planned): boolean =>
  (hold.subject === null || hold.subject === part.subject) &&
  (hold.categories === null || hold.categories.some((category) => part.categories.includes(category))) &&
  (hold.purposes === null || hold.purposes.some((purpose) => part.purposes.includes(purpose)));

/**
 * What of these categories stays, and why, each reason once. Holds first: while one stands nothing else matters.
 * @param staying parts that are not disposed of
 * @param now milliseconds
 */
export function survivorsOf(
  staying: readonly Planned[],
  categories: ReadonlySet<string>,
  holds: readonly ActiveHold[],
  now: number,
): Survivor[] {
  const found = new Map<string, Survivor>();
  for (const one of staying) {
    for (const category of one.part.categories.filter((each) => categories.has(each))) {
      for (const survivor of reasonsOf(one, category, holds, now)) {
        const name = `${survivor.category} ${survivor.ground} ${survivor.hold ?? ''}`;
        const known = found.get(name);
        if (!known || (known.until !== undefined && (survivor.until === undefined || survivor.until > known.until)))
          found.set(name, survivor);
      }
    }
  }
  return [...found.values()].sort((a, b) => (a.category + a.ground < b.category + b.ground ? -1 : 1));
}

/** What was collected together goes together: where nothing keeps the category itself, it stays for what keeps the others. */
function reasonsOf(one: Planned, category: string, holds: readonly ActiveHold[], now: number): Survivor[] {
  const { part, schedule } = one;
  const held = holds.filter((hold) => covers(hold, one));
  if (held.length > 0)
    return held.map(({ id, matter, law }) => ({
      category,
      ground: 'legal-hold',
      hold: id,
      reason: `Matter ${matter}`,
      ...(law !== null && { law }),
    }));
  if (schedule.keeping.length > 0) {
    const own = schedule.keeping.filter((keeping) => keeping.category === category);
    return (own.length > 0 ? own : schedule.keeping).map(({ rule, until }) => ({
      category,
      ground: rule.id,
      law: rule.citation,
      ...(until !== undefined && { until: iso(until) }),
    }));
  }
  if (schedule.unruled.length > 0) return [{ category, ground: 'no-rule', reason: 'No retention rule says when it goes' }];
  if (part.keptUntil !== null && part.keptUntil > now)
    return [{ category, ground: 'review', reason: 'Kept after a review', until: iso(part.keptUntil) }];
  if (schedule.action === 'review' && !part.approved) return [{ category, ground: 'review', reason: 'Waits for a review' }];
  return [{ category, ground: 'under-way', reason: 'Goes with another disposal' }];
}

const iso = (at: number): string => new Date(at).toISOString();
