import { FeedOps, Problem, Roles, type OperatedFeed } from '@attesta/service-kit';
import type { FeedProgress } from '@attesta/transport';
import { Body, Controller, Delete, Get, HttpCode, Inject, Post, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Audit } from './audit.js';
import type { RegisterDigests } from './digest.js';
import { DigestQuery, RebuildBody } from './queries.js';
import { readRebuildView, type RebuildView } from './rebuild-view.js';

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
  @ApiOperation({ summary: 'Fills a second set of registers from the log, and swaps it in once it has caught up; answers go on meanwhile' })
  async rebuild(@Body() { onDifference }: RebuildBody = new RebuildBody()): Promise<RebuildView> {
    await this.audit.rebuilding.order(onDifference);
    return readRebuildView(this.audit.pool, this.audit.now());
  }

  @Get('rebuild')
  @Roles('operator', 'auditor')
  @ApiOperation({ summary: 'The rebuild that is under way, or was last: how far it is, and what the comparison came to' })
  rebuilding(): Promise<RebuildView> {
    return readRebuildView(this.audit.pool, this.audit.now());
  }

  @Delete('rebuild')
  @HttpCode(200)
  @ApiOperation({ summary: 'Gives a rebuild up; the second set is dropped, the present one stays' })
  async giveUp(): Promise<RebuildView> {
    if (!(await this.audit.rebuilding.giveUp())) {
      throw Problem.conflict('No rebuild is under way, and none is kept for looking.', 'Look with GET /ops/audit/rebuild.', 'no-rebuild');
    }
    return readRebuildView(this.audit.pool, this.audit.now());
  }
}
