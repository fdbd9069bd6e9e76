import { useLanguage, type Language } from './words.js';

const UNITS = ['year', 'month', 'week', 'day', 'hour', 'minute', 'second'] as const;
const ISO = /^P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/;

/** An ISO 8601 duration as one says it: `P1Y6M` is `1 year, 6 months`; whatever else as it is. */
export function durationIn(language: Language, duration: string): string {
  const counts = ISO.exec(duration)?.slice(1);
  if (!counts) return duration;
  const parts = UNITS.flatMap((unit, i) =>
    counts[i] === undefined
      ? []
      : [new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'long' }).format(Number(counts[i]))],
  );
  return parts.join(', ') || duration;
}

export function useDuration(): (duration: string) => string {
  const language = useLanguage();
  return (duration) => durationIn(language, duration);
}
