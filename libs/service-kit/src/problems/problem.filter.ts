import { Catch, HttpException, Inject, Logger } from '@nestjs/common';
import type { ArgumentsHost, ExceptionFilter } from '@nestjs/common';
import type { Express, Response } from 'express';
import { DeniedAccess } from '../access/denied-access.js';
import type { PrincipalRequest } from '../access/principal.js';
import { currentTraceId, requestContext } from '../request-context.js';
import { problemFrom } from './problem-from.js';
import { methodsAllowedAt } from './route-table.js';
import { Problem } from './problem.js';

/** The one place where an HTTP error is written: everything leaves as application/problem+json. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  private readonly logger = new Logger('http');

  constructor(@Inject(DeniedAccess) private readonly denied: DeniedAccess) {}

  catch(exception: unknown, host: ArgumentsHost): void {
    // Message handlers have no response to write to: their transport decides about retries and parking.
    if (host.getType() !== 'http') throw exception;
    const request = host.switchToHttp().getRequest<PrincipalRequest>();
    const response = host.switchToHttp().getResponse<Response>();
    const problem = this.problemFor(exception, request);
    const status = problem.getStatus();
    if (status >= 500) this.logger.error('request failed', { error: exception, status, method: request.method, route: routeOf(request) });
    if (status === 401 || status === 403) this.report(problem, status, request);
    writeProblem(response, problem);
  }

  private problemFor(exception: unknown, request: PrincipalRequest): Problem {
    const problem = problemFrom(exception);
    // Nest answers 404 both for an unknown path and for a known path asked with another method.
    if (exception instanceof HttpException && problem.slug === 'route-not-found') {
      const allowed = methodsAllowedAt(request.app as Express, request.path);
      if (allowed.length > 0) {
        return new Problem({
          slug: 'method-not-allowed',
          status: 405,
          title: 'This path does not take that method',
          detail: 'The path exists, the method is not one of those it takes.',
          fix: `Use ${allowed.join(' or ')}.`,
          headers: { Allow: allowed.join(', ') },
        });
      }
    }
    return problem;
  }

  private report(problem: Problem, status: 401 | 403, request: PrincipalRequest): void {
    const requestId = requestContext()?.requestId;
    this.denied.report({
      status,
      reason: problem.slug,
      method: request.method,
      route: routeOf(request),
      ...(request.principal && { principal: request.principal }),
      ...(requestId && { requestId }),
    });
  }
}

/** The pattern the router matched; paths themselves may name a subject. */
function routeOf(request: PrincipalRequest): string {
  const route = request.route as { path?: unknown } | undefined;
  return typeof route?.path === 'string' ? route.path : '(no route)';
}

/** Writes the document unless the response is already under way; then the connection is cut, so that nobody takes half an answer for a whole one. */
export function writeProblem(response: Response, problem: Problem): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const requestId = requestContext()?.requestId;
  const traceId = currentTraceId();
  const body = problem.document({ ...(requestId && { requestId }), ...(traceId && { traceId }) });
  response.status(problem.getStatus());
  for (const [name, value] of Object.entries(problem.headers)) response.setHeader(name, value);
  response.setHeader('Content-Type', 'application/problem+json; charset=utf-8');
  response.setHeader('Cache-Control', 'no-store');
  response.end(JSON.stringify(body));
}
