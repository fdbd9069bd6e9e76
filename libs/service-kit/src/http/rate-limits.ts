import { SetMetadata } from '@nestjs/common';
import type { NextFunction, Request, Response } from 'express';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import type { Principal } from '../access/principal.js';
import { counter } from '../metrics/instruments.js';
import { Problem } from '../problems/problem.js';
import { networkOf } from './network.js';

/** Requests a minute from one client; 0 = as many as come. */
export interface RateLimitSettings {
  /** Whoever has a token and speaks for no source. */
  general: number;
  /** Open routes without a token, each by itself, and those that can be guessed at. */
  strict: number;
  /** The log's tiles, checkpoints and proofs: whoever verifies reads many. */
  log: number;
  /** Whoever speaks for a source: publishers, and Attesta's own services. */
  publishers: number;
}

export type LimitName = keyof RateLimitSettings;

export const LIMIT_KEY = 'attesta:limit';

/** Which limit a route has, whoever comes; `none` is for those that watch over the process. Without it the caller decides. */
export const Limited = (name: LimitName | 'none') => SetMetadata(LIMIT_KEY, name);

export const UNLIMITED: RateLimitSettings = { general: 0, strict: 0, log: 0, publishers: 0 };

const WINDOW_S = 60;

/** A request, as far as limits are concerned. */
export interface Asked {
  request: Request;
  response: Response;
  principal: Principal | undefined;
  /** Name of the route. */
  route: string;
  /** What the route says of itself. */
  limited: LimitName | 'none' | undefined;
}

/**
 * Counts what each client asks for, in this process: by token, else by network address. Several replicas allow as many times as much.
 * What is left is told in the headers of draft-ietf-httpapi-ratelimit-headers.
 */
export class RateLimits {
  private readonly limiters = new Map<LimitName, RateLimiterMemory>();
  private readonly refused = counter('attesta_rate_limited_requests_total');

  constructor(
    private readonly component: string,
    settings: RateLimitSettings,
  ) {
    for (const [name, points] of Object.entries(settings) as [LimitName, number][]) {
      if (points > 0) this.limiters.set(name, new RateLimiterMemory({ keyPrefix: name, points, duration: WINDOW_S }));
    }
  }

  /** @throws Problem 429 */
  async take({ request, response, principal, route, limited }: Asked): Promise<void> {
    const name = limited ?? limitFor(principal);
    if (name === 'none') return;
    const client = principal ? `sub ${principal.sub}` : `net ${networkOf(request.ip ?? '')}`;
    await this.count(name, name === 'strict' ? `${client} ${route}` : client, response);
  }

  /** Express middleware for what no guard sees, such as a mounted issuer: what is posted there is counted by address. */
  posts(route: string): (request: Request, response: Response, next: NextFunction) => void {
    return (request, response, next) => {
      if (request.method !== 'POST') return next();
      this.take({ request, response, principal: undefined, route, limited: 'strict' }).then(() => next(), next);
    };
  }

  private async count(name: LimitName, key: string, response: Response): Promise<void> {
    const limiter = this.limiters.get(name);
    if (!limiter) return;
    response.setHeader('RateLimit-Policy', `"${name}";q=${limiter.points};w=${WINDOW_S}`);
    try {
      tell(response, name, await limiter.consume(key));
    } catch (error) {
      if (!(error instanceof RateLimiterRes)) throw error;
      tell(response, name, error);
      this.refused.add(1, { component: this.component, rule: name });
      throw tooMany(limiter.points, seconds(error));
    }
  }
}

const limitFor = (principal: Principal | undefined): LimitName => {
  if (!principal) return 'strict';
  return principal.sources.length > 0 || principal.roles.includes('publisher') ? 'publishers' : 'general';
};

const seconds = ({ msBeforeNext }: RateLimiterRes): number => Math.max(1, Math.ceil(msBeforeNext / 1_000));

function tell(response: Response, name: LimitName, left: RateLimiterRes): void {
  response.setHeader('RateLimit', `"${name}";r=${left.remainingPoints};t=${seconds(left)}`);
}

const tooMany = (most: number, wait: number): Problem =>
  new Problem({
    slug: 'too-many-requests',
    status: 429,
    title: 'Too many requests came at once',
    detail: `One client may ask ${most} times a minute here.`,
    fix: `Wait ${wait} ${wait === 1 ? 'second' : 'seconds'}, as Retry-After says, and send the request again.`,
    headers: { 'Retry-After': String(wait) },
  });
