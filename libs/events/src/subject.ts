/** The three spellings of a data subject. Only `clear` carries an identifier, and only in an HTTP body. */
export const SUBJECT = {
  /** `<scheme>|<value>`, e.g. `account|c-1001`. */
  clear: /^[a-z][a-z0-9-]{0,31}\|.{1,256}$/u,
  /** HMAC-SHA-256 of a clear subject, made by the SDK or the vault. */
  ref: /^ref1\.[A-Za-z0-9_-]{43}$/,
  /** The random pseudonym the vault gave the subject. */
  id: /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/,
} as const;

const UNPRINTABLE = /[\p{Cc}\p{Cs}]/u;

/** Which spelling a subject has; undefined when it is none of them (also for control characters and lone surrogates, which no HMAC input may hold). */
export function subjectKind(subject: string): 'clear' | 'ref' | 'id' | undefined {
  if (SUBJECT.ref.test(subject)) return 'ref';
  if (SUBJECT.id.test(subject)) return 'id';
  return SUBJECT.clear.test(subject) && !UNPRINTABLE.test(subject) ? 'clear' : undefined;
}
