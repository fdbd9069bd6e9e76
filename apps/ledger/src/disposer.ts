import type { CloudEvent } from '@attesta/events';
import type { SealedLogReader } from '@attesta/event-log';
import { isTransient } from '@attesta/transport';
import type { Vault } from '@attesta/vault';
import type pg from 'pg';
import { locate } from './ciphertexts.js';
import type { Destroyer, Work } from './destroyer.js';
import type { Fence } from './fence.js';
import { dropUnsealed, dueInstructions, instructionsDone, postponeInstruction, type Instruction } from './instructions.js';
import { closedId, destroyedId, keysClosed, removedId, sealedAlready, sealOwn } from './ledger-events.js';
import type { Replay } from './replay.js';
import type { Sealer } from './sealer.js';
import { LogBusy, LogUnavailable } from './unavailable.js';

export interface DisposerOptions {
  /** The log's database. One connection is held for as long as this process leads. */
  pool: pg.Pool;
  reader: SealedLogReader;
  vault: Vault;
  fence: Fence;
  sealer: Sealer;
  destroyer: Destroyer;
  replay: Replay;
  now: () => Date;
  onError?: ((error: unknown) => void) | undefined;
}

type Started = Extract<Instruction, { type: 'attesta.disposal.started.v1' }>;
type Instructed = Extract<Instruction, { type: 'attesta.disposal.instructed.v1' }>;

const LEADER = "select pg_try_advisory_lock(hashtextextended('attesta disposals', 0)) as leads";
/** Between looks for something to do: at least, and at most. */
const LEAST_MS = 50;
const MOST_MS = 500;
/** Between tries for the lead, and after a failure. */
const AGAIN_MS = 500;
/** Between looks for what needs none of retention's events. */
const TEND_MS = 1_000;
/** A destruction that its own process has not told the log of by then. */
const LATE_MS = 60_000;

/**
 * Does what retention decided, once the log holds it: closes keys where a disposal was started, destroys where destruction was instructed, and says so.
 * Of all processes only the one that holds the advisory lock works. What it does can be done again, and is until an event's instruction is deleted.
 */
export class Disposer {
  private stopped = false;
  private news = false;
  private wake: () => void = () => undefined;
  private running: Promise<void> | undefined;
  private tended = -Infinity;

  constructor(private readonly options: DisposerOptions) {}

  start(): void {
    this.running ??= this.run();
  }

  /** Lets the work under way finish, gives the lead to another process. */
  async stop(): Promise<void> {
    this.stopped = true;
    this.ring();
    await this.running;
  }

  /** Does all that is due. @throws Error when a database or the log cannot be reached */
  async work(): Promise<void> {
    for (;;) {
      const due = await dueInstructions(this.options.pool, this.options.now());
      if (due.length === 0 || this.stopped) return;
      await this.act(due.filter(({ attempts }) => attempts === 0));
      for (const failed of due) if (failed.attempts > 0) await this.act([failed]);
    }
  }

  private async run(): Promise<void> {
    while (!this.stopped) {
      try {
        await this.lead();
      } catch (error) {
        this.options.onError?.(error);
      }
      this.news = false;
      await this.pause(AGAIN_MS);
    }
  }

  private async lead(): Promise<void> {
    const { pool, reader } = this.options;
    const client = await pool.connect();
    let lost: Error | undefined;
    client.on('error', (error) => {
      lost = error;
      this.ring();
    });
    let unwatch = () => Promise.resolve();
    try {
      const { rows } = await client.query<{ leads: boolean }>(LEADER);
      if (!rows[0]!.leads) return;
      unwatch = await reader.watch(() => this.ring());
      await dropUnsealed(pool);
      while (!this.stopped) {
        if (lost) throw lost;
        this.news = false;
        await this.work();
        await this.tend();
        await new Promise((resolve) => setTimeout(resolve, LEAST_MS));
        await this.pause(MOST_MS);
      }
    } finally {
      await unwatch();
      client.release(true); // closing the connection gives the lock back, whatever state it is in
    }
  }

  private async tend(): Promise<void> {
    const now = this.options.now().getTime();
    if (now - this.tended < TEND_MS) return;
    this.tended = now;
    await this.options.replay.keepUp();
    const untold = await this.options.vault.untold(new Date(now - LATE_MS));
    if (untold.length > 0) await this.options.destroyer.tellOf(untold);
  }

  /** One event that fails must not keep the others from being done: it is found by halves, and tried again later and later. */
  private async act(due: readonly Instruction[]): Promise<void> {
    if (due.length === 0) return;
    try {
      await this.close(due.filter((one): one is Started => one.type === 'attesta.disposal.started.v1'));
      await this.destroy(due.filter((one): one is Instructed => one.type === 'attesta.disposal.instructed.v1'));
      await instructionsDone(this.options.pool, due);
    } catch (error) {
      if (error instanceof LogUnavailable || error instanceof LogBusy || isTransient(error)) throw error;
      if (due.length > 1) {
        const middle = due.length >> 1;
        await this.act(due.slice(0, middle));
        return this.act(due.slice(middle));
      }
      this.options.onError?.(error);
      await postponeInstruction(this.options.pool, due[0]!, this.options.now());
    }
  }

  private async close(all: readonly Started[]): Promise<void> {
    const { pool, vault, fence, sealer, now } = this.options;
    const already = await sealedAlready(
      pool,
      all.map(({ data }) => closedId(data.disposal)),
    );
    const started = all.filter(({ data }) => !already.has(closedId(data.disposal)));
    if (started.length === 0) return;
    const closed = await vault.close(started.map(({ subject, data: { disposal, classes } }) => ({ by: disposal, subject, classes })));
    const position = await fence.raise(started.map(({ subject }) => subject));
    const time = now().toISOString();
    await sealOwn(
      sealer,
      started.map(({ subject, data: { disposal } }, i): CloudEvent => keysClosed(disposal, subject, closed[i]!.keys, position, time)),
    );
  }

  private async destroy(instructed: readonly Instructed[]): Promise<void> {
    if (instructed.length === 0) return;
    const { pool, destroyer } = this.options;
    const located = await locate(
      pool,
      instructed.flatMap(({ data }) => data.parts.filter(isSealed)),
    );
    let next = 0;
    const works = instructed.map(({ id, subject, data: { disposal, scope, keys, parts, basis } }): Work => {
      const sealed = parts.filter(isSealed);
      const mine = located.slice(next, (next += sealed.length)).filter((one) => one !== undefined);
      if (mine.length < sealed.length || mine.some((one) => one.subject !== subject))
        throw new Error(`disposal ${disposal} names sealed parts that are not the person's`);
      const order = { id: destroyedId(id), subject, whole: scope === 'subject', keys, reason: basis ?? `disposal ${disposal}` };
      return { order, parts: mine, disposal, removal: removedId(id) };
    });
    const { carried } = await destroyer.carryOut(works);
    for (const [i, { subject, data }] of instructed.entries()) {
      const missing = data.keys.filter((key) => !carried[i]?.destroyed.has(key));
      if (!carried[i] || missing.length > 0)
        throw new Error(`disposal ${data.disposal}: the vault has no ${missing.join(', ')} of ${subject}`);
    }
  }

  private ring(): void {
    this.news = true;
    this.wake();
  }

  /** Until there is news, and no longer than this. */
  private pause(ms: number): Promise<void> {
    if (this.news || this.stopped) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

/** What is below 0 systems alone hold: nothing of it is here. */
const isSealed = ({ part }: { part: number }): boolean => part >= 0;
