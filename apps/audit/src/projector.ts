import type { Policy } from '@attesta/policy';
import type { FeedHandler, SealedEvent } from '@attesta/transport';
import type pg from 'pg';
import { candidateOf } from './fact-index.js';
import { factOf } from './fact.js';
import type { Judge } from './judge.js';
import { insertOf, type Register } from './register.js';
import { registersOf } from './registers.js';

/** Name of the feed's consumer: its cursors are kept under it. */
export const GROUP = 'audit';

/** Turns sealed entries into rows of all registers, and judges them, in the transaction that moves the cursor. */
export class Projector {
  readonly registers: readonly Register[];

  constructor(
    policy: Policy,
    private readonly judge: Judge,
  ) {
    this.registers = registersOf(policy);
  }

  readonly handle: FeedHandler = async (events, tx) => {
    const several = await prepare(tx);
    const facts = events.map((event: SealedEvent) => factOf(event));
    let running: Promise<unknown> = Promise.resolve();
    for (const register of this.registers) {
      const rows = facts.flatMap((fact) => register.rows(fact));
      if (rows.length === 0) continue;
      // Encoded while PostgreSQL works on the register before.
      const insert = insertOf(register, rows);
      await running;
      running = tx.query(insert);
    }
    await running;
    const candidates = facts.map(candidateOf).filter((candidate) => candidate !== undefined);
    if (several) await this.judge.postpone(tx, candidates);
    else await this.judge.decide(tx, candidates);
  };
}

/**
 * Whether entries come over several partitions: then one may come before another that was sealed earlier.
 * The commit need not wait for the disk: a crash takes rows and cursor back together, and they come again. Lookups go by index, because the
 * planner knows nothing yet of tables that are being filled.
 */
async function prepare(tx: pg.PoolClient): Promise<boolean> {
  const { rows } = await tx.query<{ several: boolean }>({
    name: 'prepare-projection',
    text: `select set_config('synchronous_commit', 'off', true), set_config('enable_seqscan', 'off', true),
                  exists (select 1 from feed_cursor where consumer = $1 and partitions > 1) as several`,
    values: [GROUP],
  });
  return rows[0]?.several === true;
}
