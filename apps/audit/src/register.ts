import { hash, type Hash } from 'node:crypto';
import { canonical } from '@attesta/proof';
import type pg from 'pg';
import { encodeColumn, SQL, type ColumnKind } from './columns.js';
import type { Fact } from './fact.js';
import { columnsOf, type AnswerOf, type Column, type RowOf, type Shape } from './row-shape.js';

/**
 * One register: rows that follow from single entries, each row from the entry at its `position` and from nothing else. Rows are added, and made
 * anew from what is left of their entry when people in it are forgotten; so the order in which entries of different people arrive does not matter.
 * What spans entries is joined when a question is asked.
 */
export interface Register {
  readonly name: string;
  readonly table: string;
  readonly columns: readonly Column[];
  /** Columns that, after `position`, put rows in one order; texts compare by bytes. */
  readonly order: readonly string[];
  /** Column that leads the key where it is not `position`: rows go in sorted by it, so that pages of the index are visited in turn. */
  readonly keyedBy?: string;
  readonly insert: string;
  readonly rows: (fact: Fact) => object[];
}

/** A register that knows what its rows look like. */
export interface RegisterOf<S extends Shape> extends Register {
  readonly shape: S;
  readonly rows: (fact: Fact) => RowOf<S>[];
}

/** How a row of the register is answered. */
export type Recorded<R extends RegisterOf<Shape>> = AnswerOf<R['shape']>;

interface Definition<S extends Shape> {
  name: string;
  /** Default: the name. */
  table?: string;
  columns: S;
  order: readonly (keyof S & string)[];
  keyedBy?: keyof S & string;
  rows: (fact: Fact) => RowOf<S>[];
}

export function defineRegister<const S extends Shape>({ columns: shape, table, ...definition }: Definition<S>): RegisterOf<S> {
  const columns = columnsOf(shape);
  const into = table ?? definition.name;
  const values = columns.map(({ kind }, i) => `unnest($${i + 1}::${SQL[kind].array})${SQL[kind].cast}`);
  const insert = `insert into ${into} (${columns.map(({ sql }) => sql).join(', ')}) select ${values.join(', ')}`;
  return { ...definition, table: into, shape, columns, insert };
}

/** One statement that adds rows. */
export function insertOf(register: Register, given: readonly object[]): pg.QueryConfig {
  const rows = register.keyedBy === undefined ? given : sortedBy(register.keyedBy, given);
  const values = register.columns.map(({ name, kind }) => encodeColumn(kind, rows, name));
  return { name: `insert ${register.table}`, text: register.insert, values };
}

/** One statement that takes the rows of these entries out again. */
export function deletionOf({ table, columns, keyedBy }: Register, rows: readonly object[]): pg.QueryConfig {
  const key = columns.filter(({ name }) => name === 'position' || name === keyedBy);
  const values = key.map(({ kind }, i) => `unnest($${i + 1}::${SQL[kind].array})`);
  return {
    name: `delete ${table}`,
    text: `delete from ${table} where (${key.map(({ sql }) => sql).join(', ')}) in (select ${values.join(', ')})`,
    values: key.map(({ name, kind }) => encodeColumn(kind, rows, name)),
  };
}

function sortedBy(column: string, rows: readonly object[]): object[] {
  const key = (row: object) => (row as Record<string, string>)[column]!;
  return rows.toSorted((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0));
}

/** Folds a row into a digest; what the database gives back for `digestQuery` folds the same. */
export function digestRow(digest: Hash, register: Register, row: object): void {
  const cells = register.columns.map(({ name, kind }) => digestCell(kind, (row as Record<string, unknown>)[name]));
  digest.update(`${canonical(cells)}\n`);
}

function digestCell(kind: ColumnKind, value: unknown): unknown {
  if (value === null || value === undefined) return null;
  switch (kind) {
    case 'int8':
    case 'time':
      return Number(value);
    case 'int8s':
      return (value as (string | number)[]).map(Number);
    case 'bytes':
      return typeof value === 'string' ? value : hash('sha256', value as Uint8Array, 'hex');
    case 'uuid':
    case 'text':
    case 'flag':
    case 'texts':
    case 'json':
      return value;
  }
}

/** Rows up to a position ($1) in digest order, with times in milliseconds and bytes as their SHA-256. */
export function digestQuery({ columns, table, order }: Register): string {
  const selected = columns.map(({ name, sql, kind }) => {
    if (kind === 'time') return `round(extract(epoch from ${sql}) * 1000)::int8 as "${name}"`;
    return `${kind === 'bytes' ? `encode(sha256(${sql}), 'hex')` : sql} as "${name}"`;
  });
  const by = order
    .map((name) => columns.find((column) => column.name === name)!)
    .map(({ sql, kind }) => (kind === 'text' ? `${sql} collate "C"` : sql));
  return `select ${selected.join(', ')} from ${table} where position <= $1 order by ${['position', ...by].join(', ')}`;
}

/** The rows of one entry in digest order. */
export function inOrder<T extends object>(register: Register, rows: T[]): T[] {
  if (rows.length < 2) return rows;
  const key = (row: T) => Buffer.from(register.order.map((name) => String((row as Record<string, unknown>)[name])).join('\0'));
  return rows.sort((a, b) => Buffer.compare(key(a), key(b)));
}
