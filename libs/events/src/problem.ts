/** One thing wrong with an input, and how to mend it. Names fields, never repeats the offending value. */
export interface FieldProblem {
  /** JSON pointer (RFC 6901) into the event as it was sent; '' is the whole input. */
  field: string;
  /** A stable kebab-case slug that a program may branch on. */
  code: string;
  message: string;
  fix: string;
}

/** At most this many problems are reported for one input: enough to mend it in one go, too few to make a report a burden. */
export const MAX_PROBLEMS = 20;

const NAME_LIKE = /^[A-Za-z_$@][A-Za-z0-9_.$@-]{0,63}$/;

/**
 * The JSON pointer of a member. A key that does not look like a name (long, full of digits, free text) could itself be the personal
 * value somebody misplaced, so it is written as '?' instead of being repeated.
 */
export function pointer(base: string, key: string | number): string {
  if (typeof key === 'number') return `${base}/${key}`;
  if (key === '__proto__') return `${base}/__proto__`;
  return NAME_LIKE.test(key) && !key.includes('@') && !/\d{6}/.test(key) ? `${base}/${key}` : `${base}/?`;
}
