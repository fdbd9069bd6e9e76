import type { TSchema } from '@sinclair/typebox';
import { Ajv, type ErrorObject, type Options, type ValidateFunction } from 'ajv';
import { hostileShape } from './hostile.js';
import { MAX_PROBLEMS, pointer, type FieldProblem } from './problem.js';
import { rfc3339Millis } from './rfc3339.js';
import { ownUniqueItems } from './unique-items.js';

const options: Options = {
  strict: true,
  allowUnionTypes: true,
  formats: { 'date-time': (text: string) => rfc3339Millis(text) !== undefined },
};
const quick = ownUniqueItems(new Ajv(options));
const thorough = ownUniqueItems(new Ajv({ ...options, allErrors: true }));

/**
 * A validator of one schema. The common case, valid data, runs the check that stops at the first error; only invalid data is looked at
 * again for everything that is wrong with it. `base` is the JSON pointer of the value within the event.
 */
export function compileValidator(schema: TSchema, base: string): (value: unknown) => FieldProblem[] {
  let first: ValidateFunction | undefined;
  let all: ValidateFunction | undefined;
  return (value) => {
    if ((first ??= quick.compile(schema))(value)) return [];
    const hostile = hostileShape(value, base);
    if (hostile.length > 0) return hostile;
    all ??= thorough.compile(schema);
    all(value);
    return describe(all.errors ?? [], base);
  };
}

function describe(errors: readonly ErrorObject[], base: string): FieldProblem[] {
  const problems = new Map<string, FieldProblem>();
  for (const error of errors) {
    if (ofRejectedBranch(error)) continue;
    const problem = describeOne(error, base);
    if (problems.has(problem.field)) continue;
    if (error.keyword === 'anyOf' && [...problems.keys()].some((field) => field.startsWith(`${problem.field}/`))) continue;
    problems.set(problem.field, problem);
    if (problems.size === MAX_PROBLEMS) break;
  }
  return [...problems.values()];
}

/** An alternative of another type than the value, or the inner half of a propertyNames error: the error that follows says it better. */
const ofRejectedBranch = (error: ErrorObject) =>
  error.propertyName !== undefined || (error.keyword === 'type' && /\/anyOf\/\d+\/type$/.test(error.schemaPath));

const nameOf = (field: string) => (field === '' ? 'the value' : `"${field.slice(field.lastIndexOf('/') + 1)}"`);

/** Messages speak of names and limits of the schema, never of the value that was sent. */
function describeOne(error: ErrorObject, base: string): FieldProblem {
  const at = safePointer(base, error.instancePath);
  const params = error.params as Record<string, unknown>;
  const problem = (code: string, message: string, fix: string, field = at): FieldProblem => ({
    field,
    code,
    message: `${nameOf(field)} ${message}`,
    fix,
  });
  switch (error.keyword) {
    case 'required':
      return problem('missing-field', 'is required', 'add it', pointer(at, String(params.missingProperty)));
    case 'additionalProperties':
      return problem(
        'unknown-field',
        'is not a field here',
        'remove it, or check its spelling against the schema',
        pointer(at, String(params.additionalProperty)),
      );
    case 'propertyNames':
      return problem(
        'bad-name',
        'is not a usable name',
        'use letters, digits, dot, dash and underscore',
        pointer(at, String(params.propertyName)),
      );
    case 'type':
      return problem('wrong-type', `must be of type ${String(params.type)}`, `send a ${String(params.type)}`);
    case 'enum':
      return problem('not-allowed', 'is not one of the allowed values', `use one of: ${(params.allowedValues as unknown[]).join(', ')}`);
    case 'pattern':
      return problem('bad-format', 'does not have the required form', `match ${shown(String(params.pattern))}`);
    case 'format':
      return problem('bad-format', 'is not an RFC 3339 date-time', 'write it like 2025-01-31T09:30:00Z');
    case 'anyOf':
      return problem('bad-format', 'has none of the allowed forms', 'see the event type’s schema');
    case 'minItems':
    case 'minProperties':
      return problem('too-few', `needs at least ${String(params.limit)}`, 'add what is missing');
    case 'maxItems':
    case 'maxProperties':
      return problem('too-many', `may have at most ${String(params.limit)}`, 'send fewer, or split the event');
    case 'minLength':
      return problem('too-short', `needs at least ${String(params.limit)} characters`, 'fill it in');
    case 'maxLength':
      return problem('too-long', `may have at most ${String(params.limit)} characters`, 'shorten it');
    case 'minimum':
    case 'maximum':
      return problem('out-of-range', `must be ${String(params.comparison)} ${String(params.limit)}`, 'send a number within the limits');
    case 'uniqueItems':
      return problem('repeated', 'has the same item twice', 'send each item once');
    default:
      return problem('invalid', `breaks the schema’s rule "${error.keyword}"`, 'see the event type’s schema');
  }
}

const shown = (pattern: string) => (pattern.length > 80 ? 'the pattern given in the schema' : pattern);

/** ajv's path with every key that is not name-like masked. */
function safePointer(base: string, instancePath: string): string {
  let path = base;
  for (const segment of instancePath.split('/').slice(1)) {
    const key = segment.replaceAll('~1', '/').replaceAll('~0', '~');
    path = /^\d{1,5}$/.test(key) ? pointer(path, Number(key)) : pointer(path, key);
  }
  return path;
}
