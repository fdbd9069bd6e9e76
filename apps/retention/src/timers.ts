import { LogReader, openNote, parseCheckpoint, parseVerifierKey } from '@attesta/proof';
import { nodePrimitives } from '@attesta/proof/node';
import type { FeedSubscription } from '@attesta/transport';
import type { Retention } from './retention.js';

/** What happens because time passes, or because answers came: all of it is found by looking, so that no restart forgets any. */
export class Timers {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> = Promise.resolve();
  private wanted = false;
  private stopped = false;
  /** Size of the log when this process first looked. */
  private size: number | undefined;
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
    const feed = this.feed();
    if (!feed || !(await this.knowsTheLog(feed))) return;
    await this.retention.refreshPolicy();
    await replanning.go();
    await disposals.tick(feed);
  }

  /** Undefined before it flows, and when the process ends. */
  private feed(): FeedSubscription | undefined {
    try {
      return this.retention.feed;
    } catch {
      return undefined;
    }
  }

  /** A database that is older than the log, as a restored one is, first learns what was done meanwhile, instead of doing it once more. */
  private async knowsTheLog(feed: FeedSubscription): Promise<boolean> {
    if (this.hasCaughtUp) return true;
    const size = (this.size ??= await this.sizeOfLog());
    if (size === undefined) return false;
    const progress = await feed.progress();
    this.hasCaughtUp = progress.length > 0 && progress.every(({ position }) => position >= size - 1);
    return this.hasCaughtUp;
  }

  /** Undefined while nothing is signed yet, or the ledger is away. @throws Error for a checkpoint that the log's key did not sign */
  private async sizeOfLog(): Promise<number | undefined> {
    const { fetchLog, verifierKey } = this.retention.options;
    const note = await new LogReader(nodePrimitives, fetchLog).note().catch(() => undefined);
    if (note === undefined) return undefined;
    const { text } = openNote(nodePrimitives, note, [parseVerifierKey((await verifierKey()).trim())]);
    return parseCheckpoint(text).size;
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
