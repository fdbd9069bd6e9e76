import type { Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { STATUS_CODES } from 'node:http';
import { PROBLEM_BASE } from '../problems/problem.js';

export interface ConnectionLimits {
  /** Milliseconds for a whole request to arrive. */
  requestMs: number;
  /** Milliseconds for its headers. */
  headersMs: number;
  /** Milliseconds an idle connection is kept; longer than a load balancer's, so that it closes first. */
  keepAliveMs: number;
}

/** Applies the limits, and answers what Node's HTTP parser refuses with a problem document too. */
export function limitConnections(server: Server, limits: ConnectionLimits): void {
  server.requestTimeout = limits.requestMs;
  server.headersTimeout = limits.headersMs;
  server.keepAliveTimeout = limits.keepAliveMs;
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => {
    if (!socket.writable || error.code === 'ECONNRESET') {
      socket.destroy();
      return;
    }
    socket.end(rawProblem(error.code));
  });
}

function rawProblem(code: string | undefined): string {
  const [status, slug, fix] = refusal(code);
  const body = JSON.stringify({ type: PROBLEM_BASE + slug, title: STATUS_CODES[status], status, fix });
  return [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'Content-Type: application/problem+json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
    '',
    body,
  ].join('\r\n');
}

function refusal(code: string | undefined): [status: number, slug: string, fix: string] {
  if (code === 'HPE_HEADER_OVERFLOW') return [431, 'headers-too-large', 'Send fewer or shorter headers, 16 KiB in all.'];
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return [408, 'request-timeout', 'Send the whole request without long pauses.'];
  return [400, 'malformed-http', 'Send a well-formed HTTP/1.1 request.'];
}
