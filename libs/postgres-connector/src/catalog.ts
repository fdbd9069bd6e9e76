import type pg from 'pg';
import { MappingError, staysAnonymous, type MappedTable, type Mapping, type MappingProblem } from './mapping.js';
import { quoted } from './statements.js';

export interface CatalogColumn {
  /** As PostgreSQL writes it, such as `character varying(10)`. */
  type: string;
  kind: 'text' | 'date' | 'other';
  /** Characters at most. */
  length?: number;
}

/** What the database says of the mapped columns. */
export type Catalog = ReadonlyMap<MappedTable, ReadonlyMap<string, CatalogColumn>>;

interface Row {
  name: string;
  type: string;
  kind: CatalogColumn['kind'];
  length: number | null;
  nullable: boolean;
  generated: boolean;
  unique: boolean;
  may_select: boolean;
  may_update: boolean;
  may_delete: boolean;
}

const COLUMNS = `
  select a.attname as name, format_type(a.atttypid, a.atttypmod) as type,
    case when t.typcategory = 'S' then 'text' when t.typname in ('date', 'timestamp', 'timestamptz') then 'date' else 'other' end as kind,
    case when t.typname in ('varchar', 'bpchar') and a.atttypmod > 4 then a.atttypmod - 4 end as length,
    not (a.attnotnull or t.typnotnull) as nullable,
    a.attgenerated <> '' or a.attidentity = 'a' as generated,
    exists (select from pg_index i where i.indrelid = a.attrelid and i.indisunique and i.indisvalid and i.indpred is null
      and i.indnkeyatts = 1 and i.indkey[0] = a.attnum) as unique,
    has_column_privilege(a.attrelid, a.attnum, 'select') as may_select,
    has_column_privilege(a.attrelid, a.attnum, 'update') as may_update,
    has_table_privilege(a.attrelid, 'delete') as may_delete
  from pg_attribute a join pg_type t on t.oid = a.atttypid
  where a.attrelid = to_regclass($1) and a.attnum > 0 and not a.attisdropped`;

/** @throws MappingError with everything that the mapping says and the database does not have, or does not allow */
export async function readCatalog(pool: pg.Pool, mapping: Mapping): Promise<Catalog> {
  const catalog = new Map<MappedTable, ReadonlyMap<string, CatalogColumn>>();
  const problems: MappingProblem[] = [];
  for (const table of mapping.tables) {
    const { rows } = await pool.query<Row>(COLUMNS, [quoted(table.table)]);
    const columns = new Map(rows.map((row) => [row.name, row]));
    problems.push(...misfits(table, columns));
    catalog.set(table, new Map(rows.map(({ name, type, kind, length }) => [name, { type, kind, ...(length !== null && { length }) }])));
  }
  if (problems.length > 0) throw new MappingError(problems, 'The mapping does not fit the database');
  return catalog;
}

function misfits(table: MappedTable, columns: ReadonlyMap<string, Row>): MappingProblem[] {
  if (columns.size === 0) return [{ at: table.table, problem: 'there is no such table', fix: 'check its name and schema' }];
  const problems: MappingProblem[] = [];
  const check = (name: string, ...checks: [wrong: (row: Row) => boolean, problem: string, fix: string][]) => {
    const at = `${table.table}.${name}`;
    const row = columns.get(name);
    if (!row) return void problems.push({ at, problem: 'there is no such column', fix: `use one of: ${[...columns.keys()].join(', ')}` });
    for (const [wrong, problem, fix] of checks) if (wrong(row)) problems.push({ at, problem, fix });
  };
  const readable: [(row: Row) => boolean, string, string] = [
    ({ may_select }) => !may_select,
    'may not be read',
    'grant select to this user',
  ];

  const { rows } = table;
  if (rows.by === 'parent') check(rows.column, readable);
  else
    for (const { column, ignoreCase } of rows.find.values()) {
      check(column, readable, [
        ({ kind }) => ignoreCase && kind !== 'text',
        'is no text, and has no case to ignore',
        'take it out of ignoreCase',
      ]);
    }
  // Rows of others would be taken for this person's.
  const unique = new Set(table.children.map((child) => (child.rows.by === 'parent' ? child.rows.references : '')));
  if (rows.by === 'key') unique.add(rows.key);
  for (const name of unique) check(name, readable, [(row) => !row.unique, 'is not unique', 'use a column with a unique index of its own']);

  if (table.collected?.by === 'column')
    check(table.collected.column, readable, [
      ({ kind }) => kind !== 'date',
      'is neither a date nor an instant',
      'name another column, or write collected: ignore',
    ]);

  for (const column of table.columns) {
    const erased = isBlanked(table) && column.erase !== 'keep' && !table.links.has(column.column);
    check(
      column.column,
      readable,
      [
        ({ nullable, generated }) => erased && column.erase === 'null' && !nullable && !generated,
        'may not be null',
        'erase it by anonymise or keep',
      ],
      [
        ({ kind }) => erased && column.erase === 'anonymise' && kind === 'other',
        'is neither text nor a date, which alone can be anonymised',
        'erase it by null or keep',
      ],
      [({ generated }) => (erased || column.rectify) && generated, 'is generated', 'leave rectify out, and erase it by keep'],
      [({ may_update }) => (erased || column.rectify) && !may_update, 'may not be changed', 'grant update to this user'],
    );
  }
  if (table.erase === 'row' && ![...columns.values()][0]?.may_delete) {
    problems.push({ at: table.table, problem: 'rows may not be deleted', fix: 'grant delete to this user' });
  }
  return problems;
}

/** A row that is deleted once everything goes is blanked when only part of it does, or when it is enough that nobody is in it. */
const isBlanked = (table: MappedTable): boolean =>
  table.erase === 'columns' ||
  (table.erase === 'row' &&
    (table.children.length > 0 || new Set(table.columns.map(({ category }) => category)).size > 1 || staysAnonymous(table)));
