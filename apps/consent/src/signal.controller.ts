import { inForce } from '@attesta/decisions';
import type { Policy } from '@attesta/policy';
import { CurrentPrincipal, OwnPerson, type Principal, Problem, Roles } from '@attesta/service-kit';
import { Body, Controller, Headers, HttpCode, Inject, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiHeader, ApiOperation, ApiTags } from '@nestjs/swagger';
import { SignalBody } from './bodies.js';
import { Choices, type ChoiceAnswer } from './choices.js';
import { Consent } from './consent.js';
import { transition } from './consent.decider.js';
import { recordAt } from './standings.js';

/** What a signal changed. */
export interface SignalAnswer {
  /** Subject id; null for somebody nobody knows, of whom nothing is recorded. */
  subject: string | null;
  /** Purposes that such a signal is about. */
  purposes: string[];
  /** The withdrawal it made; null where none of them was consented to. */
  withdrawal: ChoiceAnswer | null;
}

/** Global Privacy Control: a browser says for its person that their data is not to be sold or shared. It takes away, and never gives. */
@ApiTags('consents')
@ApiBearerAuth()
@Controller('v1/consents/gpc')
@Roles('publisher', 'dpo', 'subject')
export class SignalController {
  constructor(
    @Inject(Consent) private readonly consent: Consent,
    @Inject(Choices) private readonly choices: Choices,
    @Inject(OwnPerson) private readonly own: OwnPerson,
  ) {}

  @Post()
  @HttpCode(200)
  @ApiHeader({ name: 'Sec-GPC', description: 'The signal, 1', required: true })
  @ApiOperation({
    summary: 'Honour the header Sec-GPC: 1: consents to sale, sharing and targeted advertising are withdrawn',
    description: 'The withdrawal is by method gpc, with the header and its time as evidence. Sent again it changes nothing.',
  })
  async signal(
    @Headers('sec-gpc') header: string | undefined,
    @Body() { subject, language }: SignalBody,
    @CurrentPrincipal() principal: Principal,
  ): Promise<SignalAnswer> {
    if (header !== '1') throw noSignal();
    const id = (await this.own.known(subject, principal)) ?? null;
    const policy = await this.consent.policies.refresh(this.consent.pool);
    const purposes = endedBySignal(policy);
    const consented = await this.consentedBy(id, policy);
    const ending = purposes.filter((purpose) => consented.has(purpose));
    if (id === null || ending.length === 0) return { subject: id, purposes, withdrawal: null };
    const withdrawal = await this.choices.take(
      id,
      {
        subject: id,
        purposes: ending,
        status: 'withdrawn',
        method: 'gpc',
        evidence: { kind: 'sec-gpc-header' },
        ...(language && { language }),
      },
      principal.sub,
    );
    return { subject: id, purposes, withdrawal };
  }

  /** Purposes with a consent in force, be it by one channel or for one category. */
  private async consentedBy(id: string | null, policy: Policy): Promise<ReadonlySet<string>> {
    const at = this.consent.now().getTime();
    const record = await recordAt(this.consent, id ?? undefined, { at, known: at });
    const scopes = Object.entries(transition({}, record, policy, at).after).filter(([, { status }]) => inForce(status));
    return new Set(scopes.map(([scope]) => scope.split('|', 1)[0]!));
  }
}

/** What the policy says a signal ends; of one that does not say, marketing. */
function endedBySignal({ purposes }: Policy): string[] {
  const all = [...purposes.values()];
  const marked = all.filter(({ optOutBySignal }) => optOutBySignal === true);
  return (marked.length > 0 ? marked : all.filter(({ marketing }) => marketing === true)).map(({ id }) => id);
}

const noSignal = (): Problem =>
  Problem.badRequest(
    'The request carries no Global Privacy Control signal.',
    'Send the header Sec-GPC: 1 where the browser sent it, or withdraw with POST /v1/consents.',
    undefined,
    'no-signal',
  );
