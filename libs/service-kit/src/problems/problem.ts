import { HttpException } from '@nestjs/common';
import type { FieldProblem, ProblemDocument } from '@attesta/events';

/** Stable prefix of every problem `type`; the slug after it is part of the public interface. */
export const PROBLEM_BASE = 'https://attesta.dev/problems/';

export interface ProblemInit {
  /** Stable kebab-case slug; the document's `type` is PROBLEM_BASE + slug. */
  slug: string;
  status: number;
  title: string;
  /** What is wrong with this request. Must not repeat values the caller sent. */
  detail?: string;
  /** What to do about it. */
  fix?: string;
  errors?: FieldProblem[];
  /** Response headers, such as `Retry-After` or `WWW-Authenticate`. */
  headers?: Record<string, string>;
  /** Further members of the document (RFC 9457 section 3.2). */
  extensions?: Record<string, unknown>;
}

/** An answer that is an error: throw it anywhere below an HTTP handler and the filter writes the document. */
export class Problem extends HttpException {
  readonly slug: string;
  readonly title: string;
  readonly detail: string | undefined;
  readonly fix: string | undefined;
  readonly errors: FieldProblem[] | undefined;
  readonly headers: Record<string, string>;
  readonly extensions: Record<string, unknown>;

  constructor(init: ProblemInit, options?: { cause?: unknown }) {
    super(init.title, init.status, options);
    this.name = 'Problem';
    this.slug = init.slug;
    this.title = init.title;
    this.detail = init.detail;
    this.fix = init.fix;
    this.errors = init.errors;
    this.headers = init.headers ?? {};
    this.extensions = init.extensions ?? {};
  }

  /** 400: the request cannot be understood; `errors` says where. */
  static badRequest(detail: string, fix: string, errors?: FieldProblem[], slug = 'bad-request'): Problem {
    return new Problem({ slug, status: 400, title: 'The request cannot be accepted as it is', detail, fix, errors });
  }

  /** 400: fields of a body, query or path failed their rules. */
  static invalid(errors: FieldProblem[]): Problem {
    return new Problem({
      slug: 'invalid-fields',
      status: 400,
      title: 'Some fields are not valid',
      detail: `${errors.length} field${errors.length === 1 ? '' : 's'} did not pass.`,
      fix: 'Mend the fields listed in errors and send the request again.',
      errors,
    });
  }

  /** 401: no usable token. `reason` is an RFC 6750 error code; absent when no token came at all. */
  static unauthorized(detail: string, fix: string, reason?: 'invalid_token' | 'invalid_request'): Problem {
    const challenge = reason ? `Bearer realm="attesta", error="${reason}"` : 'Bearer realm="attesta"';
    return new Problem({
      slug: reason ? 'invalid-token' : 'token-required',
      status: 401,
      title: reason ? 'The access token is not valid' : 'An access token is required',
      detail,
      fix,
      headers: { 'WWW-Authenticate': challenge },
    });
  }

  /** 403: the caller is known and may not do this. */
  static forbidden(detail: string, fix: string, slug = 'forbidden'): Problem {
    return new Problem({
      slug,
      status: 403,
      title: 'This is not allowed for the caller',
      detail,
      fix,
      headers: { 'WWW-Authenticate': 'Bearer realm="attesta", error="insufficient_scope"' },
    });
  }

  static notFound(detail: string, fix: string, slug = 'not-found'): Problem {
    return new Problem({ slug, status: 404, title: 'There is nothing here', detail, fix });
  }

  static conflict(detail: string, fix: string, slug = 'conflict'): Problem {
    return new Problem({ slug, status: 409, title: 'The request contradicts what is already recorded', detail, fix });
  }

  static tooLarge(detail: string, fix: string, slug = 'body-too-large'): Problem {
    return new Problem({ slug, status: 413, title: 'The request body is too large', detail, fix });
  }

  static unsupportedMediaType(detail: string, fix: string): Problem {
    return new Problem({
      slug: 'unsupported-media-type',
      status: 415,
      title: 'The body is in a form this route does not read',
      detail,
      fix,
    });
  }

  /** 503: something this service depends on does not answer; the same request may succeed later. */
  static unavailable(detail: string, fix: string, slug = 'unavailable', retryAfterSeconds = 5): Problem {
    return new Problem({
      slug,
      status: 503,
      title: 'The service cannot answer at the moment',
      detail,
      fix,
      headers: { 'Retry-After': String(retryAfterSeconds) },
    });
  }

  document(context: { requestId?: string; traceId?: string } = {}): ProblemDocument {
    return {
      ...this.extensions,
      type: PROBLEM_BASE + this.slug,
      title: this.title,
      status: this.getStatus(),
      ...(this.detail !== undefined && { detail: this.detail }),
      ...(this.fix !== undefined && { fix: this.fix }),
      ...(this.errors && { errors: this.errors }),
      ...(context.requestId && { requestId: context.requestId }),
      ...(context.traceId && { traceId: context.traceId }),
    };
  }
}
