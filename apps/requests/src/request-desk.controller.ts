import { AccessRecorder, CurrentPrincipal, type Principal, Roles } from '@attesta/service-kit';
import { Body, Controller, HttpCode, Inject, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { AcceptBody, AttestBody, ClarificationBody, ExtendBody, LookBody, RejectBody, ReopenBody, SettleBody } from './bodies.js';
import { Id } from './lower-uuid.pipe.js';
import type { Command } from './request.decider.js';
import { rowOf, viewOf, type RequestView } from './request-views.js';
import { Requests } from './requests.js';

/** The data subject's rights (notice clause 7), seen through by the data protection officer. */
@ApiTags('requests')
@ApiBearerAuth()
@Controller('v1/requests')
@Roles('dpo')
export class RequestDeskController {
  constructor(
    @Inject(Requests) private readonly requests: Requests,
    @Inject(AccessRecorder) private readonly access: AccessRecorder,
  ) {}

  @Post(':id/details')
  @HttpCode(200)
  @ApiOperation({ summary: 'What the person wrote and is known by; the look is recorded' })
  async details(@Id() id: string, @Body() { reason }: LookBody, @CurrentPrincipal() principal: Principal) {
    const { subject } = await rowOf(this.requests, id);
    await this.access.allowed(principal, { action: 'request.details', resource: 'POST /v1/requests/:id/details', subject, reason });
    return (await this.requests.confidential(this.requests.pool, id)) ?? { identifiers: [], texts: [] };
  }

  @Post(':id/identity/attest')
  @HttpCode(200)
  @ApiOperation({ summary: 'The data protection officer has seen documents' })
  attest(@Id() id: string, @Body() { outcome, evidence }: AttestBody, @CurrentPrincipal() { sub }: Principal): Promise<RequestView> {
    return this.carryOut(
      id,
      sub,
      outcome === 'verified'
        ? { kind: 'verify-identity', method: 'documents', ...(evidence && { evidence: { ...evidence } }) }
        : { kind: 'fail-identity', method: 'documents', reason: 'documents-insufficient' },
    );
  }

  @Post(':id/clarification')
  @HttpCode(200)
  @ApiOperation({ summary: 'Ask the person what they mean (notice clause 8.3)' })
  clarify(@Id() id: string, @Body() { question }: ClarificationBody, @CurrentPrincipal() { sub }: Principal): Promise<RequestView> {
    return this.carryOut(id, sub, { kind: 'require', justification: 'information', reason: question });
  }

  @Post(':id/accept')
  @HttpCode(200)
  @ApiOperation({ summary: 'Accept, in part where categories are refused; every system that holds data is asked' })
  async accept(@Id() id: string, @Body() { refused = [] }: AcceptBody, @CurrentPrincipal() { sub }: Principal): Promise<RequestView> {
    await this.requests.tasks.accept(id, sub, { refused: refused.map(({ category, ground }) => ({ category, ground })) });
    return this.view(id);
  }

  @Post(':id/reject')
  @HttpCode(200)
  @ApiOperation({ summary: 'Refuse, on a ground of the law (notice clauses 7.8, 8.6)' })
  reject(@Id() id: string, @Body() { ground = '', reason }: RejectBody, @CurrentPrincipal() { sub }: Principal): Promise<RequestView> {
    return this.carryOut(id, sub, { kind: 'reject', ground, reason });
  }

  @Post(':id/extend')
  @HttpCode(200)
  @ApiOperation({ summary: 'Announce when it will be done, and why it takes longer (notice clause 8.5, GDPR Art. 12(3))' })
  extend(@Id() id: string, @Body() { until, reason }: ExtendBody, @CurrentPrincipal() { sub }: Principal): Promise<RequestView> {
    return this.carryOut(id, sub, { kind: 'extend', until: new Date(until).toISOString(), reason });
  }

  @Post(':id/give-up')
  @HttpCode(200)
  @ApiOperation({ summary: 'Close a request whose person does not answer or cannot prove who they are' })
  giveUp(@Id() id: string, @CurrentPrincipal() { sub }: Principal): Promise<RequestView> {
    return this.carryOut(id, sub, { kind: 'give-up' });
  }

  @Post(':id/reopen')
  @HttpCode(200)
  @ApiOperation({ summary: 'Open an ended request again, as after a complaint' })
  reopen(@Id() id: string, @Body() { reason, complaint }: ReopenBody, @CurrentPrincipal() { sub }: Principal): Promise<RequestView> {
    return this.carryOut(id, sub, { kind: 'reopen', reason, complaint });
  }

  @Post(':id/tasks/:task/settle')
  @HttpCode(200)
  @ApiOperation({ summary: "Settle a system's task by hand, with the reason: nothing stays stuck" })
  async settle(
    @Id() id: string,
    @Id('task') task: string,
    @Body() { reason, acknowledged = false }: SettleBody,
    @CurrentPrincipal() { sub }: Principal,
  ): Promise<RequestView> {
    await this.requests.tasks.settle(id, task, sub, { reason, acknowledged });
    return this.view(id);
  }

  private async carryOut(id: string, actor: string | undefined, command: Command): Promise<RequestView> {
    await this.requests.handle(id, actor, command);
    return this.view(id);
  }

  private async view(id: string): Promise<RequestView> {
    return viewOf(this.requests, await rowOf(this.requests, id));
  }
}
