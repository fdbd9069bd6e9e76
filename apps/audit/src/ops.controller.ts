import { Problem, Roles } from '@attesta/service-kit';
import type { FeedProgress, ParkedEvent } from '@attesta/transport';
import { Body, Controller, Get, HttpCode, Inject, Param, ParseIntPipe, Post, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Audit } from './audit.js';
import type { RegisterDigests } from './digest.js';
import { DigestQuery, DiscardBody, ParkedQuery, ReplayBody } from './queries.js';

/** A parked event as an operator may see it: why it failed and where it stands, not what it says of a person. */
interface ParkedView {
  position: number;
  partition: number;
  key: string;
  poison: boolean;
  error: string | null;
  attempts: number;
  parkedAt: string;
  state: 'parked' | 'discarded';
  reason: string | null;
}

@ApiTags('operations')
@ApiBearerAuth()
@Controller('ops/audit')
@Roles('operator')
export class OpsController {
  constructor(@Inject(Audit) private readonly audit: Audit) {}

  @Get('progress')
  @Roles('operator', 'auditor')
  @ApiOperation({ summary: 'How far the registers are, by partition of the feed' })
  async progress(): Promise<{ position: number; partitions: FeedProgress[] }> {
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

  @Get('dlq')
  @ApiOperation({ summary: 'Events that could not be applied, and those that wait behind them' })
  async parked(
    @Query() { key, state, cursor, limit }: ParkedQuery,
  ): Promise<{ data: ParkedView[]; next_cursor: string | null; has_more: boolean }> {
    const rows = await this.audit.feed.parked.list({ ...(key !== undefined && { key }), state, after: cursor ?? -1, limit: limit + 1 });
    const more = rows.length > limit;
    const data = rows.slice(0, limit).map(view);
    return { data, next_cursor: more ? String(data.at(-1)!.position) : null, has_more: more };
  }

  @Get('dlq/:position')
  @ApiOperation({ summary: 'One event that was set aside' })
  async one(
    @Param('position', ParseIntPipe) position: number,
  ): Promise<ParkedView & { type: string | null; source: string | null; leafHash: string; bytes: number }> {
    const found = await this.find(position);
    const { bytes, leafHash } = found.event;
    const { type, source } = named(found);
    return { ...view(found), type, source, leafHash: leafHash.toString('base64'), bytes: bytes.length };
  }

  @Post('dlq/replay')
  @HttpCode(200)
  @ApiOperation({ summary: 'Applies the parked events of one key in order; stops at the first that fails again' })
  replay(@Body() { key }: ReplayBody): Promise<{ applied: number; left: number; error?: string }> {
    return this.audit.feed.parked.replay(key);
  }

  @Post('dlq/:position/discard')
  @HttpCode(200)
  @ApiOperation({ summary: 'Gives one parked event up for good; those behind it wait for a replay' })
  async discard(@Param('position', ParseIntPipe) position: number, @Body() { reason }: DiscardBody): Promise<{ discarded: true }> {
    await this.find(position);
    if (!(await this.audit.feed.parked.discard(position, reason))) throw notParked();
    return { discarded: true };
  }

  @Post('rebuild')
  @HttpCode(202)
  @ApiOperation({ summary: 'Empties the registers and fills them from the log again; see progress' })
  async rebuild(): Promise<{ rebuilding: true }> {
    await this.audit.rebuild();
    return { rebuilding: true };
  }

  private async find(position: number): Promise<ParkedEvent> {
    if (!Number.isSafeInteger(position) || position < 0) throw notParked();
    for (const state of ['parked', 'discarded'] as const) {
      const [found] = await this.audit.feed.parked.list({ state, after: position - 1, limit: 1 });
      if (found?.position === position) return found;
    }
    throw notParked();
  }
}

const notParked = () => Problem.notFound('No event is set aside at this position.', 'List them with GET /ops/audit/dlq.');

const view = ({ position, partition, key, poison, error, attempts, parkedAt, state, reason }: ParkedEvent): ParkedView => ({
  position,
  partition,
  key,
  poison,
  error,
  attempts,
  parkedAt: parkedAt.toISOString(),
  state,
  reason,
});

/** What could not be applied may not even be JSON. */
function named({ event }: ParkedEvent): { type: string | null; source: string | null } {
  try {
    return { type: event.entry.type, source: event.entry.source };
  } catch {
    return { type: null, source: null };
  }
}
