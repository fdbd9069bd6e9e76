/** Requests as the requests service answers them; docs/requests.md says what each status is. Times are RFC 3339. */
export const STATUSES = [
  'initiated',
  'acknowledged',
  'requires-action',
  'action-performed',
  'accepted',
  'rejected',
  'fulfilled',
  'unfulfilled',
] as const;
export type Status = (typeof STATUSES)[number];

export interface Spared {
  category: string;
  ground: string;
  law?: string;
  reason?: string;
}

export interface Task {
  task: string;
  system: string;
  kind: string;
  categories: string[];
  outcome: 'data' | 'done' | 'nothing-held' | 'overridden' | null;
  stuck: boolean;
}

/** Grounds on which the use of data can be restricted (PDPA s.34, GDPR Art. 18). */
export const GROUNDS = ['accuracy-contested', 'unlawful-processing', 'needed-for-claims', 'objection-pending'] as const;
export type RestrictionGround = (typeof GROUNDS)[number];

export interface RequestView {
  request: string;
  subject: string;
  right: string;
  jurisdiction: string;
  channel: 'form' | 'email' | 'letter' | 'phone' | 'in-person' | 'opendsr' | 'controller';
  status: Status;
  identity: 'unverified' | 'verified' | 'failed';
  needs: ('identity-verification' | 'information')[];
  receivedAt: string;
  due: string | null;
  lastDay: string | null;
  overdue: boolean;
  extendedTo: string | null;
  duplicateOf: string | null;
  endedAt: string | null;
  about: {
    purposes: string[];
    channels: string[];
    categories: string[];
    ground: RestrictionGround | null;
    fields: { category: string; field: string }[];
  };
  result: 'complete' | 'partial' | null;
  refused: Spared[];
  survivors: Spared[];
  tasks: Task[];
}

export type RequestRow = Omit<RequestView, 'tasks'>;

export interface Details {
  identifiers: { scheme: string; value: string }[];
  email?: string;
  changes?: { category: string; field: string; value: string }[];
  texts: string[];
}

const OPEN: readonly Status[] = ['initiated', 'acknowledged', 'requires-action', 'action-performed', 'accepted'];

/** While a request is in which status a command of the officer is taken: as in docs/requests.md. */
export const TAKEN_WHILE = {
  'verify-identity': ['acknowledged', 'requires-action', 'action-performed'],
  'fail-identity': ['acknowledged', 'requires-action', 'action-performed'],
  require: ['acknowledged', 'requires-action', 'action-performed'],
  accept: ['acknowledged', 'action-performed'],
  reject: ['initiated', 'acknowledged', 'requires-action', 'action-performed'],
  extend: OPEN,
  'give-up': ['requires-action'],
  reopen: ['rejected', 'fulfilled', 'unfulfilled'],
  'override-task': ['accepted'],
} as const satisfies Record<string, readonly Status[]>;
export type Command = keyof typeof TAKEN_WHILE;

export const isOpen = ({ status }: Pick<RequestView, 'status'>): boolean => OPEN.includes(status);

/** Whether a request, as it stands, takes a command. */
export function takes(command: Command, { status, identity, due }: Pick<RequestView, 'status' | 'identity' | 'due'>): boolean {
  if (!(TAKEN_WHILE[command] as readonly Status[]).includes(status)) return false;
  if (command === 'verify-identity' || command === 'fail-identity') return identity !== 'verified';
  if (command === 'accept') return identity === 'verified';
  if (command === 'extend') return due !== null;
  return true;
}

/** Whether there may be a package whose link can be drawn: a copy of the data was asked for and is made. */
export const hasPackage = ({ right, status, identity }: Pick<RequestView, 'right' | 'status' | 'identity'>): boolean =>
  (right === 'access' || right === 'portability') && status === 'fulfilled' && identity === 'verified';
