import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { generator } from '@attesta/testing/random';
import type { Cleanup } from '../cleanup.js';

/** One kind of trouble, made on a real system that is started for it; one file each. */
export interface Round {
  /** What --only is matched against. */
  name: string;
  /** Faults it injects at least, by name, when it is run in full. */
  faults: Readonly<Record<string, number>>;
  run(chaos: Chaos): Promise<Outcome>;
}

/** What a round did to the system, and what its check found afterwards. */
export interface Outcome {
  /** Injected, by the names of `Round.faults`. */
  faults: Record<string, number>;
  /** Events for which somebody holds a receipt. */
  acknowledged: number;
  /** Of those, how many the log has not, and how many it has more than once. */
  lost: number;
  duplicated: number;
  /** What is wrong, each a sentence that names the place. None: the round is clean. */
  problems: string[];
  /** Figures worth reading, each a sentence. */
  notes: string[];
}

/** What a round is given. */
export class Chaos {
  /** From 0 to 1, the same numbers for the same seed, whichever rounds run besides. */
  readonly random: () => number;

  constructor(
    private readonly round: Round,
    readonly root: string,
    readonly seed: number,
    /** How much of the full counts is wanted, above 0, at most 1. */
    private readonly share: number,
    readonly cleanup: Cleanup,
    private readonly speak: (text: string) => void,
  ) {
    this.random = generator(seed ^ [...round.name].reduce((sum, char) => Math.imul(sum, 31) + char.charCodeAt(0), 7));
  }

  /** How many of these faults this run injects. */
  wanted(fault: string): number {
    return Math.max(1, Math.ceil(this.round.faults[fault]! * this.share));
  }

  say(text: string): void {
    this.speak(`${this.round.name}: ${text}`);
  }

  /** A directory of its own that goes with the run. */
  scratch(): string {
    const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'attesta-chaos-'));
    fs.chmodSync(directory, 0o755); // PostgreSQL of a root's run lives below it as another user
    const remove = () => fs.rmSync(directory, { recursive: true, force: true });
    this.cleanup.atExit(remove);
    this.cleanup.defer(async () => remove());
    return directory;
  }

  /** One of these. */
  pick<T>(of: readonly T[]): T {
    return of[Math.floor(this.random() * of.length)]!;
  }

  /** A whole number from `least` up to, not including, `below`. */
  between(least: number, below: number): number {
    return least + Math.floor(this.random() * (below - least));
  }
}
