import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { ServiceLog } from '@attesta/event-log';
import type { Policy } from '@attesta/policy';
import { createPool, Timers } from '@attesta/service-kit';
import { isTransient, transaction, type FeedSubscription } from '@attesta/transport';
import type pg from 'pg';
import { alone } from './alone.js';
import type { Checkpoints } from './checkpoints.js';
import { GATE } from './forgetting.js';
import { compareSets, type Compared } from './rebuild-compare.js';
import { Filler } from './rebuild-filler.js';
import { differenceFound, unsaidFindings } from './rebuild-findings.js';
import { grantNext } from './rebuild-owner.js';
import * as state from './rebuild-state.js';
import type { OnDifference, RebuildRow } from './rebuild-state.js';
import { analyseNext, createNext, dropNext, NEXT, nextIsThere, swapIn } from './register-set.js';

interface Surroundings {
  pool: pg.Pool;
  log: ServiceLog;
  feed: FeedSubscription;
  checkpoints: Checkpoints;
  policy: Policy;
  databaseUrl: string;
  /** Owner of the tables: makes the second set, and swaps it in. */
  migrationUrl?: string | undefined;
  batchSize: number;
  /** Everything up to here is in the present registers. */
  reached: () => Promise<number>;
  now: () => Date;
  onError: (error: unknown) => void;
  /** Told where a rebuild is, so that specs can end the process there. */
  onStep?: ((step: RebuildStep) => Promise<void> | void) | undefined;
}

export type RebuildStep = 'ordered' | 'filling' | 'caught-up' | 'compared' | 'held' | 'swapping' | 'swapped';

const LOOK_MS = 1_000;
const ASK_MS = 50;
/** How long the present registers wait at most for the second set to come to where they stand. */
const HOLD_MS = 10_000;

/**
 * Rebuilds the registers beside those that answer: fills a second set, compares both at one position, and puts the second in the place of the first, in
 * one transaction. What is to be done next stands in the database; a process that was killed anywhere is followed by another, or by itself.
 */
export class Rebuild {
  private readonly timers: Timers;
  private readonly owner: pg.Pool;
  private stopped = false;

  constructor(private readonly around: Surroundings) {
    const { databaseUrl, migrationUrl, onError } = around;
    // As many connections as there are at once, and none while nothing is rebuilt.
    this.owner = createPool({ url: migrationUrl ?? databaseUrl, name: 'attesta-audit-owner', max: 2, statementTimeoutMs: 0 });
    this.timers = new Timers({ look: () => this.round(), everyMs: LOOK_MS, onError });
  }

  start(): void {
    this.timers.start();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await this.timers.stop();
    await this.owner.end();
  }

  /** Begins a rebuild. One that is under way goes on, with this choice; one that ended in a difference goes on where it was if it is to be swapped in. */
  async order(onDifference: OnDifference): Promise<void> {
    const { reached, now, databaseUrl, migrationUrl } = this.around;
    const target = await reached();
    await transaction(this.owner, async (tx) => {
      await tx.query(`select pg_advisory_xact_lock(hashtext('attesta audit rebuild order'))`);
      const last = await state.readRebuild(tx, 'for update');
      if (last?.state === 'filling' || (last?.state === 'differs' && onDifference === 'swap')) return state.goOn(tx, onDifference);
      await dropNext(tx);
      await createNext(tx);
      await grantNext(tx, databaseUrl, migrationUrl);
      await state.beginRebuild(tx, randomUUID(), onDifference, target, now());
    });
    await this.step('ordered');
    this.timers.wake();
  }

  /** @returns whether there was one to give up */
  async giveUp(): Promise<boolean> {
    const given = await transaction(this.around.pool, async (tx) => {
      const row = await state.readRebuild(tx, 'for update');
      if (row?.state !== 'filling' && row?.state !== 'differs') return false;
      await state.endRebuild(tx, 'given-up', this.around.now());
      return true;
    });
    this.timers.wake();
    return given;
  }

  /** Resolves with the row once nothing is being rebuilt any more, by whichever process. */
  async ended(): Promise<RebuildRow | undefined> {
    for (;;) {
      const row = await state.readRebuild(this.around.pool);
      if (row?.state !== 'filling' || this.stopped) return row;
      await delay(ASK_MS);
    }
  }

  /** Does what there is to do, unless another process does. */
  async round(): Promise<void> {
    const { pool } = this.around;
    const row = await state.readRebuild(pool);
    const left = row?.state === 'given-up' && (await nextIsThere(pool));
    if (row?.state !== 'filling' && !left) return;
    await alone(pool, 'attesta audit rebuild', () => (left ? this.clearUp() : this.work()));
  }

  private clearUp(): Promise<void> {
    return transaction(this.owner, async (tx) => {
      if ((await state.readRebuild(tx, 'for update'))?.state !== 'given-up') return;
      await dropNext(tx);
    });
  }

  private async work(): Promise<void> {
    const filler = new Filler(this.around);
    try {
      for (let row = await this.current(); row; row = await this.current()) {
        filler.limit = this.around.reached;
        await filler.goOn();
        await this.step('filling');
        if (!(await this.filledTo(await this.around.reached()))) continue;
        await this.noteRate(row);
        await filler.pause();
        await this.step('caught-up');
        const compared = await this.compare(row);
        if (compared && (await this.conclude(row, compared, filler))) return;
        if (!compared) await delay(ASK_MS);
      }
    } finally {
      await filler.close();
    }
  }

  /** Undefined once it ended, or we do. */
  private async current(): Promise<RebuildRow | undefined> {
    const row = await state.readRebuild(this.around.pool);
    return row?.state === 'filling' && !this.stopped ? row : undefined;
  }

  /** False when it was given up meanwhile, or the time is over. */
  private async filledTo(position: number, withinMs = Infinity): Promise<boolean> {
    for (const until = performance.now() + withinMs; performance.now() < until; await delay(ASK_MS)) {
      if (((await state.nextPosition(this.around.pool)) ?? -1) >= position) return true;
      if (!(await this.current())) return false;
    }
    return false;
  }

  private async noteRate({ run, beganAt, rate }: RebuildRow): Promise<void> {
    if (rate !== null) return;
    const { pool, now } = this.around;
    const entries = ((await state.nextPosition(pool)) ?? -1) + 1;
    await state.noteRate(pool, run, entries / Math.max(0.001, (now().getTime() - beganAt.getTime()) / 1000));
  }

  private async compare({ run }: RebuildRow): Promise<Compared | undefined> {
    const { pool, policy } = this.around;
    // The planner knows nothing yet of tables that were just filled, and whoever asks them next needs it to.
    await transaction(this.owner, async (tx) => {
      if (await nextIsThere(tx)) await analyseNext(tx);
    });
    const compared = await compareSets(pool, policy);
    if (compared) await state.noteCompared(pool, run, compared);
    await this.step('compared');
    return compared;
  }

  /** @returns whether it is over */
  private async conclude(row: RebuildRow, compared: Compared, filler: Filler): Promise<boolean> {
    const choice = (await this.current())?.onDifference;
    if (choice === undefined) return true;
    if (compared.differing.length > 0) await this.sayDifference(row, compared, choice);
    if (compared.differing.length > 0 && choice === 'keep') return true;
    await filler.goOn();
    try {
      return await this.swap(filler, compared);
    } catch (error) {
      if (!isTransient(error)) throw error;
      // Somebody was reading for long, or the connection broke: the present registers go on as they are, and it is tried again.
      await delay(ASK_MS);
      return false;
    }
  }

  private async sayDifference(row: RebuildRow, compared: Compared, choice: OnDifference): Promise<void> {
    const { pool, log, now } = this.around;
    await transaction(pool, async (tx) => {
      if ((await state.readRebuild(tx, 'for update'))?.state !== 'filling') return;
      if (choice === 'keep') await state.endRebuild(tx, 'differs', now());
      await differenceFound(tx, log, row.run, compared, now());
    });
  }

  /**
   * Holds the present registers where they stand, lets the second set come to there, and puts it in their place with their cursor. Answers are read
   * all the while but for the moment of the swap, and never reach less far than before.
   */
  private async swap(filler: Filler, compared: Compared): Promise<boolean> {
    const { feed, log, now } = this.around;
    const done = await transaction(this.owner, async (tx) => {
      const held = await feed.hold(tx);
      await this.step('held');
      filler.limit = () => Promise.resolve(held);
      if (!(await this.filledTo(held, HOLD_MS))) return false;
      await filler.pause();
      if ((await state.readRebuild(tx, 'for update'))?.state !== 'filling') return true;
      await tx.query(`select ${GATE.forgetting}`);
      const unsaid = await unsaidFindings(tx, compared);
      await swapIn(tx);
      await feed.succeed(tx, NEXT.group);
      await state.endRebuild(tx, 'done', now());
      if (unsaid.length > 0) await log.append(tx, 'findings', 'any', unsaid);
      await this.step('swapping');
      return true;
    });
    if (done) await this.step('swapped');
    return done;
  }

  private async step(step: RebuildStep): Promise<void> {
    await this.around.onStep?.(step);
  }
}
