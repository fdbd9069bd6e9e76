import type { Workshop } from './workshop.js';

/** One line of the table. */
export interface Row {
  name: string;
  /** Null when the row could not be run; `notRun` says why. */
  value: number | null;
  unit: string;
  /** What the same machine did in the same run without us, in the same unit; for sizes, what theory says. */
  limit?: number;
  /** value / limit. */
  ratio?: number;
  goal: string;
  met: boolean;
  notRun?: string;
  /** It could have been run, and broke. */
  failed?: boolean;
  /** What a reader needs besides the number. */
  note?: string;
}

/** Measures one thing, in one file. */
export interface Bench {
  /** What --only is matched against. */
  name: string;
  run(workshop: Workshop): Promise<Row[]>;
}

/** This row cannot be had on this machine; the message says what is missing. */
export class NotRun extends Error {
  override readonly name = 'NotRun';
}

const count = new Intl.NumberFormat('en-US', { maximumFractionDigits: 2 });
export const number = (value: number): string => count.format(value);

export function atLeast(name: string, value: number, unit: string, goal: number): Row {
  return { name, value, unit, goal: `>= ${number(goal)}`, met: value >= goal };
}

export function atMost(name: string, value: number, unit: string, goal: number): Row {
  return { name, value, unit, goal: `<= ${number(goal)}`, met: value <= goal };
}

/** Runs `work` over and over, `lanes` at a time, until the time is up. @returns how much `work` said it did, per second */
export async function throughput(seconds: number, lanes: number, work: (lane: number) => Promise<number>): Promise<number> {
  const started = performance.now();
  const until = started + seconds * 1000;
  let done = 0;
  await Promise.all(
    Array.from({ length: lanes }, async (_, lane) => {
      while (performance.now() < until) {
        const more = await work(lane); // not `done += await`: that reads `done` before the wait, and the lanes undo one another
        done += more;
      }
    }),
  );
  return done / ((performance.now() - started) / 1000);
}

export const average = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** The value that a share of the measurements does not exceed; NaN of none. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? NaN;
}
