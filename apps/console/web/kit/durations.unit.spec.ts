import { durationIn } from './durations.js';

describe('a duration', () => {
  it('is said in the language of the reader', () => {
    expect(durationIn('en', 'P1Y6M')).toBe('1 year, 6 months');
    expect(durationIn('th', 'P30D')).toBe('30 วัน');
    expect(durationIn('en', 'PT72H')).toBe('72 hours');
    expect(durationIn('en', 'P0D')).toBe('0 days');
  });

  it('that is none is left as it is', () => {
    expect(durationIn('en', 'soon')).toBe('soon');
    expect(durationIn('en', 'P')).toBe('P');
  });
});
