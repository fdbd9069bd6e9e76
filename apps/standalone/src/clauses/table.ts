import type { ClauseResult } from './play-clauses.js';

/** One line of the table for people. */
export function tableLine({ clause, owner, title, status, positions }: ClauseResult, why?: string): string {
  const shown = positions.length > 8 ? `${positions.slice(0, 8).join(' ')} ...` : positions.join(' ');
  const line = `${clause.padEnd(20)} ${owner}  ${status.padEnd(7)}  ${title}${shown ? `  [${shown}]` : ''}`;
  return why === undefined ? line : `${line}\n${' '.repeat(26)}${why.split('\n', 1)[0]}`;
}

export function summary(rows: readonly ClauseResult[]): string {
  const count = (status: ClauseResult['status']) => rows.filter((row) => row.status === status).length;
  return `${count('pass')} pass, ${count('fail')} fail, ${count('pending')} pending of ${rows.length} rows`;
}
