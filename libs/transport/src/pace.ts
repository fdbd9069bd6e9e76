/** Milliseconds to wait before try number `tries` (0 = first): doubles from 20 ms to `most`. */
export const backoff = (tries: number, most = 5_000): number => Math.min(most, 20 * 2 ** Math.min(tries, 12));

/** Waits, but no longer than until `signal` aborts. Never rejects. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener('abort', done, { once: true });
  });
}

/** A bell that remembers one ring: ring() before wait() is not lost. */
export class Bell {
  private rung = false;
  private waiting = new Set<() => void>();

  ring(): void {
    this.rung = true;
    for (const wake of [...this.waiting]) wake();
  }

  clear(): void {
    this.rung = false;
  }

  /** Resolves at a ring since the last clear(), at the latest after `ms`. Does not clear. */
  wait(ms: number): Promise<void> {
    if (this.rung) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        this.waiting.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, ms);
      this.waiting.add(wake);
    });
  }
}
