import { Injectable } from '@nestjs/common';
import type { CanActivate, ExecutionContext } from '@nestjs/common';
import { Problem } from '../problems/problem.js';
import { maySpeakFor } from './principal.js';
import type { Principal, PrincipalRequest } from './principal.js';

/** Lets in whoever may speak for a source of Attesta's own, `//attesta` or below. */
@Injectable()
export class AttestaServicesOnly implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const { principal } = context.switchToHttp().getRequest<PrincipalRequest>();
    if (principal && speaksForAttesta(principal)) return true;
    throw Problem.forbidden(
      "This is for Attesta's own services, and the token names no source under //attesta.",
      'Use the token of a service of Attesta; people look somebody up with POST /v1/subjects/lookup.',
      'source-not-allowed',
    );
  }
}

const speaksForAttesta = (principal: Principal): boolean =>
  maySpeakFor(principal, '//attesta') || principal.sources.some((prefix) => prefix.startsWith('//attesta/'));
