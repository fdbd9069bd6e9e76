import type { FeedSubscription } from '@attesta/transport';
import type { Retention } from './retention.js';

/** Entries to come that are no more than what is under way. */
const NEAR = 1_000;

/** What happens because time passes, or because answers came: all of it is found by looking, so that no restart forgets any. */
export class Timers {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> = Promise.resolve();
  private wanted = false;
  private stopped = false;
  private hasCaughtUp = false;

  constructor(
    private readonly retention: Retention,
    private readonly everyMs: number,
    private readonly onError: (error: unknown) => void,
  ) {}

  start(): void {
    this.timer = setTimeout(() => this.run(), this.everyMs);
  }

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

  /** One look at a time: whoever asks for one has it after those that were asked for before. */
  tick(): Promise<void> {
    const look = this.running.then(() => this.look());
    this.running = look.catch(() => undefined);
    return look;
  }

  private async look(): Promise<void> {
    const { disposals, replanning } = this.retention;
    if (!(await this.knowsTheLog())) return;
    await this.retention.refreshPolicy();
    await replanning.go();
    await disposals.tick();
  }

  /** A database that is far behind the log first learns what was destroyed meanwhile, instead of starting it once more. */
  private async knowsTheLog(): Promise<boolean> {
    if (this.hasCaughtUp) return true;
    let feed: FeedSubscription;
    try {
      feed = this.retention.feed;
    } catch {
      return false; // it does not flow yet
    }
    const progress = await feed.progress();
    this.hasCaughtUp = progress.length > 0 && progress.every(({ lag = 0 }) => lag < NEAR);
    return this.hasCaughtUp;
  }

  private run(): void {
    this.timer = undefined;
    this.wanted = false;
    void this.tick()
      .catch(this.onError)
      .finally(() => {
        if (this.stopped) return;
        this.timer = setTimeout(() => this.run(), this.wanted ? 0 : this.everyMs);
      });
  }
}
