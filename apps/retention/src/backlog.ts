import type { Retention } from './retention.js';

export interface BacklogRow {
  class: string;
  /** Lines of the inventory. */
  held: number;
  /** Due by now and free to go; the oldest of them since when. */
  due: number;
  oldestDue: string | null;
  /** Due by now, and kept by a hold. */
  onHold: number;
  /** Due by now, and waiting for a person's decision. */
  toReview: number;
  /** In a disposal under way. */
  disposing: number;
  /** Without an end: something runs, or (`unruled`) no rule says. */
  open: number;
  unruled: number;
}

export interface Backlog {
  at: string;
  classes: BacklogRow[];
  disposals: { started: number; instructed: number; completed: number; abandoned: number; oldestOpen: string | null };
}

export async function backlogOf(retention: Retention): Promise<Backlog> {
  const { pool } = retention;
  const at = retention.now();
  const { rows } = await pool.query<Omit<BacklogRow, 'oldestDue'> & { oldestDue: Date | null }>(
    `select class, count(*)::float8 as held,
            count(*) filter (where d and free and not waits)::float8 as due, min(due_at) filter (where d and free and not waits) as "oldestDue",
            count(*) filter (where d and disposal is null and held)::float8 as "onHold",
            count(*) filter (where d and free and waits)::float8 as "toReview",
            count(*) filter (where disposal is not null)::float8 as disposing,
            count(*) filter (where due_at is null)::float8 as open, count(*) filter (where unruled)::float8 as unruled
       from (select *, coalesce(due_at <= $1, false) as d, disposal is null and not held as free, action = 'review' and not approved as waits from part) p
      group by class order by class`,
    [at],
  );
  const { rows: states } = await pool.query<{ status: keyof Backlog['disposals']; n: number; oldest: Date }>(
    'select status, count(*)::float8 as n, min(started_at) as oldest from disposal group by status',
  );
  const count = (status: string) => states.find((row) => row.status === status)?.n ?? 0;
  const open = states.filter(({ status }) => status === 'started' || status === 'instructed').map(({ oldest }) => oldest.getTime());
  return {
    at: at.toISOString(),
    classes: rows.map((row) => ({ ...row, oldestDue: row.oldestDue?.toISOString() ?? null })),
    disposals: {
      started: count('started'),
      instructed: count('instructed'),
      completed: count('completed'),
      abandoned: count('abandoned'),
      oldestOpen: open.length > 0 ? new Date(Math.min(...open)).toISOString() : null,
    },
  };
}

export interface ForecastRow {
  /** YYYY-MM, UTC. */
  month: string;
  class: string;
  lines: number;
}

export async function forecastOf(retention: Retention, months: number): Promise<ForecastRow[]> {
  const { rows } = await retention.pool.query<ForecastRow>(
    `select to_char(due_at at time zone 'UTC', 'YYYY-MM') as month, class, count(*)::float8 as lines from part
      where due_at > $1 and due_at < date_trunc('month', $1::timestamptz at time zone 'UTC') at time zone 'UTC' + make_interval(months => $2)
      group by 1, 2 order by 1, 2`,
    [retention.now(), months],
  );
  return rows;
}
