import type { Entry } from '@attesta/events';
import { stringify } from 'csv-stringify/sync';
import type { Found } from './search.js';
import { entryRow } from './timeline.projection.js';

export const EXPORT_FORMATS = ['jsonl', 'csv', 'evidence'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

export const FILES: Readonly<Record<ExportFormat, { type: string; extension: string }>> = {
  jsonl: { type: 'application/jsonl', extension: 'jsonl' },
  csv: { type: 'text/csv; charset=utf-8; header=present', extension: 'csv' },
  evidence: { type: 'application/zip', extension: 'zip' },
};

/** Rows of one kind as text, some at a time. */
export interface Lines<T> {
  /** What stands before the first row. */
  head: string;
  of: (rows: readonly T[]) => string;
}

/** One JSON object a line; `entry` is the exact bytes that the registers have, which are those in the log unless `reduced`. */
export const entriesAsJson: Lines<Found> = {
  head: '',
  of: (rows) =>
    rows
      .map((row) => {
        const text = row.bytes.toString();
        const { leafHash, reduced } = entryRow(row.position, text, row.leafHash);
        return `{"position":${row.position},"leafHash":"${leafHash}","reduced":${reduced},"entry":${text}}\n`;
      })
      .join(''),
};

export const rowsAsJson: Lines<object> = { head: '', of: (rows) => rows.map((row) => `${JSON.stringify(row)}\n`).join('') };

/** RFC 4180. A cell that a spreadsheet would take for a formula is led in by an apostrophe. */
export const asCsv = <T extends object>(columns: readonly string[], cellsOf: (row: T) => unknown[]): Lines<T> => ({
  head: csv([columns]),
  of: (rows) => csv(rows.map((row) => cellsOf(row).map(cellOf))),
});

const csv = (rows: (readonly unknown[])[]): string =>
  stringify(rows, { escape_formulas: true, record_delimiter: '\r\n', cast: { boolean: String } });

const cellOf = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.join('; ');
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : value;
};

const SAID = ['recipient', 'purposes', 'categories', 'basis', 'method', 'channel'] as const;
const COLUMNS = [
  'position',
  'recordedAt',
  'time',
  'type',
  'title',
  'subject',
  'source',
  'actor',
  ...SAID,
  'data',
  'leafHash',
  'reduced',
] as const;

export const entriesAsCsv: Lines<Found> = asCsv(COLUMNS, ({ position, bytes, leafHash }) => {
  const row = entryRow(position, bytes.toString(), leafHash);
  const said: Entry['data'] = row.data;
  return COLUMNS.map((name) => ((SAID as readonly string[]).includes(name) ? said[name] : row[name as keyof typeof row]));
});
