import { number } from '../bench.js';
import type { Outcome, Round } from './round.js';

export interface Report {
  seed: number;
  /** Injected in all rounds together, by name. */
  faults: Record<string, number>;
  acknowledged: number;
  lost: number;
  duplicated: number;
  /** `clean`, or what is wrong in one line. */
  verdict: string;
  rounds: (Outcome & { name: string; seconds: number })[];
}

export type RoundReport = Report['rounds'][number];

/** A round that injected too little shows nothing: that is a problem of its own. */
export function tooFew({ faults }: Round, injected: Record<string, number>, wanted: (fault: string) => number): string[] {
  return Object.keys(faults)
    .filter((fault) => (injected[fault] ?? 0) < wanted(fault))
    .map((fault) => `only ${injected[fault] ?? 0} of ${wanted(fault)} were injected: ${fault}`);
}

export function reportOf(seed: number, rounds: RoundReport[]): Report {
  const faults: Record<string, number> = {};
  for (const round of rounds) {
    for (const [name, times] of Object.entries(round.faults)) faults[name] = (faults[name] ?? 0) + times;
  }
  const sum = (of: (round: RoundReport) => number) => rounds.reduce((total, round) => total + of(round), 0);
  const [lost, duplicated, problems] = [sum((r) => r.lost), sum((r) => r.duplicated), sum((r) => r.problems.length)];
  const clean = lost === 0 && duplicated === 0 && problems === 0;
  return {
    seed,
    faults,
    acknowledged: sum((r) => r.acknowledged),
    lost,
    duplicated,
    verdict: clean ? 'clean' : `not clean: ${lost} lost, ${duplicated} duplicated, ${problems} problems`,
    rounds,
  };
}

/** For people. */
export function textOf({ seed, rounds, acknowledged, lost, duplicated, verdict }: Report): string {
  const lines = [`seed ${seed}`];
  for (const { name, seconds, faults, problems, notes, ...events } of rounds) {
    lines.push('', `${name} (${number(seconds)} s)`);
    for (const [fault, times] of Object.entries(faults)) lines.push(`  ${number(times).padStart(9)}  ${fault}`);
    if (events.acknowledged > 0) lines.push(`  ${number(events.acknowledged).padStart(9)}  events acknowledged`);
    lines.push(...notes.map((note) => `             ${note}`), ...problems.map((problem) => `  PROBLEM    ${problem}`));
  }
  const events = `${number(acknowledged)} events acknowledged, ${number(lost)} lost, ${number(duplicated)} duplicated`;
  return [...lines, '', `${events}: ${verdict}`].join('\n');
}
