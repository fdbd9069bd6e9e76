import { randomBytes } from 'node:crypto';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { readFiles, type SiteFile } from './site-files.js';
import { headersOf, pageHeaders } from './site-headers.js';

export interface SiteOptions {
  /** OpenID Connect issuer that officers log in at, as in tokens. */
  issuer: string;
  clientId: string;
  /** C2SP verifier key line that proofs are checked with; without it a browser keeps the first it is given. */
  logKey?: string | undefined;
}

const PAGES = { '/console': 'console.html', '/privacy': 'privacy.html' } as const;
type Base = keyof typeof PAGES;
const SETTINGS = '/console/settings.json';
/** Global Privacy Control, section 4: that the signal is honoured here, and since which day that stands so. */
const SIGNAL_SUPPORT = { at: '/.well-known/gpc.json', body: Buffer.from(JSON.stringify({ gpc: true, lastUpdate: '2026-11-26' })) };

/** Answers requests for pages, and hands on all others. */
export type Site = (request: IncomingMessage, response: ServerResponse, next?: () => void) => void;

/**
 * Serves the console at `/console/` and the privacy center at `/privacy/` out of memory: any address there that is no file is the page, which
 * reads its own URL. `/` leads to the console, and `/.well-known/gpc.json` says what is done with a browser's signal; all else is left to `next`,
 * or answered 404 without one. Looks at `originalUrl` where it is mounted.
 */
export async function openSite(options: SiteOptions): Promise<Site> {
  const files = await readFiles();
  const settings = Buffer.from(JSON.stringify({ issuer: options.issuer, clientId: options.clientId, logKey: options.logKey ?? null }));
  return (request, response, next) => {
    const path = pathOf(request);
    if (path === '/') return moved(response, '/console/');
    if (path === SIGNAL_SUPPORT.at)
      return send(request, response, { bytes: SIGNAL_SUPPORT.body, type: 'application/json', cache: 'no-cache' });
    const base = (Object.keys(PAGES) as Base[]).find((one) => path === one || path.startsWith(`${one}/`));
    if (base === undefined) return next ? next() : notFound(response);
    if (request.method !== 'GET' && request.method !== 'HEAD') return refused(response);
    if (path === base) return moved(response, `${base}/${urlOf(request).slice(path.length)}`);
    if (path === SETTINGS) return send(request, response, { bytes: settings, type: 'application/json', cache: 'no-store' });
    const file = files.get(path);
    if (file) return send(request, response, file);
    // A file that is asked for by a page of an older version must not be answered with a page.
    if (path.startsWith(`${base}/assets/`)) return notFound(response);
    sendPage(request, response, files.get(`/${PAGES[base]}`)!, options.issuer);
  };
}

/** As a listener of its own, for a process that serves nothing else. */
export const listenerOf = (site: Site): RequestListener => {
  return (request, response) => {
    if (request.url === '/health/live' || request.url === '/health/ready') return void response.writeHead(200).end();
    site(request, response);
  };
};

const urlOf = (request: IncomingMessage): string => (request as { originalUrl?: string }).originalUrl ?? request.url ?? '/';
const pathOf = (request: IncomingMessage): string => urlOf(request).split('?', 1)[0]!;

/**
 * The styles that the page makes itself are let through by a nonce, new for each answer. The page is told whether its own request carried the
 * Global Privacy Control signal, which scripts cannot see.
 */
function sendPage(request: IncomingMessage, response: ServerResponse, file: SiteFile, issuer: string): void {
  const nonce = randomBytes(18).toString('base64');
  const bytes = Buffer.from(
    file.bytes
      .toString()
      .replaceAll('%NONCE%', nonce)
      .replace('%GPC%', request.headers['sec-gpc'] === '1' ? '1' : '0'),
  );
  response.writeHead(200, { ...pageHeaders(nonce, new URL(issuer).origin), 'content-type': file.type, 'content-length': bytes.length });
  response.end(request.method === 'HEAD' ? undefined : bytes);
}

function send(request: IncomingMessage, response: ServerResponse, { bytes, gzip, type, cache, open }: SiteFile): void {
  const zipped = gzip !== undefined && /\bgzip\b/.test(request.headers['accept-encoding'] ?? '');
  const body = zipped ? gzip : bytes;
  response.writeHead(200, {
    ...headersOf(open === true),
    'content-type': type,
    'cache-control': cache,
    'content-length': body.length,
    ...(gzip !== undefined && { vary: 'accept-encoding' }),
    ...(zipped && { 'content-encoding': 'gzip' }),
  });
  response.end(request.method === 'HEAD' ? undefined : body);
}

const moved = (response: ServerResponse, location: string): void => void response.writeHead(308, { location }).end();
const notFound = (response: ServerResponse): void =>
  void response.writeHead(404, { 'content-type': 'text/plain' }).end('There is no such file.\n');
const refused = (response: ServerResponse): void =>
  void response.writeHead(405, { allow: 'GET, HEAD', 'content-type': 'text/plain' }).end('Pages are only read.\n');
