/** Events that come at a rate, whatever becomes of them: who is slow gets a queue, as in life. */
export async function atRate(perSecond: number, seconds: number, send: (n: number) => Promise<void>): Promise<void> {
  const started = performance.now();
  const sends: Promise<void>[] = [];
  let sent = 0;
  for (;;) {
    const elapsed = Math.min(performance.now() - started, seconds * 1000);
    const due = Math.floor((elapsed / 1000) * perSecond) - sent;
    if (due > 0) {
      sent += due;
      sends.push(send(due));
    }
    if (elapsed >= seconds * 1000) break;
    await pause(1);
  }
  await Promise.all(sends);
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** How long entries take until something has reached their positions. */
export class Arrivals {
  readonly ms: number[] = [];
  private waiting: { position: number; since: number }[] = [];
  private ended = false;

  expect(position: number, since: number): void {
    this.waiting.push({ position, since });
  }

  /** Looks every `everyMs` how far it is (entries below `size` have arrived) until nothing is waited for after `end()`. */
  async follow(everyMs: number, size: () => Promise<number>): Promise<void> {
    while (!this.ended || this.waiting.length > 0) {
      const reached = await size();
      const now = performance.now();
      this.waiting = this.waiting.filter(({ position, since }) => {
        if (position >= reached) return true;
        this.ms.push(now - since);
        return false;
      });
      await pause(everyMs);
    }
  }

  end(): void {
    this.ended = true;
  }
}
