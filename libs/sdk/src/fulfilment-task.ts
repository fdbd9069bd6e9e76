/** What is asked of a connected system: the rights of PDPA s.30-36 and GDPR 15-20 that data has to move for. */
export const TASK_KINDS = ['access', 'portability', 'rectification', 'restriction', 'erasure'] as const;
export type TaskKind = (typeof TASK_KINDS)[number];

/** What a connected system is asked to do about one person. */
export interface FulfilmentTask {
  /** UUID; the same on every retry. */
  task: string;
  /** UUID of the request; absent from a task of a disposal. */
  request?: string;
  /** UUID of the disposal, where nobody asked: the time to keep the data is over, or it is found to be a child's. */
  disposal?: string;
  /** Id of the system, such as `storefront`. */
  system: string;
  kind: TaskKind;
  /** Subject id; an answer names the same. */
  subject: string;
  /** Verified identifiers of the person, in clear; none where nobody gave any, as in a disposal. */
  identifiers: { scheme: string; value: string }[];
  /**
   * Refs of the identifiers that the ledger knows the person by (`ref1.…`), where there are none in clear. A system with the deployment's pepper finds
   * the person among its own: `identifierRef(pepper, 'account', customer.id)` is one of them.
   */
  refs?: string[];
  /** Data categories of the policy, among those that the system registered. Of an erasure, what must be kept by law is left out already. */
  categories: string[];
  /** Of an erasure: whether it is enough that nothing leads to the person any more. `destroy` without it. */
  action?: 'destroy' | 'anonymise';
  /** RFC 3339. Of an erasure: what was collected later is not to be touched. */
  collectedUntil?: string;
  /** What a restriction is about. */
  purposes?: string[];
  /** What a rectification changes. */
  changes?: { category: string; field: string; value: string }[];
  /** RFC 3339. */
  issuedAt: string;
  /** RFC 3339. */
  dueAt: string;
}

export interface FulfilmentRecord {
  /** Data category of the policy. */
  category: string;
  /** What the record is, such as `customer` or `order`. */
  name: string;
  /** Portability hands over `provided` alone (PDPA s.31, GDPR 20(1)). */
  provenance: 'provided' | 'observed' | 'derived';
  /** Lawful basis, where the system knows it; portability needs `consent` or `contract`. */
  basis?: string;
  values: Record<string, string | number | boolean | null>;
}

export interface KeptCategory {
  category: string;
  /** Why it was not erased; without personal values. */
  reason: string;
  /** The law that demands it. */
  law?: string;
}

export type FulfilmentAnswer =
  /** To access and portability. */
  | { outcome: 'data'; subject: string; records: FulfilmentRecord[] }
  /** To rectification, restriction and erasure: the categories in which it was done. */
  | { outcome: 'done'; subject: string; categories: string[]; kept?: KeptCategory[] }
  | { outcome: 'nothing-held'; subject: string }
  /** `reason` is shown to the data protection officer and holds no personal value; with `retry` the task comes again. */
  | { outcome: 'failed'; subject: string; reason: string; retry: boolean };

/** The value as a task; undefined when it is none. */
export function readTask(value: unknown): FulfilmentTask | undefined {
  if (!isObject(value)) return undefined;
  const { kind, request, disposal, identifiers, refs, categories, action, collectedUntil, purposes, changes } = value;
  const sound =
    ['task', 'system', 'subject', 'issuedAt', 'dueAt'].every((name) => isName(value[name])) &&
    (disposal === undefined ? isName(request) : request === undefined && isName(disposal)) &&
    (refs === undefined || listOf(refs, isName)) &&
    (action === undefined || action === 'destroy' || action === 'anonymise') &&
    (collectedUntil === undefined || (typeof collectedUntil === 'string' && !Number.isNaN(Date.parse(collectedUntil)))) &&
    TASK_KINDS.some((known) => known === kind) &&
    listOf(identifiers, (one) => isObject(one) && isName(one.scheme) && isName(one.value)) &&
    listOf(categories, isName) &&
    (purposes === undefined || listOf(purposes, isName)) &&
    (changes === undefined ||
      listOf(changes, (one) => isObject(one) && isName(one.category) && isName(one.field) && typeof one.value === 'string'));
  return sound ? (value as unknown as FulfilmentTask) : undefined;
}

/** The value as an answer; undefined when it is none, as with a record whose value is neither text, finite number, boolean nor null. */
export function readAnswer(value: unknown): FulfilmentAnswer | undefined {
  if (!isObject(value) || !isName(value.subject)) return undefined;
  const sound = {
    data: () => listOf(value.records, isRecord),
    done: () => listOf(value.categories, isName) && (value.kept === undefined || listOf(value.kept, isKept)),
    'nothing-held': () => true,
    failed: () => isName(value.reason) && typeof value.retry === 'boolean',
  }[value.outcome as FulfilmentAnswer['outcome']] as (() => boolean) | undefined;
  return sound?.() ? (value as unknown as FulfilmentAnswer) : undefined;
}

const isRecord = (one: unknown): boolean =>
  isObject(one) &&
  isName(one.category) &&
  isName(one.name) &&
  ['provided', 'observed', 'derived'].includes(one.provenance as string) &&
  (one.basis === undefined || isName(one.basis)) &&
  isObject(one.values) &&
  Object.values(one.values).every(
    (value) => value === null || ['string', 'boolean'].includes(typeof value) || (typeof value === 'number' && Number.isFinite(value)),
  );
const isKept = (one: unknown): boolean =>
  isObject(one) && isName(one.category) && isName(one.reason) && (one.law === undefined || isName(one.law));
const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
const isName = (value: unknown): boolean => typeof value === 'string' && value !== '';
const listOf = (value: unknown, each: (item: unknown) => boolean): boolean => Array.isArray(value) && value.every(each);
