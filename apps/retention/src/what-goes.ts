import type { DisposalState, Found, Outcome } from './disposal.decider.js';
import type { People } from './disposal-people.js';
import { isMeant } from './erasures.js';
import { distinct, mayGo } from './grouping.js';
import type { Planned } from './planner.js';
import { covers, survivorsOf } from './survivors.js';

interface Disposal {
  id: string;
  subject: string;
  state: DisposalState;
  /** Positions of the key.destroyed events that answered it. */
  destroyed: readonly number[];
}

/**
 * What is to be destroyed of a person once the ledger has closed the keys: looked at anew, for a hold may have come, or a trigger been taken back.
 * What became due meanwhile goes along where systems were asked about it.
 */
export function whatGoes({ id, subject, state }: Disposal, people: People, now: number): Found & { going: Planned[] } {
  const all = people.planned.get(subject) ?? [];
  const { fence, keys } = state.closed!;
  const inScope = all.filter((one) => isInScope(one, state) && one.part.position < fence);
  const wasMeant = ({ part }: Planned) =>
    part.disposal === id || (part.disposal === null && part.categories.every((category) => state.categories.includes(category)));
  const isHeld = (one: Planned) => people.holds.some((hold) => covers(hold, one));
  const going = inScope.filter((one) => wasMeant(one) && !isHeld(one) && mayGo({ ...one, part: { ...one.part, disposal: null } }, now));
  const gone = new Set(going);
  const staying = all.filter((one) => !gone.has(one) && !(one.part.disposal !== null && people.instructed.has(one.part.disposal)));
  const needed = new Set(staying.map(({ part }) => part.key));
  const isWhole =
    staying.length === 0 &&
    meansThePerson(state, subject, people) &&
    !people.forgotten.has(subject) &&
    !people.holds.some((hold) => hold.subject === subject);
  const basis = distinct(going.flatMap(({ schedule }) => schedule.rules.map(({ citation }) => citation)))
    .join('; ')
    .slice(0, 500);
  return {
    going,
    scope: isWhole ? 'subject' : 'class',
    keys: keys.filter((key) => !needed.has(key) && going.some(({ part }) => part.key === key)),
    parts: going.map(({ part: { position, part } }) => ({ position, part })),
    ...(basis !== '' && { basis }),
    holds: distinct(inScope.flatMap((one) => people.holds.filter((hold) => covers(hold, one)).map((hold) => hold.id))),
  };
}

/** What was destroyed, and what of the same survives. @param gone what the ledger was told to destroy */
export function whatWent({ id, subject, state, destroyed }: Disposal, people: People, gone: readonly Planned[], now: number): Outcome {
  const mine = new Set(gone);
  const until = Date.parse(state.collectedUntil);
  const staying = (people.planned.get(subject) ?? []).filter((one) => !mine.has(one) && !one.part.removed && one.part.collectedAt <= until);
  const categories = distinct(gone.flatMap(({ part }) => part.categories));
  const spared = people.spared.get(id) ?? [];
  const scope = new Set([...state.categories, ...categories, ...spared.map(({ category }) => category)]);
  const tied = (people.tied.get(subject) ?? []).filter(({ part }) => part.collectedAt <= until);
  const times = gone.map(({ part }) => part.collectedAt).sort((a, b) => a - b);
  const rules = [...new Map(gone.flatMap(({ schedule }) => schedule.rules).map((rule) => [rule.id, rule])).values()];
  const last = destroyed.at(-1);
  // What a request spared we know better: under which hold, and until when.
  const own = survivorsOf([...staying, ...(people.spared.has(id) ? tied : [])], scope, people.holds, now);
  return {
    rules: rules.slice(0, 64).map(({ id: rule, citation }) => ({ rule, law: citation })),
    categories: categories.slice(0, 64),
    parts: gone.filter(({ part }) => part.part >= 0).length,
    ...(times.length > 0 && { collected: { from: iso(times[0]!), until: iso(times.at(-1)!) } }),
    survivors: [...own, ...spared.filter((one) => !own.some(({ category, ground }) => category === one.category && ground === one.ground))],
    ...(last !== undefined && { destroyed: last }),
  };
}

/** Of what a request asked for, nothing else goes with it. */
const isInScope = (one: Planned, { request, classes, categories, collectedUntil }: DisposalState): boolean =>
  classes.includes(one.part.class) &&
  one.part.collectedAt <= Date.parse(collectedUntil) &&
  (request === undefined || isMeant(one, categories));

/** Whether nothing is left to know the person for: a child's, a closed account, or an erasure request that names no categories. */
const meansThePerson = ({ cause, request }: DisposalState, subject: string, { closed, whole }: People): boolean =>
  cause === 'minor' || closed.has(subject) || (request !== undefined && whole.has(request));

const iso = (at: number): string => new Date(at).toISOString();
