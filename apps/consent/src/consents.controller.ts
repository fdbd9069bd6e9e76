import { consequencesOf } from '@attesta/policy';
import { inForce, standingOf } from '@attesta/decisions';
import { CurrentPrincipal, OwnPerson, type Principal, Roles } from '@attesta/service-kit';
import { Body, Controller, HttpCode, Inject, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ChoiceBody, PreviewBody, QueryBody } from './bodies.js';
import { Choices, type ChoiceAnswer } from './choices.js';
import { Consent } from './consent.js';
import { momentOf } from './moment.js';
import { recordAt, standingsOf, type PurposeStanding } from './standings.js';

/** What withdrawing would lead to. */
export interface Preview {
  /** Purposes whose consent is in force, so that withdrawing changes something. */
  inForce: string[];
  consequences: { service: string; title: string; titleTh: string | null; effect: 'ends' | 'limited' }[];
  /** Withdrawing needs nothing of this. */
  note: string;
}

@ApiTags('consents')
@ApiBearerAuth()
@Controller('v1/consents')
@Roles('publisher', 'dpo', 'subject')
export class ConsentsController {
  constructor(
    @Inject(Consent) private readonly consent: Consent,
    @Inject(Choices) private readonly choices: Choices,
    @Inject(OwnPerson) private readonly own: OwnPerson,
  ) {}

  @Post()
  @ApiOperation({
    summary: 'Give, refuse or withdraw consent: one call each way',
    description:
      'Takes effect here at once and is sealed within a moment. A withdrawal answers with its consequences and is never held up by them. Idempotent by `id`.',
  })
  async choose(@Body() body: ChoiceBody, @CurrentPrincipal() principal: Principal): Promise<ChoiceAnswer> {
    const subject = await this.own.enrolled(body.subject, principal);
    return this.choices.take(subject, body, principal.sub);
  }

  @Post('preview')
  @HttpCode(200)
  @ApiOperation({ summary: 'What withdrawing would lead to (notice clause 8.4); changes nothing, and need not be asked' })
  async preview(@Body() { subject, purposes }: PreviewBody, @CurrentPrincipal() principal: Principal): Promise<Preview> {
    const id = await this.own.known(subject, principal);
    const at = this.consent.now().getTime();
    const record = await recordAt(this.consent, id, { at, known: at });
    const { policy } = this.consent;
    return {
      inForce: purposes.filter((purpose) => inForce(standingOf(record, { purpose, at }).status)),
      consequences: consequencesOf(policy, purposes).map(({ service, effect }) => {
        const { title, title_th } = policy.services.get(service)!;
        return { service, title, titleTh: title_th ?? null, effect };
      }),
      note: 'Withdrawing takes one call, POST /v1/consents with status withdrawn, whether or not this was asked.',
    };
  }

  @Post('query')
  @HttpCode(200)
  @ApiOperation({ summary: 'Where each purpose stands with a person, also as it stood and as it was known' })
  async query(
    @Body() body: QueryBody,
    @CurrentPrincipal() principal: Principal,
  ): Promise<{ subject: string | null; at: string; known: string; purposes: PurposeStanding[] }> {
    const subject = await this.own.known(body.subject, principal);
    const moment = momentOf(body, this.consent.now());
    const record = await recordAt(this.consent, subject, moment);
    return {
      subject: subject ?? null,
      at: new Date(moment.at).toISOString(),
      known: new Date(moment.known).toISOString(),
      purposes: standingsOf(record, this.consent.policy, moment.at),
    };
  }
}
