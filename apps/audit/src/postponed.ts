import { transaction } from '@attesta/transport';
import type pg from 'pg';
import type { Judge } from './judge.js';

const LOOK_MS = 200;
const AT_ONCE = 1_000;

/**
 * Judges what a topic of several partitions brought, once all partitions are past it: a finding must not depend on which partition was
 * faster. Does nothing where the feed has one partition.
 */
export class Postponed {
  private timer: NodeJS.Timeout | undefined;
  private working: Promise<void> = Promise.resolve();

  constructor(
    private readonly pool: pg.Pool,
    private readonly judge: Judge,
    /** Everything up to here is in the registers. */
    private readonly reached: () => Promise<number>,
    private readonly onError: (error: unknown) => void,
  ) {}

  start(): void {
    this.timer = setInterval(() => {
      this.working = this.working.then(() => this.tick()).catch(this.onError);
    }, LOOK_MS);
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.working;
  }

  /** Resolves when nothing up to `position` waits any more. */
  async drain(position: number): Promise<void> {
    while (await this.waits(position)) {
      await this.work();
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  private async tick(): Promise<void> {
    if (await this.waits(Number.MAX_SAFE_INTEGER)) await this.work();
  }

  private async waits(position: number): Promise<boolean> {
    const { rows } = await this.pool.query<{ waiting: boolean }>({
      name: 'postponed',
      text: 'select exists (select 1 from to_judge where position <= $1) as waiting',
      values: [position],
    });
    return rows[0]?.waiting === true;
  }

  private async work(): Promise<void> {
    for (let more = true; more;) {
      // Where the partitions stand is read first: rows up to there are committed, so the transaction sees them.
      const upto = await this.reached();
      more = await transaction(this.pool, async (tx) => {
        const { rows } = await tx.query<{ mine: boolean }>(`select pg_try_advisory_xact_lock(hashtext('attesta audit judge')) as mine`);
        if (!rows[0]?.mine) return false;
        return (await this.judge.decidePostponed(tx, upto, AT_ONCE)) === AT_ONCE;
      });
    }
  }
}
