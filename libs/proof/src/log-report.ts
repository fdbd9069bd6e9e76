/**
 * edit: an entry or hash is not what was sealed. reorder: entries stand at each other's places. gap: entries or tiles missing within the log.
 * truncation: the end is missing. rollback: the log is shorter than it was at the last visit. fork: it is another log than at the last visit.
 * signature: the checkpoint is not vouched for by the key. witness: not enough witnesses vouch for it, or not lately. chain: a subject's entries do not follow one another. format: an answer that no log gives.
 */
export type LogProblemKind = 'edit' | 'reorder' | 'gap' | 'truncation' | 'rollback' | 'fork' | 'signature' | 'witness' | 'chain' | 'format';

export interface LogProblem {
  kind: LogProblemKind;
  /** The position concerned, or the first of several. */
  position?: number;
  /** Last position of a range that begins at `position`. */
  lastPosition?: number;
  /** All positions of a reorder, `position` among them. */
  positions?: number[];
  /** For a person; never contains content of an entry. */
  message: string;
}

const MOST_PROBLEMS = 1000;

/** The problems found so far; bounded, so that a hostile log cannot fill the memory with them. */
export class ProblemList {
  readonly #problems: LogProblem[] = [];
  #omitted = 0;

  add(problem: LogProblem): void {
    if (this.#problems.length < MOST_PROBLEMS) this.#problems.push(problem);
    else this.#omitted++;
  }

  get full(): boolean {
    return this.#problems.length >= MOST_PROBLEMS;
  }

  get omitted(): number {
    return this.#omitted;
  }

  /** Rising by position; what concerns the whole log first. */
  sorted(): LogProblem[] {
    return this.#problems.toSorted((a, b) => (a.position ?? -1) - (b.position ?? -1));
  }
}

/** The message of something thrown, as one short line without control characters: it may come from a hostile server. */
export function reason(error: unknown): string {
  const text =
    error instanceof Error || (typeof error === 'object' && error !== null && 'message' in error) ? String(error.message) : String(error);
  const line = text.replaceAll(/[\p{Cc}\p{Cf}\p{Surrogate}]+/gu, ' ').trim();
  return line.length > 200 ? line.slice(0, 200) + '…' : line || 'no reason given';
}

/** 'position 7' or 'positions 7 to 9'. */
export function positionsText(first: number, last: number): string {
  return first === last ? `position ${first}` : `positions ${first} to ${last}`;
}
