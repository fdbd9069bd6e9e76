import {
  DPV,
  EMPTY_RECORD,
  recordOf,
  standingOf,
  type Fact,
  type Moment,
  type PersonRecord,
  type RecordedChoice,
  type Standing,
} from '@attesta/decisions';
import { restsOnConsent, type Policy } from '@attesta/policy';
import type { Consent } from './consent.js';

/** Where a purpose stands with a person. */
export interface PurposeStanding {
  purpose: string;
  title: string;
  status: Standing['status'];
  /** The W3C Data Privacy Vocabulary's name of the status. */
  dpv: string | null;
  /** Status by channel, for purposes that have channels. */
  channels?: Record<string, Standing['status']>;
  /** Status by data category, where a choice named categories. */
  categories?: Record<string, Standing['status']>;
  since: string | null;
  expiresAt: string | null;
  noticeVersion: string | null;
  method: string | null;
  by: string | null;
  /** The identity it was chosen under, where that was a linked one. */
  through?: string;
  /** Why what was given does not count. */
  invalid?: string;
  /** The event it rests on. */
  event: { source: string; id: string; position: number | null } | null;
}

/** Each purpose that may rest on consent, or about which something was chosen. @param at milliseconds */
export function standingsOf(record: PersonRecord, policy: Policy, at: number): PurposeStanding[] {
  const chosen = new Set(record.choices.map(({ purpose }) => purpose));
  return [...policy.purposes.values()]
    .filter(
      ({ id, bases }) =>
        chosen.has(id) || Object.entries(bases).some(([law, some]) => some.some((basis) => restsOnConsent(policy, law, basis))),
    )
    .map(({ id, title, channels }) => {
      const { status, choice } = standingOf(record, { purpose: id, at });
      const named = [...new Set(record.choices.filter(({ purpose }) => purpose === id).flatMap(({ categories }) => categories ?? []))];
      const each = (questions: readonly string[], about: 'channel' | 'category') =>
        Object.fromEntries(questions.map((one) => [one, standingOf(record, { purpose: id, [about]: one, at }).status]));
      return {
        purpose: id,
        title,
        status,
        dpv: DPV[status],
        ...(channels && { channels: each(channels, 'channel') }),
        ...(named.length > 0 && { categories: each(named, 'category') }),
        ...described(choice),
      };
    });
}

function described(choice: RecordedChoice | undefined) {
  const time = (millis: number | undefined) => (millis === undefined ? null : new Date(millis).toISOString());
  return {
    since: time(choice?.at),
    expiresAt: time(choice?.expiresAt),
    noticeVersion: choice?.noticeVersion ?? null,
    method: choice?.method ?? null,
    by: choice?.by ?? null,
    ...(choice?.through !== undefined && { through: choice.through }),
    ...(choice?.invalid !== undefined && { invalid: choice.invalid }),
    event: choice ? { source: choice.source, id: choice.id, position: choice.position } : null,
  };
}

/** The facts about a person and about everybody tied to them: what `recordOf` folds. */
export async function factsAround(consent: Consent, subject: string): Promise<Fact[]> {
  const { facts, pool } = consent;
  const tied = await facts.tied(pool, [subject]);
  return facts.load(pool, [subject, ...tied.filter((one) => one !== subject)]);
}

/** What a person's record was at a moment in both times; empty for a stranger. */
export async function recordAt(consent: Consent, subject: string | undefined, moment: Moment): Promise<PersonRecord> {
  const policy = await consent.policies.refresh(consent.pool);
  return subject === undefined ? EMPTY_RECORD : recordOf(subject, await factsAround(consent, subject), policy, moment);
}
