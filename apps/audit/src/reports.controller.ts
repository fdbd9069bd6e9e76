import { Roles } from '@attesta/service-kit';
import { Controller, Get, Inject, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Answers, type Answer } from './answers.js';
import { Audit } from './audit.js';
import { ThirdPartySourcesQuery } from './queries.js';
import { readThirdPartySources, type SourceRow, type SourceState } from './third-party-sources.projection.js';

export interface SourcesReport extends Answer<SourceRow> {
  /** The instant the report is for. */
  at: string;
  informed: number;
  due: number;
  overdue: number;
}

@ApiTags('reports')
@ApiBearerAuth()
@Controller('v1/reports')
@Roles('auditor', 'dpo')
export class ReportsController {
  constructor(
    @Inject(Audit) private readonly audit: Audit,
    @Inject(Answers) private readonly answers: Answers,
  ) {}

  @Get('third-party-sources')
  @ApiOperation({
    summary: 'Data that came from third parties: whether the people were told, by when they must be, and who is overdue',
    description: 'Counts of all three states, and the collections themselves, newest first; `state` picks one. PDPA s.25, GDPR Art. 14.',
  })
  async thirdPartySources(@Query() query: ThirdPartySourcesQuery): Promise<SourcesReport> {
    const at = query.at === undefined ? this.audit.now().toISOString() : new Date(query.at).toISOString();
    let counts: Record<SourceState, number> = { informed: 0, due: 0, overdue: 0 };
    const answer = await this.answers.page(query, async (page) => {
      const report = await readThirdPartySources(this.audit.pool, { ...page, at, state: query.state });
      counts = report.counts;
      return report.rows;
    });
    return { at, ...counts, ...answer };
  }
}
