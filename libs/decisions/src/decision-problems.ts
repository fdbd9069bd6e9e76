import type { FieldProblem } from '@attesta/events';
import type { Policy } from '@attesta/policy';
import type { DecisionRequest } from './decide.js';

/**
 * What is wrong with the question itself, with fields below `at`. An unknown purpose is not: it is an answer (quarantined, notice clause 4.11).
 */
export function decisionProblems(request: DecisionRequest, policy: Policy, at = ''): FieldProblem[] {
  const problems: FieldProblem[] = [];
  const unknown = (field: string, what: string, known: Iterable<string>) =>
    problems.push({
      field: `${at}/${field}`,
      code: `unknown-${what.replaceAll(' ', '-')}`,
      message: `is no ${what} of the policy ${policy.id}`,
      fix: `use one of: ${[...known].join(', ')}`,
    });
  request.categories.forEach((category, i) => {
    if (!policy.categories.has(category)) unknown(`categories/${i}`, 'category', policy.categories.keys());
  });
  const controller = request.controller === undefined ? policy.defaultController : policy.controllers.get(request.controller);
  if (controller === undefined) unknown('controller', 'controller', policy.controllers.keys());
  else if (request.jurisdiction !== undefined && !controller.jurisdictions.includes(request.jurisdiction))
    unknown('jurisdiction', 'jurisdiction', controller.jurisdictions);
  const jurisdiction = request.jurisdiction ?? controller?.jurisdictions[0] ?? '';
  const bases = policy.bases.get(jurisdiction);
  if (request.basis !== undefined && bases && !bases.has(request.basis)) unknown('basis', 'basis', bases.keys());
  const grounds = policy.transferGrounds.get(jurisdiction);
  if (request.transferGround !== undefined && grounds && !grounds.has(request.transferGround))
    unknown('transferGround', 'transfer ground', grounds.keys());
  if (request.method !== undefined && !policy.methods.has(request.method)) unknown('method', 'method', policy.methods.keys());
  const channels = policy.purposes.get(request.purpose)?.channels;
  if (request.channel !== undefined && channels && !channels.includes(request.channel)) unknown('channel', 'channel', channels);
  if (request.recipient !== undefined && !policy.parties.has(request.recipient)) unknown('recipient', 'party', policy.parties.keys());
  if (request.recipient === undefined && request.operation === 'disclose') {
    problems.push({
      field: `${at}/recipient`,
      code: 'missing-field',
      message: 'a disclosure has a recipient',
      fix: 'name a party of the policy',
    });
  }
  return problems;
}
