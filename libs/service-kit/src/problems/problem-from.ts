import { KeyProviderFailure } from '@attesta/vault';
import { HttpException } from '@nestjs/common';
import { Problem } from './problem.js';

const SEE_DOCS = 'See /docs for the routes and what they take.';

/**
 * The problem document for anything thrown. Framework messages are replaced, because they quote what the caller sent;
 * messages that our own code put into an HttpException are kept; of everything else nothing reaches the caller.
 */
export function problemFrom(exception: unknown): Problem {
  if (exception instanceof Problem) return exception;
  if (exception instanceof HttpException) return fromHttpException(exception);
  if (exception instanceof KeyProviderFailure) {
    return Problem.unavailable(
      'The keys of personal values cannot be used at the moment; nothing was lost, and nobody counts as forgotten.',
      'Send the same request again later.',
      'keys-unavailable',
    );
  }
  const parserProblem = fromHttpError(exception);
  if (parserProblem) return parserProblem;
  return new Problem(
    {
      slug: 'internal-error',
      status: 500,
      title: 'Something failed inside the service',
      detail: 'The request was understood, and answering it failed. Nothing about the cause is shown here.',
      fix: 'Try again; if it stays, give the request id to the operator, who finds the cause in the log.',
    },
    { cause: exception },
  );
}

/** Errors of the body parsers and of Express, which carry `status`, and `type` where a parser threw. */
export function fromHttpError(error: unknown): Problem | undefined {
  if (!(error instanceof Error)) return undefined;
  const { type, status, limit } = error as Error & { type?: unknown; status?: unknown; limit?: unknown };
  switch (type) {
    case 'entity.parse.failed':
      return Problem.badRequest('The body is not JSON.', 'Send one JSON value in UTF-8 (RFC 8259).', undefined, 'malformed-json');
    case 'entity.too.large':
      return Problem.tooLarge(
        typeof limit === 'number' ? `The body is larger than the ${limit} bytes this route reads.` : 'The body is too large.',
        'Send less at once.',
      );
    case 'charset.invalid':
      return Problem.badRequest('The body is not valid UTF-8.', 'Encode the body as UTF-8.', undefined, 'invalid-utf8');
    case 'charset.unsupported':
      return Problem.unsupportedMediaType(
        'The character set of the body is not supported.',
        'Encode the body as UTF-8 and leave charset out.',
      );
    case 'encoding.unsupported':
      return Problem.unsupportedMediaType('The Content-Encoding is not supported.', 'Send the body plain, or with gzip, deflate or br.');
    case 'request.size.invalid':
    case 'request.aborted':
      return Problem.badRequest(
        'The body ended before its announced length.',
        'Send as many bytes as Content-Length says.',
        undefined,
        'incomplete-body',
      );
  }
  if (error instanceof URIError) return badEncoding();
  if (typeof status === 'number' && status >= 400 && status < 500) return ofStatus(status);
  return undefined;
}

function fromHttpException(exception: HttpException): Problem {
  const status = exception.getStatus();
  const cause = fromHttpError(exception.cause);
  if (cause) return cause;
  const message = exception.message;
  if (status === 404 && /^Cannot [A-Z-]+ /.test(message)) {
    return Problem.notFound('No route answers at this path.', SEE_DOCS, 'route-not-found');
  }
  if (status === 400 && message.startsWith('Failed to decode param')) return badEncoding();
  if (status >= 500) {
    return new Problem({ slug: slugOf(status), status, title: titleOf(status), fix: 'Try again later.' }, { cause: exception });
  }
  return ofStatus(status, message);
}

function badEncoding(): Problem {
  return Problem.badRequest(
    'The URL is not properly percent-encoded.',
    'Encode the path and query as UTF-8 with percent-encoding (RFC 3986 section 2.1).',
    undefined,
    'malformed-url',
  );
}

function ofStatus(status: number, detail?: string): Problem {
  return new Problem({ slug: slugOf(status), status, title: titleOf(status), ...(detail && { detail }), fix: SEE_DOCS });
}

const TITLES: Record<number, [slug: string, title: string]> = {
  400: ['bad-request', 'The request cannot be accepted as it is'],
  401: ['token-required', 'An access token is required'],
  403: ['forbidden', 'This is not allowed for the caller'],
  404: ['not-found', 'There is nothing here'],
  405: ['method-not-allowed', 'This path does not take that method'],
  406: ['not-acceptable', 'The answer cannot be given in an accepted form'],
  408: ['request-timeout', 'The request took too long to arrive'],
  409: ['conflict', 'The request contradicts what is already recorded'],
  410: ['gone', 'What was here is gone'],
  412: ['precondition-failed', 'A precondition of the request does not hold'],
  413: ['body-too-large', 'The request body is too large'],
  414: ['url-too-long', 'The URL is too long'],
  415: ['unsupported-media-type', 'The body is in a form this route does not read'],
  422: ['unprocessable', 'The request is understood and cannot be carried out'],
  429: ['too-many-requests', 'Too many requests came at once'],
  431: ['headers-too-large', 'The request headers are too large'],
  503: ['unavailable', 'The service cannot answer at the moment'],
};

const slugOf = (status: number): string => TITLES[status]?.[0] ?? `status-${status}`;
const titleOf = (status: number): string =>
  TITLES[status]?.[1] ?? (status < 500 ? 'The request was refused' : 'The service could not answer');
