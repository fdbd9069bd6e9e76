import type { Language } from './words.js';

const LOCALES: Record<Language, string> = { en: 'en-GB', th: 'th-TH-u-ca-buddhist' };

/** For reading on a screen, in the reader's time zone; Thai shows years of the Buddhist era, as people there do. Exports have RFC 3339. */
export const dateTime = (time: string | number, language: Language): string =>
  new Intl.DateTimeFormat(LOCALES[language], { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(time));

export const date = (time: string | number, language: Language): string =>
  new Intl.DateTimeFormat(LOCALES[language], { dateStyle: 'medium' }).format(new Date(time));

export const number = (value: number, language: Language): string => new Intl.NumberFormat(LOCALES[language]).format(value);

const UNITS = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
] as const;

/** `in 3 days`, `40 seconds ago`. */
export function relative(time: string | number, now: number, language: Language): string {
  const seconds = (new Date(time).getTime() - now) / 1000;
  const [unit, size] = UNITS.find(([, one]) => Math.abs(seconds) >= one) ?? UNITS[3];
  return new Intl.RelativeTimeFormat(LOCALES[language], { numeric: 'auto' }).format(Math.trunc(seconds / size), unit);
}
