import type { Policy } from '@attesta/policy';
import { Problem } from '@attesta/service-kit';
import { authorityClock } from './breach.clock.js';
import type { StoredBreach } from './breach-store.js';
import { clockName, initialNotice, type Assessment, type BreachState, type Facts } from './breach.state.js';

export const BREACH_REPORT_FORMAT = 'attesta-breach-report/1';

/** An item of the policy, with its titles. */
export interface Titled {
  id: string;
  title: string;
  titleTh: string;
}

/** Something that was said, when, and the position of the event in the ledger's log, where it is sealed. */
export type Resting<T> = T & { saidAt: string; position: number | null };

type Nullable<T> = { [K in keyof T]-?: Exclude<T[K], undefined> | (undefined extends T[K] ? null : never) };

/**
 * What an authority asks to be told of a breach: PDPC notification of B.E. 2565, cl. 6 (with the reasons of cl. 7 for what is late) and GDPR Art. 33(3),
 * 33(1). The same breach, as it stands in the log, gives the same report. Times are RFC 3339.
 */
export interface BreachReport {
  format: typeof BREACH_REPORT_FORMAT;
  breach: string;
  /** When the last thing was said that it tells. */
  asOf: string;
  /** Whether the authority knows of the breach already. */
  phase: 'initial' | 'supplement';
  jurisdiction: Titled;
  authority: Titled;
  controller: { name: string; country: string; contact: string | null; address: string | null; email: string | null; phone: string | null };
  discovered: Resting<{ at: string }>;
  deadline: { clock: string; citation: string | null; due: string } | null;
  facts: Resting<Nullable<Omit<Facts, 'categories' | 'controller' | 'jurisdictions'>> & { categories: Titled[] }>;
  assessment: Resting<Nullable<Assessment>> | null;
  /** Why no authority has to be told. */
  notNotified: Resting<{ reason: string }> | null;
  notified: Resting<{
    at: string;
    phase: 'initial' | 'supplement';
    reference: string | null;
    inTime: boolean | null;
    explanation: string | null;
  }>[];
  /** The deadline passed; by how much what was told first came late, and why. */
  delay: { seconds: number; explanation: string | null } | { seconds: null; explanation: null } | null;
  people: {
    required: boolean;
    orders: Resting<{
      people: number | null;
      categories: string[] | null;
      collectedFrom: string | null;
      collectedUntil: string | null;
      told: Resting<{ told: number; unreachable: number; failed: number }> | null;
    }>[];
    exemption: Resting<{
      ground: 'encrypted' | 'averted' | 'disproportionate';
      explanation: string;
      publicCommunication: string | null;
    }> | null;
  };
  closed: Resting<{ reason: string }> | null;
}

/** @param jurisdiction whose authority it is for; the first of the breach without it @throws Problem 400 for one that the breach does not concern */
export function reportOf(
  policy: Policy,
  { id, state, positions }: StoredBreach,
  jurisdiction = state.facts.jurisdictions[0]!,
): BreachReport {
  const { recorded, facts, assessment, excused, closing } = state;
  const law = policy.jurisdictions.get(jurisdiction);
  if (!law || !facts.jurisdictions.includes(jurisdiction)) throw notConcerned(facts.jurisdictions);
  const resting = <T extends object>({ event, saidAt }: { event: number; saidAt: number }, what: T): Resting<T> => ({
    ...what,
    saidAt: iso(saidAt),
    position: positions[event] ?? null,
  });
  const clock = authorityClock(policy, state, jurisdiction);
  const { contact, address, email, phone, name, country } = policy.controllers.get(facts.controller ?? '') ?? policy.defaultController;
  return {
    format: BREACH_REPORT_FORMAT,
    breach: id,
    asOf: iso(state.changedAt),
    phase: initialNotice(state, jurisdiction) ? 'supplement' : 'initial',
    jurisdiction: titled(jurisdiction, law),
    authority: titled(law.authority, policy.parties.get(law.authority)),
    controller: { name, country, contact: contact ?? null, address: address ?? null, email: email ?? null, phone: phone ?? null },
    discovered: resting(recorded, { at: recorded.discoveredAt }),
    deadline: clock ? { clock: clock.clock.id, citation: clock.clock.citation ?? null, due: clock.due } : null,
    facts: resting(facts, {
      occurredFrom: facts.occurredFrom ?? null,
      occurredUntil: facts.occurredUntil ?? null,
      nature: facts.nature,
      categories: facts.categories.map((category) => titled(category, policy.categories.get(category))),
      whom: facts.whom ?? null,
      people: facts.people ?? null,
      records: facts.records ?? null,
      description: facts.description,
      cause: facts.cause ?? null,
    }),
    assessment: assessment
      ? resting(assessment, {
          risk: assessment.risk,
          reasons: assessment.reasons,
          consequences: assessment.consequences,
          measures: assessment.measures,
          planned: assessment.planned ?? null,
        })
      : null,
    notNotified: excused ? resting(excused, { reason: excused.reason }) : null,
    notified: state.notified
      .filter((notice) => notice.jurisdiction === jurisdiction)
      .map((notice) =>
        resting(notice, {
          at: notice.at,
          phase: notice.phase,
          reference: notice.reference ?? null,
          inTime: notice.inTime ?? null,
          explanation: notice.explanation ?? null,
        }),
      ),
    delay: delayOf(state, jurisdiction, clock?.due),
    people: {
      required: assessment?.risk === 'high',
      orders: state.notices.map((notice) =>
        resting(notice, {
          people: notice.people ?? null,
          categories: notice.categories ?? null,
          collectedFrom: notice.collectedFrom ?? null,
          collectedUntil: notice.collectedUntil ?? null,
          told: notice.told
            ? resting(notice.told, { told: notice.told.told, unreachable: notice.told.unreachable, failed: notice.told.failed })
            : null,
        }),
      ),
      exemption: closing?.exemption
        ? resting(closing, {
            ground: closing.exemption.ground,
            explanation: closing.exemption.explanation,
            publicCommunication: closing.exemption.publicCommunication ?? null,
          })
        : null,
    },
    closed: closing ? resting(closing, { reason: closing.reason }) : null,
  };
}

function delayOf(state: BreachState, jurisdiction: string, due: string | undefined): BreachReport['delay'] {
  if (due === undefined) return null;
  const first = initialNotice(state, jurisdiction);
  if (first?.inTime === false) {
    return { seconds: Math.floor((Date.parse(first.at) - Date.parse(due)) / 1000), explanation: first.explanation ?? null };
  }
  const isMissed = !first && !state.excused && state.clocks[clockName('authority', jurisdiction)]?.overdue === due;
  return isMissed ? { seconds: null, explanation: null } : null;
}

const titled = (id: string, item: { title: string; title_th?: string } | undefined): Titled => ({
  id,
  title: item?.title ?? id,
  titleTh: item?.title_th ?? item?.title ?? id,
});
const iso = (ms: number): string => new Date(ms).toISOString();

const notConcerned = (jurisdictions: readonly string[]) =>
  Problem.invalid([
    {
      field: '/jurisdiction',
      code: 'not-concerned',
      message: 'is no jurisdiction of this breach',
      fix: `Use one of: ${jurisdictions.join(', ')}.`,
    },
  ]);
