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
 */
export function survivorsOf(staying: readonly Planned[], categories: ReadonlySet<string>, holds: readonly ActiveHold[]): Survivor[] {
  const found = new Map<string, Survivor>();
  const add = (survivor: Survivor) => {
    const name = `${survivor.category} ${survivor.ground} ${survivor.hold ?? ''}`;
    const known = found.get(name);
    if (!known || (known.until !== undefined && (survivor.until === undefined || survivor.until > known.until))) found.set(name, survivor);
  };
  for (const one of staying) {
    for (const category of one.part.categories) {
      if (!categories.has(category)) continue;
      const held = holds.filter((hold) => covers(hold, one));
      for (const { id, matter, law } of held)
        add({ category, ground: 'legal-hold', hold: id, reason: `Matter ${matter}`, ...(law !== null && { law }) });
      if (held.length > 0) continue;
      for (const { category: kept, rule, until } of one.schedule.keeping) {
        if (kept === category)
          add({ category, ground: rule.id, law: rule.citation, ...(until !== undefined && { until: new Date(until).toISOString() }) });
      }
      if (one.schedule.keeping.length > 0) continue;
      if (one.part.keptUntil !== null)
        add({ category, ground: 'review', reason: 'Kept after a review', until: new Date(one.part.keptUntil).toISOString() });
      else if (one.schedule.action === 'review' && !one.part.approved) add({ category, ground: 'review', reason: 'Waits for a review' });
      else if (one.schedule.unruled.length > 0) add({ category, ground: 'no-rule', reason: 'No retention rule says when it goes' });
      else add({ category, ground: 'under-way', reason: 'Goes with another disposal' });
    }
  }
  return [...found.values()].sort((a, b) => (a.category + a.ground < b.category + b.ground ? -1 : 1));
}
