import { monthsOf } from './forecast.js';

describe('what becomes due, by month', () => {
  it('has a number for every month from this one on, over the end of the year', () => {
    const rows = [
      { month: '2026-12', class: 'location', lines: 4 },
      { month: '2027-01', class: 'location', lines: 1 },
      { month: '2027-01', class: 'cookie', lines: 7 },
    ];
    expect(monthsOf(rows, 3, new Date('2026-11-30T23:59:59Z'))).toEqual({
      labels: ['2026-11', '2026-12', '2027-01'],
      series: [
        { name: 'location', values: [0, 4, 1] },
        { name: 'cookie', values: [0, 0, 7] },
      ],
    });
  });

  it('is nothing where nothing is due', () => {
    expect(monthsOf([], 1, new Date('2026-11-01T00:00:00Z'))).toEqual({ labels: ['2026-11'], series: [] });
  });
});
