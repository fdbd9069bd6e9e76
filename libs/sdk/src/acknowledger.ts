import type { Acknowledge } from './http-state-feed.js';
import { pauseMs, RETRY_DEFAULTS } from './retry.js';

/** Acknowledges the newest number reached: one request under way at most, numbers passed meanwhile left out, tried until it is heard. */
export class Acknowledger {
  private wanted = -1;
  private busy = false;

  constructor(
    private readonly acknowledge: (changed: number) => ReturnType<Acknowledge>,
    private readonly signal: AbortSignal,
    private readonly trouble: (error: unknown) => void,
    private readonly retry = RETRY_DEFAULTS,
  ) {}

  reached(changed: number): void {
    if (changed <= this.wanted) return;
    this.wanted = changed;
    if (!this.busy) void this.send();
  }

  private async send(): Promise<void> {
    this.busy = true;
    let heard = -1;
    for (let failures = 0; heard < this.wanted && !this.signal.aborted;) {
      const changed = this.wanted;
      try {
        await this.acknowledge(changed);
        heard = changed;
        failures = 0;
      } catch (error) {
        if (this.signal.aborted) break;
        this.trouble(error);
        await this.retry.sleep(pauseMs(++failures, undefined, this.retry), this.signal).catch(() => undefined);
      }
    }
    this.busy = false;
  }
}
