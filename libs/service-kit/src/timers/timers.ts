export interface TimersOptions {
  /** Does what is due by now. All of it is found by looking, so that no restart forgets any. */
  look: () => Promise<void>;
  everyMs: number;
  onError: (error: unknown) => void;
}

/** What happens in a service because time passes, or because something came: one look at a time. */
export class Timers {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> = Promise.resolve();
  private wanted = false;
  private stopped = false;

  constructor(private readonly options: TimersOptions) {}

  start(): void {
    this.timer = setTimeout(() => this.run(), this.options.everyMs);
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

  /** Whoever asks for a look has it after those that were asked for before. */
  tick(): Promise<void> {
    const look = this.running.then(() => this.options.look());
    this.running = look.catch(() => undefined);
    return look;
  }

  private run(): void {
    this.timer = undefined;
    this.wanted = false;
    void this.tick()
      .catch(this.options.onError)
      .finally(() => {
        if (this.stopped) return;
        this.timer = setTimeout(() => this.run(), this.wanted ? 0 : this.options.everyMs);
      });
  }
}

/** Does all parts, whatever fails of them. @throws what failed */
export async function allParts(parts: readonly (() => Promise<unknown> | undefined)[]): Promise<void> {
  const failures: unknown[] = [];
  for (const part of parts) {
    try {
      await part();
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length === 1) throw failures[0];
  if (failures.length > 1) throw new AggregateError(failures, 'Several parts of what is due failed');
}
