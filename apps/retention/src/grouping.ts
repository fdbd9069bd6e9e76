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
 */
export function groupsOf(planned: readonly Planned[], now: number): Group[] {
  const classes = new Map<string, Planned[]>();
  for (const one of planned) classes.set(one.part.class, [...(classes.get(one.part.class) ?? []), one]);
  const groups = new Map<string, Group>();
  for (const [retentionClass, all] of classes) {
    const due = all.filter((one) => mayGo(one, now));
    if (due.length === 0) continue;
    const stays = all.filter((one) => !due.includes(one));
    const isWhole = stays.length === 0;
    const collectedUntil = isWhole ? now : Math.max(...due.map(({ part }) => part.collectedAt));
    const kept = new Set(stays.filter(({ part }) => part.collectedAt <= collectedUntil).flatMap(({ part }) => part.categories));
    const cause = first(due.map((one) => one.cause));
    const action = due.every(({ schedule }) => schedule.action === 'anonymise') ? 'anonymise' : 'destroy';
    const name = isWhole ? `${cause} ${action}` : retentionClass;
    const group = groups.get(name) ?? { cause, action, rules: [], categories: [], classes: [], collectedUntil, due: [] };
    group.rules = distinct([...group.rules, ...due.flatMap(({ schedule }) => schedule.rules.map(({ id }) => id))]);
    group.categories = distinct([...group.categories, ...due.flatMap(({ part }) => part.categories)].filter((one) => !kept.has(one)));
    group.classes.push(retentionClass);
    group.due.push(...due);
    groups.set(name, group);
  }
  return [...groups.values()];
}

const ORDER: readonly Cause[] = ['minor', 'erasure-request', 'review', 'schedule'];
const first = (causes: readonly Cause[]): Cause => ORDER.find((cause) => causes.includes(cause))!;

export const distinct = <T>(items: readonly T[]): T[] => [...new Set(items)];
