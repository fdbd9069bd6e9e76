import { decisionProblems, type DecisionRequest } from '@attesta/decisions';
import type { FieldProblem } from '@attesta/events';
import type { Policy } from '@attesta/policy';
import { AttestaError } from './errors.js';

const OPERATIONS: readonly string[] = ['collect', 'use', 'disclose', 'store'] satisfies DecisionRequest['operation'][];

/** Everything that is wrong with a question; also what its types rule out, for callers without them. */
export function questionProblems(request: DecisionRequest, policy: Policy): FieldProblem[] {
  const problems: FieldProblem[] = [];
  if (!OPERATIONS.includes(request.operation)) {
    const fix = `use one of: ${OPERATIONS.join(', ')}`;
    problems.push({ field: '/operation', code: 'unknown-operation', message: 'is no operation', fix });
  }
  if (!Array.isArray(request.categories) || request.categories.length === 0) {
    problems.push({ field: '/categories', code: 'missing-field', message: 'names no category of data', fix: 'name at least one' });
    return problems;
  }
  return [...problems, ...decisionProblems(request, policy)];
}

export function notAnswerable(errors: FieldProblem[]): AttestaError {
  const detail = errors.map(({ field, message, fix }) => `${field} ${message}: ${fix}`).join('; ');
  const problem = { type: 'https://attesta.dev/problems/invalid-fields', title: 'Some fields are not valid', status: 400, detail, errors };
  return new AttestaError(`The question cannot be answered. ${detail}`, { problem });
}
