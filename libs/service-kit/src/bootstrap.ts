import 'reflect-metadata';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { INestApplication, LoggerService } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { CustomTransportStrategy } from '@nestjs/microservices';
import type { NestExpressApplication } from '@nestjs/platform-express';
import helmet from 'helmet';
import { DeniedAccess } from './access/denied-access.js';
import type { DeniedListener } from './access/denied-access.js';
import type { TokenVerifierOptions } from './access/token-verifier.js';
import { bodyProblems, JSON_LIMIT, jsonBodies, rawBody } from './http/bodies.js';
import type { RawBodyRoute } from './http/bodies.js';
import { limitConnections } from './http/connection.js';
import { RateLimits, UNLIMITED } from './http/rate-limits.js';
import type { RateLimitSettings } from './http/rate-limits.js';
import { screenUrl } from './http/url.middleware.js';
import { JsonLogger } from './logging/json-logger.js';
import type { LogLevel } from './logging/json-logger.js';
import { measureRequests } from './metrics/request-duration.js';
import { serveDocs } from './open-api.js';
import type { OpenApiOptions } from './open-api.js';
import { requestContextMiddleware } from './request-context.js';
import { ServiceModule } from './service.module.js';
import type { RootModule } from './service.module.js';

export type Mounted = (request: IncomingMessage, response: ServerResponse, next: () => void) => void;

export interface BootstrapOptions {
  /** Name in logs, such as `ledger`. */
  service: string;
  auth: TokenVerifierOptions;
  /** Routes that read bytes; everything else reads JSON. */
  rawBody?: RawBodyRoute[];
  /** Bytes of a JSON body. */
  jsonLimit?: number;
  openApi?: OpenApiOptions;
  /** Handlers that answer a path by themselves, such as the local issuer, or hand on; they see the request before any body parser.
   * `limited`: what is posted there counts as to an open route. */
  mount?: { path: string; handler: Mounted; limited?: boolean }[];
  /** Told of each 401 and 403 (notice clause 6.3). */
  onDenied?: DeniedListener;
  logLevel?: LogLevel;
  logger?: LoggerService;
  /** Milliseconds for a request to arrive and for its handler to answer. */
  requestTimeoutMs?: number;
  keepAliveMs?: number;
  /** Whose X-Forwarded-For is believed; without them those on this machine. */
  trustedProxies?: string[];
  /** How much one client may ask for; without it as much as they like. */
  rateLimits?: RateLimitSettings;
  /** Milliseconds that requests under way get after a termination signal. */
  shutdownGraceMs?: number;
  /** Message transports whose handlers the modules have, such as the sealed feed; they listen once everything is ready. */
  strategies?: CustomTransportStrategy[];
  /** Close on SIGTERM and SIGINT. Default true; tests and the standalone process, which closes more than this, say false. */
  shutdownSignals?: boolean;
}

/**
 * A ready application around the given module, not yet listening: `await app.listen(port, host)`. The one bootstrap of all
 * processes; the standalone passes a module that imports every service's.
 */
export async function bootstrap(root: RootModule, options: BootstrapOptions): Promise<INestApplication<Server>> {
  const logger = options.logger ?? new JsonLogger({ service: options.service, level: options.logLevel ?? 'info' });
  const requestMs = options.requestTimeoutMs ?? 30_000;
  const limits = new RateLimits(options.service, options.rateLimits ?? UNLIMITED);
  const app = await NestFactory.create<NestExpressApplication>(moduleAround(root, options, limits, requestMs), {
    logger,
    bodyParser: false,
    abortOnError: false,
    return503OnClosing: true,
    // `/v1/events/rejections`-like literals must win over parameters whatever module they come from.
    routeResolutionStrategy: 'specificity',
    routeConflictPolicy: { duplicate: 'error' },
  });
  useMiddleware(app, options, limits);
  if (options.openApi) serveDocs(app, options.openApi);
  if (options.onDenied) app.get(DeniedAccess).onDenied(options.onDenied);
  if (options.shutdownSignals !== false) app.enableShutdownHooks(['SIGTERM', 'SIGINT']);
  await app.init();
  for (const strategy of options.strategies ?? []) app.connectMicroservice({ strategy });
  await app.startAllMicroservices();
  const server = app.getHttpServer() as Server;
  limitConnections(server, { requestMs, headersMs: Math.min(10_000, requestMs), keepAliveMs: options.keepAliveMs ?? 65_000 });
  return app;
}

const moduleAround = (root: RootModule, { auth, shutdownGraceMs = 10_000 }: BootstrapOptions, limits: RateLimits, requestMs: number) =>
  ServiceModule.around(root, { auth, limits, handlerTimeoutMs: requestMs, shutdownGraceMs });

function useMiddleware(app: NestExpressApplication, options: BootstrapOptions, limits: RateLimits): void {
  app.set('trust proxy', options.trustedProxies ?? ['loopback']);
  app.disable('x-powered-by');
  app.disable('etag');
  app.use(measureRequests(options.service));
  app.use(requestContextMiddleware);
  app.use(helmet({ contentSecurityPolicy: { directives: { upgradeInsecureRequests: null } } }));
  app.use(screenUrl);
  for (const { path, handler, limited } of options.mount ?? []) {
    if (limited) app.use(path, limits.posts(path));
    app.use(path, handler);
  }
  for (const route of options.rawBody ?? []) {
    const { path, handlers } = rawBody(route);
    app.use(path, ...handlers);
  }
  app.use(...jsonBodies(options.jsonLimit ?? JSON_LIMIT));
  app.use(bodyProblems);
}
