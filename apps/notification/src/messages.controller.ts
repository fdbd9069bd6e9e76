import { AccessRecorder, CurrentPrincipal, maySpeakFor, Problem, Roles, type Principal } from '@attesta/service-kit';
import { Body, Controller, Get, HttpCode, Inject, Param, ParseUUIDPipe, Post, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { DeliveryBody, ListMessagesQuery, MessagesBody } from './bodies.js';
import { findMessage, listMessages, type MessageView } from './message-views.js';
import { Notification } from './notification.js';
import { NOTIFICATION_SOURCE } from './source.js';
import { Sending, type Sent } from './sending.js';
import type { Lag } from './withdrawals.js';

/** The send log (notice clauses 4.5, 4.7, 8.1). */
@ApiTags('messages')
@ApiBearerAuth()
@Controller('v1/messages')
export class MessagesController {
  private readonly sending: Sending;

  constructor(
    @Inject(Notification) private readonly notification: Notification,
    @Inject(AccessRecorder) private readonly access: AccessRecorder,
  ) {
    this.sending = new Sending(notification);
  }

  @Post()
  @Roles('publisher')
  @HttpCode(202)
  @ApiOperation({
    summary: 'Send messages to people',
    description:
      'Idempotent by source, id, person, template and channel: what is sent again is not sent, whatever it says. Marketing is checked against consent, channel and objection now, and again when it leaves; what may not be sent is suppressed, and sealed as such.',
  })
  send(@Body() { source, messages }: MessagesBody, @CurrentPrincipal() principal: Principal): Promise<{ messages: Sent[] }> {
    if (!maySpeakFor(principal, source))
      throw Problem.forbidden(
        'The token does not speak for this source.',
        'Use a source that your client is registered for.',
        'source-not-allowed',
      );
    return this.sending.send(source, messages);
  }

  @Get()
  @Roles('dpo', 'auditor')
  @ApiOperation({ summary: 'Messages and what became of them, the newest first; never what they say' })
  async list(@Query() { limit = 100, cursor, ...filter }: ListMessagesQuery, @CurrentPrincipal() principal: Principal) {
    const rows = await listMessages(this.notification.pool, {
      ...filter,
      subject: filter.subject?.toLowerCase(),
      before: cursor?.toLowerCase(),
      limit: limit + 1,
    });
    const data = rows.slice(0, limit);
    if (filter.subject !== undefined)
      await this.access.allowed(principal, {
        action: 'messages.read',
        resource: 'GET /v1/messages',
        subject: filter.subject.toLowerCase(),
        rows: data.length,
      });
    const has_more = rows.length > limit;
    return { data, next_cursor: has_more ? data.at(-1)!.id : null, has_more };
  }

  @Get('lag')
  @Roles('dpo', 'auditor', 'operator')
  @ApiOperation({
    summary: 'How long after withdrawals messages still left (clause 8.1)',
    description: 'inFlight: had left already, or left before the withdrawal was known. afterKnown: left although it was known.',
  })
  lag(): Promise<Lag> {
    return this.notification.withdrawals.lag();
  }

  @Get(':id')
  @Roles('dpo', 'auditor')
  @ApiOperation({ summary: 'A message and what became of it' })
  async one(@Param('id', new ParseUUIDPipe()) id: string, @CurrentPrincipal() principal: Principal): Promise<MessageView> {
    const found = await findMessage(this.notification.pool, id.toLowerCase());
    if (!found) throw noSuchMessage();
    if (found.subject !== null)
      await this.access.allowed(principal, { action: 'message.read', resource: 'GET /v1/messages/:id', subject: found.subject });
    return found;
  }

  @Post(':id/retry')
  @Roles('dpo', 'operator')
  @HttpCode(202)
  @ApiOperation({ summary: 'Try a message again that was given up' })
  async retry(@Param('id', new ParseUUIDPipe()) id: string): Promise<{ message: string; status: 'queued' }> {
    const message = id.toLowerCase();
    if (await this.notification.messages.retry(message)) return { message, status: 'queued' };
    if (!(await findMessage(this.notification.pool, message))) throw noSuchMessage();
    throw Problem.conflict('The message was not given up, or nothing of it is kept.', 'Look at its status.', 'not-failed');
  }

  @Post(':id/delivery')
  @Roles('publisher', 'operator')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Whoever carries messages says what became of one',
    description: `A client of a carrier speaks for ${NOTIFICATION_SOURCE}: whoever says that an address takes nothing stops all messages to it.`,
  })
  async delivery(
    @Param('id', new ParseUUIDPipe()) id: string,
    @Body() { outcome, permanent = false, status }: DeliveryBody,
    @CurrentPrincipal() principal: Principal,
  ): Promise<{ message: string }> {
    if (!principal.roles.includes('operator') && !maySpeakFor(principal, NOTIFICATION_SOURCE))
      throw Problem.forbidden(
        'The token does not speak for a carrier.',
        `Register its client for the source ${NOTIFICATION_SOURCE}.`,
        'source-not-allowed',
      );
    const message = id.toLowerCase();
    if (!(await this.notification.messages.told(message, { outcome, permanent, status }))) throw noSuchMessage();
    return { message };
  }
}

const noSuchMessage = () =>
  Problem.notFound('There is no such message that left.', 'Messages are listed at GET /v1/messages.', 'no-such-message');
