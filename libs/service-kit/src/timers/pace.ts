/** So many a second, and no more at once than a second's worth: what can wait leaves room for what cannot. */
export class Pace {
  private left: number;
  private since: number;

  /** @param now milliseconds of a clock that never goes back */
  constructor(
    private readonly perSecond: number,
    private readonly now: () => number,
  ) {
    this.left = perSecond;
    this.since = now();
  }

  /** @returns how many of `most` may be done now */
  take(most: number): number {
    const now = this.now();
    this.left = Math.min(this.perSecond, this.left + ((now - this.since) / 1000) * this.perSecond);
    this.since = now;
    const taken = Math.min(most, Math.floor(this.left));
    this.left -= taken;
    return taken;
  }

  /** Of what was taken, and not needed. */
  giveBack(some: number): void {
    this.left += some;
  }
}
