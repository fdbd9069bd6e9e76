import { isThaiNationalId, type FieldProblem } from '@attesta/events';

/** Phone numbers and national ids hold as many digits. */
const EIGHT_DIGITS = /\d(?:[ -]?\d){7}/;
/** Most ids are these, and hold nothing personal. */
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const EMAIL = /[^\s@"|,;<>()]+@[^\s@"|,;<>()]+\.[a-z]{2,}/iu;
const PHONE = /(?<![\w.+-])(?:\+\d{1,3}[ -]?\d(?:[ -]?\d){6,11}|0[689]\d[ -]?\d{3}[ -]?\d{4})(?![\w.-])/;
const THIRTEEN = /(?<![\w.])\d(?:[ -]?\d){12}(?![\w.])/g;

/**
 * Personal values where none may be: in the parts of an event that are sealed in clear for ever. Looks for e-mail addresses, phone numbers
 * and Thai national ids; a name cannot be told from a word, so the schema keeps free text to a minimum.
 */
export function personalDataInClear(parts: { id: string; source: string; actor?: string | undefined }, data: string): FieldProblem[] {
  const problems: FieldProblem[] = [];
  const look = (field: string, text: string) => {
    const kind = personalKind(text);
    if (!kind) return;
    problems.push({
      field,
      code: 'personal-value-in-clear',
      message: `There is what looks like ${kind} outside data.personal; this part of an event is sealed unencrypted and for ever.`,
      fix: 'Move the value into data.personal under its category, or refer to the person by subject.',
    });
  };
  look('/id', parts.id);
  look('/source', parts.source);
  if (parts.actor !== undefined) look('/actor', parts.actor);
  look('/data', data);
  return problems;
}

/** What kind of personal value a text seems to hold, if any. */
export function personalKind(text: string): string | undefined {
  if (text.length === 36 && UUID.test(text)) return undefined;
  if (text.includes('@') && EMAIL.test(text)) return 'an e-mail address';
  if (!EIGHT_DIGITS.test(text)) return undefined;
  if (PHONE.test(text)) return 'a phone number';
  for (const [digits] of text.matchAll(THIRTEEN)) if (isThaiNationalId(digits.replace(/\D/g, ''))) return 'a Thai national id';
  return undefined;
}
