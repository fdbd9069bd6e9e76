import type { Cause, Planned } from './planner.js';

/** Parts of one person that are disposed of together. */
export interface Group {
  cause: Cause;
  action: 'destroy' | 'anonymise';
  rules: string[];
  /** Of which nothing collected until then stays: systems are asked to erase them. */
  categories: string[];
  classes: string[];
  /** Milliseconds. */
  collectedUntil: number;
  due: Planned[];
}

/** Whether a part may go now: nobody holds it, nobody has to look at it first, and no other disposal has it. */
export const mayGo = ({ part, due, schedule }: Planned, now: number): boolean =>
  due !== undefined && due <= now && !part.held && part.disposal === null && (schedule.action !== 'review' || part.approved);

/**
 * What of one person goes now. Classes that go as a whole go together; of a class that goes in part (its older data, or what was for one purpose alone)
 * nothing newer is meant, and systems are asked only for categories of which nothing that old stays.
 * @param planned all that is held of the person
 */
export function groupsOf(planned: readonly Planned[], now: number): Group[] {
  const due = planned.filter((one) => mayGo(one, now));
  const going = new Set(due);
  const staying = planned.filter((one) => !going.has(one));
  const inPart = new Set(staying.map(({ part }) => part.class));
  const byClass = grouped(due, ({ part }) => part.class);
  const together = grouped([...byClass], ([name, all]) => (inPart.has(name) ? name : `${causeOf(all)} ${actionOf(all)}`));
  return [...together.values()].map((classes): Group => {
    const all = classes.flatMap(([, theirs]) => theirs);
    const names = classes.map(([name]) => name);
    const collectedUntil = inPart.has(names[0]!) ? latest(all) : now;
    const kept = new Set(staying.filter(({ part }) => part.collectedAt <= collectedUntil).flatMap(({ part }) => part.categories));
    return {
      cause: causeOf(all),
      action: actionOf(all),
      rules: distinct(all.flatMap(({ schedule }) => schedule.rules.map(({ id }) => id))),
      categories: distinct(all.flatMap(({ part }) => part.categories)).filter((category) => !kept.has(category)),
      classes: names,
      collectedUntil,
      due: all,
    };
  });
}

const ORDER: readonly Cause[] = ['minor', 'erasure-request', 'review', 'schedule'];
const causeOf = (due: readonly Planned[]): Cause => ORDER.find((cause) => due.some((one) => one.cause === cause))!;
const actionOf = (due: readonly Planned[]): Group['action'] =>
  due.every(({ schedule }) => schedule.action === 'anonymise') ? 'anonymise' : 'destroy';
const latest = (due: readonly Planned[]): number => due.reduce((last, { part }) => Math.max(last, part.collectedAt), -Infinity);

export const distinct = <T>(items: readonly T[]): T[] => [...new Set(items)];

/** Items by key, in the order in which they come. */
export function grouped<K, T>(items: readonly T[], keyOf: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}
