import { Ajv, type ErrorObject } from 'ajv';
import { pointer, type FieldProblem } from '@attesta/events';
import { crossReferences } from './cross-references.js';
import { PolicyError, type Policy } from './policy.js';
import { PolicySource, type Notice } from './policy-source.js';

const validate = new Ajv({ strict: true, allErrors: true }).compile<PolicySource>(PolicySource);

/**
 * Reads a policy from parsed YAML or JSON. Throws PolicyError with every problem found: first the form, then (once the form holds) what
 * items say about one another.
 */
export function loadPolicy(source: unknown): Policy {
  if (!validate(source)) throw new PolicyError(formProblems(validate.errors ?? []));
  const problems = crossReferences(source);
  if (problems.length > 0) throw new PolicyError(problems);
  return build(structuredClone(source));
}

function build(source: PolicySource): Policy {
  const [defaultController] = source.controllers;
  if (defaultController === undefined) throw new RangeError('a policy has at least one controller');
  const categories = byId(source.categories);
  const notices = new Map<string, Notice[]>();
  for (const notice of source.notices) notices.set(notice.version, [...(notices.get(notice.version) ?? []), notice]);
  return {
    id: source.id,
    title: source.title,
    version: source.version,
    controllers: byId(source.controllers),
    defaultController,
    jurisdictions: byId(source.jurisdictions),
    bases: new Map(source.jurisdictions.map((jurisdiction) => [jurisdiction.id, byId(jurisdiction.bases)])),
    transferGrounds: new Map(source.jurisdictions.map((jurisdiction) => [jurisdiction.id, byId(jurisdiction.transferGrounds)])),
    retentionClasses: byId(source.retentionClasses),
    categories,
    occasions: byId(source.occasions),
    methods: byId(source.methods),
    purposes: byId(source.purposes),
    services: byId(source.services ?? []),
    parties: byId(source.parties),
    notices,
    rights: byId(source.rights),
    duties: byId(source.duties),
    clocks: byId(source.clocks),
    refusals: byId(source.refusals ?? []),
    requests: source.requests,
    messages: source.messages,
    breaches: source.breaches,
    ages: source.ages,
    triggers: byId(source.triggers ?? []),
    retention: source.retention,
    backupsKeptFor: source.backups?.keptFor ?? 'P35D',
    limits: source.limits,
    retentionClass(category) {
      const found = categories.get(category);
      if (found === undefined) throw new RangeError('the policy has no such data category');
      return found.retentionClass;
    },
  };
}

const byId = <T extends { id: string }>(items: readonly T[]): ReadonlyMap<string, T> => new Map(items.map((item) => [item.id, item]));

function formProblems(errors: readonly ErrorObject[]): FieldProblem[] {
  const problems = errors.map((error): FieldProblem => {
    const params = error.params as Record<string, unknown>;
    if (error.keyword === 'required') {
      return {
        field: pointer(error.instancePath, String(params.missingProperty)),
        code: 'missing-field',
        message: 'is required',
        fix: 'add it',
      };
    }
    if (error.keyword === 'additionalProperties') {
      return {
        field: pointer(error.instancePath, String(params.additionalProperty)),
        code: 'unknown-field',
        message: 'is not a field of a policy here',
        fix: 'remove it, or check its spelling',
      };
    }
    const allowed = error.keyword === 'enum' ? `: ${(params.allowedValues as string[]).join(', ')}` : '';
    return {
      field: error.instancePath,
      code: 'bad-format',
      message: `${error.message ?? 'is wrong'}${allowed}`,
      fix: 'see the policy format',
    };
  });
  return [...new Map(problems.map((problem) => [`${problem.field} ${problem.message}`, problem])).values()];
}
