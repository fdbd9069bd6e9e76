import type { Language } from '../../kit/words.js';

const UNITS = { Y: 'year', M: 'month', W: 'week', D: 'day' } as const;
const TIMES = { H: 'hour', M: 'minute', S: 'second' } as const;
const LOCALES: Record<Language, string> = { en: 'en-GB', th: 'th-TH' };

/** An ISO 8601 duration as one says it: `30 days`, `1 month`. What is no duration stays as it is. */
export function durationWords(duration: string, language: Language): string {
  const [, days, times] = /^P((?:\d+[YMWD])*)(?:T((?:\d+[HMS])+))?$/.exec(duration) ?? [];
  const say = (count: string, unit: string) =>
    new Intl.NumberFormat(LOCALES[language], { style: 'unit', unit, unitDisplay: 'long' }).format(Number(count));
  const parts = [
    ...[...(days ?? '').matchAll(/(\d+)([YMWD])/g)].map(([, count, unit]) => say(count!, UNITS[unit as keyof typeof UNITS])),
    ...[...(times ?? '').matchAll(/(\d+)([HMS])/g)].map(([, count, unit]) => say(count!, TIMES[unit as keyof typeof TIMES])),
  ];
  return parts.length === 0 ? duration : parts.join(' ');
}
