/** Findings as the audit service answers them. Times are RFC 3339. */
export const SEVERITIES = ['violation', 'warning', 'info'] as const;
export const OUTCOMES = ['remedied', 'not-an-infringement', 'accepted-risk'] as const;

export type State = 'open' | 'assigned' | 'resolved';

/** As the registers have it. */
export interface FindingView {
  position: number;
  finding: string;
  rule: string;
  severity: (typeof SEVERITIES)[number];
  clause: string | null;
  law: string | null;
  subject: string | null;
  /** The entries that show it. */
  positions: number[];
  explanation: string;
  recordedAt: string;
  /** Of the sealed finding.raised; null until it is back from the ledger. */
  sealedPosition: number | null;
  assignee: string | null;
  state: State;
}

/** As it stands, with what was said of it and is not sealed yet. */
export interface FindingAnswer {
  finding: string;
  subject: string | null;
  state: State;
  assignee: string | null;
  outcome: (typeof OUTCOMES)[number] | null;
  resolution: string | null;
  version: number;
  history: {
    event: 'raised' | 'assigned' | 'resolved' | 'reopened';
    at: string;
    actor: string | null;
    assignee: string | null;
    outcome: (typeof OUTCOMES)[number] | null;
    explanation: string | null;
    positions: number[] | null;
    position: number | null;
  }[];
}

export type OneFinding = FindingAnswer & { entry: FindingView | null };
