/** A row of `GET /v1/retention/forecast`. */
export interface ForecastRow {
  /** YYYY-MM, UTC. */
  month: string;
  class: string;
  lines: number;
}

/** A series for each class, with a number for each month from this one on, whether anything is due in it or not. */
export function monthsOf(
  rows: readonly ForecastRow[],
  months: number,
  now: Date,
): { labels: string[]; series: { name: string; values: number[] }[] } {
  const labels = Array.from({ length: months }, (_, ahead) =>
    new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + ahead)).toISOString().slice(0, 7),
  );
  const classes = [...new Set(rows.map((row) => row.class))];
  return {
    labels,
    series: classes.map((name) => ({
      name,
      values: labels.map((label) => rows.find((row) => row.class === name && row.month === label)?.lines ?? 0),
    })),
  };
}
