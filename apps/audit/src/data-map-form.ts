/** Entries that prove a line: how many there are, and the newest of them. */
export interface Evidence {
  count: number;
  positions: number[];
}

export interface DataMapLine {
  category: string;
  title: string | null;
  titleTh: string | null;
  sensitive: boolean;
  retentionClass: string | null;
  /** How many lines of the inventory are held, and how many were destroyed. */
  held: number;
  destroyed: number;
  /** Of what is held, when the first and the last came in; of what was, where nothing is held any more. */
  since: string;
  lastCollected: string;
  origins: OriginLine[];
  purposes: PurposeLine[];
  /** When the first, and the last, of what is held has to go; null while something runs that has no end yet. */
  due: { first: string | null; last: string | null };
  holds: HoldLine[];
  disclosures: RecipientLine[];
  disposals: DisposalLine[];
  evidence: Evidence;
}

export interface OriginLine {
  /** `subject`, `third-party` or `derived`; `another-person` for what came in with somebody else's data. */
  origin: string;
  party: string | null;
  partyTitle: string | null;
  method: string | null;
  channel: string | null;
  occasion: string | null;
  noticeVersions: string[];
  since: string;
  last: string;
  evidence: Evidence;
}

export interface PurposeLine {
  purpose: string;
  title: string | null;
  titleTh: string | null;
  bases: BasisLine[];
  /** Rules of the policy that keep it for this purpose now; `until` null while what they count from has not come about. */
  keptBy: { rule: string; ground: string; law: string; action: string; until: string | null }[];
  /** No rule says how long: kept without end. */
  unruled: boolean;
}

export interface BasisLine {
  basis: string;
  title: string | null;
  jurisdiction: string;
  /** The provision, by the policy. */
  law: string | null;
  /** The provision that the entry itself names. */
  citation: string | null;
  /** Positions of the consents that were relied on. */
  consents: number[];
  evidence: Evidence;
}

export interface HoldLine {
  hold: string;
  /** The case it is for; not told to the person. */
  matter: string | null;
  law: string | null;
  since: string;
  position: number;
}

export interface RecipientLine {
  recipient: string;
  title: string | null;
  titleTh: string | null;
  role: string | null;
  country: string | null;
  transferGround: string | null;
  first: string;
  last: string;
  evidence: Evidence;
}

export interface DisposalLine {
  disposal: string;
  cause: string;
  outcome: string;
  action: string;
  rules: { rule: string; law: string }[];
  completedAt: string;
  /** What of the category survived it, and on which ground. */
  survivors: { ground: string; law: string | null; until: string | null }[];
  position: number;
}
