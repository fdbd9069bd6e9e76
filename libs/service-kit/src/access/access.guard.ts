import { Inject, Injectable } from '@nestjs/common';
import type { CanActivate, ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Response } from 'express';
import { Problem } from '../problems/problem.js';
import { PUBLIC_KEY, ROLES_KEY } from './principal.js';
import { LIMIT_KEY, RateLimits, type LimitName } from '../http/rate-limits.js';
import type { PrincipalRequest, Role } from './principal.js';
import { TokenVerifier } from './token-verifier.js';

/**
 * Global: lets a request through only where its route says who may come, and the token says the caller is one of them. What each caller asks for
 * is counted before it is decided whether they may, for a refusal is work too.
 */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    @Inject(Reflector) private readonly reflector: Reflector,
    @Inject(TokenVerifier) private readonly verifier: TokenVerifier,
    @Inject(RateLimits) private readonly limits: RateLimits,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    // Message handlers are reached through the sealed feed, where no caller exists.
    if (context.getType() !== 'http') return true;
    const request = context.switchToHttp().getRequest<PrincipalRequest>();
    const places = [context.getHandler(), context.getClass()];
    const isPublic = this.reflector.getAllAndOverride<boolean | undefined>(PUBLIC_KEY, places) === true;
    const roles = this.reflector.getAllAndOverride<Role[] | undefined>(ROLES_KEY, places);

    const asked = {
      request,
      response: context.switchToHttp().getResponse<Response>(),
      route: `${context.getClass().name}.${context.getHandler().name}`,
      limited: this.reflector.getAllAndOverride<LimitName | 'none' | undefined>(LIMIT_KEY, places),
    };
    try {
      const token = bearerToken(request);
      if (token !== undefined) request.principal = await this.verifier.verify(token);
    } catch (error) {
      await this.limits.take({ ...asked, principal: undefined });
      throw error;
    }
    const { principal } = request;
    await this.limits.take({ ...asked, principal });
    if (isPublic) return true;
    if (!principal) {
      throw Problem.unauthorized(
        'No access token came with the request.',
        'Send `Authorization: Bearer <token>`; `attesta token --role <role>` prints one.',
      );
    }
    if (!roles?.length) throw Problem.forbidden('This route is open to nobody.', 'Use a route listed in /docs.');
    if (!roles.some((role) => principal.roles.includes(role))) {
      throw Problem.forbidden(
        'None of the roles in the token opens this route.',
        `Use a token with one of the roles: ${roles.join(', ')}.`,
        'role-required',
      );
    }
    return true;
  }
}

/** RFC 6750 section 2.1; tokens in bodies or URLs are not looked at. */
function bearerToken(request: PrincipalRequest): string | undefined {
  const header = request.headers.authorization;
  if (header === undefined) return undefined;
  const match = /^Bearer +([A-Za-z0-9\-._~+/]+=*) *$/i.exec(header);
  if (!match?.[1]) {
    throw Problem.unauthorized(
      'The Authorization header is not a bearer token.',
      'Send `Authorization: Bearer <token>`.',
      'invalid_request',
    );
  }
  return match[1];
}
