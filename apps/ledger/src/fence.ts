import type { FieldProblem } from '@attesta/events';
import type { Draft } from '@attesta/event-log';
import type { Vault } from '@attesta/vault';
import type pg from 'pg';
import { prepare, unresolved, wantedBy, type Checked, type Prepared } from './prepare.js';
import { LogBusy } from './unavailable.js';

/** A draft of the sealer's, which can be made anew. */
export interface SealerDraft extends Prepared, Draft {
  /** Why it was withdrawn. */
  refusal?: FieldProblem[];
}

/** Tries to have everybody in memory at one moment. */
const MOST_TRIES = 5;

/**
 * The log's fence, as this process knows it. Raising it makes every process that has keys of these people in memory let go of them before it
 * appends anything more: the log refuses what was made before.
 */
export class Fence {
  private known = 0;

  private constructor(
    private readonly pool: pg.Pool,
    private readonly vault: Vault,
  ) {}

  /** While the vault's memory is empty. */
  static async open(pool: pg.Pool, vault: Vault): Promise<Fence> {
    const fence = new Fence(pool, vault);
    await fence.learn(Number.MAX_SAFE_INTEGER);
    return fence;
  }

  /** No key in the vault's memory was closed at or before it. */
  get current(): number {
    return this.known;
  }

  /**
   * Call it once the keys of these people are closed in the vault.
   * @returns the log's size: nothing at or after this position is sealed under those keys
   */
  async raise(subjects: readonly string[]): Promise<number> {
    const { rows } = await this.pool.query<{ size: string }>('select size from close_fence($1::uuid[])', [subjects]);
    await this.learn(this.known);
    return Number(rows[0]!.size);
  }

  /** Brings drafts up to the log's fence (AppenderOptions.renew). Only values of people whose keys were closed are sealed anew. */
  async renew(drafts: readonly Draft[]): Promise<ReadonlySet<Draft>> {
    const mine = drafts as readonly SealerDraft[];
    const { fence, closed } = await this.learn(mine.reduce((oldest, draft) => Math.min(oldest, draft.fence), this.known));
    const stale = mine.filter((draft) => hasKeyClosed(draft, closed));
    const withdrawn = await this.makeAnew(stale);
    for (const draft of mine) draft.fence = Math.max(draft.fence, fence);
    return withdrawn;
  }

  private async makeAnew(drafts: readonly SealerDraft[]): Promise<Set<Draft>> {
    const withdrawn = new Set<Draft>();
    let left = drafts.map((draft) => ({ draft, checked: byId(draft) }));
    for (let tries = 0; left.length > 0; tries++) {
      if (tries === MOST_TRIES) throw new LogBusy('keys are closed faster than values can be sealed');
      await this.vault.ensure(left.flatMap(({ checked }) => wantedBy(checked)));
      left = left.filter(({ draft, checked }) => {
        const refusal = unresolved(checked, this.vault);
        const prepared = refusal.length > 0 ? undefined : prepare(checked, this.vault, draft.sender, this.known);
        if (refusal.length > 0 || prepared?.ok === false) {
          draft.refusal = prepared?.ok === false ? prepared.problems : refusal;
          withdrawn.add(draft);
        } else if (prepared) Object.assign(draft, prepared.value);
        return refusal.length === 0 && prepared === undefined;
      });
    }
    return withdrawn;
  }

  /** Learns of every closing after `since`, and lets go of those people. What was read and what is in memory change in one moment. */
  private async learn(since: number): Promise<{ fence: number; closed: Map<string, number> }> {
    const { rows } = await this.pool.query<{ fence: string; at: string | null; subject: string | null }>(
      'select h.fence, k.fence as at, k.subject from log_head h left join key_fence k on k.fence > $1 order by k.fence',
      [since],
    );
    const closed = new Map<string, number>();
    for (const { at, subject } of rows) {
      if (subject === null) continue;
      closed.set(subject, Number(at));
      if (Number(at) > this.known) this.vault.drop(subject);
    }
    const fence = Number(rows[0]!.fence);
    this.known = Math.max(this.known, fence);
    return { fence, closed };
  }
}

const hasKeyClosed = ({ checked, people, fence }: SealerDraft, closed: ReadonlyMap<string, number>): boolean =>
  checked.abouts.some(({ personal }, i) => personal.size > 0 && (closed.get(people[i]!.id) ?? 0) > fence);

/** The same event about the same people, even where a ref would lead to nobody, or to somebody new, by now. */
const byId = ({ checked: { event, abouts }, people }: SealerDraft): Checked => ({
  event,
  abouts: abouts.map((about, i) => ({ ...about, who: people[i]!.id })),
});
