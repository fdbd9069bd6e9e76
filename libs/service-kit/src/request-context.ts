import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';
import { trace } from '@opentelemetry/api';
import type { NextFunction, Request, Response } from 'express';

export interface RequestContext {
  requestId: string;
  traceId?: string;
}

const current = new AsyncLocalStorage<RequestContext>();
const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;
const TRACEPARENT = /^[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}/;

/** The request being served, if any. */
export const requestContext = (): RequestContext | undefined => current.getStore();

/** The active span's trace, else the one the caller's `traceparent` named. */
export function currentTraceId(): string | undefined {
  const span = trace.getActiveSpan()?.spanContext();
  return span?.traceId ?? current.getStore()?.traceId;
}

/**
 * Express middleware: gives each request an id, answered as `x-request-id`. The caller's own id is kept only when it is
 * a UUID, because it goes into logs and free text there could be anything.
 */
export function requestContextMiddleware(request: Request, response: Response, next: NextFunction): void {
  const asked = request.headers['x-request-id'];
  const requestId = typeof asked === 'string' && UUID.test(asked) ? asked.toLowerCase() : randomUUID();
  const traceparent = request.headers['traceparent'];
  const traceId = typeof traceparent === 'string' ? TRACEPARENT.exec(traceparent)?.[1] : undefined;
  response.setHeader('x-request-id', requestId);
  current.run({ requestId, ...(traceId && { traceId }) }, next);
}
