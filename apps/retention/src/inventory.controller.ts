import { AccessRecorder, CurrentPrincipal, isOnlySubject, OwnPerson, Problem, Roles, type Principal } from '@attesta/service-kit';
import { Controller, Get, Inject, Param, ParseUUIDPipe, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { backlogOf, forecastOf, type Backlog, type ForecastRow } from './backlog.js';
import { ForecastQuery, HoldingsQuery } from './bodies.js';
import { holdingsOf, type Holding } from './holdings.js';
import type { ReplanningView } from './replanning.js';
import { Retention } from './retention.js';

/** What is held, for whom, until when and why. */
@ApiTags('retention')
@ApiBearerAuth()
@Controller('v1')
export class InventoryController {
  constructor(
    @Inject(Retention) private readonly retention: Retention,
    @Inject(AccessRecorder) private readonly access: AccessRecorder,
    @Inject(OwnPerson) private readonly own: OwnPerson,
  ) {}

  @Get('subjects/:id/holdings')
  @Roles('dpo', 'auditor', 'subject')
  @ApiOperation({ summary: 'What is held of a person by category and purpose, until when and why; the look is recorded' })
  async holdings(
    @Param('id', new ParseUUIDPipe()) id: string,
    @Query() { reason }: HoldingsQuery,
    @CurrentPrincipal() principal: Principal,
  ): Promise<{ subject: string; data: Holding[] }> {
    const subject = id.toLowerCase();
    await this.own.require(subject, principal);
    if (reason === undefined && !isOnlySubject(principal)) {
      throw Problem.invalid([{ field: '/reason', code: 'missing-field', message: 'says why you look; it is recorded', fix: 'add it' }]);
    }
    const data = await holdingsOf(this.retention, subject);
    await this.access.allowed(principal, {
      action: 'holdings.read',
      resource: 'GET /v1/subjects/:id/holdings',
      subject,
      reason,
      rows: data.length,
    });
    return { subject, data };
  }

  @Get('retention/backlog')
  @Roles('dpo', 'auditor', 'operator')
  @ApiOperation({
    summary: 'What is held and due by retention class, what holds and reviews keep, and the disposals under way; nobody is named',
  })
  backlog(): Promise<Backlog> {
    return backlogOf(this.retention);
  }

  @Get('retention/forecast')
  @Roles('dpo', 'auditor', 'operator')
  @ApiOperation({ summary: 'How much becomes due in each of the coming months, by retention class' })
  async forecast(@Query() { months = 12 }: ForecastQuery): Promise<{ data: ForecastRow[] }> {
    return { data: await forecastOf(this.retention, months) };
  }

  @Get('retention/plan')
  @Roles('dpo', 'auditor', 'operator')
  @ApiOperation({ summary: 'Under which rules the inventory is planned, and how far planning it anew has come' })
  plan(): Promise<ReplanningView> {
    return this.retention.replanning.progress();
  }
}
