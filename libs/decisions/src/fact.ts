import type { ConsentCaptured, RestrictionPlaced } from '@attesta/events';

/** The event a fact comes from: the names it was published under, and its place in the log once it is sealed. */
export interface Origin {
  source: string;
  id: string;
  position: number | null;
}

interface Known extends Origin {
  /** The person, by subject id; of a link, the account. */
  subject: string;
  /** When it happened, in milliseconds. Facts settle by this, whatever order they arrive in. */
  at: number;
  /** When the consent service knew it, in milliseconds. */
  known: number;
}

export type ChoiceStatus = ConsentCaptured['status'];
export type ChoiceBy = NonNullable<ConsentCaptured['by']>;

/** What somebody chose about purposes. Whether it counts follows from the other facts. */
export interface ChoiceFact extends Known {
  kind: 'choice';
  status: ChoiceStatus;
  purposes: readonly string[];
  by: ChoiceBy;
  method: string;
  noticeVersion: string;
  language: string;
  /** SHA-256 of the wording shown, and what proves the choice. */
  wordingDigest?: string;
  evidence?: { kind: string; digest?: string };
  channels?: readonly string[];
  categories?: readonly string[];
  validFor?: string;
  explicit?: boolean;
  capacity?: string;
  reason?: string;
  jurisdiction?: string;
  controller?: string;
}

export interface ObjectionFact extends Known {
  kind: 'objection';
  state: 'raised' | 'upheld' | 'rejected' | 'withdrawn';
  purposes: readonly string[];
}

export interface RestrictionFact extends Known {
  kind: 'restriction';
  placed: boolean;
  ground?: RestrictionPlaced['ground'];
  purposes?: readonly string[];
  categories?: readonly string[];
}

/** How old a person is: the date of birth where it is known (YYYY-MM-DD), else the age rules somebody attested. */
export interface AgeFact extends Known {
  kind: 'age';
  birthDate?: string;
  rules: readonly string[];
}

export interface GuardianFact extends Known {
  kind: 'guardian';
  guardian: string;
  ended: boolean;
}

/** An identity (device, visitor, account elsewhere) was tied to the subject, or untied. */
export interface LinkFact extends Known {
  kind: 'link';
  identity: string;
  linked: boolean;
}

export type Fact = ChoiceFact | ObjectionFact | RestrictionFact | AgeFact | GuardianFact | LinkFact;

/** A point in both times: what had happened by `at`, as far as it was known at `known`. */
export interface Moment {
  at: number;
  known: number;
}

/** The facts that count at a moment, in the one order they settle in. */
export const settled = <F extends Fact>(facts: readonly F[], { at, known }: Moment): F[] =>
  facts.filter((fact) => fact.at <= at && fact.known <= known).sort(inTime);

/** By time; of what happened at the same instant, the no comes last and so prevails; then by name, so that everybody sorts alike. */
export function inTime(a: Fact, b: Fact): number {
  return a.at - b.at || weight(a) - weight(b) || compare(a.source, b.source) || compare(a.id, b.id);
}

function weight(fact: Fact): number {
  switch (fact.kind) {
    case 'choice':
      return fact.status === 'refused' || fact.status === 'withdrawn' ? 2 : fact.status === 'given' ? 1 : 0;
    case 'objection':
      return fact.state === 'upheld' ? 2 : fact.state === 'raised' ? 1 : 0;
    case 'restriction':
      return fact.placed ? 1 : 0;
    case 'link':
      return fact.linked ? 0 : 1;
    case 'guardian':
      return fact.ended ? 1 : 0;
    case 'age':
      return 0;
  }
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
