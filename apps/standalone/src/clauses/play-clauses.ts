import { randomBytes } from 'node:crypto';
import { CLAUSES, type ClauseRow, type Owner } from './rows.js';
import { Stage } from './stage.js';
import { NotOurs, type System } from './system.js';

export interface ClauseResult {
  clause: string;
  owner: Owner;
  title: string;
  status: 'pass' | 'fail' | 'pending';
  /** Positions of the sealed events that show it. */
  positions: number[];
}

export interface ClauseReport {
  transport: 'http' | 'kafka';
  rows: ClauseResult[];
}

/** Plays every row that has a play, in the order of the notice. @param onResult told of each, with the reason of a failure */
export async function playClauses(
  system: System,
  onResult: (result: ClauseResult, why?: string) => void = () => undefined,
  clauses: readonly ClauseRow[] = CLAUSES,
): Promise<ClauseReport> {
  const run = `run${randomBytes(4).toString('hex')}`;
  const rows: ClauseResult[] = [];
  for (const clause of clauses) {
    const { result, why } = await playOne(system, clause, run);
    onResult(result, why);
    rows.push(result);
  }
  return { transport: system.transport, rows };
}

async function playOne(
  system: System,
  { clause, owner, title, play }: ClauseRow,
  run: string,
): Promise<{ result: ClauseResult; why?: string }> {
  if (!play) return { result: { clause, owner, title, status: 'pending', positions: [] } };
  const stage = new Stage(system, clause, run);
  try {
    await play(stage);
    return { result: { clause, owner, title, status: 'pass', positions: stage.positions } };
  } catch (error) {
    if (error instanceof NotOurs) return { result: { clause, owner, title, status: 'pending', positions: [] }, why: error.message };
    const why = error instanceof Error ? error.message : String(error);
    return { result: { clause, owner, title, status: 'fail', positions: stage.positions }, why };
  }
}
