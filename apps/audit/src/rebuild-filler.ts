import type { Policy } from '@attesta/policy';
import { createPool } from '@attesta/service-kit';
import { PostgresFeed, type FeedSubscription } from '@attesta/transport';
import type pg from 'pg';
import type { Checkpoints } from './checkpoints.js';
import { Judge } from './judge.js';
import { Projector } from './projector.js';
import { logSource } from './rebuild-source.js';
import { NEXT } from './register-set.js';

export interface FillerOptions {
  databaseUrl: string;
  policy: Policy;
  checkpoints: Checkpoints;
  batchSize: number;
  /** Where the present set stands. */
  reached: () => Promise<number>;
  onError: (error: unknown) => void;
}

/** What is judged again was said already, or is said when the set is swapped in. */
const QUIET = { append: () => Promise.resolve({ position: -1, version: -1 }) };

/**
 * Fills the second set from the ledger's log, in its order, as a consumer of its own: what cannot be applied is set aside there. One process fills it:
 * in one order everything can be judged at once, and the log has what a topic may have let go of.
 */
export class Filler {
  private readonly pool: pg.Pool;
  private readonly projector: Projector;
  private running: FeedSubscription | undefined;
  /** No entry is filled in beyond this position: where the present set stands, so that both can be compared. */
  limit: () => Promise<number>;

  constructor(private readonly options: FillerOptions) {
    const url = new URL(options.databaseUrl);
    url.searchParams.set('options', `-c search_path=${NEXT.path.replaceAll(' ', '')}`);
    this.pool = createPool({ url: url.href, name: 'attesta-audit-rebuild', max: 4 });
    this.limit = options.reached;
    this.projector = new Projector(options.policy, new Judge(options.policy, QUIET), NEXT);
  }

  async goOn(): Promise<void> {
    const { checkpoints, batchSize, onError } = this.options;
    this.running ??= await new PostgresFeed(logSource(checkpoints, () => this.limit())).subscribe({
      group: NEXT.group,
      pool: this.pool,
      handle: this.projector.handle,
      batchSize,
      onError,
    });
  }

  /** Resolves when nothing is being applied any more. */
  async pause(): Promise<void> {
    await this.running?.stop();
    this.running = undefined;
  }

  async close(): Promise<void> {
    await this.pause();
    await this.pool.end();
  }
}
