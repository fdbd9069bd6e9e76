import { CurrentPrincipal, type Principal, Roles } from '@attesta/service-kit';
import { Controller, Get, Inject, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Answers, type Answer } from './answers.js';
import { Audit } from './audit.js';
import { readChoices, type ChoiceRow } from './choices.projection.js';
import { readDisposals, type DisposalLine } from './disposal-lines.js';
import { readHolds, type HoldLine } from './hold-lines.js';
import { PersonAccess, type SubjectFilter } from './person-access.js';
import { ConsentsQuery, DisposalsQuery, HoldsQuery, RequestsQuery } from './register-queries.js';
import type { RequestLine } from './request-line.js';
import { readRequests } from './request-lines.js';

export interface RequestRegister extends Answer<RequestLine> {
  /** The instant that lateness is counted to. */
  at: string;
}

/** Registers of what was chosen, asked for, destroyed and held, over everybody. Asked for one person, the look is recorded. */
@ApiTags('registers')
@ApiBearerAuth()
@Controller('v1/register')
@Roles('auditor', 'dpo')
export class AnswerRegistersController {
  constructor(
    @Inject(Audit) private readonly audit: Audit,
    @Inject(Answers) private readonly answers: Answers,
    @Inject(PersonAccess) private readonly people: PersonAccess,
  ) {}

  @Get('consents')
  @ApiOperation({ summary: 'Every choice about consent, newest first' })
  async consents(@Query() query: ConsentsQuery, @CurrentPrincipal() principal: Principal): Promise<Answer<ChoiceRow>> {
    const answer = await this.answers.page(query, async (page) =>
      readChoices(this.audit.pool, { ...query, ...page, spans: await this.people.spansFor(query, page.asOf) }),
    );
    return this.recorded(answer, principal, query, 'consents');
  }

  @Get('requests')
  @ApiOperation({
    summary: 'Requests of data subjects, newest first: what was asked, by when it has to be done, and how it ended',
    description:
      'A line for each request, put together from what was sealed of it up to `as_of` and happened up to `at`. PDPA s.39, GDPR Art. 12.',
  })
  async requests(@Query() query: RequestsQuery, @CurrentPrincipal() principal: Principal): Promise<RequestRegister> {
    const at = query.at === undefined ? this.audit.now() : new Date(query.at);
    const { right, status, state, request } = query;
    const overdue = query.overdue === undefined ? undefined : query.overdue === 'true';
    const answer = await this.answers.page(query, async (page) => {
      const spans = await this.people.spansFor(query, page.asOf);
      const wanted = { right, status, state, overdue, request, spans, at: at.getTime() };
      return readRequests(this.audit.pool, this.audit.policy, { ...page, ...wanted });
    });
    return { at: at.toISOString(), ...(await this.recorded(answer, principal, query, 'requests')) };
  }

  @Get('disposals')
  @ApiOperation({
    summary: 'What was destroyed or is being destroyed, newest first: by which rule, what survived, and how far it is',
    description: 'A line for each disposal, put together from what was sealed of it. PDPA s.33, s.37(3), GDPR Art. 5(1)(e), 17.',
  })
  async disposals(@Query() query: DisposalsQuery, @CurrentPrincipal() principal: Principal): Promise<Answer<DisposalLine>> {
    const answer = await this.answers.page(query, async (page) =>
      readDisposals(this.audit.pool, { ...query, ...page, spans: await this.people.spansFor(query, page.asOf) }),
    );
    return this.recorded(answer, principal, query, 'disposals');
  }

  @Get('holds')
  @ApiOperation({ summary: 'Legal holds, newest first, and whether they stand; those on everybody count for each person' })
  async holds(@Query() query: HoldsQuery, @CurrentPrincipal() principal: Principal): Promise<Answer<HoldLine>> {
    const answer = await this.answers.page(query, async (page) => {
      const spans = await this.people.spansFor(query, page.asOf);
      return readHolds(this.audit.pool, { ...page, state: query.state, subjects: spans?.map(({ subject }) => subject) });
    });
    return this.recorded(answer, principal, query, 'holds');
  }

  private async recorded<T>(answer: Answer<T>, principal: Principal, query: SubjectFilter, register: string): Promise<Answer<T>> {
    const look = { action: `${register}.read`, resource: `GET /v1/register/${register}` };
    await this.people.listed(principal, query, { ...look, rows: answer.data.length, asOf: answer.asOf.position });
    return answer;
  }
}
