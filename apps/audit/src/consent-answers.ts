import type { Policy } from '@attesta/policy';
import type { Candidate, ConsentFact } from './candidate.js';

export interface Answer {
  purpose: string;
  state: 'given' | 'withdrawn' | 'expired' | 'none';
  fact?: ConsentFact;
}

/**
 * A consent counts once it is sealed; a refusal or withdrawal from when it was made, so that what happened before it stays lawful. Of several the
 * one that happened last prevails, as the consent service decides: a report that came late is not the last word. Where the purpose has channels, a
 * consent by one of them is enough.
 */
export function answerFor(
  purpose: string,
  people: ReadonlySet<string>,
  { occurredAt }: Candidate,
  consents: readonly ConsentFact[],
  policy: Policy,
): Answer {
  const counting = consents
    .filter((consent) => consent.purpose === purpose && people.has(consent.subject))
    .filter((consent) => consent.status === 'given' || consent.occurredAt <= occurredAt);
  const channels = policy.purposes.get(purpose)?.channels ?? [undefined];
  const last = channels
    .map((channel) => lastOf(counting.filter((consent) => covers(consent, channel))))
    .filter((fact) => fact !== undefined);
  const inForce = last.find((fact) => fact.status === 'given' && !isExpired(fact, occurredAt));
  if (inForce) return { purpose, state: 'given', fact: inForce };
  const fact = lastOf(last);
  if (!fact) return { purpose, state: 'none' };
  return { purpose, state: fact.status === 'given' ? 'expired' : 'withdrawn', fact };
}

/**
 * Whether a choice is about a channel, as the consent service reads it: a yes covers the channels that it names, or all when it names none; so does a
 * no, and one that names an empty list is about all as well.
 * @param channel undefined where the purpose has none
 */
export function covers({ channels, status }: ConsentFact, channel: string | undefined): boolean {
  if (channel === undefined || channels === null) return true;
  return channels.includes(channel) || (channels.length === 0 && status !== 'given');
}

/** In time; of what happened at the same instant, what was sealed later comes later. */
export const inTime = (a: Moment, b: Moment): number => a.occurredAt - b.occurredAt || a.position - b.position;

type Moment = Pick<ConsentFact, 'occurredAt' | 'position'>;

const isExpired = ({ expiresAt }: ConsentFact, at: number): boolean => expiresAt !== null && expiresAt <= at;

const lastOf = (facts: readonly ConsentFact[]): ConsentFact | undefined =>
  facts.reduce<ConsentFact | undefined>((latest, fact) => (latest && inTime(latest, fact) > 0 ? latest : fact), undefined);
