export type PeriodKind = 'day' | 'week' | 'month';

const DAY_MS = 86_400_000;
const dayOf = (at: number): string => new Date(at).toISOString().slice(0, 10);
const startOfDay = (day: string): number => Date.parse(`${day}T00:00:00Z`);

/** The first day of the period that a day is in (all YYYY-MM-DD, UTC). Weeks begin on Monday (ISO 8601). */
export function periodOf(day: string, by: PeriodKind): string {
  if (by === 'day') return day;
  if (by === 'month') return `${day.slice(0, 8)}01`;
  const at = startOfDay(day);
  return dayOf(at - ((new Date(at).getUTCDay() + 6) % 7) * DAY_MS);
}

/** Every period from one day to another, by its first day. */
export function periodsBetween(from: string, until: string, by: PeriodKind): string[] {
  const periods: string[] = [];
  for (let day = periodOf(from, by); day <= until; day = next(day, by)) periods.push(day);
  return periods;
}

function next(period: string, by: PeriodKind): string {
  const at = new Date(startOfDay(period));
  if (by === 'month') at.setUTCMonth(at.getUTCMonth() + 1);
  else at.setUTCDate(at.getUTCDate() + (by === 'week' ? 7 : 1));
  return dayOf(at.getTime());
}

/** A number for each period, in their order. */
export class Series {
  readonly values: number[];

  constructor(private readonly periods: Periods) {
    this.values = periods.first.map(() => 0);
  }

  add(day: string, n: number): void {
    const index = this.periods.indexOf(day);
    if (index !== undefined) this.values[index]! += n;
  }
}

export class Periods {
  /** First days. */
  readonly first: string[];
  private readonly index: ReadonlyMap<string, number>;

  constructor(
    from: string,
    until: string,
    private readonly by: PeriodKind,
  ) {
    this.first = periodsBetween(from, until, by);
    this.index = new Map(this.first.map((day, i) => [day, i]));
  }

  indexOf(day: string): number | undefined {
    return this.index.get(periodOf(day, this.by));
  }
}
