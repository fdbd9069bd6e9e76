import { isThaiNationalId } from '@attesta/events';

/** Cheap to run on every event: nothing below can match without one of these. */
const SUSPECT = /@|\d{3}[ -]?\d{3,4}|\d{9}/;
const EMAIL = /[^\s@"|,;<>()]+@[^\s@"|,;<>()]+\.[a-z]{2,}/iu;
const PHONE = /(?<![\w.+-])(?:\+\d{1,3}[ -]?\d(?:[ -]?\d){6,11}|0[689]\d[ -]?\d{3}[ -]?\d{4})(?![\w.-])/;
const THIRTEEN = /(?<![\w.])\d(?:[ -]?\d){12}(?![\w.])/g;

/** What kind of personal value a text seems to hold, if any. A name cannot be told from a word: free text is kept to a minimum instead. */
export function personalKind(text: string): string | undefined {
  if (!SUSPECT.test(text)) return undefined;
  if (EMAIL.test(text)) return 'an e-mail address';
  if (PHONE.test(text)) return 'a phone number';
  for (const [digits] of text.matchAll(THIRTEEN)) if (isThaiNationalId(digits.replace(/\D/g, ''))) return 'a Thai national id';
  return undefined;
}
