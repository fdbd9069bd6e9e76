import { Type, type Static, type TSchema } from '@sinclair/typebox';

/** The form of a mapping file: which tables and columns of a database hold what data of a person, and what becomes of it on request. */
const id = (description: string) => Type.String({ pattern: '^[a-z0-9][a-z0-9._-]*$', maxLength: 64, description });
// Lengths are those that the requests service takes.
const text = (description: string, maxLength = 200) => Type.String({ minLength: 1, maxLength, description });
const name = (description: string) => Type.String({ minLength: 1, maxLength: 63, description });
const oneOf = <const T extends readonly (string | null)[]>(...values: T) => Type.Unsafe<T[number]>({ enum: [...values] });
const closed = <T extends Record<string, TSchema>>(properties: T) => Type.Object(properties, { additionalProperties: false });

const column = closed({
  column: name('Column of the table'),
  field: Type.Optional(text('What it is called to the person, and in a rectification; the column without it')),
  category: id('Data category of the policy'),
  provenance: oneOf('provided', 'observed', 'derived'),
  basis: Type.Optional(id('Lawful basis of the policy')),
  /** `anonymise`: text becomes a random token, a date the beginning of its year. `null` without it. */
  erase: Type.Optional(oneOf(null, 'null', 'anonymise', 'keep')),
  rectify: Type.Optional(Type.Boolean({ description: 'A rectification may change it' })),
});

const table = closed({
  table: Type.String({ pattern: '^[^.]+(?:\\.[^.]+)?$', maxLength: 127, description: 'Table or schema.table' }),
  name: Type.Optional(text('What one of its records is called to the person; the table without it')),
  find: Type.Optional(
    Type.Record(Type.String({ pattern: '^[a-z0-9][a-z0-9._-]*$' }), name('Column'), {
      minProperties: 1,
      additionalProperties: false,
      description: 'Identifier scheme to the column that holds it',
    }),
  ),
  ignoreCase: Type.Optional(Type.Array(id('Scheme of find that is compared without regard to case'), { uniqueItems: true })),
  key: Type.Optional(name('Column that tells people apart; id without it')),
  many: Type.Optional(Type.Boolean({ description: 'Every row with one of the identifiers is about the person, as in a log of events' })),
  through: Type.Optional(
    closed({
      table: Type.String({ description: 'The table of this mapping that it belongs to' }),
      column: name('Column of this table'),
      references: Type.Optional(name('Column of the other table; id without it')),
    }),
  ),
  columns: Type.Array(column, { minItems: 1 }),
  /**
   * When a row was collected, the last time where it changes: an erasure that spares newer data goes by it, and a row without a date counts as old.
   * `parent`: when the row that it belongs to was. `ignore`: nobody knows, and such an erasure takes the row however new it is. Without it such an
   * erasure fails.
   */
  collected: Type.Optional(name("Column with the date or instant, or 'parent', or 'ignore'")),
  /**
   * `row` deletes it once all of its categories are to be erased, and blanks its columns until then. Where it is enough to anonymise, a row with
   * columns that say `anonymise` stays, and is treated as with `columns`, if nothing is left by which it was found.
   */
  erase: oneOf('row', 'columns', 'keep'),
  keep: Type.Optional(closed({ reason: text('Why something of it is kept', 300), law: Type.Optional(text('The law that demands it')) })),
});

export const MappingSource = closed({ system: id('As it is registered'), tables: Type.Array(table, { minItems: 1 }) });
export type MappingSource = Static<typeof MappingSource>;
export type TableSource = MappingSource['tables'][number];
