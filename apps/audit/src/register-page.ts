import type pg from 'pg';
import type { IdentitySpan } from '@attesta/decisions';
import { Where, type Page } from './page.js';
import type { RegisterOf } from './register.js';
import { answerOf, selectionOf, type AnswerOf, type Shape } from './row-shape.js';
import { RECORD, recordParameters } from './timeline.projection.js';

export interface RegisterFilter extends Page {
  /** A person's record; without it everybody. */
  spans?: readonly IdentitySpan[] | undefined;
  /** Happened at or after. */
  from?: string | undefined;
  /** Happened before. */
  to?: string | undefined;
}

/** Of a person's record, the identity a row joined it through. */
export interface Through {
  through?: string;
}

/**
 * Rows of a register in which things happen, newest first.
 * @param conditions on the columns of its table, with `?` for the value; those whose value is undefined do not count
 */
export async function readRegister<S extends Shape>(
  pool: pg.Pool,
  { table, columns }: RegisterOf<S>,
  { spans, from, to, ...page }: RegisterFilter,
  conditions: Readonly<Record<string, unknown>>,
): Promise<(AnswerOf<S> & Through)[]> {
  const where = new Where(spans ? recordParameters(spans, page) : []);
  if (!spans) where.and('position <= ?', page.asOf).and('position < ?', page.cursor);
  for (const [condition, value] of Object.entries(conditions)) where.and(condition, value);
  where.and('occurred_at >= ?::timestamptz', from).and('occurred_at < ?::timestamptz', to);
  const source = spans ? `${RECORD} r join ${table} using (position)` : table;
  const { rows } = await pool.query<Through>(
    `select ${selectionOf(columns)}${spans ? ', through' : ''} from ${source} where ${where.sql} order by position desc limit ${where.parameter(page.limit)}`,
    where.values,
  );
  return rows.map((row) => ({ ...answerOf<S>(columns, row), ...(spans && { through: row.through }) }));
}
