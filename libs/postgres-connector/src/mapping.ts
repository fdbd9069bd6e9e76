import type { FulfilmentRecord } from '@attesta/sdk';

export interface MappedColumn {
  column: string;
  field: string;
  category: string;
  provenance: FulfilmentRecord['provenance'];
  basis?: string;
  erase: 'null' | 'anonymise' | 'keep';
  rectify: boolean;
}

export interface MappedTable {
  /** As the mapping writes it; at most schema and name. */
  table: string;
  /** What a record is called. */
  name: string;
  /** How rows belong to a person: one row by its key, every row with an identifier, or through the rows of another table. */
  rows:
    | { by: 'key'; key: string; find: ReadonlyMap<string, Lookup> }
    | { by: 'identifiers'; find: ReadonlyMap<string, Lookup> }
    | { by: 'parent'; parent: MappedTable; column: string; references: string };
  columns: readonly MappedColumn[];
  /** How old its rows are; undefined where the mapping does not say. */
  collected?: { by: 'column'; column: string } | { by: 'parent' } | { by: 'nothing' };
  /** Columns by which rows are found and joined: never blanked. */
  links: ReadonlySet<string>;
  children: readonly MappedTable[];
  erase: 'row' | 'columns' | 'keep';
  keep?: { reason: string; law?: string };
}

export interface Lookup {
  column: string;
  ignoreCase: boolean;
}

export interface Mapping {
  system: string;
  /** Parents before their children. */
  tables: readonly MappedTable[];
}

export interface MappingProblem {
  /** Where: a path in the file such as `tables[2].columns[0].erase`, or a line. */
  at: string;
  problem: string;
  fix: string;
}

/** The mapping cannot be used; with everything that is wrong. */
export class MappingError extends Error {
  override readonly name = 'MappingError';
  constructor(
    readonly problems: readonly MappingProblem[],
    what = 'The mapping is not valid',
  ) {
    super(`${what}:\n${problems.map(({ at, problem, fix }) => `  ${at}: ${problem}; ${fix}`).join('\n')}`);
  }
}

/**
 * Whether rows may stay once these categories (all without them) are anonymised: only where nothing that they are found by is left.
 */
export const staysAnonymous = (table: MappedTable, categories?: readonly string[]): boolean =>
  table.columns.some(({ erase }) => erase === 'anonymise') && leadsNowhere(table, categories);

function leadsNowhere({ rows, columns, links }: MappedTable, categories?: readonly string[]): boolean {
  if (rows.by === 'parent') return leadsNowhere(rows.parent, categories);
  const goes = (name: string) =>
    columns.some(
      ({ column, category, erase }) =>
        column === name && erase !== 'keep' && !links.has(column) && (categories?.includes(category) ?? true),
    );
  return rows.by === 'key' && [...rows.find.values()].every(({ column }) => goes(column));
}
