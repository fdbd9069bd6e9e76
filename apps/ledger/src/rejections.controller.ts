import { CurrentPrincipal, maySpeakFor, Problem, Roles, type Principal } from '@attesta/service-kit';
import { Controller, Get, Inject, Param, ParseIntPipe, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiPropertyOptional, ApiTags } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsInt, IsOptional, IsString, Max, MaxLength, Min } from 'class-validator';
import { AccessRecorder } from './access-recorder.js';
import { Ledger } from './ledger.js';
import type { Rejection } from './rejections.js';

export class RejectionQuery {
  @ApiPropertyOptional() @IsOptional() @IsString() @MaxLength(300) source?: string;
  @ApiPropertyOptional() @IsOptional() @IsString() @MaxLength(200) type?: string;
  @ApiPropertyOptional({ description: 'Code of a problem, such as unknown-purpose' })
  @IsOptional()
  @IsString()
  @MaxLength(100)
  code?: string;
  @ApiPropertyOptional({ description: 'next_cursor of the page before' })
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(0)
  cursor?: number;
  @ApiPropertyOptional({ default: 50 }) @IsOptional() @Type(() => Number) @IsInt() @Min(1) @Max(500) limit = 50;
}

@ApiTags('rejections')
@ApiBearerAuth()
@Controller('v1/rejections')
export class RejectionsController {
  constructor(
    @Inject(Ledger) private readonly ledger: Ledger,
    @Inject(AccessRecorder) private readonly access: AccessRecorder,
  ) {}

  @Get()
  @Roles('publisher', 'auditor', 'dpo', 'operator')
  @ApiOperation({ summary: 'Rejected events, newest first', description: 'A publisher sees those of its own sources.' })
  async list(
    @Query() query: RejectionQuery,
    @CurrentPrincipal() principal: Principal,
  ): Promise<{ data: Rejection[]; next_cursor: string | null; has_more: boolean }> {
    const page = await this.ledger.rejections.list({ ...query, before: query.cursor, limit: query.limit + 1 });
    const data = page.slice(0, query.limit);
    const more = page.length > query.limit;
    return { data: data.filter((one) => sees(principal, one)), next_cursor: more ? String(data.at(-1)!.position) : null, has_more: more };
  }

  @Get(':position')
  @Roles('publisher', 'auditor', 'dpo', 'operator')
  @ApiOperation({
    summary: 'One rejection',
    description: 'The DPO also gets the event as it was sent; that is an access to personal data and is recorded.',
  })
  async one(
    @Param('position', ParseIntPipe) position: number,
    @CurrentPrincipal() principal: Principal,
  ): Promise<Rejection & { original?: unknown }> {
    const found = position >= 0 && Number.isSafeInteger(position) ? await this.ledger.rejections.get(position) : undefined;
    if (!found || !sees(principal, found)) throw Problem.notFound('There is no such rejection.', 'List them with GET /v1/rejections.');
    const { original, ...rejection } = found;
    if (!principal.roles.includes('dpo')) return rejection;
    await this.access.allowed(principal, { action: 'rejection.read', resource: `/v1/rejections/${position}` });
    return { ...rejection, original };
  }
}

const sees = (principal: Principal, { source }: Rejection): boolean =>
  principal.roles.some((role) => role !== 'publisher' && role !== 'subject') || (source !== null && maySpeakFor(principal, source));
