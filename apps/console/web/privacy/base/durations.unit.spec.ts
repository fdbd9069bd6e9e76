import { durationWords } from './durations.js';

test.each([
  ['P30D', '30 days', '30 วัน'],
  ['P1M', '1 month', '1 เดือน'],
  ['P1Y6M', '1 year 6 months', '1 ปี 6 เดือน'],
  ['PT72H', '72 hours', '72 ชั่วโมง'],
  ['PT15M', '15 minutes', '15 นาที'],
  ['soon', 'soon', 'soon'],
])('%s is %s', (duration, en, th) => {
  expect([durationWords(duration, 'en'), durationWords(duration, 'th')]).toEqual([en, th]);
});
