import { isThaiNationalId } from '@attesta/events';

/** Phone numbers and national ids hold as many digits. */
const EIGHT_DIGITS = /\d(?:[ -]?\d){7}/;
/** Most ids are these, and hold nothing personal. */
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const EMAIL = /[^\s@"|,;<>()]+@[^\s@"|,;<>()]+\.[a-z]{2,}/iu;
const PHONE = /(?<![\w.+-])(?:\+\d{1,3}[ -]?\d(?:[ -]?\d){6,11}|0[689]\d[ -]?\d{3}[ -]?\d{4})(?![\w-]|\.\d)/;
const THIRTEEN = /(?<![\w.])\d(?:[ -]?\d){12}(?!\w|\.\d)/g;

/** What kind of personal value a text seems to hold, if any. A name cannot be told from a word: free text is kept to a minimum instead. */
export function personalKind(text: string): string | undefined {
  if (text.length === 36 && UUID.test(text)) return undefined;
  if (text.includes('@') && EMAIL.test(text)) return 'an e-mail address';
  if (!EIGHT_DIGITS.test(text)) return undefined;
  if (PHONE.test(text)) return 'a phone number';
  for (const [digits] of text.matchAll(THIRTEEN)) if (isThaiNationalId(digits.replace(/\D/g, ''))) return 'a Thai national id';
  return undefined;
}
