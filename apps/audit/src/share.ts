import { setTimeout as delay } from 'node:timers/promises';

/** Work in turns, with so much rest after each that no more than a share of the time is work. */
export class Share {
  private turn: Promise<unknown> = Promise.resolve();

  /**
   * @param share more than 0, at most 1: no rest at all
   * @param signal ends the rests
   */
  constructor(
    private readonly share: number,
    private readonly signal: AbortSignal,
    private readonly now: () => number = () => performance.now(),
    private readonly rest = (ms: number) => delay(ms, undefined, { signal }).catch(() => undefined),
  ) {}

  /** @throws whatever the work throws, or the signal's reason once it is aborted */
  take<T>(work: () => Promise<T>): Promise<T> {
    const done = this.turn.then(async () => {
      this.signal.throwIfAborted();
      const started = this.now();
      const settled = await work().then(
        (value) => () => value,
        (error: unknown) => () => {
          throw error;
        },
      );
      return { settled, worked: this.now() - started };
    });
    this.turn = done.then(
      ({ worked }) => (this.share < 1 ? this.rest(worked * (1 / this.share - 1)) : undefined),
      () => undefined,
    );
    return done.then(({ settled }) => settled());
  }
}
