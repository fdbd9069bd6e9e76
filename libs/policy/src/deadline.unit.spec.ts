import { ageOn, clockFor, deadline, endOfDuration, latestExtension, requestDeadline, sourceNoticeDue, timeBefore } from './deadline.js';
import { ageRule, isContractor, isSensitive, mayReceive, noticeText, restsOnConsent, retentionRules } from './facts.js';
import { bicycleRepair, mMed } from './policies-rig.js';
import type { Clock } from './policy-source.js';

const clock = (changes: Partial<Clock>): Clock => ({
  id: 'c',
  right: 'r',
  jurisdiction: 'j',
  duration: 'P30D',
  starts: 'receipt',
  pausesOn: [],
  timeZone: 'Asia/Bangkok',
  firstDayCounted: false,
  ...changes,
});

describe('a deadline', () => {
  test.each<[string, Partial<Clock>, string, string | undefined, string]>([
    ['thirty days of Bangkok, first day not counted', {}, '2025-01-01T05:00:00Z', '2025-01-31', '2025-01-31T17:00:00Z'],
    ['the day is Bangkok’s: 18:00 in London is tomorrow there', {}, '2025-01-01T18:00:00Z', '2025-02-01', '2025-02-01T17:00:00Z'],
    ['one minute before midnight in Bangkok', {}, '2025-01-01T16:59:59Z', '2025-01-31', '2025-01-31T17:00:00Z'],
    ['midnight in Bangkok', {}, '2025-01-01T17:00:00Z', '2025-02-01', '2025-02-01T17:00:00Z'],
    ['any offset in writing', {}, '2025-01-02T00:30:00+07:00', '2025-02-01', '2025-02-01T17:00:00Z'],
    ['the first day counted', { firstDayCounted: true }, '2025-01-01T05:00:00Z', '2025-01-30', '2025-01-30T17:00:00Z'],
    ['a leap year in between', {}, '2024-02-01T05:00:00Z', '2024-03-02', '2024-03-02T17:00:00Z'],
    ['a month', { duration: 'P1M', timeZone: 'Europe/Berlin' }, '2025-01-15T10:00:00Z', '2025-02-15', '2025-02-15T23:00:00Z'],
    [
      'a month that has no such day',
      { duration: 'P1M', timeZone: 'Europe/Berlin' },
      '2025-01-31T10:00:00Z',
      '2025-02-28',
      '2025-02-28T23:00:00Z',
    ],
    [
      'a month over the change of the clocks',
      { duration: 'P1M', timeZone: 'Europe/Berlin' },
      '2025-03-15T10:00:00Z',
      '2025-04-15',
      '2025-04-15T22:00:00Z',
    ],
    ['seventy-two hours are exact', { duration: 'PT72H' }, '2025-01-01T05:06:07Z', undefined, '2025-01-04T05:06:07Z'],
    [
      'seventy-two hours over the change of the clocks',
      { duration: 'PT72H', timeZone: 'Europe/Berlin' },
      '2025-03-29T12:00:00Z',
      undefined,
      '2025-04-01T12:00:00Z',
    ],
    ['at once', { duration: 'P0D' }, '2025-01-01T05:00:00Z', '2025-01-01', '2025-01-01T17:00:00Z'],
  ])('of %s', (_, changes, start, lastDay, overdueFrom) => {
    expect(deadline(clock(changes), start)).toEqual({ clock: 'c', ...(lastDay === undefined ? {} : { lastDay }), overdueFrom });
  });

  it('refuses a start that is no instant', () => {
    expect(() => deadline(clock({}), '2025-01-01')).toThrow(RangeError);
  });
});

describe('the notice that data came from a third party', () => {
  it('is due in thirty days in Thailand: on day 31 it is overdue', () => {
    const due = sourceNoticeDue(mMed.policy, 'th-pdpa', '2025-03-10T09:00:00+07:00');
    expect(due).toEqual({ clock: 'th-source-notice', lastDay: '2025-04-09', overdueFrom: '2025-04-09T17:00:00Z' });
  });

  it('is due in one month under the GDPR, by the shop’s own clock', () => {
    expect(sourceNoticeDue(bicycleRepair.policy, 'gdpr-de', '2025-03-10T09:00:00+01:00')).toEqual({
      clock: 'source-month',
      lastDay: '2025-04-10',
      overdueFrom: '2025-04-10T22:00:00Z',
    });
    expect(sourceNoticeDue(mMed.policy, 'eu-gdpr', '2025-03-10T09:00:00+07:00').lastDay).toBe('2025-04-10');
  });

  it('has no date in a jurisdiction that the policy does not have', () => {
    expect(() => sourceNoticeDue(mMed.policy, 'gdpr-de', '2025-03-10T09:00:00Z')).toThrow(RangeError);
  });
});

describe('the clock of a right', () => {
  it('is found by right and jurisdiction', () => {
    expect(clockFor(mMed.policy, 'access', 'th-pdpa')?.duration).toBe('P30D');
    expect(clockFor(mMed.policy, 'access', 'eu-gdpr')?.extension?.duration).toBe('P2M');
    expect(clockFor(mMed.policy, 'erasure', 'nowhere')).toBeUndefined();
    expect(clockFor(bicycleRepair.policy, 'auskunft', 'gdpr-de')?.duration).toBe('P1M');
  });
});

describe('age', () => {
  test.each([
    ['2015-06-15', '2025-06-14', 9],
    ['2015-06-15', '2025-06-15', 10],
    ['2016-02-29', '2026-02-28', 9],
    ['2016-02-29', '2026-03-01', 10],
    ['2016-02-29', '2024-02-29', 8],
    ['2005-01-01', '2024-12-31', 19],
  ])('of somebody born %s is on %s: %d', (born, day, age) => {
    expect(ageOn(born, day)).toBe(age);
  });

  it('decides who consents, by the policy’s own boundaries', () => {
    const rules = (vocabulary: typeof mMed, ages: number[]) =>
      ages.map((age) => ageRule(vocabulary.policy, vocabulary.jurisdiction, age)?.id);
    expect(rules(mMed, [0, 9, 10, 19, 20, 90])).toEqual([
      'th-under-ten',
      'th-under-ten',
      'th-ten-to-nineteen',
      'th-ten-to-nineteen',
      'th-of-age',
      'th-of-age',
    ]);
    expect(rules(bicycleRepair, [0, 15, 16])).toEqual(['child', 'child', 'grown']);
    expect(ageRule(mMed.policy, 'th-pdpa', 9)?.collection).toBe('refused');
    expect(ageRule(mMed.policy, 'gdpr-de', 9)).toBeUndefined();
  });
});

describe('facts that a finding rests on', () => {
  test.each([
    ['M MED', mMed],
    ['the bicycle repair shop', bicycleRepair],
  ])('at %s: who may have what came from a survey', (_, v) => {
    expect(isContractor(v.policy, v.contractor, v.pollMethod)).toBe(true);
    expect(isContractor(v.policy, v.home, v.pollMethod)).toBe(false);
    expect(mayReceive(v.policy, v.pollMethod, v.contractor)).toBe(true);
    expect(mayReceive(v.policy, v.pollMethod, v.home)).toBe(false);
    expect(mayReceive(v.policy, v.pollMethod, v.authority)).toBe(true);
    expect(mayReceive(v.policy, v.pollMethod, 'stranger')).toBe(false);
    expect(mayReceive(v.policy, v.method, v.home)).toBe(true);
  });

  test.each([
    ['M MED', mMed],
    ['the bicycle repair shop', bicycleRepair],
  ])('at %s: what is sensitive, what rests on consent, which text was shown', (_, v) => {
    expect([isSensitive(v.policy, v.sensitive), isSensitive(v.policy, v.category), isSensitive(v.policy, 'stranger')]).toEqual([
      true,
      false,
      false,
    ]);
    expect([restsOnConsent(v.policy, v.jurisdiction, v.explicitConsent), restsOnConsent(v.policy, v.jurisdiction, v.basis)]).toEqual([
      true,
      false,
    ]);
    expect(noticeText(v.policy, v.notice, v.language)?.sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(noticeText(v.policy, v.notice, 'fr')).toBeUndefined();
  });

  it('how long, and why: a tax rule outlives the company’s own schedule, and names its law', () => {
    const rules = retentionRules(mMed.policy, { category: 'transaction', purpose: 'service-fulfilment', jurisdiction: 'th-pdpa' });
    expect(rules.map((rule) => rule.id)).toEqual(['tax-records', 'accounting-records', 'contract-claims', 'orders', 'under-ten']);
    expect(rules[0]?.citation).toBe('Revenue Code s.87/3');
    expect(
      retentionRules(mMed.policy, { category: 'transaction', purpose: 'service-fulfilment', jurisdiction: 'eu-gdpr' }).map(
        (rule) => rule.id,
      ),
    ).toEqual(['orders', 'under-ten']);
    expect(
      retentionRules(bicycleRepair.policy, { category: 'repair-order', purpose: 'bookkeeping', jurisdiction: 'gdpr-de' }).map(
        (rule) => rule.duration,
      ),
    ).toEqual(['P8Y']);
  });
});

describe('the end of a duration', () => {
  test.each([
    ['P0D', '2025-01-01T10:00:00.000Z', '2025-01-01T10:00:00.000Z'],
    ['P30D', '2025-01-01T10:00:00.123Z', '2025-01-31T10:00:00.123Z'],
    ['P2W', '2025-01-01T10:00:00.000Z', '2025-01-15T10:00:00.000Z'],
    ['PT36H', '2025-01-01T10:00:00.000Z', '2025-01-02T22:00:00.000Z'],
    ['PT90M30S', '2025-01-01T10:00:00.000Z', '2025-01-01T11:30:30.000Z'],
    ['P1M', '2025-01-31T10:00:00.000Z', '2025-02-28T10:00:00.000Z'],
    ['P1M', '2024-01-31T10:00:00.000Z', '2024-02-29T10:00:00.000Z'],
    ['P1Y', '2024-02-29T10:00:00.000Z', '2025-02-28T10:00:00.000Z'],
    ['P4Y', '2024-02-29T10:00:00.000Z', '2028-02-29T10:00:00.000Z'],
    ['P13M', '2024-12-31T10:00:00.000Z', '2026-01-31T10:00:00.000Z'],
    ['P1Y6M', '2024-12-15T10:00:00.000Z', '2026-06-15T10:00:00.000Z'],
    ['P1M1D', '2025-01-31T10:00:00.000Z', '2025-03-01T10:00:00.000Z'],
    ['P99999Y', '2025-01-01T10:00:00.000Z', '9999-12-31T00:00:00.000Z'],
    ['P99999W', '9000-01-01T00:00:00.000Z', '9999-12-31T00:00:00.000Z'],
  ])('%s from %s is %s', (duration, start, end) => {
    expect(new Date(endOfDuration(Date.parse(start), duration)).toISOString()).toBe(end);
  });
});

describe('the deadline of a request', () => {
  const start = '2026-01-10T05:00:00Z';

  it('is the plain one where nothing happened', () => {
    expect(requestDeadline(clock({}), start)).toEqual(deadline(clock({}), start));
  });

  it('moves by whole days for the time it stood still, begun days included', () => {
    expect(requestDeadline(clock({}), start, 1).lastDay).toBe('2026-02-10');
    expect(requestDeadline(clock({}), start, 86_400_000).lastDay).toBe('2026-02-10');
    expect(requestDeadline(clock({}), start, 86_400_001).lastDay).toBe('2026-02-11');
  });

  it('moves to the millisecond for a clock of hours', () => {
    expect(requestDeadline(clock({ duration: 'PT72H' }), start, 1500).overdueFrom).toBe('2026-01-13T05:00:01.5Z');
  });

  it('ends with the day that was announced, as that day is there', () => {
    expect(requestDeadline(clock({}), start, 86_400_000, '2026-03-01T18:00:00Z')).toEqual({
      clock: 'c',
      lastDay: '2026-03-02',
      overdueFrom: '2026-03-02T17:00:00Z',
    });
  });

  it('can be announced no later than the law lets', () => {
    expect(latestExtension(clock({}), start)).toBeUndefined();
    const gdpr = clock({ duration: 'P1M', extension: { duration: 'P2M', requires: [] } });
    expect(latestExtension(gdpr, '2026-01-31T05:00:00Z')?.lastDay).toBe('2026-04-28');
  });

  it('is warned of by the calendar of its place', () => {
    const berlin = clock({ timeZone: 'Europe/Berlin' });
    expect(timeBefore(berlin, '2026-03-30T22:00:00Z', 'P2D')).toBe('2026-03-28T23:00:00Z');
  });
});
