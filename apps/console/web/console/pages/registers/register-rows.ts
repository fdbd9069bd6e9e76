/** Rows of the registers of `apps/audit`, as far as they are shown. Times are RFC 3339. */
export interface Row {
  position: number;
  subject?: string | null;
}

interface Processing extends Row {
  occurredAt: string;
  categories: string[];
  purposes: string[];
  basis: string;
  basisCitation: string | null;
}

export interface CollectionRow extends Processing {
  origin: string;
  originParty: string | null;
  occasion: string;
  method: string;
  channel: string;
}

export interface DisclosureRow extends Processing {
  recipient: string;
  role: string | null;
  country: string | null;
  transferGround: string | null;
  initiator: string;
}

export interface RecipientRow {
  recipient: string;
  title: string;
  role: string;
  country: string | null;
  clauses: string[];
  disclosures: number;
  subjects: number;
  lastDisclosure: { position: number; occurredAt: string } | null;
  outboundLinks: number;
}

export interface ChoiceRow extends Row {
  occurredAt: string;
  purposes: string[];
  status: string;
  madeBy: string;
  method: string;
  noticeVersion: string | null;
  channels: string[] | null;
  expiresAt: string | null;
}

export interface RequestRow extends Row {
  request: string;
  right: string;
  receivedAt: string;
  channel: string;
  status: string;
  due: string | null;
  extendedUntil: string | null;
  overdue: boolean;
  lateSeconds: number | null;
  ended: { how: string; at: string; ground: string | null; law: string | null } | null;
  positions: number[];
}

export interface DisposalRow extends Row {
  disposal: string | null;
  status: string;
  cause: string | null;
  rules: { rule: string; law: string | null }[];
  categories: string[];
  outcome: string | null;
  survivors: { category: string; ground: string; law?: string }[];
  startedAt: string | null;
  completedAt: string | null;
  destroyedAt: string | null;
  positions: number[];
}

export interface HoldRow extends Row {
  matter: string | null;
  law: string | null;
  categories: string[] | null;
  purposes: string[] | null;
  placedAt: string;
  releasedAt: string | null;
  releasedPosition: number | null;
  state: string;
}

export interface MessageRow extends Row {
  occurredAt: string;
  outcome: string;
  template: string | null;
  channel: string;
  purpose: string | null;
  kind: string | null;
  reason: string | null;
  consent: number | null;
}

export interface BreachRow extends Row {
  occurredAt: string;
  breach: string;
  event: string;
  jurisdiction: string | null;
  due: string | null;
}

export interface AccessRow extends Row {
  occurredAt: string;
  actor: string | null;
  role: string | null;
  action: string;
  reason: string | null;
  outcome: string;
  rows: number | null;
}

export interface SourceRow extends Row {
  collectedAt: string;
  originParty: string | null;
  categories: string[];
  state: string;
  lastDay: string | null;
  overdueFrom: string;
  informedAt: string | null;
  informedBy: number | null;
  late: boolean;
}

export interface RowsOf {
  collections: CollectionRow;
  disclosures: DisclosureRow;
  recipients: RecipientRow;
  consents: ChoiceRow;
  requests: RequestRow;
  disposals: DisposalRow;
  holds: HoldRow;
  messages: MessageRow;
  breaches: BreachRow;
  'access-log': AccessRow;
  sources: SourceRow;
}

export type RegisterName = keyof RowsOf;
