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
