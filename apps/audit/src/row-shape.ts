import type { ColumnKind, ColumnValues } from './columns.js';

/** Columns by the names that rows and answers use; tables have them in snake case. A `?` marks those that may be empty. */
export type Shape = Readonly<Record<string, ColumnKind | `${ColumnKind}?`>>;

export interface Column {
  name: string;
  /** Its name in the table. */
  sql: string;
  kind: ColumnKind;
}

export const columnsOf = (shape: Shape): Column[] =>
  Object.entries(shape).map(([name, declared]) => ({
    name,
    sql: name.replaceAll(/[A-Z]/g, (capital) => `_${capital.toLowerCase()}`),
    kind: declared.replace('?', '') as ColumnKind,
  }));

type KindOf<D> = D extends `${infer K extends ColumnKind}?` ? K : Extract<D, ColumnKind>;
type Optional<S extends Shape> = { [K in keyof S]: S[K] extends `${ColumnKind}?` ? K : never }[keyof S];

/** A row on its way into the table. What has further members may be given too: only columns are written. */
export type RowOf<S extends Shape> = { [K in Exclude<keyof S, Optional<S>>]: ColumnValues[KindOf<S[K]>] | null } & {
  [K in Optional<S>]?: ColumnValues[KindOf<S[K]>] | null;
};

interface AnswerValues extends Record<ColumnKind, unknown> {
  int8: number;
  uuid: string;
  text: string;
  /** RFC 3339, UTC */
  time: string;
  flag: boolean;
  texts: string[];
  int8s: number[];
  json: object;
}

/** A row as it is answered. */
export type AnswerOf<S extends Shape> = {
  [K in keyof S]: AnswerValues[KindOf<S[K]>] | (S[K] extends `${ColumnKind}?` ? null : never);
};

/** The columns for a select, under the names of answers. */
export const selectionOf = (columns: readonly Column[]): string => columns.map(({ name, sql }) => `${sql} as "${name}"`).join(', ');

/** What was selected by `selectionOf`, as it is answered. */
export function answerOf<S extends Shape>(columns: readonly Column[], row: object): AnswerOf<S> {
  return Object.fromEntries(columns.map(({ name, kind }) => [name, valueOf(kind, (row as Record<string, unknown>)[name])])) as AnswerOf<S>;
}

/** node-postgres gives bigint as text, since a number may not hold it; positions and counts of ours always fit. */
function valueOf(kind: ColumnKind, value: unknown): unknown {
  if (value === null) return null;
  if (kind === 'int8') return Number(value);
  if (kind === 'int8s') return (value as string[]).map(Number);
  return kind === 'time' ? (value as Date).toISOString() : value;
}
