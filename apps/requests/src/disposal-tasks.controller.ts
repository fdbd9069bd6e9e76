import { CurrentPrincipal, Problem, Roles, type Principal } from '@attesta/service-kit';
import { Body, Controller, Get, HttpCode, Inject, Post, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { DisposalTasksQuery, SettleBody } from './bodies.js';
import type { DisposalTask } from './disposal-tasks.js';
import { Id } from './lower-uuid.pipe.js';
import { Requests } from './requests.js';

/** What systems and recipients still have to do for disposals that nobody asked for. */
@ApiTags('requests')
@ApiBearerAuth()
@Controller('v1/disposal-tasks')
export class DisposalTasksController {
  constructor(@Inject(Requests) private readonly requests: Requests) {}

  @Get()
  @Roles('dpo', 'auditor')
  @ApiOperation({ summary: 'Open tasks of disposals, the most urgent first; or all tasks of one disposal. No personal values' })
  async list(
    @Query() { disposal, cursor, limit }: DisposalTasksQuery,
  ): Promise<{ data: DisposalTask[]; next_cursor: string | null; has_more: boolean }> {
    const after = cursor === undefined ? undefined : readCursor(cursor);
    const found = await this.requests.disposalTasks.list(disposal, after, limit + 1);
    const data = found.slice(0, limit);
    const last = found.length > limit ? data.at(-1) : undefined;
    return {
      data,
      next_cursor: last ? Buffer.from(`${last.dueAt} ${last.task}`).toString('base64url') : null,
      has_more: last !== undefined,
    };
  }

  @Post(':task/settle')
  @Roles('dpo')
  @HttpCode(200)
  @ApiOperation({ summary: 'Settle a task by hand, with the reason: nothing stays stuck' })
  settle(
    @Id('task') task: string,
    @Body() { reason, acknowledged = false }: SettleBody,
    @CurrentPrincipal() { sub }: Principal,
  ): Promise<DisposalTask> {
    return this.requests.disposalTasks.settle(task, sub, { reason, acknowledged });
  }
}

function readCursor(cursor: string): { due: string; task: string } {
  const [, due, task] =
    /^(\d{4}-[\dT:.-]+Z) ([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/.exec(Buffer.from(cursor, 'base64url').toString()) ?? [];
  if (due === undefined || task === undefined || Number.isNaN(Date.parse(due))) {
    throw Problem.invalid([
      { field: '/cursor', code: 'bad-cursor', message: 'is not a cursor of this list', fix: 'send next_cursor as it came, or none' },
    ]);
  }
  return { due, task };
}
