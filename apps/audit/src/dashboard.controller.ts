import { Problem, Roles } from '@attesta/service-kit';
import { Controller, Get, Inject, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Answers } from './answers.js';
import { Audit } from './audit.js';
import { readDashboard, type Dashboard } from './dashboard.js';
import { periodsBetween } from './periods.js';
import { DashboardQuery } from './register-queries.js';
import type { AsOf } from './standing.js';
import { dayOf } from './tally.js';

export interface DashboardAnswer extends Dashboard {
  asOf: AsOf;
}

const MOST_PERIODS = 750;
const DEFAULT_DAYS = 90;
const DAY_MS = 86_400_000;

@ApiTags('reports')
@ApiBearerAuth()
@Controller('v1/dashboard')
@Roles('auditor', 'dpo')
export class DashboardController {
  constructor(
    @Inject(Audit) private readonly audit: Audit,
    @Inject(Answers) private readonly answers: Answers,
  ) {}

  @Get()
  @ApiOperation({
    summary: 'Numbers for charts: requests against deadlines, consents by purpose, destruction, findings and events, by period',
    description: 'Each series has a number for each of `periods`, in their order. Days are UTC, weeks begin on Monday. Names nobody.',
  })
  async dashboard(@Query() query: DashboardQuery): Promise<DashboardAnswer> {
    const now = this.audit.now().getTime();
    const until = dayOf(query.to === undefined ? now : Date.parse(query.to));
    const from = dayOf(query.from === undefined ? Date.parse(until) - DEFAULT_DAYS * DAY_MS : Date.parse(query.from));
    const { by } = query;
    refuse(from, until, by);
    const asOf = await this.answers.asOf();
    const dashboard = await readDashboard(this.audit.pool, this.audit.policy, { from, until, by, asOf: asOf.position, at: now });
    return { ...dashboard, asOf };
  }
}

function refuse(from: string, until: string, by: DashboardQuery['by']): void {
  if (from > until) {
    throw Problem.invalid([{ field: '/from', code: 'not-before', message: 'is after `to`', fix: 'give an earlier time' }]);
  }
  const days = (Date.parse(until) - Date.parse(from)) / DAY_MS;
  if (days / { day: 1, week: 7, month: 28 }[by] <= MOST_PERIODS && periodsBetween(from, until, by).length <= MOST_PERIODS) return;
  throw Problem.invalid([
    {
      field: '/by',
      code: 'too-many-periods',
      message: `makes more than ${MOST_PERIODS} periods`,
      fix: 'ask by week or month, or for less time',
    },
  ]);
}
