import { Global, Module } from '@nestjs/common';
import type { DynamicModule, ForwardReference, Type } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR, APP_PIPE, HttpAdapterHost } from '@nestjs/core';
import { TerminusModule } from '@nestjs/terminus';
import { AccessGuard } from './access/access.guard.js';
import { DeniedAccess } from './access/denied-access.js';
import { TokenVerifier } from './access/token-verifier.js';
import type { TokenVerifierOptions } from './access/token-verifier.js';
import { HealthController, Readiness } from './health/health.js';
import { Drain } from './http/drain.js';
import { MediaTypeInterceptor } from './http/media-type.interceptor.js';
import { RateLimits } from './http/rate-limits.js';
import { TimeoutInterceptor } from './http/timeout.interceptor.js';
import { validationPipe } from './http/validation.js';
import { ProblemFilter } from './problems/problem.filter.js';
import { SpanInterceptor } from './span.interceptor.js';

export type RootModule = Type | DynamicModule | ForwardReference;

export interface ServiceModuleOptions {
  auth: TokenVerifierOptions;
  limits: RateLimits;
  handlerTimeoutMs: number;
  shutdownGraceMs: number;
}

/** What every service has around its own modules: the guard, the filter, the pipe, health. Global, so that any module may inject DeniedAccess, Readiness and TokenVerifier. */
@Global()
@Module({})
export class ServiceModule {
  static around(root: RootModule, options: ServiceModuleOptions): DynamicModule {
    return {
      module: ServiceModule,
      imports: [TerminusModule.forRoot({ logger: false, errorLogStyle: 'json' }), root],
      controllers: [HealthController],
      providers: [
        DeniedAccess,
        Readiness,
        { provide: Drain, useFactory: (host: HttpAdapterHost) => new Drain(host, options.shutdownGraceMs), inject: [HttpAdapterHost] },
        { provide: TokenVerifier, useFactory: () => new TokenVerifier(options.auth) },
        { provide: RateLimits, useValue: options.limits },
        { provide: APP_GUARD, useClass: AccessGuard },
        { provide: APP_FILTER, useClass: ProblemFilter },
        { provide: APP_PIPE, useFactory: validationPipe },
        { provide: APP_INTERCEPTOR, useClass: SpanInterceptor },
        { provide: APP_INTERCEPTOR, useClass: MediaTypeInterceptor },
        { provide: APP_INTERCEPTOR, useFactory: () => new TimeoutInterceptor(options.handlerTimeoutMs) },
      ],
      exports: [DeniedAccess, Readiness, TokenVerifier],
    };
  }
}
