import { Roles } from '@attesta/service-kit';
import { Controller, Get, Inject } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Answers } from './answers.js';
import { Audit } from './audit.js';
import { readIntegrity, type Integrity } from './integrity.js';
import type { AsOf } from './standing.js';

/** What every page says first. Hashes and positions, nobody's data. */
@ApiTags('integrity')
@ApiBearerAuth()
@Controller('v1')
@Roles('auditor', 'dpo', 'operator')
export class IntegrityController {
  constructor(
    @Inject(Audit) private readonly audit: Audit,
    @Inject(Answers) private readonly answers: Answers,
  ) {}

  @Get('integrity')
  @ApiOperation({ summary: 'Whether the log is intact, up to where that was checked, and what was found wrong' })
  async integrity(): Promise<Integrity & { registers: { position: number; lag: AsOf['lag'] | null }; asOf: AsOf | null }> {
    const [integrity, position, asOf] = await Promise.all([
      readIntegrity(this.audit.pool, this.audit.now()),
      this.audit.standing.position(),
      // Where the checkpoint does not hold, this answer must say so all the same.
      this.audit.standing.recent().catch(() => null),
    ]);
    return { ...integrity, registers: { position, lag: asOf?.lag ?? null }, asOf };
  }

  @Get('standing')
  @ApiOperation({ summary: 'How far answers reach at this moment; made to be asked every second' })
  async standing(): Promise<{ asOf: AsOf }> {
    return { asOf: await this.answers.recent() };
  }
}
