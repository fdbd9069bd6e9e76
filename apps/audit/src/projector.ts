import type { Policy } from '@attesta/policy';
import { forgottenAmong, type Forgotten } from '@attesta/service-kit';
import { Fenced, type FeedHandler } from '@attesta/transport';
import type pg from 'pg';
import type { LinkFact } from './candidate.js';
import { candidateOf } from './fact-index.js';
import { factOf } from './fact.js';
import { forget, GATE } from './forgetting.js';
import type { Judge } from './judge.js';
import { links } from './links.projection.js';
import { belatedIn, partingsIn, type Parting } from './parting.js';
import { insertOf, type Register } from './register.js';
import { NEXT, nextIsThere, PRESENT, within, type RegisterSet } from './register-set.js';
import { registersOf } from './registers.js';
import { peopleIn } from './remains.js';
import { addToTally } from './tally.js';

/** Name of the feed's consumer: its cursors are kept under it. */
export const GROUP = PRESENT.group;

/** Turns sealed entries into rows of all registers, and judges them, in the transaction that moves the cursor. */
export class Projector {
  readonly registers: readonly Register[];

  constructor(
    policy: Policy,
    private readonly judge: Judge,
    private readonly set: RegisterSet = PRESENT,
  ) {
    this.registers = registersOf(policy);
  }

  readonly handle: FeedHandler = async (events, tx) => {
    const partings = partingsIn(events);
    const several = await prepare(tx, partings.length > 0, this.set);
    if (partings.length > 0) await this.forget(tx, peopleOf(partings));
    const forgotten = await forgottenAmong(
      tx,
      events.flatMap(({ entry }) => peopleIn(entry)),
    );
    const sealed = events.map((event) => factOf(event));
    const left = forgotten.size === 0 ? sealed : events.map((event) => factOf(event, forgotten));
    let running: Promise<unknown> = Promise.resolve();
    for (const register of this.registers) {
      const rows = (register === links ? sealed : left).flatMap((fact) => register.rows(fact));
      if (rows.length === 0) continue;
      // Encoded while PostgreSQL works on the register before.
      const insert = insertOf(register, rows);
      await running;
      running = tx.query(insert);
    }
    await running;
    const candidates = sealed.map(candidateOf).filter((candidate) => candidate !== undefined);
    const ties = forgotten.size === 0 ? [] : (sealed.flatMap((fact) => links.rows(fact)) as LinkFact[]);
    const parted = [...partings, ...belatedIn(ties, forgotten)];
    if (several) await this.judge.postpone(tx, [...candidates, ...parted]);
    else await this.judge.decide(tx, candidates, parted);
    await addToTally(tx, sealed);
  };

  /**
   * Leaves of people what may be left of them, in rows and in those to come; during a rebuild in both sets, whichever comes to it first.
   * @returns of how many there was more in this set
   */
  readonly forget = async (tx: pg.PoolClient, people: readonly Forgotten[]): Promise<number> => {
    await tx.query(`select ${GATE.forgetting}`);
    const registers = this.registers.filter((register) => register !== links);
    const found = await forget(tx, registers, people);
    const other = this.set === NEXT ? PRESENT : (await nextIsThere(tx)) ? NEXT : undefined;
    if (other) await within(tx, other, () => forget(tx, registers, people));
    return found;
  };
}

const peopleOf = (partings: readonly Parting[]): Forgotten[] =>
  partings.flatMap(({ people, position }) => people.map((subject) => ({ subject, position })));

/**
 * Whether entries come over several partitions: then one may come before another that was sealed earlier.
 * The commit need not wait for the disk: a crash takes rows and cursor back together, and they come again. Lookups go by index, because the
 * planner knows nothing yet of tables that are being filled.
 */
async function prepare(tx: pg.PoolClient, forgetting: boolean, set: RegisterSet): Promise<boolean> {
  const { rows } = await tx.query<{ several: boolean }>({
    name: `prepare-projection-${forgetting}`,
    text: `select set_config('synchronous_commit', 'off', true), set_config('enable_seqscan', 'off', true), ${forgetting ? GATE.forgetting : GATE.adding},
                  exists (select 1 from feed_cursor where consumer = $1 and partitions > 1) as several`,
    values: [set.group],
  });
  // Without its own tables the names would mean those of the present set. Looked at behind the gate, which whoever drops them has alone.
  if (set === NEXT && !(await nextIsThere(tx))) throw new Fenced('The registers that were being filled are gone');
  return rows[0]?.several === true;
}
