import {
  DPV,
  factIn,
  holdsFact,
  inForce,
  recordOf,
  standingOf,
  type ConsentStatus,
  type Fact,
  type PersonRecord,
  type RecordedChoice,
  type Standing,
} from '@attesta/decisions';
import { events, rfc3339Millis } from '@attesta/events';
import { restsOnConsent, type Policy } from '@attesta/policy';
import type pg from 'pg';
import { entriesAround, type PersonEntry } from './person-entries.js';

/** What had happened by `happenedAt`, as far as it was sealed by `knownAt`; milliseconds. */
export interface TwoTimes {
  happenedAt: number;
  knownAt: number;
}

interface Answered {
  status: ConsentStatus;
  /** Name of the status in the W3C Data Privacy Vocabulary. */
  dpv: string | null;
  inForce: boolean;
  /** The choice it rests on. */
  choice: ChoiceView | null;
  /** Position of the no that no valid yes has followed. */
  no: number | null;
}

export interface ConsentState extends Answered {
  purpose: string;
  title: string | null;
  titleTh: string | null;
  /** By channel, where the purpose has channels. */
  channels: ({ channel: string } & Answered)[];
  objection: { state: string; at: string; position: number } | null;
}

export interface ChoiceView {
  position: number;
  status: string;
  at: string;
  by: string;
  method: string;
  noticeVersion: string;
  channels: readonly string[] | null;
  categories: readonly string[] | null;
  expiresAt: string | null;
  /** The tied identity it was made under. */
  through: string | null;
  /** Why a consent that was given does not count. */
  invalid: string | null;
}

export interface ConsentStates {
  states: ConsentState[];
  restrictions: {
    ground: string;
    at: string;
    position: number;
    purposes: readonly string[] | null;
    categories: readonly string[] | null;
  }[];
  /** Age rules of the policy that the person is under. */
  ages: string[];
}

const FACT_TYPES = events
  .all()
  .map(({ type }) => type)
  .filter(holdsFact);

/** The facts that decide a person's consents, theirs and of everybody tied to them, sealed up to a position. */
export async function factsAbout(pool: Pick<pg.Pool, 'query'>, subject: string, asOf: number): Promise<Fact[]> {
  return (await entriesAround(pool, subject, asOf, FACT_TYPES)).flatMap(factOf);
}

function factOf({ position, entry: { id, source, type, time, recordedAt, subject, data } }: PersonEntry): Fact[] {
  // Who was guardian to somebody, or tied to them, is not told of whoever is forgotten.
  if (!subject || (/^attesta\.(guardian|identifier)\./.test(type) && !data.related)) return [];
  const fact = factIn({ id, source, type, time, data, subject: subject.id, position, known: rfc3339Millis(recordedAt)! });
  return fact ? [fact] : [];
}

/** Consent by purpose: every purpose that may rest on consent, and whatever else was chosen about. */
export function consentStates(subject: string, facts: readonly Fact[], policy: Policy, { happenedAt, knownAt }: TwoTimes): ConsentStates {
  const record = recordOf(subject, facts, policy, { at: happenedAt, known: knownAt });
  const asked = [...policy.purposes.values()].filter(({ bases }) =>
    Object.entries(bases).some(([jurisdiction, those]) => those.some((basis) => restsOnConsent(policy, jurisdiction, basis))),
  );
  const purposes = new Set([...asked.map(({ id }) => id), ...record.choices.map(({ purpose }) => purpose)]);
  return {
    states: [...purposes].map((purpose) => stateOf(record, purpose, policy, happenedAt)),
    restrictions: record.restrictions.map(({ ground, at, position, purposes: about, categories }) => ({
      ground,
      at: iso(at),
      position: position!,
      purposes: about ?? null,
      categories: categories ?? null,
    })),
    ages: record.ages,
  };
}

function stateOf(record: PersonRecord, purpose: string, policy: Policy, at: number): ConsentState {
  const known = policy.purposes.get(purpose);
  const objection = record.objections.find((one) => one.purpose === purpose);
  return {
    purpose,
    title: known?.title ?? null,
    titleTh: known?.title_th ?? null,
    ...answered(standingOf(record, { purpose, at })),
    channels: (known?.channels ?? []).map((channel) => ({ channel, ...answered(standingOf(record, { purpose, channel, at })) })),
    objection: objection ? { state: objection.state, at: iso(objection.at), position: objection.position! } : null,
  };
}

const answered = ({ status, choice, no }: Standing): Answered => ({
  status,
  dpv: DPV[status],
  inForce: inForce(status),
  choice: choice ? viewOf(choice) : null,
  no: no?.position ?? null,
});

const viewOf = (choice: RecordedChoice): ChoiceView => ({
  position: choice.position!,
  status: choice.status,
  at: iso(choice.at),
  by: choice.by,
  method: choice.method,
  noticeVersion: choice.noticeVersion,
  channels: choice.channels ?? null,
  categories: choice.categories ?? null,
  expiresAt: choice.expiresAt === undefined ? null : iso(choice.expiresAt),
  through: choice.through ?? null,
  invalid: choice.invalid ?? null,
});

const iso = (at: number): string => new Date(at).toISOString();
