import { Type, type TSchema } from '@sinclair/typebox';

/**
 * The vocabulary of field schemas. Patterns are published in the JSON Schemas, so they are ECMA-262 with the u flag.
 * Free text is only what a person wrote for another person; everything a program chose is an identifier or a reference, which cannot hold
 * an e-mail address or a sentence. No text may hold a control character (PostgreSQL stores no NUL) or a lone surrogate (no UTF-8 form).
 */
export const PATTERN = {
  id: '^[a-z0-9][a-z0-9._-]*$',
  reference: '^[A-Za-z0-9/][A-Za-z0-9._:/#-]*$',
  line: '^[^\\p{Cc}\\p{Cs}]+$',
  text: '^[^\\u0000-\\u0008\\u000B\\u000C\\u000E-\\u001F\\u007F-\\u009F\\p{Cs}]+$',
  uuid: '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$',
  sha256: '^[0-9a-f]{64}$',
  country: '^[A-Z]{2}$',
  language: '^[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*$',
  duration: '^P(?!$)(?:\\d{1,5}Y)?(?:\\d{1,5}M)?(?:\\d{1,5}W)?(?:\\d{1,5}D)?(?:T(?=\\d)(?:\\d{1,5}H)?(?:\\d{1,5}M)?(?:\\d{1,5}S)?)?$',
  jwe: '^[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]*\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+$',
  subject:
    '^(?:[a-z][a-z0-9-]{0,31}\\|[^\\p{Cc}\\p{Cs}]{1,256}|ref1\\.[A-Za-z0-9_-]{43}|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})$',
  member: '^(?!(?:__proto__|constructor|prototype)$)[A-Za-z_][A-Za-z0-9_.-]*$',
} as const;

/** Patterns whose every match is printable ASCII without quote or backslash: a validated value needs no escaping in canonical JSON. */
export const PLAIN_PATTERNS: ReadonlySet<string> = new Set([
  PATTERN.id,
  PATTERN.reference,
  PATTERN.uuid,
  PATTERN.sha256,
  PATTERN.country,
  PATTERN.language,
  PATTERN.duration,
]);

const described = (description: string | undefined) => (description === undefined ? {} : { description });

/** An identifier of the policy or of a controlled list. */
export const id = (description?: string) => Type.String({ pattern: PATTERN.id, maxLength: 64, ...described(description) });
/** A reference into another system: never a value about a person. */
export const reference = (description?: string) => Type.String({ pattern: PATTERN.reference, maxLength: 200, ...described(description) });
/** One line of human text. */
export const line = (maxLength: number, description?: string) =>
  Type.String({ pattern: PATTERN.line, maxLength, ...described(description) });
/** Human text that may have line breaks. */
export const text = (maxLength: number, description?: string) =>
  Type.String({ pattern: PATTERN.text, maxLength, ...described(description) });
export const uuid = (description?: string) => Type.String({ pattern: PATTERN.uuid, maxLength: 36, ...described(description) });
export const sha256 = (description?: string) => Type.String({ pattern: PATTERN.sha256, maxLength: 64, ...described(description) });
export const country = () => Type.String({ pattern: PATTERN.country, maxLength: 2, description: 'ISO 3166-1 alpha-2' });
export const language = () => Type.String({ pattern: PATTERN.language, maxLength: 35, description: 'BCP 47' });
export const duration = () => Type.String({ pattern: PATTERN.duration, maxLength: 40, description: 'ISO 8601 duration' });
export const dateTime = () => Type.String({ format: 'date-time', maxLength: 35, description: 'RFC 3339' });
/** A position in the ledger's log, or a count of entries. */
export const position = (description?: string) => Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER, ...described(description) });
export const positions = (description?: string) => Type.Array(position(), { maxItems: 1000, ...described(description) });
export const list = <T extends TSchema>(items: T, maxItems: number, minItems = 1) =>
  Type.Array(items, { minItems, maxItems, uniqueItems: true });
export const oneOf = <const T extends readonly string[]>(...values: T) => Type.Unsafe<T[number]>({ type: 'string', enum: [...values] });
/** A closed object: a field nobody declared is a problem, not a passenger. */
export const closed = <T extends Record<string, TSchema>>(properties: T, description?: string) =>
  Type.Object(properties, { additionalProperties: false, ...described(description) });
