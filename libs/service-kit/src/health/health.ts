import { Controller, Get, HttpCode, Inject, Injectable, Res, ServiceUnavailableException } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { HealthCheckService, HealthIndicatorService } from '@nestjs/terminus';
import type { HealthCheckResult } from '@nestjs/terminus';
import type { Response } from 'express';
import { Public } from '../access/principal.js';
import { Limited } from '../http/rate-limits.js';

/** Resolves when what it checks can do its work; may give figures such as lag. Rejects when not. */
export type ReadinessCheck = () => Promise<Record<string, string | number | boolean> | void>;

const CHECK_TIMEOUT_MS = 2_000;
const CHECK_CACHE_MS = 1_000;

/** Modules register what must work before traffic may come; names are `<service>.<part>`, such as `ledger.database`. */
@Injectable()
export class Readiness {
  private readonly checks = new Map<string, ReadinessCheck>();

  /** @returns a function that removes the check @throws Error when the name is taken */
  register(name: string, check: ReadinessCheck): () => void {
    if (this.checks.has(name)) throw new Error(`a readiness check named ${name} is registered already`);
    this.checks.set(name, check);
    return () => this.checks.delete(name);
  }

  entries(): [string, ReadinessCheck][] {
    return [...this.checks];
  }
}

@ApiTags('health')
@Controller('health')
@Limited('none')
export class HealthController {
  constructor(
    @Inject(HealthCheckService) private readonly health: HealthCheckService,
    @Inject(HealthIndicatorService) private readonly indicators: HealthIndicatorService,
    @Inject(Readiness) private readonly readiness: Readiness,
  ) {}

  @Get('live')
  @Public()
  @ApiOperation({ summary: 'Whether the process runs; it looks at nothing else, because a restart mends nothing else.' })
  live(): { status: 'ok' } {
    return { status: 'ok' };
  }

  @Get('ready')
  @Public()
  @HttpCode(200)
  @ApiOperation({ summary: 'Whether every part can take traffic; 503 with the same body when one cannot.' })
  async ready(@Res({ passthrough: true }) response: Response): Promise<HealthCheckResult> {
    response.setHeader('Cache-Control', 'no-store');
    try {
      return await this.health.check(
        this.readiness.entries().map(
          ([name, check]) =>
            () =>
              this.attempt(name, check),
        ),
      );
    } catch (error) {
      if (!(error instanceof ServiceUnavailableException)) throw error;
      response.status(503);
      return error.getResponse() as HealthCheckResult;
    }
  }

  /** What failed is told as a code or class name: messages would show hosts and users to anybody. */
  private async attempt(name: string, check: ReadinessCheck) {
    return this.indicators
      .check(name)
      .attempt(async () => {
        try {
          return await check();
        } catch (error) {
          throw new Error(reasonOf(error), { cause: error });
        }
      })
      .withTimeout(CHECK_TIMEOUT_MS)
      .cacheFor(CHECK_CACHE_MS);
  }
}

function reasonOf(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  if (typeof code === 'string' && /^[A-Z0-9_]{2,40}$/.test(code)) return code;
  return error instanceof Error ? error.name : 'failed';
}
