import type { FieldProblem } from '@attesta/events';
import type { Receipt } from '@attesta/transport';
import type { SealerDraft } from './fence.js';
import { unavailable } from './unavailable.js';

export interface Refused {
  refused: FieldProblem[];
  id?: string | undefined;
  source?: string | undefined;
  type?: string | undefined;
}

/** Under this id something else is sealed, or the same under other keys. */
interface Conflict {
  conflict: SealerDraft;
  position: number;
}

export type Settled = Receipt | Refused;
export type Outcome = Settled | Conflict;

export const isSettled = (outcome: Outcome): outcome is Settled => !('conflict' in outcome);

/** What became of each event of a call. One promise for all of them: one for each would cost as much as checking the event. */
export class Outcomes {
  private readonly outcomes: Outcome[];
  private left: number;
  /** Whether the call as a whole is to be sent again, and why. */
  failed = false;
  failure: unknown;
  private done: (() => void) | undefined;

  constructor(length: number) {
    this.outcomes = new Array<Outcome>(length);
    this.left = length;
  }

  set(index: number, outcome: Outcome): void {
    this.outcomes[index] = outcome;
    if (--this.left === 0) this.done?.();
  }

  /** Nothing was decided about this event. */
  fail(index: number, error: unknown): void {
    if (!this.failed) [this.failed, this.failure] = [true, error];
    this.set(index, { refused: [] });
  }

  /** @throws LogBusy, LogUnavailable when something failed, after everything has been answered */
  async all(): Promise<Outcome[]> {
    if (this.left > 0) await new Promise<void>((done) => (this.done = done));
    if (this.failed) throw unavailable(this.failure);
    return this.outcomes;
  }
}

export const refused = ({ problems, ...names }: { problems: FieldProblem[]; id?: string; source?: string; type?: string }): Refused => ({
  refused: problems,
  ...names,
});
