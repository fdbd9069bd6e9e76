import type { NextFunction, Request, Response } from 'express';
import { histogram } from './instruments.js';

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);
/** As nginx notes that the caller went away before the answer was sent. */
const CLIENT_CLOSED_REQUEST = 499;

/**
 * Express middleware: how long requests take, by the pattern of their route. What no route answered is `unmatched`: people write anything into paths.
 * @param component name of the service
 */
export function measureRequests(component: string): (request: Request, response: Response, next: NextFunction) => void {
  const duration = histogram('attesta_http_request_duration_seconds');
  return (request, response, next) => {
    const started = performance.now();
    response.once('close', () => {
      const status = String(response.writableFinished ? response.statusCode : CLIENT_CLOSED_REQUEST);
      const method = METHODS.has(request.method) ? request.method : 'other';
      duration.record((performance.now() - started) / 1_000, { component, method, route: patternOf(request), status });
    });
    next();
  };
}

function patternOf({ route }: Request): string {
  const path: unknown = (route as { path?: unknown } | undefined)?.path;
  return typeof path === 'string' ? path : 'unmatched';
}
