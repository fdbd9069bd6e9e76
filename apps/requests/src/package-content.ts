import type { FulfilmentRecord } from '@attesta/sdk';
import type { PackageAnswer, PackageInput, PackageLanguage, PackageRequest } from './package-input.js';

/** Form of `package.json`. Members are added without a change of it; nothing is renamed, removed or given another meaning. */
export const PACKAGE_SCHEMA = 'attesta-package-v1';

/** An item of the policy that the package names by id, in the package's language. */
export interface Term {
  title: string;
  citation?: string;
  clauses?: readonly string[];
}

/** By kind, then by id; bases and grounds of transfer by `<jurisdiction>/<id>`. */
export type TermKind = 'categories' | 'purposes' | 'occasions' | 'methods' | 'parties' | 'bases' | 'transferGrounds' | 'rights' | 'events';
export type PackageTerms = Record<TermKind, Record<string, Term>>;

/** What every row of the log says of itself. Times are RFC 3339, as sealed. */
export interface LogRow {
  position: number;
  at: string;
  recordedAt: string;
  source: string;
  /** Other people the entry is about: their roles and nothing else. */
  related?: { role: string | null }[];
}

/** Which data, what for, and by which right (GDPR 15(1)(a), (b); PDPA s.30). */
export interface ProcessingRow extends LogRow {
  categories: string[];
  purposes: string[];
  basis: string;
  jurisdiction: string;
  /** The provision relied on, where the entry names one beside the basis' own. */
  basisCitation?: string;
  controller?: string;
  /** References into other systems, such as an order. */
  context?: Record<string, string>;
}

export interface CollectionRow extends ProcessingRow {
  occasion: string;
  method: string;
  channel: string;
  origin: 'subject' | 'third-party' | 'derived';
  originParty?: string;
  noticeVersion?: string;
}

export interface UseRow extends ProcessingRow {
  operation: string;
  system?: string;
}

export interface DisclosureRow extends ProcessingRow {
  recipient: string;
  /** By the policy; absent where it does not know the recipient. */
  role?: string;
  /** ISO 3166-1 alpha-2 */
  country?: string;
  transferGround?: string;
  initiator: 'controller' | 'subject' | 'authority';
  legalReference?: string;
  channel?: string;
}

export interface ConsentRow extends LogRow {
  /** A choice is what was said; a decision is what it led to. */
  what: 'choice' | 'decision';
  status: string;
  purposes: string[];
  method: string;
  noticeVersion?: string;
  language?: string;
  channels?: string[];
  categories?: string[];
  /** ISO 8601 duration */
  validFor?: string;
  explicit?: boolean;
  by?: string;
  reason?: string;
}

export interface ObjectionRow extends LogRow {
  what: 'raised' | 'decided' | 'withdrawn';
  purposes: string[];
  method?: string;
  outcome?: string;
  reason?: string;
  law?: string;
}

export interface RestrictionRow extends LogRow {
  what: 'placed' | 'lifted';
  /** Without purposes and categories: all of it. */
  purposes?: string[];
  categories?: string[];
  ground?: string;
  method?: string;
  reason?: string;
}

/** A sealed event of any other kind: that it happened, and when. */
export interface OtherRow extends LogRow {
  event: string;
}

export interface RetentionRow {
  /** null for what applies to all data alike. */
  category: string | null;
  rules: {
    rule: string;
    /** ISO 8601, counted from the trigger. */
    duration: string;
    trigger: string;
    action: 'destroy' | 'anonymise' | 'review';
    ground: 'law' | 'claims' | 'need';
    citation: string;
    clauses?: readonly string[];
  }[];
}

export interface CategoryValues {
  category: string;
  records: (Omit<FulfilmentRecord, 'category'> & { system: string })[];
}

export type SystemRow = Pick<PackageAnswer, 'system' | 'title' | 'outcome' | 'reason'> & { records: number };

export interface PackageHead {
  schema: typeof PACKAGE_SCHEMA;
  language: PackageLanguage;
  request: PackageInput['request'];
  subject: string;
  madeAt: string;
  /** Zone in which times are written for reading. */
  timeZone: string;
  controller: { name: string; country: string; contact?: string; address?: string; email?: string; phone?: string; url?: string };
  law: { title: string; authority: string };
  policy: { id: string; title: string; version: string };
  systems: SystemRow[];
  values: CategoryValues[];
  terms: PackageTerms;
}

/** Everything about a person (notice clause 7.1, PDPA s.30, GDPR 15). */
export interface AccessContent extends PackageHead {
  kind: 'access';
  collections: CollectionRow[];
  uses: UseRow[];
  disclosures: DisclosureRow[];
  consents: ConsentRow[];
  objections: ObjectionRow[];
  restrictions: RestrictionRow[];
  retention: RetentionRow[];
  requests: PackageRequest[];
  otherEvents: OtherRow[];
  /** Rights of the policy, with what each rests on under the law of the request. */
  rights: { right: string; citation?: string }[];
}

/** Why a record is no part of a transfer (PDPA s.31, GDPR 20(1)). */
export type LeftOutReason = 'not-provided' | 'other-basis' | 'basis-unknown';

/** What the person provided, on consent or contract (notice clause 7.3, PDPA s.31, GDPR 20). */
export interface PortabilityContent extends PackageHead {
  kind: 'portability';
  leftOut: { category: string; reason: LeftOutReason; records: number }[];
}

export type PackageContent = AccessContent | PortabilityContent;
