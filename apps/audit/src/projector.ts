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
    if (await everythingBeforeIsHere(tx)) await this.judge.decide(tx, candidates);
    else await this.judge.postpone(tx, candidates);
  };
}

/** A feed of one partition brings entries in the log's own order; of several, an entry may come before one that was sealed earlier. */
async function everythingBeforeIsHere(tx: pg.PoolClient): Promise<boolean> {
  const { rows } = await tx.query<{ several: boolean }>({
    name: 'several-partitions',
    text: 'select exists (select 1 from feed_cursor where consumer = $1 and partitions > 1) as several',
    values: [GROUP],
  });
  return rows[0]?.several !== true;
}
