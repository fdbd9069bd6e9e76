import type { Policy } from '@attesta/policy';
import type { PolicyHistory } from './policy-history.js';

/** A sealed fact that may break a clause. Times in milliseconds. */
export interface Candidate {
  kind: 'collection' | 'use' | 'disclosure' | 'overdue' | 'stuck' | 'message' | 'undelivered' | 'breach' | 'consent' | 'told';
  position: number;
  subject?: string | undefined;
  /** Other people and identities the entry names. */
  related: readonly string[];
  occurredAt: number;
  recordedAt: number;
  categories: readonly string[];
  purposes: readonly string[];
  basis: string;
  controller?: string | undefined;
  jurisdiction?: string | undefined;
  method?: string | undefined;
  recipient?: string | undefined;
  /** Of a disclosure: who wanted it. */
  initiator?: string | undefined;
  /** Of a collection: where the data came from. */
  origin?: string | undefined;
  context?: Readonly<Record<string, string>> | undefined;
  /** Of a deadline that was missed. */
  clock?: string | undefined;
  /** Who is late with a disposal, and why. */
  system?: string | undefined;
  reason?: string | undefined;
  /** Of a message: how it went, what it is, and what of it others could see. */
  channel?: string | undefined;
  template?: string | undefined;
  messageKind?: string | undefined;
  exposed?: readonly string[] | undefined;
  /** Of a breach: what had to be done, and by when (RFC 3339). */
  duty?: string | undefined;
  due?: string | undefined;
  /** Of a consent that was given: who gave it, and whether a provision lets a minor choose alone. */
  by?: string | undefined;
  capable?: boolean | undefined;
  /** Of a notice that data came from third parties: the collections it tells of; without them, all until then. */
  covers?: readonly number[] | undefined;
}

export interface ConsentFact {
  position: number;
  subject: string;
  purpose: string;
  status: 'given' | 'refused' | 'withdrawn';
  method: string;
  /** Those it is about; without them it is about all. */
  channels: readonly string[] | null;
  occurredAt: number;
  recordedAt: number;
  expiresAt: number | null;
}

export interface LinkFact {
  position: number;
  person: string;
  identity: string;
  linked: boolean;
  kind: string;
  occurredAt: number;
  /** Position at which one of the two was forgotten: it counts for what was sealed before. */
  until?: number | undefined;
}

/** Data collected by a method whose data may go to some recipients only (notice clause 3.1). */
export interface ConfinedFact {
  position: number;
  subject: string;
  method: string;
  categories: readonly string[];
}

/** Data that was collected. */
export interface CollectedFact {
  position: number;
  subject: string;
  categories: readonly string[];
  occurredAt: number;
}

export interface DisposalFact {
  position: number;
  subject: string;
  /** `subject`: of everything about the person. */
  scope: string;
  categories: readonly string[];
  /** Categories of which something survives. */
  kept: readonly string[];
  /** What came in until then is gone. */
  collectedUntil: number;
  occurredAt: number;
}

/** What somebody asked that is not consent, and who they are before the law. */
export interface FlagFact {
  position: number;
  subject: string;
  /** `weighing`: of an objection. */
  kind: 'objection' | 'weighing' | 'restriction' | 'age' | 'guardian';
  /** Raised, upheld, placed, attested or recorded; no longer, or not. */
  holds: boolean;
  /** What it is about; without them it is about all. */
  purposes?: readonly string[] | null | undefined;
  categories?: readonly string[] | null | undefined;
  /** Age rules of the policy. */
  rules?: readonly string[] | null | undefined;
  occurredAt: number;
  recordedAt: number;
}

/** Data that came from a third party. */
export interface SuppliedFact {
  position: number;
  subject: string;
  jurisdiction: string;
  /** First instant at which telling the person is too late. */
  overdueFrom: number;
  /** Position at which the person was forgotten: from then on there is nobody to tell. */
  until?: number | undefined;
}

/** A notice that data came from third parties; without a subject it is about the collections it covers alone. */
export type ToldFact = Pick<Candidate, 'position' | 'subject' | 'covers'>;

/** What the log said of the people in a candidate. May hold more, of others and of later: only what was sealed before the candidate counts. */
export interface KnownFacts {
  consents: readonly ConsentFact[];
  links: readonly LinkFact[];
  confined: readonly ConfinedFact[];
  /** Collected by a method that confines it to nobody; of people with confined data at least. */
  open: readonly CollectedFact[];
  disposals: readonly DisposalFact[];
  /** All that was collected; of people with disposals at least. */
  collected: readonly CollectedFact[];
  flags: readonly FlagFact[];
  /** Of a notice about sources: what it may tell of. What others told of before it, as far as `told` does not say so, is not in it. */
  supplied: readonly SuppliedFact[];
  told: readonly ToldFact[];
  /** Where the candidate is for a purpose that the policy file does not declare, at least. */
  history?: PolicyHistory | undefined;
}

export type FindingRule =
  | 'collection-after-unlink'
  | 'location-after-device-setting'
  | 'collection-after-withdrawal'
  | 'use-after-withdrawal'
  | 'use-without-consent'
  | 'disclosure-after-withdrawal'
  | 'disclosure-without-consent'
  | 'confined-data-disclosed'
  | 'no-retention-rule'
  | 'kept-past-retention'
  | 'disposal-stuck'
  | 'request-overdue'
  | 'mail-after-withdrawal'
  | 'mail-within-window'
  | 'over-exposed'
  | 'message-undelivered'
  | 'breach-overdue'
  | 'undeclared-purpose'
  | 'undeclared-recipient'
  | 'no-valid-basis'
  | 'objection-ignored'
  | 'restriction-ignored'
  | 'under-age'
  | 'under-age-without-guardian'
  | 'source-not-told'
  | 'source-told-late';

export interface Finding {
  rule: FindingRule;
  severity: 'warning' | 'violation';
  clause: string;
  law?: string;
  /** The candidate first, then what it goes against. */
  positions: number[];
  explanation: string;
}

/** The law it is under. */
export const lawOf = ({ controller, jurisdiction }: Pick<Candidate, 'controller' | 'jurisdiction'>, policy: Policy): string =>
  jurisdiction ?? (policy.controllers.get(controller ?? '') ?? policy.defaultController).jurisdictions[0]!;
