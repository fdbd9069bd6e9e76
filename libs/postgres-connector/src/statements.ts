import pg from 'pg';
import type { Catalog, CatalogColumn } from './catalog.js';
import type { Lookup, MappedColumn, MappedTable } from './mapping.js';

/** Names come from the mapping, quoted; whatever a task brings is a parameter. */
export interface Statement {
  sql: string;
  values: unknown[];
}

/** The rows that a person was found in: alternatives, by table that is not reached through another. */
export type Scope = ReadonlyMap<MappedTable, readonly Match[]>;
export interface Match extends Lookup {
  value: unknown;
}

const { escapeIdentifier } = pg;
export const quoted = (table: string): string => table.split('.').map(escapeIdentifier).join('.');

export const isReached = (table: MappedTable, scope: Scope): boolean =>
  table.rows.by === 'parent' ? isReached(table.rows.parent, scope) : (scope.get(table)?.length ?? 0) > 0;

/** Two rows at most: that there are several is all one needs to know. */
export function find(table: MappedTable, match: Match, key: string | undefined, lock: boolean): Statement {
  const what = key === undefined ? '1' : `t0.${escapeIdentifier(key)}`;
  const values: unknown[] = [];
  const sql = `select ${what} as key from ${quoted(table.table)} t0 where ${matches(match, 't0', values)} limit 2${lock ? ' for update' : ''}`;
  return { sql, values };
}

export function select(table: MappedTable, columns: readonly MappedColumn[], scope: Scope): Statement {
  const values: unknown[] = [];
  const list = columns.map(({ column }) => `t0.${escapeIdentifier(column)}`).join(', ');
  return { sql: `select ${list} from ${quoted(table.table)} t0 where ${whose(table, scope, values)}`, values };
}

export function count(table: MappedTable, scope: Scope): Statement {
  const values: unknown[] = [];
  return { sql: `select count(*)::int as rows from ${quoted(table.table)} t0 where ${whose(table, scope, values)}`, values };
}

export function remove(table: MappedTable, scope: Scope): Statement {
  const values: unknown[] = [];
  return { sql: `delete from ${quoted(table.table)} t0 where ${whose(table, scope, values)}`, values };
}

export function blank(table: MappedTable, columns: readonly MappedColumn[], scope: Scope, catalog: Catalog): Statement {
  const values: unknown[] = [];
  const known = catalog.get(table);
  const list = columns.map(({ column, erase }) => {
    const name = escapeIdentifier(column);
    const form = known?.get(column);
    return `${name} = ${erase === 'anonymise' && form ? anonymous(`t0.${name}`, form) : 'null'}`;
  });
  return { sql: `update ${quoted(table.table)} t0 set ${list.join(', ')} where ${whose(table, scope, values)}`, values };
}

export function change(table: MappedTable, column: MappedColumn, value: string, scope: Scope): Statement {
  const values: unknown[] = [value];
  const set = `${escapeIdentifier(column.column)} = $1`;
  return { sql: `update ${quoted(table.table)} t0 set ${set} where ${whose(table, scope, values)}`, values };
}

/** Every column is qualified: a name that the inner table lacks must not mean the outer one's, and with it everybody's rows. */
function whose(table: MappedTable, scope: Scope, values: unknown[], depth = 0): string {
  const { rows } = table;
  const here = `t${depth}`;
  if (rows.by === 'parent') {
    const above = `t${depth + 1}`;
    const parents = `select ${above}.${escapeIdentifier(rows.references)} from ${quoted(rows.parent.table)} ${above}`;
    return `${here}.${escapeIdentifier(rows.column)} in (${parents} where ${whose(rows.parent, scope, values, depth + 1)})`;
  }
  const alternatives = (scope.get(table) ?? []).map((match) => matches(match, here, values));
  return alternatives.length === 0 ? 'false' : `(${alternatives.join(' or ')})`;
}

function matches({ column, ignoreCase, value }: Match, alias: string, values: unknown[]): string {
  const name = `${alias}.${escapeIdentifier(column)}`;
  const parameter = `$${values.push(value)}`;
  return ignoreCase ? `lower(${name}) = lower(${parameter})` : `${name} = ${parameter}`;
}

/** What stands for a value that may not be null: nothing of it is left but, of a date, the year. */
function anonymous(name: string, { kind, length, type }: CatalogColumn): string {
  const token = `'erased-' || gen_random_uuid()`;
  const instead =
    kind === 'date' ? `date_trunc('year', ${name})::${type}` : length === undefined ? token : `left(replace(${token}, '-', ''), ${length})`;
  return `case when ${name} is null then null else ${instead} end`;
}
