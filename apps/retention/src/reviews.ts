import type { EventTypes } from '@attesta/events';
import type pg from 'pg';

/** What of a person is due for review, by retention class. */
export interface DueReview {
  subject: string;
  class: string;
  categories: string[];
  since: string;
  lines: number;
}

/**
 * What a person decided about parts that were due for review: gone at once, or looked at again when `until` comes.
 * @returns how many lines of the inventory it is about
 */
export async function noteReview(
  tx: Pick<pg.PoolClient, 'query'>,
  subject: string,
  { categories, outcome, until }: Pick<EventTypes['attesta.retention.reviewed.v1'], 'categories' | 'outcome' | 'until'>,
  at: Date,
): Promise<number> {
  const { rowCount } = await tx.query(
    `update part set approved = $3, kept_until = $4::timestamptz, due_at = coalesce($4::timestamptz, due_at)
      where subject = $1 and categories && $2 and action = 'review' and not approved and disposal is null and due_at <= $5`,
    [subject, categories, outcome === 'dispose', until ?? null, at],
  );
  return rowCount ?? 0;
}
