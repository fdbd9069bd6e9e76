/** Choices drawn from a generator of numbers from 0 to 1: the same ones for the same seed. */
export class Dice {
  constructor(readonly random: () => number) {}

  /** A whole number from `least` up to, not including, `below`. */
  between(least: number, below: number): number {
    return least + Math.floor(this.random() * (below - least));
  }

  pick<T>(of: readonly T[]): T {
    return of[this.between(0, of.length)]!;
  }

  /** True this often, from 0 to 1. */
  chance(share: number): boolean {
    return this.random() < share;
  }

  hex(digits: number): string {
    return Array.from({ length: digits }, () => this.between(0, 16).toString(16)).join('');
  }

  uuid(): string {
    return `${this.hex(8)}-${this.hex(4)}-4${this.hex(3)}-a${this.hex(3)}-${this.hex(12)}`;
  }
}
