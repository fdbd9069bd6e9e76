import type pg from 'pg';
import { holdEvents, type HoldEventRow } from './holds.projection.js';
import { Where, type Page } from './page.js';
import { answerOf, columnsOf, selectionOf, type AnswerOf, type Shape } from './row-shape.js';

const LINE = {
  position: 'int8',
  hold: 'uuid',
  /** None where it holds everybody's data. */
  subject: 'uuid?',
  matter: 'text?',
  reason: 'text?',
  law: 'text?',
  /** None: all of them. */
  categories: 'texts?',
  purposes: 'texts?',
  placedBy: 'text?',
  placedAt: 'time',
  releasedAt: 'time?',
  releasedBy: 'text?',
  releaseReason: 'text?',
  releasedPosition: 'int8?',
} as const satisfies Shape;
const COLUMNS = columnsOf(LINE);

export type HoldLine = AnswerOf<typeof LINE> & { state: 'standing' | 'released' };

export interface HoldFilter extends Page {
  /** Holds on the data of these people, those on everybody's included. */
  subjects?: readonly string[] | undefined;
  state?: HoldLine['state'] | undefined;
}

const LINES = `
  select h.position, h.hold, h.subject, h.matter, h.reason, h.law, h.categories, h.purposes, h.actor as placed_by, h.occurred_at as placed_at,
         r.occurred_at as released_at, r.actor as released_by, r.reason as release_reason, r.position as released_position
    from hold_event h left join lateral (
      select * from hold_event r where r.hold = h.hold and not r.placed and r.position <= $1 order by r.position limit 1) r on true
   where h.placed and h.position <= $1`;

/** Newest first. */
export async function readHolds(pool: Pick<pg.Pool, 'query'>, { asOf, cursor, limit, subjects, state }: HoldFilter): Promise<HoldLine[]> {
  const where = new Where([asOf])
    .and('position < ?', cursor)
    .and('(subject is null or subject = any(?::uuid[]))', subjects)
    .and('(released_position is null) = ?::bool', state === undefined ? undefined : state === 'standing');
  const { rows } = await pool.query<object>(
    `select ${selectionOf(COLUMNS)} from (${LINES}) h where ${where.sql} order by position desc limit ${where.parameter(limit)}`,
    where.values,
  );
  return rows.map((row) => {
    const line = answerOf<typeof LINE>(COLUMNS, row);
    return { ...line, state: line.releasedPosition === null ? 'standing' : 'released' };
  });
}

/** Holds that stand on the data of these people. */
export async function standingHolds(pool: Pick<pg.Pool, 'query'>, subjects: readonly string[], asOf: number): Promise<HoldEventRow[]> {
  const { rows } = await pool.query<object>(
    `select ${selectionOf(holdEvents.columns)} from hold_event h where placed and position <= $2 and (subject is null or subject = any($1::uuid[]))
        and not exists (select 1 from hold_event r where r.hold = h.hold and not r.placed and r.position <= $2) order by position`,
    [subjects, asOf],
  );
  return rows.map((row) => answerOf<typeof holdEvents.shape>(holdEvents.columns, row));
}
