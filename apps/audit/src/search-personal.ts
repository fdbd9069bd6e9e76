import { personalKind } from '@attesta/policy';
import { Problem } from '@attesta/service-kit';
import { parseSearch, type SearchProblem, type SearchQuery } from './search-language.js';

/** What a text holds that leads to a person; stricter than what is sealed, for nothing that is searched for is such. */
export const looksPersonal = (text: string): string | undefined =>
  personalKind(text) ?? (text.includes('@') ? 'an e-mail address' : undefined);

/** A query that names nobody but by their id. Neither logs nor problems hold what was written. @throws Problem 400 */
export function readQuery(text: string): SearchQuery {
  const kind = looksPersonal(text.replaceAll(UUIDS, ' '));
  if (kind !== undefined) {
    throw Problem.badRequest(
      `The query seems to hold ${kind}. Such values are never searched for: the log does not hold them.`,
      'Look the person up first (POST /v1/subjects/lookup), then search for subject:<id>.',
      undefined,
      'personal-value-in-query',
    );
  }
  const parsed = parseSearch(text);
  if (!parsed.ok) throw refusalOf(parsed.problems);
  return parsed.query;
}

const UUIDS = /[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}/gi;
const MOST_ERRORS = 20;

const refusalOf = (problems: readonly SearchProblem[]): Problem =>
  new Problem({
    slug: 'query-not-understood',
    status: 400,
    title: 'The query cannot be understood',
    detail: `${problems.length} part${problems.length === 1 ? '' : 's'} of the query did not pass.`,
    fix: 'Mend what errors lists, at the columns named.',
    errors: problems.slice(0, MOST_ERRORS).map(({ column, message, allowed }) => ({
      field: '/q',
      code: 'query',
      message: `Column ${column}: ${message}`,
      fix: `Allowed here: ${allowed}.`,
    })),
    extensions: { columns: problems.slice(0, MOST_ERRORS) },
  });

/** What of a query may be recorded: which qualifiers it has, never what they are set to. */
export const shapeOf = ({ clauses }: SearchQuery): string =>
  [...new Set(clauses.map(({ qualifier, negated }) => `${negated ? '-' : ''}${qualifier}`))].toSorted().join(',').slice(0, 300);
