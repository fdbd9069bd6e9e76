import { amended, type Amendment } from './amend.js';
import { loadPolicy } from './load-policy.js';
import { localDay, noticeAt, noticePeriod, supersededAt, tellsOf } from './notice-period.js';
import { mMed, sourceOf } from './policies-rig.js';

const { policy, notice } = mMed;
const published = (time: string, version: string, purposes?: string[], language = 'th'): Amendment => ({
  type: 'attesta.notice.published.v1',
  time,
  data: { version, language, digest: 'ab'.repeat(32), effectiveAt: time, ...(purposes && { purposes }) },
});
const loyalty: Amendment = {
  type: 'attesta.purpose.registered.v1',
  time: '2024-01-01T00:00:00Z',
  data: {
    purpose: 'loyalty',
    title: 'Loyalty programme',
    bases: [{ jurisdiction: 'th-pdpa', bases: ['consent'] }],
    citation: 'PDPA s.21',
    separable: true,
    objection: 'decision',
  },
};
const on = (time: string) => Date.parse(time);

describe('a notice', () => {
  it('of the file begins with the day it was announced, in Bangkok', () => {
    expect(noticePeriod(policy, notice)).toEqual({ from: on('2022-08-10T00:00:00+07:00'), purposes: undefined });
  });

  it('of the file may name its first moment', () => {
    const source = sourceOf.mMed() as { notices: object[] };
    source.notices = source.notices.map((one) => ({ ...one, effectiveAt: '2022-09-01T08:00:00+07:00' }));
    expect(noticePeriod(loadPolicy(source), notice)?.from).toBe(on('2022-09-01T01:00:00Z'));
  });

  it('that is not registered has no period', () => {
    expect(noticePeriod(policy, 'v9')).toBeUndefined();
  });

  it('in two languages is one: from the first text on, and about what either tells', () => {
    const both = amended(policy, [
      published('2024-02-01T00:00:00Z', 'v2', ['marketing'], 'en'),
      published('2024-01-01T00:00:00Z', 'v2', ['personalisation']),
    ]);
    expect(noticePeriod(both, 'v2')).toEqual({ from: on('2024-01-01T00:00:00Z'), purposes: new Set(['personalisation', 'marketing']) });
  });

  it('that lists no purposes tells of those in the file, and of none that was registered since', () => {
    const both = amended(policy, [loyalty, published('2024-01-01T00:00:00Z', 'v2'), published('2024-02-01T00:00:00Z', 'v3', ['loyalty'])]);
    expect(['marketing', 'loyalty'].map((purpose) => tellsOf(both, 'v2', purpose))).toEqual([true, false]);
    expect(['marketing', 'loyalty'].map((purpose) => tellsOf(both, 'v3', purpose))).toEqual([false, true]);
  });
});

describe('a newer notice', () => {
  const later = amended(policy, [published('2024-01-01T00:00:00Z', 'v2', ['marketing']), published('2025-01-01T00:00:00Z', 'v3')]);

  it('ends the one before it for the purposes it tells of', () => {
    expect(supersededAt(later, notice, 'marketing')).toBe(on('2024-01-01T00:00:00Z'));
    expect(supersededAt(later, notice, 'personalisation')).toBe(on('2025-01-01T00:00:00Z'));
    expect(supersededAt(later, 'v2', 'marketing')).toBe(on('2025-01-01T00:00:00Z'));
    expect(supersededAt(later, 'v3', 'marketing')).toBe(Infinity);
  });

  test.each([
    ['marketing', '2022-08-09T16:59:59.999Z', undefined],
    ['marketing', '2022-08-09T17:00:00Z', notice],
    ['marketing', '2023-12-31T23:59:59.999Z', notice],
    ['marketing', '2024-01-01T00:00:00Z', 'v2'],
    ['personalisation', '2024-01-01T00:00:00Z', notice],
    ['personalisation', '2025-01-01T00:00:00Z', 'v3'],
  ])('%s is asked for at %s under %s', (purpose, at, version) => {
    expect(noticeAt(later, purpose, on(at))).toBe(version);
  });
});

test.each([
  ['2024-02-28T16:59:59.999Z', '2024-02-28'],
  ['2024-02-28T17:00:00Z', '2024-02-29'],
])('at %s the day in Bangkok is %s', (at, day) => {
  expect(localDay(policy, 'th-pdpa', on(at))).toBe(day);
});
