import type { FulfilmentTask } from '@attesta/sdk';
import { CurrentPrincipal, findHostileJson, maySpeakFor, Problem, Roles, type Principal } from '@attesta/service-kit';
import { Body, Controller, Get, HttpCode, Inject, Post, Query, type BeforeApplicationShutdown } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { TasksQuery } from './bodies.js';
import { Id } from './lower-uuid.pipe.js';
import { Requests } from './requests.js';
import { noSuchTask } from './tasks.js';

/** Bytes of an answer; `/v1/fulfilment` gets raw bodies. */
export const ANSWER_LIMIT = 16 * 1024 * 1024;
const LOOK_MS = 250;

/** How connected systems fetch their tasks and answer them. */
@ApiTags('fulfilment')
@ApiBearerAuth()
@Controller('v1/fulfilment/tasks')
export class FulfilmentController implements BeforeApplicationShutdown {
  private closing = false;

  constructor(@Inject(Requests) private readonly requests: Requests) {}

  /** Whoever waits for a task hears that there is none. */
  beforeApplicationShutdown(): void {
    this.closing = true;
  }

  @Get()
  @Roles('publisher')
  @ApiOperation({ summary: 'Open tasks of a system, oldest first; waits for one when asked to' })
  async open(
    @Query() { system, wait_ms, limit }: TasksQuery,
    @CurrentPrincipal() principal: Principal,
  ): Promise<{ data: FulfilmentTask[] }> {
    await this.speaksFor(system, principal);
    for (const until = Date.now() + wait_ms; ; await new Promise((wake) => setTimeout(wake, LOOK_MS))) {
      const data = await this.requests.tasks.openOf(system, limit);
      if (data.length > 0 || this.closing || Date.now() >= until) return { data };
    }
  }

  @Get(':task')
  @Roles('publisher')
  @ApiOperation({ summary: 'A task that waits for its answer' })
  async one(@Id('task') id: string, @CurrentPrincipal() principal: Principal): Promise<FulfilmentTask> {
    const task = await this.requests.tasks.find(id);
    if (!task) throw noSuchTask();
    await this.speaksFor(task.system, principal);
    return task;
  }

  @Post(':task/answer')
  @Roles('publisher')
  @HttpCode(200)
  @ApiOperation({ summary: 'Answer a task: data, done, nothing-held or failed; the same answer again changes nothing' })
  async answer(
    @Id('task') task: string,
    @Body() body: Buffer,
    @CurrentPrincipal() principal: Principal,
  ): Promise<{ task: string; status: 'recorded' | 'duplicate' }> {
    const system = await this.requests.tasks.systemOf(task);
    if (system === undefined) throw noSuchTask();
    await this.speaksFor(system, principal);
    return { task, status: await this.requests.tasks.answer(task, readJson(body), principal.sub) };
  }

  /** @throws Problem 403: whether a system exists is told to those alone who may speak for it */
  private async speaksFor(system: string, principal: Principal): Promise<void> {
    const found = await this.requests.systems.find(system);
    if (!found || !maySpeakFor(principal, found.source)) {
      throw Problem.forbidden(
        'The token does not speak for this system.',
        'Use a token whose sources cover the source that the system was registered with.',
        'source-not-yours',
      );
    }
  }
}

function readJson(body: Buffer): unknown {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    throw Problem.badRequest('The body is not JSON in UTF-8.', 'Send one JSON object.', undefined, 'malformed-json');
  }
  if (typeof value !== 'object' || value === null)
    throw Problem.badRequest('The body is no object.', 'Send one JSON object.', undefined, 'malformed-json');
  const hostile = findHostileJson(value);
  if (hostile.length > 0) throw Problem.invalid(hostile);
  return value;
}
