import type { FieldProblem } from '@attesta/events';
import type { FulfilmentAnswer, TaskKind } from '@attesta/sdk';
import { Problem } from '@attesta/service-kit';
import { Type, type Static } from '@sinclair/typebox';
import { Ajv } from 'ajv';

const id = () => Type.String({ pattern: '^[a-z0-9][a-z0-9._-]{0,63}$' });
const uuid = () => Type.String({ pattern: '^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$' });
const closed = <T extends Parameters<typeof Type.Object>[0]>(properties: T) => Type.Object(properties, { additionalProperties: false });
const value = Type.Union([Type.String({ maxLength: 100_000 }), Type.Number(), Type.Boolean(), Type.Null()]);
const record = closed({
  category: id(),
  name: Type.String({ minLength: 1, maxLength: 200 }),
  provenance: Type.Unsafe<'provided' | 'observed' | 'derived'>({ type: 'string', enum: ['provided', 'observed', 'derived'] }),
  basis: Type.Optional(id()),
  values: Type.Record(Type.String({ minLength: 1, maxLength: 200 }), value),
});
const kept = closed({
  category: id(),
  reason: Type.String({ minLength: 1, maxLength: 300 }),
  law: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
});
const subject = uuid();
const FORMS = {
  data: closed({ outcome: Type.Literal('data'), subject, records: Type.Array(record, { maxItems: 100_000 }) }),
  done: closed({
    outcome: Type.Literal('done'),
    subject,
    categories: Type.Array(id(), { maxItems: 64, uniqueItems: true }),
    kept: Type.Optional(Type.Array(kept, { maxItems: 64 })),
  }),
  'nothing-held': closed({ outcome: Type.Literal('nothing-held'), subject }),
  failed: closed({ outcome: Type.Literal('failed'), subject, reason: Type.String({ maxLength: 1000 }), retry: Type.Boolean() }),
} as const;
type Form = { [K in keyof typeof FORMS]: Static<(typeof FORMS)[K]> }[keyof typeof FORMS];

const ajv = new Ajv({ strict: true, allErrors: false, allowUnionTypes: true });
const validators = new Map(Object.entries(FORMS).map(([outcome, form]) => [outcome, ajv.compile(form)]));

/** What a system sent, as an answer. @throws Problem with where it is none; its values are never repeated */
export function readAnswer(body: unknown): FulfilmentAnswer {
  const outcome = (body as { outcome?: unknown } | null)?.outcome;
  const validate = typeof outcome === 'string' ? validators.get(outcome) : undefined;
  if (!validate) {
    throw Problem.invalid([
      { field: '/outcome', code: 'bad-format', message: 'is not an outcome', fix: `send one of: ${Object.keys(FORMS).join(', ')}` },
    ]);
  }
  if (!validate(body)) {
    const [error] = validate.errors ?? [];
    throw Problem.invalid([
      {
        // Names of values are the system's own, and may tell something.
        field: error?.instancePath.replace(/(\/values)\/.*$/s, '$1') ?? '',
        code: 'bad-format',
        message: error?.message ?? 'is not as it should be',
        fix: 'see FulfilmentAnswer in the documentation',
      },
    ]);
  }
  return body as Form;
}

/** What is wrong with an answer to this task. */
export function answerProblems(answer: FulfilmentAnswer, { kind, categories }: { kind: TaskKind; categories: string[] }): FieldProblem[] {
  const givesData = kind === 'access' || kind === 'portability';
  if ((answer.outcome === 'data' && !givesData) || (answer.outcome === 'done' && givesData)) {
    const fix = givesData ? 'send data, nothing-held or failed' : 'send done, nothing-held or failed';
    return [{ field: '/outcome', code: 'wrong-outcome', message: `does not answer a task of ${kind}`, fix }];
  }
  if (answer.outcome === 'data') {
    const stray = answer.records.findIndex(({ category }) => !categories.includes(category));
    if (stray < 0) return [];
    return [
      {
        field: `/records/${stray}/category`,
        code: 'not-asked-for',
        message: 'is not a category of the task',
        fix: `send: ${categories.join(', ')}`,
      },
    ];
  }
  if (answer.outcome === 'done') {
    const told = [...answer.categories, ...(answer.kept ?? []).map(({ category }) => category)];
    const stray = told.findIndex((category) => !categories.includes(category));
    if (stray >= 0) {
      const field = stray < answer.categories.length ? `/categories/${stray}` : `/kept/${stray - answer.categories.length}/category`;
      return [{ field, code: 'not-asked-for', message: 'is not a category of the task', fix: `send: ${categories.join(', ')}` }];
    }
    const missing = categories.filter((category) => !told.includes(category));
    if (missing.length === 0) return [];
    // Done in part is never taken for done.
    const message = `leaves out ${missing.join(', ')}`;
    return [{ field: '/categories', code: 'incomplete', message, fix: 'name every category of the task, among kept what was kept' }];
  }
  return [];
}
