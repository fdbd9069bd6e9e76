import { timingSafeEqual } from 'node:crypto';
import {
  AccessRecorder,
  CurrentPrincipal,
  happenedAt,
  isOnlySubject,
  OwnPerson,
  type Principal,
  Problem,
  Public,
  Roles,
} from '@attesta/service-kit';
import { Body, Controller, Get, HttpCode, Inject, Post, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { AnswerBody, CodeBody, ListQuery, OwnListQuery, ReceiptBody, RequestBody } from './bodies.js';
import { receiptDigest, type Taken } from './intake.js';
import { Id } from './lower-uuid.pipe.js';
import { ownSteps, type OwnStep } from './own-steps.js';
import { isAddressOf } from './proved-address.js';
import { streamOf } from './request-store.js';
import { ownViewOf, page, rowOf, viewOf, type OwnView, type Page, type RequestRow, type RequestView } from './request-views.js';
import { noSuchRequest, Requests } from './requests.js';
import type { PackageLink } from './packages.js';

const officers = ['dpo', 'auditor'] as const;

/** The data subject's rights (notice clause 7), as those ask for them whose they are. */
@ApiTags('requests')
@ApiBearerAuth()
@Controller('v1/requests')
export class RequestsController {
  constructor(
    @Inject(Requests) private readonly requests: Requests,
    @Inject(OwnPerson) private readonly own: OwnPerson,
    @Inject(AccessRecorder) private readonly access: AccessRecorder,
  ) {}

  @Post()
  @Public()
  @HttpCode(202)
  @ApiOperation({
    summary: 'Ask for one of the rights; the data protection officer also for somebody who wrote, called or came',
    description:
      'Without a token, a one-time code goes to the e-mail address, and the receipt opens the request. The answer is the same whether the person is known or not. Idempotent by `id`.',
  })
  async ask(@Body() body: RequestBody, @CurrentPrincipal() principal?: Principal): Promise<Taken> {
    const isOfficer = principal?.roles.includes('dpo') === true;
    // Whoever holds a token and is not the officer speaks for themself.
    const isOwn = principal !== undefined && !isOfficer;
    const byAddress = body.email ? `email|${body.email}` : undefined;
    const { id, subject = isOwn ? (principal.subject ?? byAddress) : byAddress, channel, receivedAt, identity, ...asked } = body;
    if (subject === undefined || subject === '') throw nobodyNamed();
    if (!isOfficer && (channel ?? receivedAt ?? identity) !== undefined) throw officersOnly();
    if (isOwn && !isOnlySubject(principal)) throw notForOthers();
    const about = isOwn ? await this.own.enrolled(subject, principal) : subject;
    if (isOwn && byAddress !== undefined && !(await isAddressOf(this.requests, byAddress, about))) throw notYourAddress();
    return this.requests.intake.take({
      ...plain(asked),
      right: body.right,
      subject: about,
      identifiers: [...(body.identifiers?.map(({ scheme, value }) => ({ scheme, value })) ?? []), ...clearly(isOwn ? subject : undefined)],
      channel: channel ?? 'form',
      ...(receivedAt !== undefined && { receivedAt: Date.parse(happenedAt(receivedAt, this.requests.now())) }),
      ...(id !== undefined && { cause: `${principal?.sub ?? 'public'}\n${id}` }),
      ...(principal && { actor: principal.sub }),
      ...(isOwn && { proved: { method: principal.provedBy ?? ('account' as const) } }),
      ...(identity && { proved: { method: 'documents' as const, ...(identity.evidence && { evidence: { ...identity.evidence } }) } }),
    });
  }

  @Get()
  @Roles(...officers)
  @ApiOperation({ summary: 'Requests, the most urgent first; no personal values' })
  list(@Query() query: ListQuery) {
    return page(this.requests, query);
  }

  @Get('own')
  @Roles('subject')
  @ApiOperation({ summary: 'One’s own requests, the most urgent first' })
  async listOwn(@Query() query: OwnListQuery, @CurrentPrincipal() principal: Principal): Promise<Page<OwnView>> {
    const subject = await this.own.self(principal);
    if (subject === undefined) return { data: [], next_cursor: null, has_more: false };
    const found = await page(this.requests, { ...query, subject });
    return { ...found, data: found.data.map(({ subject: _subject, ...view }) => view) };
  }

  @Get(':id')
  @Roles(...officers, 'subject')
  @ApiOperation({ summary: 'A request, its deadline and what each system did' })
  async one(@Id() id: string, @CurrentPrincipal() principal: Principal): Promise<RequestView> {
    const row = await rowOf(this.requests, id);
    if (!officers.some((role) => principal.roles.includes(role))) await this.requireOwn(row.subject, principal);
    if (!isOnlySubject(principal))
      await this.access.allowed(principal, { action: 'request.read', resource: 'GET /v1/requests/:id', subject: row.subject });
    return viewOf(this.requests, row);
  }

  @Post(':id/status')
  @Public()
  @HttpCode(200)
  @ApiOperation({ summary: 'The same to whoever holds the receipt, and what happened so far' })
  async status(
    @Id() id: string,
    @Body() body: ReceiptBody,
    @CurrentPrincipal() principal?: Principal,
  ): Promise<OwnView & { history: OwnStep[] }> {
    const view = ownViewOf(this.requests, await this.opened(id, body, principal));
    return { ...view, history: ownSteps(await this.requests.log.readStream(streamOf(id)), this.requests.policy) };
  }

  @Post(':id/code')
  @Public()
  @HttpCode(202)
  @ApiOperation({ summary: 'Another one-time code; the one before is void' })
  async code(@Id() id: string, @Body() body: ReceiptBody, @CurrentPrincipal() principal?: Principal): Promise<{ request: string }> {
    await this.opened(id, body, principal);
    const confidential = await this.requests.confidential(this.requests.pool, id);
    if (confidential) await this.requests.handle(id, undefined, (request, tx) => this.requests.identity.issue(tx, request, confidential));
    return { request: id };
  }

  @Post(':id/identity')
  @Public()
  @HttpCode(200)
  @ApiOperation({ summary: 'Prove to be the person by the code that was sent' })
  async prove(@Id() id: string, @Body() body: CodeBody, @CurrentPrincipal() principal?: Principal): Promise<OwnView> {
    await this.opened(id, body, principal);
    await this.requests.identity.prove(id, body.code);
    return ownViewOf(this.requests, await rowOf(this.requests, id));
  }

  @Post(':id/answer')
  @Public()
  @HttpCode(200)
  @ApiOperation({ summary: 'What the person answers to a question; the request goes on' })
  async answer(@Id() id: string, @Body() body: AnswerBody, @CurrentPrincipal() principal?: Principal): Promise<OwnView> {
    await this.opened(id, body, principal);
    await this.requests.handle(id, principal?.sub, async (request, tx) => {
      request.decide({ kind: 'answer' }, principal?.sub);
      const confidential = await this.requests.confidential(tx, id);
      if (!confidential || body.text === undefined) return;
      await this.requests.keepConfidential(tx, id, { ...confidential, texts: [...confidential.texts, body.text] });
    });
    return ownViewOf(this.requests, await rowOf(this.requests, id));
  }

  @Post(':id/withdraw')
  @Public()
  @HttpCode(200)
  @ApiOperation({ summary: 'The person no longer asks for it' })
  async withdraw(@Id() id: string, @Body() body: ReceiptBody, @CurrentPrincipal() principal?: Principal): Promise<OwnView> {
    await this.opened(id, body, principal);
    await this.requests.handle(id, principal?.sub, { kind: 'withdraw' });
    return ownViewOf(this.requests, await rowOf(this.requests, id));
  }

  @Post(':id/package')
  @Public()
  @HttpCode(200)
  @ApiOperation({ summary: 'The one-time link to the package; drawn once, by whoever the request is from, or the data protection officer' })
  async package(@Id() id: string, @Body() body: ReceiptBody, @CurrentPrincipal() principal?: Principal): Promise<PackageLink> {
    const { state } = await this.opened(id, body, principal);
    if (state.identity !== 'verified') throw noSuchRequest();
    return this.requests.packages.draw(id);
  }

  /** Another role beside `subject` opens nobody else's requests. @throws Problem 403 */
  private requireOwn(subject: string, principal: Principal): Promise<void> {
    return this.own.require(subject, { ...principal, roles: ['subject'] });
  }

  /** A request for the officer, for the person it is about, or for whoever holds its receipt; for everybody else there is none. */
  private async opened(id: string, { receipt }: ReceiptBody, principal: Principal | undefined): Promise<RequestRow> {
    const row = await rowOf(this.requests, id);
    if (principal?.roles.includes('dpo')) return row;
    if (principal?.roles.includes('subject')) {
      await this.requireOwn(row.subject, principal);
      return row;
    }
    const opens = receipt !== undefined && row.receipt !== null && same(row.receipt, receiptDigest(receipt));
    if (!opens) throw noSuchRequest();
    return row;
  }
}

const same = (a: string, b: string): boolean => a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));

function plain({ email, language, jurisdiction, purposes, channels, categories, ground, changes, text, evidence }: Partial<RequestBody>) {
  return {
    email,
    language,
    jurisdiction,
    purposes,
    channels,
    categories,
    ground,
    changes: changes?.map(({ category, field, value }) => ({ category, field, value })),
    text,
    evidence: evidence && { ...evidence },
  };
}

/** A clear identifier, which systems can find a person by. */
function clearly(subject: string | undefined): { scheme: string; value: string }[] {
  const bar = subject?.indexOf('|') ?? -1;
  return subject === undefined || bar < 0 ? [] : [{ scheme: subject.slice(0, bar), value: subject.slice(bar + 1) }];
}

const nobodyNamed = () =>
  Problem.invalid([{ field: '/subject', code: 'missing-field', message: 'nobody is named', fix: 'send subject, or an e-mail address' }]);
const notYourAddress = () =>
  Problem.forbidden(
    'The address is not known to be yours.',
    'Leave email out, or prove it first with POST /v1/sessions and send the request with that token.',
    'not-your-address',
  );
const officersOnly = () =>
  Problem.forbidden(
    'Only the data protection officer says how and when a request came, and who it is from.',
    'Leave channel, receivedAt and identity out.',
    'role-required',
  );
const notForOthers = () =>
  Problem.forbidden(
    'A request is made by the person, or by the data protection officer for them.',
    'Use a token with the role subject or dpo, or none.',
    'role-required',
  );
