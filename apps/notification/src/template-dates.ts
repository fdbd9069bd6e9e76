import { rfc3339Millis } from '@attesta/events';
import type { Language } from './template-definitions.js';

const LOCALES: Readonly<Record<Language, string>> = { en: 'en-GB', th: 'th-TH-u-ca-buddhist' };
const DAY = /^\d{4}-\d\d-\d\d$/;

/** 15 March 2026, or 15 มีนาคม 2569. A day without a time of day is that day everywhere. */
export function dayIn(text: string, language: Language, timeZone: string): string | undefined {
  const isDay = DAY.test(text);
  const millis = rfc3339Millis(isDay ? `${text}T00:00:00Z` : text);
  if (millis === undefined) return undefined;
  const { day, month, year } = partsOf(millis, language, isDay ? 'UTC' : timeZone);
  return `${day} ${month} ${year}`;
}

/** The same with the time of day: 15 March 2026, 14:30 (GMT+7). */
export function momentIn(text: string, language: Language, timeZone: string): string | undefined {
  const millis = rfc3339Millis(text);
  if (millis === undefined) return undefined;
  const { day, month, year, hour, minute, timeZoneName } = partsOf(millis, language, timeZone);
  return language === 'th'
    ? `${day} ${month} ${year} เวลา ${hour}:${minute} น. (${timeZoneName})`
    : `${day} ${month} ${year}, ${hour}:${minute} (${timeZoneName})`;
}

/** By part, for how a locale strings them together differs between releases of its data. */
function partsOf(millis: number, language: Language, timeZone: string): Partial<Record<Intl.DateTimeFormatPartTypes, string>> {
  return Object.fromEntries(
    formatIn(language, timeZone)
      .formatToParts(millis)
      .map(({ type, value }) => [type, value]),
  );
}

/** Making one takes longer than all the rest of a letter. */
const formats = new Map<string, Intl.DateTimeFormat>();

function formatIn(language: Language, timeZone: string): Intl.DateTimeFormat {
  const key = `${language} ${timeZone}`;
  let format = formats.get(key);
  if (!format) {
    format = new Intl.DateTimeFormat(LOCALES[language], {
      timeZone,
      day: 'numeric',
      month: 'long',
      year: 'numeric',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
      timeZoneName: 'shortOffset',
      numberingSystem: 'latn',
    });
    formats.set(key, format);
  }
  return format;
}
