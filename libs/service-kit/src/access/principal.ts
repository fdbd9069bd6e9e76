import { coversSource } from '@attesta/events';
import { applyDecorators, createParamDecorator, SetMetadata } from '@nestjs/common';
import type { ExecutionContext } from '@nestjs/common';
import { ApiExtension } from '@nestjs/swagger';
import type { Request } from 'express';

export const ROLES = ['publisher', 'subject', 'dpo', 'auditor', 'operator'] as const;
export type Role = (typeof ROLES)[number];

/** Who is calling, as the verified token says. */
export interface Principal {
  /** OIDC `sub`, or a pseudonym for it (`actorOf`): recorded as `actor`, and never a personal value. */
  sub: string;
  roles: Role[];
  /** CloudEvents source prefixes this caller may speak for. */
  sources: string[];
  /** Subject id or ref, for role `subject`. */
  subject?: string;
  /** How a data subject proved to be the person, where that was without an account. */
  provedBy?: 'email-code';
}

/** An Express request after the access guard ran. */
export interface PrincipalRequest extends Request {
  principal?: Principal;
}

export const ROLES_KEY = 'attesta:roles';
export const PUBLIC_KEY = 'attesta:public';

/** Opens a route to callers holding at least one of the roles; the API reference says them as `x-roles`. A route with neither @Roles nor @Public answers 403 to everybody. */
export const Roles = (...roles: Role[]) => applyDecorators(SetMetadata(ROLES_KEY, roles), ApiExtension('x-roles', roles));

/** Opens a route to everybody, with or without a token. A token that is sent is still verified, and a bad one refused. */
export const Public = () => applyDecorators(SetMetadata(PUBLIC_KEY, true), ApiExtension('x-roles', ['anybody']));

/** The verified caller; undefined on @Public routes called without a token. */
export const CurrentPrincipal = createParamDecorator(
  (_data: unknown, context: ExecutionContext): Principal | undefined => context.switchToHttp().getRequest<PrincipalRequest>().principal,
);

/** Whether a publisher may report events of this CloudEvents source. */
export const maySpeakFor = (principal: Principal, source: string): boolean =>
  principal.sources.some((prefix) => coversSource(prefix, source));
