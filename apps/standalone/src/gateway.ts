import http, { type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { CONSENT_ROUTES } from '@attesta/consent';
import type { Site } from '@attesta/console';
import { NOTIFICATION_ROUTES } from '@attesta/notification';
import { REQUESTS_ROUTES } from '@attesta/requests';
import { RETENTION_ROUTES } from '@attesta/retention';
import type { ServiceName } from './distributed.js';

/**
 * Routes of the audit service; `CONSENT_ROUTES` are the consent service's, and so on, all others the ledger's. Paths are unique over all services.
 */
const AUDIT =
  /^\/(?:v1\/(?:subjects\/[^/]+\/(?:timeline|collections|disclosures|data-map|consent-states)|collections|disclosures|recipients|dashboard|access-log|integrity|standing|findings|register|reports|evidence|search|views|exports)|ops\/audit)(?:\/|$)/;

/** Which service answers a path. */
export function serviceOf(url: string): ServiceName {
  const path = url.split('?', 1)[0]!;
  if (AUDIT.test(path)) return 'audit';
  if (REQUESTS_ROUTES.test(path)) return 'requests';
  if (RETENTION_ROUTES.test(path)) return 'retention';
  if (NOTIFICATION_ROUTES.test(path)) return 'notification';
  return CONSENT_ROUTES.test(path) ? 'consent' : 'ledger';
}

/** One origin for the services of this machine, as an ingress gives in production; a service's processes take turns. */
export async function startGateway(
  port: number,
  ports: Record<ServiceName, readonly number[]>,
  issuer: RequestListener,
  site: Site,
): Promise<{ close(): Promise<void> }> {
  const agent = new http.Agent({ keepAlive: true });
  let turn = 0;
  const inTurn = (of: readonly number[]) => of.map((_, i) => of[(turn + i) % of.length]!);
  const server = http.createServer((request, response) => {
    const url = request.url ?? '/';
    if (url.startsWith('/oidc/')) {
      request.url = url.slice('/oidc'.length);
      (request as IncomingMessage & { originalUrl?: string }).originalUrl = url;
      issuer(request, response);
      return;
    }
    turn++;
    site(request, response, () => forward(request, response, inTurn(ports[serviceOf(url)]), agent));
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, resolve));
  return {
    close: () =>
      new Promise((resolve) => {
        agent.destroy();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** The first of these that is there answers; the next is asked only where nothing of the request has been sent, or it reads alone. */
function forward(request: IncomingMessage, response: ServerResponse, [port, ...others]: readonly number[], agent: http.Agent): void {
  const { method, url } = request;
  // Whoever calls says nothing of where from: the services believe this.
  const headers = { ...request.headers, 'x-forwarded-for': request.socket.remoteAddress };
  const onward = http.request({ host: '127.0.0.1', port, method, path: url, headers, agent }, (answer) => {
    // For how long a connection stays open is each server's own word (RFC 9110, section 7.6.1).
    const { connection: _connection, 'keep-alive': _keepAlive, ...answered } = answer.headers;
    response.writeHead(answer.statusCode ?? 502, answered);
    answer.on('error', () => response.destroy()).pipe(response);
  });
  let sent = false;
  const send = () => {
    sent = true;
    request.pipe(onward);
  };
  onward.once('socket', (socket) => (socket.connecting ? socket.once('connect', send) : send()));
  onward.on('error', () => {
    const again = !sent || method === 'GET' || method === 'HEAD';
    if (again && others.length > 0 && !response.headersSent && !request.socket.destroyed) return forward(request, response, others, agent);
    if (response.headersSent) return void response.destroy();
    response.writeHead(503, { 'content-type': 'application/problem+json', 'retry-after': '1' });
    response.end(
      JSON.stringify({
        type: 'https://attesta.dev/problems/unavailable',
        title: 'The service cannot answer at the moment',
        status: 503,
        detail: 'It is starting, or was restarted.',
        fix: 'Send the same request again in a moment; event ids make that harmless.',
      }),
    );
  });
}
