import { IsIn, IsInt, IsUrl, Max, Min, MinLength } from 'class-validator';
import { EnvVariable } from './variable.js';

/** How a process listens. */
export class HttpConfig {
  @EnvVariable({ name: 'PORT', kind: 'integer', default: '4000', about: 'The TCP port the HTTP server listens on; 0 takes a free one.' })
  @IsInt()
  @Min(0)
  @Max(65_535)
  port!: number;

  @EnvVariable({ name: 'HOST', default: '0.0.0.0', about: 'The address the HTTP server listens on.' })
  host!: string;

  @EnvVariable({
    name: 'HTTP_REQUEST_TIMEOUT_MS',
    kind: 'integer',
    default: '30000',
    about: 'Milliseconds a request may take to arrive, and its handler to answer.',
  })
  @IsInt()
  @Min(100)
  @Max(600_000)
  requestTimeoutMs!: number;

  @EnvVariable({
    name: 'HTTP_KEEP_ALIVE_MS',
    kind: 'integer',
    default: '65000',
    about: 'Milliseconds an idle connection is kept open; more than the load balancer keeps it.',
  })
  @IsInt()
  @Min(0)
  @Max(600_000)
  keepAliveMs!: number;

  @EnvVariable({
    name: 'HTTP_SHUTDOWN_GRACE_MS',
    kind: 'integer',
    default: '10000',
    about: 'Milliseconds that requests under way get to finish after SIGTERM.',
  })
  @IsInt()
  @Min(0)
  @Max(600_000)
  shutdownGraceMs!: number;

  @EnvVariable({
    name: 'TRUSTED_PROXIES',
    kind: 'list',
    default: 'loopback',
    about:
      "Addresses or networks of the ingress, whose X-Forwarded-For says who calls: codes and requests are counted by caller. `loopback` is this machine's own.",
  })
  trustedProxies!: string[];

  @EnvVariable({
    name: 'RATE_LIMIT',
    kind: 'integer',
    default: '6000',
    about:
      'Requests a minute of one caller with a token who speaks for no source; more are answered with 429. 0 sets no limit, here and below.',
  })
  @IsInt()
  @Min(0)
  @Max(10_000_000)
  rateLimit!: number;

  @EnvVariable({
    name: 'RATE_LIMIT_STRICT',
    kind: 'integer',
    default: '60',
    about: 'Requests a minute without a token to one open route, and to those that could be guessed at, from one network address.',
  })
  @IsInt()
  @Min(0)
  @Max(10_000_000)
  rateLimitStrict!: number;

  @EnvVariable({
    name: 'RATE_LIMIT_LOG',
    kind: 'integer',
    default: '60000',
    about: "Requests a minute of one caller for the log's checkpoints, tiles and proofs.",
  })
  @IsInt()
  @Min(0)
  @Max(10_000_000)
  rateLimitLog!: number;

  @EnvVariable({
    name: 'RATE_LIMIT_PUBLISHERS',
    kind: 'integer',
    default: '0',
    about: "Requests a minute of one caller who speaks for a source: publishers, and Attesta's own services.",
  })
  @IsInt()
  @Min(0)
  @Max(10_000_000)
  rateLimitPublishers!: number;

  /** As `bootstrap` takes them. */
  serving() {
    const { requestTimeoutMs, keepAliveMs, shutdownGraceMs, trustedProxies } = this;
    const rateLimits = {
      general: this.rateLimit,
      strict: this.rateLimitStrict,
      log: this.rateLimitLog,
      publishers: this.rateLimitPublishers,
    };
    return { requestTimeoutMs, keepAliveMs, shutdownGraceMs, trustedProxies, rateLimits };
  }
}

/** Whose tokens are accepted. */
export class AuthConfig {
  @EnvVariable({
    name: 'AUTH_ISSUER',
    kind: 'url',
    about: 'The OpenID Connect issuer whose access tokens are accepted, exactly as in their iss claim.',
  })
  @IsUrl({ protocols: ['http', 'https'], require_tld: false, require_protocol: true })
  issuer!: string;

  @EnvVariable({
    name: 'AUTH_PEOPLE_ISSUER',
    kind: 'url',
    optional: true,
    about:
      'The issuer of data subjects who proved an e-mail address by a code: PUBLIC_URL of the requests service and /people. Its tokens open what the role subject opens and nothing else; without it there are none.',
  })
  @IsUrl({ protocols: ['http', 'https'], require_tld: false, require_protocol: true })
  peopleIssuer?: string;

  @EnvVariable({ name: 'AUTH_AUDIENCE', default: 'attesta', about: 'The audience that access tokens must name.' })
  audience!: string;

  @EnvVariable({
    name: 'AUTH_ACTOR_PEPPER',
    secret: true,
    optional: true,
    about:
      'Keys the pseudonyms of callers whose sub is an e-mail address or the like: 32 characters or more, the same for every service, for ever. Without it a reader of the log can confirm a guess at the address.',
  })
  @MinLength(32)
  actorPepper?: string;
}

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'off'] as const;

/** What is logged. */
export class LogConfig {
  @EnvVariable({ name: 'LOG_LEVEL', default: 'info', about: 'The least severe level that is logged: debug, info, warn, error or off.' })
  @IsIn(LOG_LEVELS)
  level!: (typeof LOG_LEVELS)[number];
}

/**
 * What the telemetry file reads; the names are OpenTelemetry's. Declared for the reference, since the file runs before any
 * configuration is loaded; the exporter honours OpenTelemetry's further OTEL_EXPORTER_OTLP_* variables.
 */
export class TelemetryConfig {
  @EnvVariable({
    name: 'OTEL_EXPORTER_OTLP_ENDPOINT',
    kind: 'url',
    optional: true,
    about: 'Where spans are sent over OTLP/HTTP; without it none leave the process.',
  })
  endpoint?: string;

  @EnvVariable({
    name: 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT',
    kind: 'url',
    optional: true,
    about: 'The same for spans alone, path included; goes before the general one.',
  })
  tracesEndpoint?: string;

  @EnvVariable({ name: 'OTEL_SERVICE_NAME', default: 'attesta', about: 'The service name on spans.' })
  serviceName!: string;

  @EnvVariable({ name: 'OTEL_SDK_DISABLED', kind: 'boolean', default: 'false', about: 'Turns telemetry off.' })
  disabled!: boolean;
}
