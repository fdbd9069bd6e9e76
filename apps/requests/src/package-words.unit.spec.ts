import { durationIn, word, WORDS } from './package-words.js';

it.each([
  ['P10Y', '10 years', '10 ปี'],
  ['P1Y6M', '1 year 6 months', '1 ปี 6 เดือน'],
  ['P2W', '2 weeks', '2 สัปดาห์'],
  ['P1D', '1 day', '1 วัน'],
  ['PT72H', '72 hours', '72 ชั่วโมง'],
  ['P1MT1M30S', '1 month 1 minute 30 seconds', '1 เดือน 1 นาที 30 วินาที'],
  ['P0D', '', ''],
  ['P0Y5D', '5 days', '5 วัน'],
])('the duration %s is said as %s', (duration, english, thai) => {
  expect(durationIn(WORDS.en, duration)).toBe(english);
  expect(durationIn(WORDS.th, duration)).toBe(thai);
});

it.each([
  ['legal-hold-end', 'legal hold end'],
  ['constructor', 'constructor'],
  ['__proto__', '__proto__'],
  ['contract-end', 'the contract ends'],
])('the id %s is said as %s', (id, said) => {
  expect(word(WORDS.en.triggers, id)).toBe(said);
});
