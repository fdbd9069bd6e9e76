import type { ValidationError } from 'class-validator';
import { pointer as pointerTo, type FieldProblem } from '@attesta/events';

/** How to mend a field, by class-validator constraint; a decorator's `context: { fix }` overrides it. */
const FIXES: Record<string, string> = {
  isString: 'Send text.',
  isInt: 'Send a whole number.',
  isNumber: 'Send a number.',
  isBoolean: 'Send true or false.',
  isArray: 'Send a list.',
  isObject: 'Send an object.',
  isUrl: 'Send a whole URL, with its scheme.',
  isUuid: 'Send a UUID in its usual form with hyphens.',
  isIn: 'Send one of the values the message names.',
  isEnum: 'Send one of the values the message names.',
  isIso8601: 'Send an ISO 8601 date and time, such as 2026-01-31T09:00:00Z.',
  isDateString: 'Send an ISO 8601 date and time, such as 2026-01-31T09:00:00Z.',
  isNotEmpty: 'Send a value.',
  isDefined: 'Send a value.',
  whitelistValidation: 'Leave this field out; see /docs for the fields that are known.',
  min: 'Send a larger number.',
  max: 'Send a smaller number.',
  minLength: 'Send longer text.',
  maxLength: 'Send shorter text.',
  isLength: 'Send text of the length the message names.',
  arrayMinSize: 'Send more items.',
  arrayMaxSize: 'Send fewer items.',
  arrayNotEmpty: 'Send at least one item.',
  arrayUnique: 'Send each item once.',
  matches: 'Send the form the message names.',
  unknownValue: 'Send a JSON object.',
};

/** class-validator's tree as a flat list with JSON pointers (RFC 6901). Values never appear in it. */
export function fieldProblems(errors: ValidationError[], parent = ''): FieldProblem[] {
  return errors.flatMap((error) => {
    const pointer = error.property === undefined ? parent : memberOf(parent, error.property);
    const own = Object.entries(error.constraints ?? {}).map(([constraint, message]) => problemOf(pointer, constraint, message, error));
    return [...own, ...fieldProblems(error.children ?? [], pointer)];
  });
}

function problemOf(field: string, constraint: string, message: string, error: ValidationError): FieldProblem {
  const context = error.contexts?.[constraint] as { fix?: unknown } | undefined;
  const fix = typeof context?.fix === 'string' ? context.fix : (FIXES[constraint] ?? 'See /docs for what this field takes.');
  if (constraint === 'whitelistValidation') return { field, code: 'unknown-field', message: 'this field is not known here', fix };
  return { field, code: kebab(constraint), message, fix };
}

/** Items of a list go by their number; other names may come from the caller, and are not repeated where they do not look like names. */
const memberOf = (parent: string, name: string): string => pointerTo(parent, /^\d{1,5}$/.test(name) ? Number(name) : name);
const kebab = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
