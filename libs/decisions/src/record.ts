import { endOfDuration, type Policy } from '@attesta/policy';
import { circleOf, isLink } from './circle.js';
import { settled, type AgeFact, type ChoiceBy, type ChoiceFact, type ChoiceStatus, type Fact, type Moment, type Origin } from './fact.js';
import { invalidity, ruleAt, type Invalidity } from './validity.js';

/** One choice about one purpose, judged. */
export interface RecordedChoice extends Origin {
  purpose: string;
  status: ChoiceStatus;
  /** Milliseconds. */
  at: number;
  by: ChoiceBy;
  method: string;
  noticeVersion: string;
  channels?: readonly string[];
  categories?: readonly string[];
  explicit?: true;
  /** ISO 8601, with the milliseconds from which it no longer holds. */
  validFor?: string;
  expiresAt?: number;
  /** The tied identity it was made under, where it was not the subject itself. */
  through?: string;
  /** Why a consent that was given does not count. */
  invalid?: Invalidity;
}

export interface RecordedObjection extends Origin {
  purpose: string;
  state: 'raised' | 'upheld' | 'rejected' | 'withdrawn';
  at: number;
}

export interface RecordedRestriction extends Origin {
  at: number;
  ground: string;
  purposes?: readonly string[];
  categories?: readonly string[];
}

/** What decisions about a person rest on: no name, no date of birth. Time enters only when it is asked. */
export interface PersonRecord {
  /** In time. */
  choices: RecordedChoice[];
  /** The last word on each purpose. */
  objections: RecordedObjection[];
  /** Those that hold. */
  restrictions: RecordedRestriction[];
  /** Age rules the person is under, one per jurisdiction; none when nobody said how old they are. */
  ages: string[];
}

export const EMPTY_RECORD: PersonRecord = { choices: [], objections: [], restrictions: [], ages: [] };

/**
 * Folds facts into the record of a subject as of a moment. The result does not depend on the order of the facts.
 * @param facts the subject's own, those of everybody tied to it, and every tie of the identities among them
 */
export function recordOf(subject: string, facts: readonly Fact[], policy: Policy, moment: Moment): PersonRecord {
  const now = settled(facts, moment);
  const own = now.filter((fact) => fact.subject === subject);
  const age = own.findLast((fact) => fact.kind === 'age');
  return {
    choices: choicesOf(subject, now, age, policy),
    objections: objectionsOf(own),
    restrictions: restrictionsOf(own),
    ages: age === undefined ? [] : agesAt(age, moment.at, policy),
  };
}

/** The age rules somebody is under at an instant, one per jurisdiction. */
export const agesAt = (age: AgeFact, at: number, policy: Policy): string[] =>
  [...policy.jurisdictions.keys()].flatMap((jurisdiction) => ruleAt(age, jurisdiction, at, policy)?.id ?? []);

function choicesOf(subject: string, now: readonly Fact[], age: AgeFact | undefined, policy: Policy): RecordedChoice[] {
  const counts = circleOf(subject, now.filter(isLink));
  const chosen = now.filter((fact) => fact.kind === 'choice').filter((fact) => fact.subject === subject || counts(fact.subject, fact.at));
  const decided = new Set(chosen.filter((one) => one.subject === subject && decides(one)).flatMap(({ purposes }) => purposes));
  const guardians = now.filter((fact) => fact.kind === 'guardian' && fact.subject === subject).filter((fact) => fact.kind === 'guardian');
  return chosen.flatMap((fact) =>
    fact.purposes
      // What a device was told yes to does not outweigh what the person themself said of that purpose; a no carries over always.
      .filter((purpose) => fact.subject === subject || saysNo(fact) || !decided.has(purpose))
      .map((purpose) => {
        const through = fact.subject === subject ? undefined : fact.subject;
        const invalid = fact.status === 'given' ? invalidity(fact, purpose, { age, guardians }, policy) : undefined;
        return recorded(withinReach(fact, purpose, policy), purpose, through, invalid);
      }),
  );
}

/** Channels say nothing of a purpose that has none: a choice about several purposes is about the whole of such a one. */
function withinReach(fact: ChoiceFact, purpose: string, policy: Policy): ChoiceFact {
  if (fact.channels === undefined || policy.purposes.get(purpose)?.channels !== undefined) return fact;
  const { channels: _, ...whole } = fact;
  return whole;
}

const saysNo = ({ status }: ChoiceFact) => status === 'refused' || status === 'withdrawn';
const decides = (fact: ChoiceFact) => fact.status === 'given' || saysNo(fact);

function recorded(fact: ChoiceFact, purpose: string, through: string | undefined, invalid: Invalidity | undefined): RecordedChoice {
  const { source, id, position, status, at, by, method, noticeVersion, channels, categories, validFor, explicit } = fact;
  return {
    source,
    id,
    position,
    purpose,
    status,
    at,
    by,
    method,
    noticeVersion,
    ...(channels && { channels }),
    ...(categories && { categories }),
    ...(explicit === true && { explicit }),
    ...(status === 'given' && validFor !== undefined && { validFor, expiresAt: endOfDuration(at, validFor) }),
    ...(through !== undefined && { through }),
    ...(invalid !== undefined && { invalid }),
  };
}

function objectionsOf(own: readonly Fact[]): RecordedObjection[] {
  const last = new Map<string, RecordedObjection>();
  for (const fact of own) {
    if (fact.kind !== 'objection') continue;
    const { source, id, position, state, at } = fact;
    for (const purpose of fact.purposes) {
      // Weighing ends an objection that was raised; without one, or once it was withdrawn, there is nothing to weigh.
      const before = last.get(purpose)?.state ?? 'withdrawn';
      if ((state === 'upheld' || state === 'rejected') && before === 'withdrawn') continue;
      last.set(purpose, { source, id, position, purpose, state, at });
    }
  }
  return [...last.values()];
}

function restrictionsOf(own: readonly Fact[]): RecordedRestriction[] {
  const held = new Map<string, RecordedRestriction>();
  for (const fact of own) {
    if (fact.kind !== 'restriction') continue;
    const { source, id, position, at, ground, purposes, categories } = fact;
    const scope = JSON.stringify([purposes?.toSorted() ?? null, categories?.toSorted() ?? null]);
    if (!fact.placed) held.delete(scope);
    else {
      held.set(scope, {
        source,
        id,
        position,
        at,
        ground: ground ?? 'accuracy-contested',
        ...(purposes && { purposes }),
        ...(categories && { categories }),
      });
    }
  }
  return [...held.values()];
}
