import type { IdentitySpan } from '@attesta/decisions';
import { AccessRecorder, CurrentPrincipal, type Principal, Problem, Roles } from '@attesta/service-kit';
import { Controller, Get, Inject, Param, ParseUUIDPipe, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Answers, type Answer } from './answers.js';
import { Audit } from './audit.js';
import { readCollections, type CollectionRow } from './collections.projection.js';
import { readDisclosures, type DisclosureRow } from './disclosures.projection.js';
import { recordOf } from './links.projection.js';
import type { Page } from './page.js';
import { PersonCollectionsQuery, PersonDisclosuresQuery, TimelineQuery } from './queries.js';
import { isKnown, readTimeline, type Recorded, type TimelineRow } from './timeline.projection.js';
import { withoutOthers } from './without-others.js';

interface PersonRead<T> {
  query: { as_of?: number; cursor?: number; limit: number; reason: string };
  action: string;
  resource: string;
  read: (id: string, page: Page) => Promise<Recorded<T>>;
}

/** A person's record: theirs, and what linked identities did while they were linked. Every look is an event before it is answered. */
@ApiTags('subjects')
@ApiBearerAuth()
@Controller('v1/subjects/:id')
@Roles('auditor', 'dpo', 'subject')
export class SubjectsController {
  constructor(
    @Inject(Audit) private readonly audit: Audit,
    @Inject(Answers) private readonly answers: Answers,
    @Inject(AccessRecorder) private readonly access: AccessRecorder,
  ) {}

  @Get('timeline')
  @ApiOperation({ summary: 'Everything sealed about a person, newest first' })
  timeline(
    @Param('id', new ParseUUIDPipe()) id: string,
    @Query() query: TimelineQuery,
    @CurrentPrincipal() principal: Principal,
  ): Promise<Answer<TimelineRow>> {
    const { type, from, to } = query;
    return this.readAbout(id, principal, {
      query,
      action: 'timeline.read',
      resource: 'GET /v1/subjects/:id/timeline',
      read: (id, page) => readTimeline(this.audit.pool, id, { ...page, type, from, to }),
    });
  }

  @Get('collections')
  @ApiOperation({ summary: 'What was collected about a person, from whom, how and why' })
  collections(
    @Param('id', new ParseUUIDPipe()) id: string,
    @Query() query: PersonCollectionsQuery,
    @CurrentPrincipal() principal: Principal,
  ): Promise<Answer<CollectionRow>> {
    return this.readAbout(id, principal, {
      query,
      action: 'collections.read',
      resource: 'GET /v1/subjects/:id/collections',
      read: (id, page) => this.recorded(id, page, (spans) => readCollections(this.audit.pool, { ...query, ...page, spans })),
    });
  }

  @Get('disclosures')
  @ApiOperation({ summary: 'To whom data about a person went' })
  disclosures(
    @Param('id', new ParseUUIDPipe()) id: string,
    @Query() query: PersonDisclosuresQuery,
    @CurrentPrincipal() principal: Principal,
  ): Promise<Answer<DisclosureRow>> {
    return this.readAbout(id, principal, {
      query,
      action: 'disclosures.read',
      resource: 'GET /v1/subjects/:id/disclosures',
      read: (id, page) =>
        this.recorded(id, page, (spans) => readDisclosures(this.audit.pool, this.audit.policy, { ...query, ...page, spans })),
    });
  }

  private async recorded<T>(id: string, { asOf }: Page, read: (spans: IdentitySpan[]) => Promise<T[]>): Promise<Recorded<T>> {
    const spans = await recordOf(this.audit.pool, id, asOf);
    return { rows: await read(spans), spans };
  }

  private async readAbout<T extends { position: number; subject: string | null }>(
    givenId: string,
    principal: Principal,
    { query, action, resource, read }: PersonRead<T>,
  ): Promise<Answer<T>> {
    const id = givenId.toLowerCase();
    const everybody = principal.roles.includes('auditor') || principal.roles.includes('dpo');
    if (!everybody && principal.subject?.toLowerCase() !== id) {
      throw Problem.forbidden('A data subject may read their own record only.', 'Use the subject id your token names.', 'not-your-record');
    }
    let own = new Set<string>();
    const answer = await this.answers.page(query, async (page) => {
      const { rows, spans } = await read(id, page);
      own = new Set(spans.map(({ subject }) => subject));
      return rows;
    });
    const known = answer.data.length > 0 || (await isKnown(this.audit.pool, id));
    // An id that nobody has cannot stand as the subject of an event.
    const { reason } = query;
    const rows = answer.data.length;
    await this.access.allowed(principal, { action, resource, subject: known ? id : undefined, reason, rows, asOf: answer.asOf.position });
    if (!known) {
      throw Problem.notFound('Nothing is sealed about this subject.', 'Subject ids come from POST /v1/subjects/lookup.', 'unknown-subject');
    }
    return everybody ? answer : { ...answer, data: answer.data.map((row) => withoutOthers(row, own)) };
  }
}
