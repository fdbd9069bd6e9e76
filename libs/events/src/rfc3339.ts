const SHAPE = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/;
const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

const two = (text: string, at: number) => (text.charCodeAt(at) - 48) * 10 + text.charCodeAt(at + 1) - 48;

/**
 * Milliseconds since the epoch of an RFC 3339 date-time, or undefined when it is not one. Stricter than Date.parse, which rolls
 * 30 February over into March; a leap second is refused, because no JavaScript or PostgreSQL clock can hold it.
 */
export function rfc3339Millis(text: string): number | undefined {
  if (text.length > 35 || !SHAPE.test(text)) return undefined;
  const year = two(text, 0) * 100 + two(text, 2);
  const month = two(text, 5);
  const day = two(text, 8);
  const leap = month === 2 && year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  if (month < 1 || day < 1 || day > (DAYS[month - 1] ?? 0) + (leap ? 1 : 0)) return undefined;
  if (two(text, 11) > 23 || two(text, 14) > 59 || two(text, 17) > 59) return undefined;
  if (text.charCodeAt(text.length - 1) !== 90 && (two(text, text.length - 5) > 23 || two(text, text.length - 2) > 59)) return undefined;
  return Date.parse(text);
}
