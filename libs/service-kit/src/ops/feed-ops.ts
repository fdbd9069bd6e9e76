import { Body, Get, HttpCode, Param, ParseIntPipe, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiProperty } from '@nestjs/swagger';
import { IsString, Length } from 'class-validator';
import { Roles } from '../access/principal.js';
import { OneOf, Optional, Reason, Whole } from '../http/fields.js';
import { Problem } from '../problems/problem.js';

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

/** An event set aside, as the feed has it. */
interface Parked extends Omit<ParkedView, 'parkedAt'> {
  parkedAt: Date;
  event: { entry: { type: string; source: string }; leafHash: Buffer; bytes: Buffer };
}

/** What operators look at and mend of a service's feed; the subscription of '@attesta/transport' is one. */
export interface OperatedFeed {
  progress(): Promise<{ partition: number; position: number; lag?: number }[]>;
  readonly parked: {
    list(options: { key?: string; state?: 'parked' | 'discarded'; after?: number; limit?: number }): Promise<Parked[]>;
    replay(key: string): Promise<{ applied: number; left: number; error?: string }>;
    discard(position: number, reason: string): Promise<boolean>;
  };
}

export class ParkedQuery {
  @Optional({ description: 'Subject id or source whose order is kept' }, IsString(), Length(1, 300)) key?: string;
  @OneOf(['parked', 'discarded'], { default: 'parked' }) state: 'parked' | 'discarded' = 'parked';
  @Whole({ description: 'next_cursor of the page before' }) cursor?: number;
  @Whole({ default: 50, maximum: 500 }, 1, 500) limit = 50;
}

export class ReplayBody {
  @ApiProperty({ description: 'Key of the parked events' }) @IsString() @Length(1, 300) key!: string;
}

export class DiscardBody {
  @Reason('Why the event is given up; kept') reason!: string;
}

/** Routes of a service's operators, below `ops/<service>`: a controller of the service extends this. */
@Roles('operator')
export abstract class FeedOps {
  protected abstract readonly feed: OperatedFeed;

  @Get('progress')
  @Roles('operator', 'auditor')
  @ApiOperation({ summary: 'How far the service is, by partition of the feed' })
  async progress(): Promise<{ position: number; partitions: { partition: number; position: number; lag?: number }[] }> {
    const partitions = await this.feed.progress();
    return { position: Math.min(...partitions.map(({ position }) => position)), partitions };
  }

  @Get('dlq')
  @ApiOperation({ summary: 'Events that could not be applied, and those that wait behind them' })
  async parked(
    @Query() { key, state, cursor, limit }: ParkedQuery,
  ): Promise<{ data: ParkedView[]; next_cursor: string | null; has_more: boolean }> {
    const rows = await this.feed.parked.list({ ...(key !== undefined && { key }), state, after: cursor ?? -1, limit: limit + 1 });
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
    return this.feed.parked.replay(key);
  }

  @Post('dlq/:position/discard')
  @HttpCode(200)
  @ApiOperation({ summary: 'Gives one parked event up for good; those behind it wait for a replay' })
  async discard(@Param('position', ParseIntPipe) position: number, @Body() { reason }: DiscardBody): Promise<{ discarded: true }> {
    await this.find(position);
    if (!(await this.feed.parked.discard(position, reason))) throw notParked();
    return { discarded: true };
  }

  private async find(position: number): Promise<Parked> {
    if (!Number.isSafeInteger(position) || position < 0) throw notParked();
    for (const state of ['parked', 'discarded'] as const) {
      const [found] = await this.feed.parked.list({ state, after: position - 1, limit: 1 });
      if (found?.position === position) return found;
    }
    throw notParked();
  }
}

const notParked = () => Problem.notFound('No event is set aside at this position.', 'List them with GET dlq of the same service.');

const view = ({ position, partition, key, poison, error, attempts, parkedAt, state, reason }: Parked): ParkedView => ({
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
function named({ event }: Parked): { type: string | null; source: string | null } {
  try {
    return { type: event.entry.type, source: event.entry.source };
  } catch {
    return { type: null, source: null };
  }
}
