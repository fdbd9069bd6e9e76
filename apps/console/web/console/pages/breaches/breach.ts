/** Breaches as the notification service answers them. Times are RFC 3339. */
export const NATURES = ['confidentiality', 'integrity', 'availability'] as const;
export const RISKS = ['none', 'risk', 'high'] as const;

export interface ClockView {
  jurisdiction: string;
  authority: string | null;
  clock: string | null;
  /** The first instant at which it is too late. */
  due: string | null;
  state: 'running' | 'overdue' | 'notified' | 'notified-late' | 'not-required' | 'none';
  lateSeconds: number | null;
}

export interface BreachView {
  breach: string;
  status: 'open' | 'closed';
  recordedAt: string;
  discoveredAt: string;
  facts: {
    occurredFrom?: string;
    occurredUntil?: string;
    nature: (typeof NATURES)[number][];
    categories: string[];
    whom?: string;
    people?: number;
    records?: number;
    description: string;
    cause?: string;
    controller?: string;
    jurisdictions: string[];
  };
  assessment: {
    risk: (typeof RISKS)[number];
    reasons: string;
    consequences: string;
    measures: string;
    planned?: string;
    at: string;
  } | null;
  assessmentDue: string | null;
  clocks: ClockView[];
  notNotified: { reason: string; at: string } | null;
  notified: { jurisdiction: string; at: string; phase: 'initial' | 'supplement'; reference?: string; explanation?: string }[];
  people: {
    named: number;
    required: boolean;
    orders: {
      at: string;
      people?: number;
      categories?: string[];
      words: { en: { what: string }; th: { what: string } };
      told: { told: number; unreachable: number; failed: number } | null;
    }[];
  };
  closing: { reason: string; exemption?: { ground: 'encrypted' | 'averted' | 'disproportionate'; explanation: string }; at: string } | null;
}

export const STEPS = ['update', 'assess', 'notify', 'excuse', 'name', 'order', 'close'] as const;
export type Step = (typeof STEPS)[number];

type Standing = Pick<BreachView, 'status' | 'assessment' | 'clocks' | 'notNotified'>;

/** Whether a breach, as it stands, takes a step; what people were told of it is looked at when it is closed. */
export function takes(step: Step, { status, assessment, clocks, notNotified }: Standing): boolean {
  // What is new opens a closed breach again.
  if (step === 'update' || step === 'assess') return true;
  if (status === 'closed') return false;
  if (step === 'excuse') return assessment?.risk === 'none' && notNotified === null;
  if (step === 'close') return assessment !== null && clocks.every(({ state }) => state !== 'running' && state !== 'overdue');
  return true;
}

/** Jurisdictions whose clocks still run or ran out. */
export const waitingFor = ({ clocks }: Pick<BreachView, 'clocks'>): ClockView[] =>
  clocks.filter(({ state }) => state === 'running' || state === 'overdue');

/** Hours and minutes between two instants, in milliseconds, whichever is first. */
export function spanOf(a: number, b: number): { hours: number; minutes: number } {
  const minutes = Math.floor(Math.abs(a - b) / 60_000);
  return { hours: Math.floor(minutes / 60), minutes: minutes % 60 };
}
