import { AccessRecorder, CurrentPrincipal, type Principal, Roles } from '@attesta/service-kit';
import { Controller, Get, Inject, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { readAccessLog, type AccessRow } from './access-log.projection.js';
import { Answers, type Answer } from './answers.js';
import { Audit } from './audit.js';
import { readBreaches, type BreachRow } from './breaches.projection.js';
import { readCollections, type CollectionRow } from './collections.projection.js';
import { readDisclosures, type DisclosureRow } from './disclosures.projection.js';
import { recordOf } from './links.projection.js';
import { readMessages, type MessageRow } from './messages.projection.js';
import type { Page } from './page.js';
import { AccessLogQuery, AllCollectionsQuery, AllDisclosuresQuery, BreachesQuery, MessagesQuery, RecipientsQuery } from './queries.js';
import { readRecipients, type RecipientRow } from './recipients.projection.js';
import { isKnown } from './timeline.projection.js';

/** The registers, over everybody. Asked for one person, the look is recorded. */
@ApiTags('registers')
@ApiBearerAuth()
@Controller('v1')
@Roles('auditor', 'dpo')
export class RegistersController {
  constructor(
    @Inject(Audit) private readonly audit: Audit,
    @Inject(Answers) private readonly answers: Answers,
    @Inject(AccessRecorder) private readonly access: AccessRecorder,
  ) {}

  @Get('collections')
  @ApiOperation({ summary: 'What was collected, newest first' })
  async collections(@Query() query: AllCollectionsQuery, @CurrentPrincipal() principal: Principal): Promise<Answer<CollectionRow>> {
    const answer = await this.answers.page(query, async (page) =>
      readCollections(this.audit.pool, { ...query, ...page, spans: await this.spans(query.subject, page) }),
    );
    return this.recorded(answer, principal, query, 'collections');
  }

  @Get('disclosures')
  @ApiOperation({ summary: 'What was disclosed to whom, newest first' })
  async disclosures(@Query() query: AllDisclosuresQuery, @CurrentPrincipal() principal: Principal): Promise<Answer<DisclosureRow>> {
    const answer = await this.answers.page(query, async (page) =>
      readDisclosures(this.audit.pool, this.audit.policy, { ...query, ...page, spans: await this.spans(query.subject, page) }),
    );
    return this.recorded(answer, principal, query, 'disclosures');
  }

  @Get('recipients')
  @ApiOperation({ summary: 'Every party of the policy, and how much went to it' })
  async recipients(@Query() { as_of }: RecipientsQuery): Promise<Answer<RecipientRow>> {
    const asOf = await this.answers.asOf(as_of);
    const data = await readRecipients(this.audit.pool, this.audit.policy, asOf.position);
    return { data, next_cursor: null, has_more: false, asOf };
  }

  @Get('access-log')
  @ApiOperation({ summary: 'Who looked at personal data or was refused, newest first' })
  async accessLog(@Query() query: AccessLogQuery, @CurrentPrincipal() principal: Principal): Promise<Answer<AccessRow>> {
    const subject = query.subject?.toLowerCase();
    const answer = await this.answers.page(query, (page) => readAccessLog(this.audit.pool, { ...query, ...page, subject }));
    return this.recorded(answer, principal, query, 'access-log');
  }

  @Get('register/messages')
  @ApiOperation({ summary: 'What became of messages to people, newest first; neither what they said nor where they went' })
  async messages(@Query() query: MessagesQuery, @CurrentPrincipal() principal: Principal): Promise<Answer<MessageRow>> {
    const answer = await this.answers.page(query, async (page) =>
      readMessages(this.audit.pool, { ...query, ...page, spans: await this.spans(query.subject, page) }),
    );
    return this.recorded(answer, principal, query, 'messages', 'register/messages');
  }

  @Get('register/breaches')
  @ApiOperation({ summary: 'What was recorded of breaches and done about them, newest first' })
  async breaches(@Query() query: BreachesQuery, @CurrentPrincipal() principal: Principal): Promise<Answer<BreachRow>> {
    const answer = await this.answers.page(query, async (page) =>
      readBreaches(this.audit.pool, { ...query, ...page, spans: await this.spans(query.subject, page) }),
    );
    return this.recorded(answer, principal, query, 'breaches', 'register/breaches');
  }

  private async spans(subject: string | undefined, page: Page) {
    return subject === undefined ? undefined : recordOf(this.audit.pool, subject.toLowerCase(), page.asOf);
  }

  private async recorded<T>(
    answer: Answer<T>,
    principal: Principal,
    { subject, reason }: { subject?: string; reason?: string },
    register: string,
    path = register,
  ): Promise<Answer<T>> {
    if (subject === undefined) return answer;
    const id = subject.toLowerCase();
    const known = await isKnown(this.audit.pool, id);
    await this.access.allowed(principal, {
      action: `${register}.read`,
      resource: `GET /v1/${path}`,
      subject: known ? id : undefined,
      reason,
      rows: answer.data.length,
      asOf: answer.asOf.position,
    });
    return answer;
  }
}
