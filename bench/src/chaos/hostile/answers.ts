import { plantedIn } from './planted.js';

export interface Answer {
  status: number;
  /** Lower-case names. */
  headers: Readonly<Record<string, string | string[] | undefined>>;
  body: string;
}

interface ProblemBody {
  type?: unknown;
  status?: unknown;
  errors?: { field?: unknown; code?: unknown; message?: unknown; fix?: unknown }[];
}

/** Problems that name fields. */
const WITH_ERRORS = new Set(['invalid-fields', 'event-rejected', 'id-conflict']);

/**
 * What is wrong with an answer to a hostile request; undefined when it is as it has to be.
 * @param ours false where another protocol has its own errors, such as OAuth at the issuer
 */
export function wrongWith({ status, headers, body }: Answer, ours = true): string | undefined {
  const type = header(headers, 'content-type');
  if (status >= 500 && !isBusy({ status, headers, body })) return `answered ${status}: ${body.slice(0, 200)}`;
  if (status < 400) return undefined;
  const [planted] = plantedIn(body);
  if (planted !== undefined) return `repeats what was sent in its answer ${status}`;
  if (!ours || body === '') return undefined;
  if (!type.startsWith('application/problem+json')) return `answered ${status} as ${type || 'nothing'}, which is no problem document`;
  const problem = parsed(body);
  if (typeof problem?.type !== 'string' || problem.status !== status) return `answered ${status} with a document that does not say so`;
  const slug = problem.type.slice(problem.type.lastIndexOf('/') + 1);
  if (WITH_ERRORS.has(slug) && !nameable(problem.errors)) return `answered ${status} ${slug} without naming what is wrong`;
  return undefined;
}

/** Documented: the service asks for the same again in a moment, or says that it is not ready. */
export const isBusy = ({ status, headers, body }: Answer): boolean =>
  status === 503 && (header(headers, 'retry-after') !== '' || body.startsWith('{"status":"error","info":'));

/** At least one error, each with field, code, message and what mends it. */
export const nameable = (errors: ProblemBody['errors']): boolean =>
  Array.isArray(errors) &&
  errors.length > 0 &&
  errors.every(
    ({ field, code, message, fix }) =>
      typeof field === 'string' && [code, message, fix].every((one) => typeof one === 'string' && one !== ''),
  );

function parsed(body: string): ProblemBody | undefined {
  try {
    return JSON.parse(body) as ProblemBody;
  } catch {
    return undefined;
  }
}

const header = (headers: Answer['headers'], name: string): string => String(headers[name] ?? '');
