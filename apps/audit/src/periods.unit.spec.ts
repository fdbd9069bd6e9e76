import fc from 'fast-check';
import { periodOf, Periods, periodsBetween, Series, type PeriodKind } from './periods.js';

const day = fc
  .date({ min: new Date('1999-01-01T00:00:00Z'), max: new Date('2101-12-31T00:00:00Z'), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 10));
const kind = fc.constantFrom<PeriodKind[]>('day', 'week', 'month');

describe('periods', () => {
  it('weeks begin on Monday, months on their first day', () => {
    expect(periodOf('2026-03-01', 'week')).toBe('2026-02-23');
    expect(periodOf('2026-03-02', 'week')).toBe('2026-03-02');
    expect(periodOf('2024-02-29', 'month')).toBe('2024-02-01');
    expect(periodsBetween('2025-12-31', '2026-02-01', 'month')).toEqual(['2025-12-01', '2026-01-01', '2026-02-01']);
    expect(periodsBetween('2026-02-27', '2026-03-02', 'day')).toEqual(['2026-02-27', '2026-02-28', '2026-03-01', '2026-03-02']);
  });

  it('hold every day between, each in one of them', () => {
    fc.assert(
      fc.property(day, fc.nat({ max: 400 }), fc.nat({ max: 400 }), kind, (from, before, after, by) => {
        const later = (days: number) => new Date(Date.parse(from) + days * 86_400_000).toISOString().slice(0, 10);
        const [one, until] = [later(before), later(before + after)];
        const periods = new Periods(from, until, by);
        const index = periods.indexOf(one)!;
        expect(periods.first[index]! <= one).toBe(true);
        expect(index === periods.first.length - 1 || one < periods.first[index + 1]!).toBe(true);
        const series = new Series(periods);
        series.add(one, 2);
        expect(series.values.reduce((sum, n) => sum + n)).toBe(2);
      }),
    );
  });

  it('days outside of them do not count', () => {
    const series = new Series(new Periods('2026-03-01', '2026-03-31', 'month'));
    series.add('2026-04-01', 1);
    expect(series.values).toEqual([0]);
  });
});
