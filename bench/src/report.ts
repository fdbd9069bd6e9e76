import { number, type Row } from './bench.js';

export interface Report {
  machine: string;
  rows: Row[];
}

/** The table for people. */
export function tableOf({ machine, rows }: Report): string {
  const head = ['', 'ours', 'limit', 'ratio', 'goal', ''];
  const body = rows.map((row) => [
    row.name,
    row.value === null ? 'not run' : `${shown(row.value)} ${row.unit}`,
    row.limit === undefined ? '' : shown(row.limit),
    row.ratio === undefined ? '' : row.ratio.toFixed(2),
    row.goal,
    row.value === null ? '' : row.met ? 'met' : 'NOT MET',
  ]);
  const widths = head.map((_, column) => Math.max(...[head, ...body].map((cells) => cells[column]!.length)));
  const line = (cells: string[]) =>
    cells
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!)))
      .join('  ')
      .trimEnd();
  const notes = rows.flatMap(({ name, notRun, note }) => [notRun, note].flatMap((text) => (text ? [`  ${name}: ${text}`] : [])));
  return [machine, '', line(head), ...body.map(line), ...(notes.length > 0 ? ['', ...notes] : [])].join('\n');
}

const shown = (value: number): string => number(Math.abs(value) >= 100 ? Math.round(value) : value);
