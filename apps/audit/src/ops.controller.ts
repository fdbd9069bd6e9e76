import { FeedOps, Problem, Roles, type OperatedFeed } from '@attesta/service-kit';
import type { FeedProgress } from '@attesta/transport';
import { Controller, Get, HttpCode, Inject, Post, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Audit } from './audit.js';
import type { RegisterDigests } from './digest.js';
import { DigestQuery } from './queries.js';

@ApiTags('operations')
@ApiBearerAuth()
@Controller('ops/audit')
@Roles('operator')
export class OpsController extends FeedOps {
  constructor(@Inject(Audit) private readonly audit: Audit) {
    super();
  }

  protected override get feed(): OperatedFeed {
    return this.audit.feed;
  }

  @Get('progress')
  @Roles('operator', 'auditor')
  @ApiOperation({ summary: 'How far the registers are, by partition of the feed' })
  override async progress(): Promise<{ position: number; partitions: FeedProgress[] }> {
    const [position, partitions] = await Promise.all([this.audit.standing.position(), this.audit.feed.progress()]);
    return { position, partitions };
  }

  @Get('digest')
  @Roles('operator', 'auditor')
  @ApiOperation({ summary: 'SHA-256 of each register; the same log always gives the same' })
  async digest(
    @Query() { position, recount }: DigestQuery,
  ): Promise<RegisterDigests & { recount?: Record<string, string>; equal?: boolean }> {
    const at = await this.audit.standing.position();
    if (position !== undefined && position > at) {
      throw Problem.conflict(`The registers stand at position ${at}.`, 'Ask for a position up to there.', 'not-reached');
    }
    const digests = await this.audit.digest(position ?? at);
    if (recount !== 'true') return digests;
    const { registers } = await this.audit.recount(digests.position);
    const equal = Object.entries(registers).every(([name, digest]) => digests.registers[name] === digest);
    return { ...digests, recount: registers, equal };
  }

  @Post('rebuild')
  @HttpCode(202)
  @ApiOperation({ summary: 'Empties the registers and fills them from the log again; see progress' })
  async rebuild(): Promise<{ rebuilding: true }> {
    await this.audit.rebuild();
    return { rebuilding: true };
  }
}
