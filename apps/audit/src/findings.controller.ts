import { AccessRecorder, CurrentPrincipal, Roles, type Principal } from '@attesta/service-kit';
import { retriedTransaction } from '@attesta/transport';
import { Body, Controller, Get, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Answers, cut, type Answer } from './answers.js';
import { Audit } from './audit.js';
import type { Command } from './finding-desk.decider.js';
import type { HistoryItem, OpenFinding } from './finding-desk.js';
import { AssignBody, FindingParam, FindingQuery, ReopenBody, ResolveBody } from './findings.bodies.js';
import { readFindings, type FindingView } from './findings.projection.js';
import { FindingsQuery } from './queries.js';
import type { AsOf } from './standing.js';
import { isKnown } from './timeline.projection.js';

/** A finding as it stands, with what was said of it and is not sealed yet. */
export interface FindingAnswer {
  finding: string;
  subject: string | null;
  state: FindingView['state'];
  assignee: string | null;
  outcome: string | null;
  resolution: string | null;
  version: number;
  /** Whether the registers have all of it. */
  sealed: boolean;
  history: HistoryItem[];
}

/** Findings, and dealing with them. Asked for one person, the look is recorded. */
@ApiTags('findings')
@ApiBearerAuth()
@Controller('v1/findings')
@Roles('auditor', 'dpo')
export class FindingsController {
  constructor(
    @Inject(Audit) private readonly audit: Audit,
    @Inject(Answers) private readonly answers: Answers,
    @Inject(AccessRecorder) private readonly access: AccessRecorder,
  ) {}

  @Get()
  @ApiOperation({ summary: 'Recorded facts that break a clause or a law, newest first' })
  async list(@Query() query: FindingsQuery, @CurrentPrincipal() principal: Principal): Promise<Answer<FindingView>> {
    const asOf = await this.answers.asOf(query.as_of);
    const { limit, rule, severity, state, assigned_to: assignee, reason } = query;
    const subject = query.subject?.toLowerCase();
    const page = { asOf: asOf.position, cursor: cursorOf(query.cursor), limit: limit + 1 };
    const rows = await readFindings(this.audit.pool, { ...page, rule, severity, state, assignee, subject });
    const answer = cut(rows, limit, asOf, ({ position, finding }) => `${position}:${finding}`);
    if (subject !== undefined) await this.recordLook(principal, 'GET /v1/findings', subject, answer, reason);
    return answer;
  }

  @Get(':finding')
  @ApiOperation({
    summary: 'A finding with all that happened to it',
    description:
      'Also what was said of it and is not sealed yet: that has no position. The look is recorded where the finding is about a person.',
  })
  async one(
    @Param() { finding }: FindingParam,
    @Query() { reason }: FindingQuery,
    @CurrentPrincipal() principal: Principal,
  ): Promise<FindingAnswer & { entry: FindingView | null; asOf: AsOf }> {
    const asOf = await this.answers.asOf();
    const open = await this.audit.desk.find(this.audit.pool, finding);
    const data = await readFindings(this.audit.pool, { asOf: asOf.position, limit: 1, finding });
    if (open.subject !== null) await this.recordLook(principal, 'GET /v1/findings/:finding', open.subject, { data, asOf }, reason);
    return { ...answerOf(open), entry: data[0] ?? null, asOf };
  }

  @Post(':finding/assign')
  @HttpCode(200)
  @ApiOperation({ summary: 'Say who is to deal with a finding' })
  assign(@Param() param: FindingParam, @Body() { to, note, version }: AssignBody, @CurrentPrincipal() principal: Principal) {
    return this.handle(param, { kind: 'assign', to, note }, principal, version);
  }

  @Post(':finding/resolve')
  @HttpCode(200)
  @Roles('dpo')
  @ApiOperation({
    summary: 'Close a finding with what it came to, and the reason',
    description:
      'The data protection officer alone: whoever audits says that something is wrong, and must not be the one who declares it mended. ' +
      'An auditor who disagrees reopens it.',
  })
  resolve(
    @Param() param: FindingParam,
    @Body() { outcome, reason, positions, version }: ResolveBody,
    @CurrentPrincipal() principal: Principal,
  ) {
    return this.handle(param, { kind: 'resolve', outcome, reason, positions }, principal, version);
  }

  @Post(':finding/reopen')
  @HttpCode(200)
  @ApiOperation({ summary: 'Open a resolved finding again, with the reason' })
  reopen(@Param() param: FindingParam, @Body() { reason, version }: ReopenBody, @CurrentPrincipal() principal: Principal) {
    return this.handle(param, { kind: 'reopen', reason }, principal, version);
  }

  private async handle({ finding }: FindingParam, command: Command, { sub }: Principal, version?: number): Promise<FindingAnswer> {
    return answerOf(await retriedTransaction(this.audit.pool, (tx) => this.audit.desk.handle(tx, finding, command, sub, version)));
  }

  private async recordLook(
    principal: Principal,
    resource: string,
    subject: string,
    { data, asOf }: Pick<Answer<FindingView>, 'data' | 'asOf'>,
    reason: string | undefined,
  ): Promise<void> {
    const known = await isKnown(this.audit.pool, subject);
    const look = {
      action: 'findings.read',
      resource,
      subject: known ? subject : undefined,
      reason,
      rows: data.length,
      asOf: asOf.position,
    };
    await this.access.allowed(principal, look);
  }
}

function answerOf({ finding, subject, state, history, version }: OpenFinding): FindingAnswer {
  const resolution = state.state === 'resolved' ? state.resolution : undefined;
  return {
    finding,
    subject,
    state: state.state,
    assignee: state.assignment?.to ?? null,
    outcome: resolution?.outcome ?? null,
    resolution: resolution?.reason ?? null,
    version,
    sealed: history.every(({ position }) => position !== null),
    history,
  };
}

function cursorOf(cursor: string | undefined): { position: number; finding: string } | undefined {
  if (cursor === undefined) return undefined;
  const colon = cursor.indexOf(':');
  return { position: Number(cursor.slice(0, colon)), finding: cursor.slice(colon + 1) };
}
