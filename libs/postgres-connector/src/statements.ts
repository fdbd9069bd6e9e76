import pg from 'pg';
import type { Catalog, CatalogColumn } from './catalog.js';
import type { Lookup, MappedColumn, MappedTable, Mapping } from './mapping.js';

/** Names come from the mapping, quoted; whatever a task brings is a parameter. */
export interface Statement {
  sql: string;
  values: unknown[];
}

/** A person's rows. */
export interface Scope {
  /** Those in which they were found: alternatives, by table that is not reached through another. */
  found: ReadonlyMap<MappedTable, readonly Match[]>;
  /** Only rows collected until then (RFC 3339). */
  until?: string | undefined;
}
export interface Match extends Lookup {
  value: unknown;
}

const { escapeIdentifier } = pg;
export const quoted = (table: string): string => table.split('.').map(escapeIdentifier).join('.');

export const isReached = (table: MappedTable, scope: Scope): boolean =>
  table.rows.by === 'parent' ? isReached(table.rows.parent, scope) : (scope.found.get(table)?.length ?? 0) > 0;

/** Two rows at most: that there are several is all one needs to know. */
export function find(table: MappedTable, match: Match, key: string | undefined, lock: boolean): Statement {
  const what = key === undefined ? '1' : `t0.${escapeIdentifier(key)}`;
  const values: unknown[] = [];
  const sql = `select ${what} as key from ${quoted(table.table)} t0 where ${matches(match, 't0', values)} limit 2${lock ? ' for update' : ''}`;
  return { sql, values };
}

/** Every identifier that the mapped columns hold, each once, as text. */
export function identifiersIn({ tables }: Mapping): { scheme: string; sql: string }[] {
  return tables.flatMap(({ table, rows }) =>
    rows.by === 'parent'
      ? []
      : [...rows.find].map(([scheme, { column }]) => {
          const name = escapeIdentifier(column);
          return { scheme, sql: `select distinct ${name}::text as value from ${quoted(table)} where ${name} is not null` };
        }),
  );
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
  // Where all goes, the rows that belong to it went before.
  const childless = scope.until === undefined ? [] : table.children.map(hasNone);
  return { sql: `delete from ${quoted(table.table)} t0 where ${[whose(table, scope, values), ...childless].join(' and ')}`, values };
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

const hasNone = ({ table, rows }: MappedTable): string => {
  if (rows.by !== 'parent') throw new RangeError('a child is reached through its parent');
  return `not exists (select 1 from ${quoted(table)} c where c.${escapeIdentifier(rows.column)} = t0.${escapeIdentifier(rows.references)})`;
};

/** Every column is qualified: a name that the inner table lacks must not mean the outer one's, and with it everybody's rows. */
function whose(table: MappedTable, scope: Scope, values: unknown[], depth = 0): string {
  const here = `t${depth}`;
  if (scope.until !== undefined && table.collected?.by === 'column') {
    const name = `${here}.${escapeIdentifier(table.collected.column)}`;
    const theirs = whose(table, { found: scope.found }, values, depth);
    return `${theirs} and (${name} is null or ${name} <= $${values.push(scope.until)})`;
  }
  const { rows } = table;
  if (rows.by === 'parent') {
    const above = `t${depth + 1}`;
    const parents = `select ${above}.${escapeIdentifier(rows.references)} from ${quoted(rows.parent.table)} ${above}`;
    const upper = table.collected?.by === 'parent' ? scope : { found: scope.found };
    return `${here}.${escapeIdentifier(rows.column)} in (${parents} where ${whose(rows.parent, upper, values, depth + 1)})`;
  }
  const alternatives = (scope.found.get(table) ?? []).map((match) => matches(match, here, values));
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
