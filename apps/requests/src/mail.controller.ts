import { AccessRecorder, CurrentPrincipal, type Principal, Problem, Roles } from '@attesta/service-kit';
import { Body, Controller, Get, Header, HttpCode, Inject, Param, Post, Query, StreamableFile } from '@nestjs/common';
import { ApiBearerAuth, ApiConsumes, ApiOperation, ApiTags } from '@nestjs/swagger';
import { LookBody, SettleMailBody } from './bodies.js';
import { MailIntake, type MailOutcome } from './mail-intake.js';

/** Bytes of a message; `/v1/mail` gets raw bodies. */
export const MAIL_LIMIT = 10 * 1024 * 1024;

/** Mail for the data protection officer, from whatever delivers it over HTTP; SMTP and IMAP come to the same. */
@ApiTags('requests')
@ApiBearerAuth()
@Controller('v1/mail')
export class MailController {
  constructor(
    @Inject(MailIntake) private readonly mail: MailIntake,
    @Inject(AccessRecorder) private readonly access: AccessRecorder,
  ) {}

  @Post()
  @Roles('publisher', 'dpo')
  @HttpCode(202)
  @ApiConsumes('message/rfc822')
  @ApiOperation({ summary: 'Hand in a message as it came (RFC 5322); the same one again changes nothing' })
  take(@Body() raw: Buffer): Promise<MailOutcome> {
    if (!Buffer.isBuffer(raw) || raw.length === 0) throw Problem.badRequest('No message came.', 'Send the message as the body.');
    return this.mail.take(raw);
  }

  @Get()
  @Roles('dpo')
  @ApiOperation({ summary: 'Mails that a person has to look at' })
  async list(): Promise<{ data: { mail: string; receivedAt: string }[]; next_cursor: null; has_more: false }> {
    return { data: await this.mail.byHand(), next_cursor: null, has_more: false };
  }

  @Get(':id')
  @Roles('dpo')
  @Header('cache-control', 'no-store')
  @ApiOperation({ summary: 'A message as it came, as a file; the look is recorded' })
  async raw(@Param('id') id: string, @Query() { reason }: LookBody, @CurrentPrincipal() principal: Principal): Promise<StreamableFile> {
    const raw = /^[0-9a-f]{64}$/.test(id) ? await this.mail.raw(id) : undefined;
    if (!raw) throw noSuchMail();
    await this.access.allowed(principal, { action: 'mail.read', resource: 'GET /v1/mail/:id', reason });
    return new StreamableFile(raw, { type: 'application/octet-stream', disposition: 'attachment; filename="message.eml"' });
  }

  @Post(':id/settle')
  @Roles('dpo')
  @HttpCode(204)
  @ApiOperation({ summary: 'A person has looked at a message: it is off the list; recorded' })
  async settle(@Param('id') id: string, @Body() { reason, request }: SettleMailBody, @CurrentPrincipal() principal: Principal) {
    const settled = await this.mail.settle(id, request);
    if (settled === 'no-such-request')
      throw Problem.invalid([
        { field: '/request', code: 'unknown-request', message: 'there is no such request', fix: 'record it first with POST /v1/requests' },
      ]);
    if (settled === 'no-such-mail') throw noSuchMail();
    await this.access.allowed(principal, { action: 'mail.settle', resource: 'POST /v1/mail/:id/settle', reason });
  }
}

const noSuchMail = () => Problem.notFound('There is no such mail.', 'GET /v1/mail lists them.', 'no-such-mail');
