import { canonical } from '@attesta/proof';
import { CurrentPrincipal, Problem, Roles, type Principal } from '@attesta/service-kit';
import { Body, Controller, Get, HttpCode, Inject, Param, ParseUUIDPipe, Post, Query, StreamableFile } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import type { Added } from './breach-people.js';
import { breachReportHtml } from './breach-report-html.js';
import { breachReportPdf } from './breach-report-pdf.js';
import { reportOf } from './breach-report.js';
import type { BreachView } from './breach-views.js';
import {
  AssessBody,
  AuthorityNotifiedBody,
  BreachBody,
  BreachPeopleBody,
  BreachReportQuery,
  CloseBreachBody,
  factsOf,
  ListBreachesQuery,
  NotNotifiedBody,
  PeopleNoticeBody,
  present,
  UpdateBreachBody,
  utc,
} from './breach.bodies.js';
import type { Command } from './breach.decider.js';
import type { Assessment, Closing } from './breach.state.js';
import { Breaches, type BreachCriteria } from './breaches.js';

const DPO_AND_AUDITOR = ['dpo', 'auditor'] as const;

/** The breach register (notice clause 6.1; PDPA s.37(4); GDPR Art. 33, 34). */
@ApiTags('breaches')
@ApiBearerAuth()
@Controller('v1/breaches')
@Roles('dpo')
export class BreachesController {
  constructor(@Inject(Breaches) private readonly breaches: Breaches) {}

  @Post()
  @ApiOperation({
    summary: 'Record a breach: the clocks of the authorities run from when the company became aware of it',
    description: 'A breach that is recorded after its deadline is overdue at once.',
  })
  record(@Body() body: BreachBody, @CurrentPrincipal() { sub }: Principal): Promise<BreachView> {
    const { id, discoveredAt } = body;
    return this.breaches.record({ ...factsOf(body), ...present({ id: id?.toLowerCase(), discoveredAt: utc(discoveredAt) }) }, sub);
  }

  @Get()
  @Roles(...DPO_AND_AUDITOR)
  @ApiOperation({ summary: 'Breaches with their clocks, the newest first' })
  async list(@Query() { limit, cursor, status }: ListBreachesQuery) {
    const rows = await this.breaches.list({ limit: limit + 1, ...present({ status, after: cursor?.toLowerCase() }) });
    const data = rows.slice(0, limit);
    const has_more = rows.length > limit;
    return { data, next_cursor: has_more ? data.at(-1)!.breach : null, has_more };
  }

  @Get(':id')
  @Roles(...DPO_AND_AUDITOR)
  @ApiOperation({ summary: 'A breach: what is known, what was decided, and how long there is' })
  one(@Param('id', new ParseUUIDPipe()) id: string): Promise<BreachView> {
    return this.breaches.view(this.breaches.host.pool, id.toLowerCase());
  }

  @Post(':id/update')
  @HttpCode(200)
  @ApiOperation({ summary: 'Say what is known now, in place of what was known before' })
  update(@Param('id', new ParseUUIDPipe()) id: string, @Body() body: UpdateBreachBody, @CurrentPrincipal() principal: Principal) {
    return this.handle(id, principal, { kind: 'update', facts: factsOf(body), ...present({ reason: body.reason }) });
  }

  @Post(':id/assess')
  @HttpCode(200)
  @ApiOperation({ summary: 'Assess the risk to people, perhaps anew' })
  assess(
    @Param('id', new ParseUUIDPipe()) id: string,
    @Body() { risk, reasons, consequences, measures, planned }: AssessBody,
    @CurrentPrincipal() principal: Principal,
  ) {
    const assessment = present<Assessment>({ risk, reasons, consequences, measures, planned });
    return this.handle(id, principal, { kind: 'assess', assessment });
  }

  @Post(':id/authority-notified')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Record that the authority was told',
    description: 'What comes late needs an explanation; it is recorded as late, never refused.',
  })
  authorityNotified(
    @Param('id', new ParseUUIDPipe()) id: string,
    @Body() { jurisdiction, at, phase, reference, explanation }: AuthorityNotifiedBody,
    @CurrentPrincipal() principal: Principal,
  ) {
    const rest = present<{ reference?: string; explanation?: string }>({ reference, explanation });
    return this.handle(id, principal, { kind: 'notify-authority', jurisdiction, at: utc(at), phase, ...rest });
  }

  @Post(':id/not-notified')
  @HttpCode(200)
  @ApiOperation({ summary: 'Record that no authority has to be told, while nobody is at risk' })
  notNotified(@Param('id', new ParseUUIDPipe()) id: string, @Body() { reason }: NotNotifiedBody, @CurrentPrincipal() principal: Principal) {
    return this.handle(id, principal, { kind: 'not-notify', reason });
  }

  @Post(':id/people')
  @HttpCode(200)
  @ApiOperation({ summary: 'Add people whom the breach concerns; the next notice has them told' })
  people(
    @Param('id', new ParseUUIDPipe()) id: string,
    @Body() { subjects }: BreachPeopleBody,
    @CurrentPrincipal() { sub }: Principal,
  ): Promise<Added> {
    return this.breaches.people.add(id.toLowerCase(), sub, subjects);
  }

  @Post(':id/notice')
  @HttpCode(200)
  @ApiOperation({ summary: 'Have people told: those who were named since the notice before, or those of whom data was collected' })
  notice(
    @Param('id', new ParseUUIDPipe()) id: string,
    @Body() { words, categories, collectedFrom, collectedUntil }: PeopleNoticeBody,
    @CurrentPrincipal() { sub }: Principal,
  ): Promise<BreachView> {
    if (!categories && (collectedFrom ?? collectedUntil) !== undefined) throw noCategories();
    const criteria = categories && {
      categories,
      ...present<Omit<BreachCriteria, 'categories'>>({ collectedFrom: utc(collectedFrom), collectedUntil: utc(collectedUntil) }),
    };
    return this.breaches.orderNotice(id.toLowerCase(), sub, { en: { ...words.en }, th: { ...words.th } }, criteria);
  }

  @Post(':id/close')
  @HttpCode(200)
  @ApiOperation({ summary: 'Close a breach of which everybody knows who has to' })
  close(
    @Param('id', new ParseUUIDPipe()) id: string,
    @Body() { reason, exemption }: CloseBreachBody,
    @CurrentPrincipal() { sub }: Principal,
  ): Promise<BreachView> {
    const given = exemption && present<NonNullable<Closing['exemption']>>({ ...exemption });
    return this.breaches.close(id.toLowerCase(), sub, { reason, ...(given && { exemption: given }) });
  }

  @Get(':id/report')
  @Roles(...DPO_AND_AUDITOR)
  @ApiProduces('application/json', 'text/html', 'application/pdf')
  @ApiOperation({ summary: 'What the authority asks to be told, in English and Thai, as JSON, HTML or PDF' })
  async report(
    @Param('id', new ParseUUIDPipe()) id: string,
    @Query() { jurisdiction, format }: BreachReportQuery,
  ): Promise<StreamableFile> {
    const report = reportOf(this.breaches.host.policy, await this.breaches.find(this.breaches.host.pool, id.toLowerCase()), jurisdiction);
    switch (format) {
      case 'json':
        return new StreamableFile(Buffer.from(canonical(report)), { type: 'application/json' });
      case 'html':
        return new StreamableFile(Buffer.from(breachReportHtml(report)), { type: 'text/html; charset=utf-8' });
      case 'pdf':
        return new StreamableFile(await breachReportPdf(report), { type: 'application/pdf' });
    }
  }

  private handle(id: string, { sub }: Principal, command: Command): Promise<BreachView> {
    return this.breaches.handle(id.toLowerCase(), sub, command);
  }
}

const noCategories = () =>
  Problem.invalid([
    { field: '/categories', code: 'missing-field', message: 'is needed with a time of collection', fix: 'Say of which data categories.' },
  ]);
