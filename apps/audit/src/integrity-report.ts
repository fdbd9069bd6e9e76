import type { LogProblem, LogReport } from '@attesta/proof';
import { MOST_PROBLEMS, type IntegrityProblem } from './integrity-problems.js';

/** What a look at the whole log found. Whether its checkpoint is signed, and continues the one before, is looked at elsewhere. */
export const problemsOf = ({ problems }: LogReport): IntegrityProblem[] =>
  problems.filter(({ kind }) => kind !== 'signature').map(problemOf);

function problemOf({ kind, position, lastPosition, positions, message }: LogProblem): IntegrityProblem {
  const first = position === undefined ? [] : [position];
  const range = position === undefined || lastPosition === undefined ? first : span(position, lastPosition);
  return { kind, position, positions: positions ?? range, detail: message };
}

/** Problems of the same kind at positions that follow each other are one, told at the first. */
export function inRuns(problems: readonly IntegrityProblem[]): IntegrityProblem[] {
  const runs: { first: IntegrityProblem; last: number }[] = [];
  for (const problem of problems.toSorted((a, b) => a.position! - b.position!)) {
    const run = runs.at(-1);
    if (run?.first.kind === problem.kind && run.last === problem.position! - 1) run.last = problem.position!;
    else runs.push({ first: problem, last: problem.position! });
  }
  return runs.map(({ first, last }) => {
    if (last === first.position) return first;
    return { ...first, positions: span(first.position!, last), detail: `${first.detail}, and so up to position ${last}` };
  });
}

const span = (from: number, to: number): number[] => Array.from({ length: Math.min(to - from + 1, MOST_PROBLEMS) }, (_, i) => from + i);
