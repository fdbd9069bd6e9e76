import type { Moment } from '@attesta/decisions';
import { rfc3339Millis } from '@attesta/events';
import { Problem } from '@attesta/service-kit';

/** The moment a question is about; now in either time that it does not name. @throws Problem for no RFC 3339 time */
export function momentOf({ at, known }: { at?: string | undefined; known?: string | undefined }, now: Date): Moment {
  const millis = (text: string | undefined, field: string): number => {
    if (text === undefined) return now.getTime();
    const found = rfc3339Millis(text);
    if (found === undefined) {
      throw Problem.invalid([
        { field, code: 'bad-format', message: 'is not an RFC 3339 date-time', fix: 'write it like 2026-01-31T09:30:00Z' },
      ]);
    }
    return found;
  };
  return { at: millis(at, '/at'), known: millis(known, '/known') };
}
