import { decisionProblems, type Decision } from '@attesta/decisions';
import type { FieldProblem } from '@attesta/events';
import { Problem, Roles } from '@attesta/service-kit';
import { Body, Controller, HttpCode, Inject, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { DecisionBody, DecisionsBody } from './bodies.js';
import { Consent } from './consent.js';

@ApiTags('decisions')
@ApiBearerAuth()
@Controller('v1/decisions')
@Roles('publisher', 'dpo')
export class DecisionsController {
  constructor(@Inject(Consent) private readonly consent: Consent) {}

  @Post()
  @HttpCode(200)
  @ApiOperation({
    summary: 'May we collect, use or disclose data of this person for this purpose?',
    description: 'Answers allowed or denied, the basis, the consent to cite, until when it holds, and why in words. Nothing is recorded.',
  })
  async one(@Body() body: DecisionBody): Promise<Decision> {
    const [decision] = await this.decide([body], () => '');
    return decision!;
  }

  @Post('batch')
  @HttpCode(200)
  @ApiOperation({ summary: 'The same for up to 500 questions at once, answered in order' })
  async many(@Body() { requests }: DecisionsBody): Promise<{ decisions: Decision[] }> {
    return { decisions: await this.decide(requests, (i) => `/requests/${i}`) };
  }

  private async decide(bodies: readonly DecisionBody[], at: (i: number) => string): Promise<Decision[]> {
    const { policy, directory, decisions } = this.consent;
    const problems: FieldProblem[] = bodies.flatMap((body, i) => decisionProblems(body, policy, at(i)));
    if (problems.length > 0) throw Problem.invalid(problems.slice(0, 20));
    const asked = bodies.map((body, i) => ({ ...body, subject: directory.named(body.subject, `${at(i)}/subject`) }));
    const unknown = bodies.filter(({ purpose }) => !policy.purposes.has(purpose)).map(({ purpose }) => purpose);
    if (unknown.length > 0) await decisions.quarantine(unknown);
    return decisions.decide(asked);
  }
}
