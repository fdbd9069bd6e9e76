import { CellArray } from '@attesta/event-log';

/**
 * Columns of rows as binary arrays, to be unnested by one insert. Lists within a row cannot be unnested from an array of arrays: they travel
 * as array literals.
 */
export type ColumnKind = 'int8' | 'uuid' | 'text' | 'time' | 'flag' | 'bytes' | 'texts' | 'int8s' | 'json';

/** What a column of each kind holds in a row; every one may also be null. `time` is milliseconds since the epoch. */
export interface ColumnValues {
  int8: number;
  uuid: string;
  text: string;
  time: number;
  flag: boolean;
  bytes: Uint8Array;
  texts: readonly string[];
  int8s: readonly number[];
  json: object;
}

type Cell = ColumnValues[ColumnKind] | null;

/** Type of the array parameter, and how an element of it becomes the value of the column. */
export const SQL: Record<ColumnKind, { array: string; cast: string }> = {
  int8: { array: 'int8[]', cast: '' },
  uuid: { array: 'uuid[]', cast: '' },
  text: { array: 'text[]', cast: '' },
  time: { array: 'timestamptz[]', cast: '' },
  flag: { array: 'bool[]', cast: '' },
  bytes: { array: 'bytea[]', cast: '' },
  texts: { array: 'text[]', cast: '::text[]' },
  int8s: { array: 'text[]', cast: '::int8[]' },
  json: { array: 'text[]', cast: '::json' },
};

const OID: Record<ColumnKind, number> = {
  int8: 20,
  uuid: 2950,
  text: 25,
  time: 1184,
  flag: 16,
  bytes: 17,
  texts: 25,
  int8s: 25,
  json: 25,
};

const EPOCH_2000 = 946_684_800_000;

/** One column of the rows as a parameter. */
export function encodeColumn(kind: ColumnKind, rows: readonly object[], name: string): Buffer {
  const array = new CellArray(OID[kind], kind === 'bytes' ? lengthOf(rows, name) : rows.length * 40);
  for (const row of rows) {
    const value = (row as Record<string, Cell>)[name];
    if (value === null || value === undefined) array.null();
    else write(array, kind, value);
  }
  return array.done();
}

const lengthOf = (rows: readonly object[], name: string): number =>
  rows.reduce((sum, row) => sum + 4 + ((row as Record<string, Uint8Array | null>)[name]?.length ?? 0), 0);

function write(array: CellArray, kind: ColumnKind, value: NonNullable<Cell>): void {
  switch (kind) {
    case 'int8':
      return array.int8(value as number);
    case 'time':
      return array.int8(((value as number) - EPOCH_2000) * 1000);
    case 'uuid':
      return array.uuid(value as string);
    case 'text':
      return array.text(value as string);
    case 'flag':
      return array.flag(value as boolean);
    case 'bytes':
      return array.bytes(value as Uint8Array);
    case 'texts':
      return array.text(literal(value as string[]));
    case 'int8s':
      return array.text(`{${(value as number[]).join(',')}}`);
    case 'json':
      return array.text(JSON.stringify(value));
  }
}

/** An array literal; ids of the policy never need the escapes, but nothing here relies on that. */
function literal(items: readonly string[]): string {
  const quoted = `{"${items.join('","')}"}`;
  if (items.length > 0 && !SPECIAL.test(items.join(''))) return quoted;
  return `{${items.map((item) => `"${item.replaceAll(/["\\]/g, '\\$&')}"`).join(',')}}`;
}

const SPECIAL = /["\\]/;
