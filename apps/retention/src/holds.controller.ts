import { CurrentPrincipal, Roles, type Principal } from '@attesta/service-kit';
import { Body, Controller, Get, HttpCode, Inject, Param, ParseUUIDPipe, Post, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { HoldBody, ListHoldsQuery, ReleaseBody } from './bodies.js';
import type { HoldView, Placed } from './holds.js';
import { Retention } from './retention.js';

/** Legal holds (notice clauses 5.1, 7.7). */
@ApiTags('retention')
@ApiBearerAuth()
@Controller('v1/holds')
export class HoldsController {
  constructor(@Inject(Retention) private readonly retention: Retention) {}

  @Post()
  @Roles('dpo')
  @ApiOperation({
    summary: 'Place a hold: what it covers is not disposed of until it is released',
    description:
      'For a person, categories, purposes, or any of these together. `tooLate` counts what the ledger was told to destroy before.',
  })
  async place(@Body() { id, subject, ...hold }: HoldBody, @CurrentPrincipal() principal: Principal): Promise<Placed> {
    const whose = subject === undefined ? undefined : await this.retention.directory.enrolled(subject);
    return this.retention.holds.place({ ...hold, ...(id !== undefined && { id: id.toLowerCase() }), subject: whose }, principal.sub);
  }

  @Post(':id/release')
  @Roles('dpo')
  @HttpCode(200)
  @ApiOperation({ summary: 'Release a hold: what is due by now is disposed of without being asked again' })
  release(
    @Param('id', new ParseUUIDPipe()) id: string,
    @Body() { reason }: ReleaseBody,
    @CurrentPrincipal() principal: Principal,
  ): Promise<HoldView> {
    return this.retention.holds.release(id.toLowerCase(), reason, principal.sub);
  }

  @Get()
  @Roles('dpo', 'auditor')
  @ApiOperation({ summary: 'Holds, the newest first' })
  async list(@Query() { limit = 100, cursor, active, matter }: ListHoldsQuery) {
    const rows = await this.retention.holds.list({
      limit: limit + 1,
      ...(cursor !== undefined && { after: cursor.toLowerCase() }),
      ...(active !== undefined && { active }),
      ...(matter !== undefined && { matter }),
    });
    return pageOf(rows, limit);
  }
}

/** One page of rows of which one more than the page holds was asked for. */
export function pageOf<T extends { id: string }>(rows: T[], limit: number): { data: T[]; next_cursor: string | null; has_more: boolean } {
  const data = rows.slice(0, limit);
  const has_more = rows.length > limit;
  return { data, next_cursor: has_more ? data.at(-1)!.id : null, has_more };
}
