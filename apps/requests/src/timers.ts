import { endOfDuration } from '@attesta/policy';
import { lock } from './request-store.js';
import type { Requests } from './requests.js';

const MOST = 100;

/**
 * What happens because time passes: clocks, letters, tasks, packages. All are found by looking at what is due, so that no restart forgets one;
 * several processes may look at once, for each request is locked, and what was said of a deadline is not said again.
 */
export class Timers {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> = Promise.resolve();
  private wanted = false;
  private stopped = false;

  constructor(
    private readonly requests: Requests,
    private readonly everyMs: number,
    private readonly onError: (error: unknown) => void,
  ) {}

  start(): void {
    this.timer = setTimeout(() => this.run(), this.everyMs);
  }

  /** Something may have become due just now. */
  wake(): void {
    if (this.stopped || this.timer === undefined) {
      this.wanted = true;
      return;
    }
    clearTimeout(this.timer);
    this.run();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    this.timer = undefined;
    await this.running;
  }

  async tick(): Promise<void> {
    const { disposals, disposalTasks, tasks, packages, mail, openDsr } = this.requests;
    const failures: unknown[] = [];
    // What fails keeps nothing else from what is due.
    for (const part of [
      () => this.requests.refreshPolicy(),
      () => this.endUnproved(),
      () => this.lookAtClocks(),
      () => disposals.tick(),
      () => disposalTasks.tick(),
      () => tasks.tick(),
      () => packages.tick(),
      () => mail.send(),
      () => openDsr?.callbacks.tick(),
    ]) {
      try {
        await part();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length === 1) throw failures[0];
    if (failures.length > 1) throw new AggregateError(failures, 'Several parts of what is due failed');
  }

  private run(): void {
    this.timer = undefined;
    this.wanted = false;
    this.running = this.tick()
      .catch(this.onError)
      .finally(() => {
        if (this.stopped) return;
        this.timer = setTimeout(() => this.run(), this.wanted ? 0 : this.everyMs);
      });
  }

  private async lookAtClocks(): Promise<void> {
    for (let found = MOST; found === MOST;) {
      found = await this.requests.transact(async (tx) => {
        const { rows } = await tx.query<{ id: string }>(
          'select id from request where look_at <= $1 order by look_at, id limit $2 for update skip locked',
          [this.requests.now(), MOST],
        );
        for (const request of await lock(
          tx,
          this.requests,
          rows.map(({ id }) => id),
        )) {
          request.decide({ kind: 'look' }, undefined);
          await request.save(tx);
        }
        return rows.length;
      });
    }
  }

  /** Nobody has proved to be the person in all that time: the request ends before its deadline can be missed for it. */
  private async endUnproved(): Promise<void> {
    const { within } = this.requests.rules.identity;
    const now = this.requests.now().getTime();
    for (let found = MOST; found === MOST;) {
      found = await this.requests.transact(async (tx) => {
        const { rows } = await tx.query<{ id: string }>(
          `select id from request
            where status = 'requires-action' and state->'needs' ? 'identity-verification' and (state->>'waitingSince')::bigint <= $1
            order by (state->>'waitingSince')::bigint limit $2 for update skip locked`,
          [now - endOfDuration(0, within), MOST],
        );
        for (const request of await lock(
          tx,
          this.requests,
          rows.map(({ id }) => id),
        )) {
          request.decide({ kind: 'give-up' }, undefined);
          await request.save(tx);
        }
        return rows.length;
      });
    }
  }
}
