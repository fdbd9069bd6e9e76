import { htmlOf, pdfOf } from '@attesta/pdf';
import { canonical } from '@attesta/proof';
import { Roles } from '@attesta/service-kit';
import { Controller, Get, Inject, Query, StreamableFile } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import { Answers } from './answers.js';
import { Audit } from './audit.js';
import { readProcessingRecord } from './processing-activities.js';
import { contentOf } from './processing-content.js';
import { processingCsv } from './processing-csv.js';
import { ProcessingActivitiesQuery } from './register-queries.js';

const TITLE = 'Record of processing activities';
const NAME = 'processing-activities';

@ApiTags('registers')
@ApiBearerAuth()
@Controller('v1/register/processing-activities')
@Roles('auditor', 'dpo')
export class ProcessingActivitiesController {
  constructor(
    @Inject(Audit) private readonly audit: Audit,
    @Inject(Answers) private readonly answers: Answers,
  ) {}

  @Get()
  @ApiProduces('application/json', 'text/csv', 'text/html', 'application/pdf')
  @ApiOperation({
    summary: 'The record of processing activities, as the policy declares it and the log shows it; JSON, CSV, HTML or PDF',
    description: 'PDPA s.39, GDPR Art. 30. HTML and PDF are in English and Thai; the PDF carries the JSON. Names no data subject.',
  })
  async record(@Query() { format }: ProcessingActivitiesQuery): Promise<StreamableFile> {
    const asOf = await this.answers.asOf();
    const record = await readProcessingRecord(this.audit.pool, this.audit.policy, asOf.position);
    const at = this.audit.now();
    const content = { record, position: asOf.position, at: at.toISOString() };
    switch (format) {
      case 'json':
        return file(JSON.stringify({ at: content.at, ...record, asOf }), 'application/json');
      case 'csv':
        return file(processingCsv(record), 'text/csv; charset=utf-8', `attachment; filename="${NAME}.csv"`);
      case 'html':
        return file(htmlOf(TITLE, contentOf(content)), 'text/html; charset=utf-8');
      case 'pdf': {
        const attachment = {
          name: `${NAME}.json`,
          description: 'The record for machines',
          json: canonical({ at: content.at, ...record, asOf }),
        };
        const paper = { title: TITLE, number: `${record.policy.id} ${asOf.position}`, at, blocks: contentOf(content), attachment };
        return file(await pdfOf(paper), 'application/pdf', `attachment; filename="${NAME}.pdf"`);
      }
    }
  }
}

const file = (content: string | Buffer, type: string, disposition?: string): StreamableFile =>
  new StreamableFile(Buffer.from(content as string), { type, ...(disposition !== undefined && { disposition }) });
