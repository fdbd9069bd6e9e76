import { Problem, Public } from '@attesta/service-kit';
import { Controller, Get, Header, Headers, HttpCode, Inject, Param, Post, Req } from '@nestjs/common';
import { ApiConsumes, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Notification } from './notification.js';
import { donePage, stopPage } from './stop-page.js';
import { scopeOf } from './stop-form.js';

/** Where the link to stop leads. Reading the page changes nothing: mail programs look at links before people do. */
@ApiTags('messages')
@Controller('u')
export class StopsController {
  constructor(@Inject(Notification) private readonly notification: Notification) {}

  @Get(':token')
  @Public()
  @Header('content-type', 'text/html; charset=utf-8')
  @Header('cache-control', 'no-store')
  @Header('referrer-policy', 'no-referrer')
  @ApiOperation({ summary: 'A page with the buttons that stop such messages' })
  async page(@Param('token') token: string): Promise<string> {
    const { notification } = this;
    const row = await notification.stops.messageOf(token);
    return stopPage(notification.policy, row);
  }

  @Post(':token')
  @Public()
  @HttpCode(200)
  @Header('content-type', 'text/html; charset=utf-8')
  @Header('cache-control', 'no-store')
  @Header('referrer-policy', 'no-referrer')
  @ApiConsumes('application/x-www-form-urlencoded', 'multipart/form-data')
  @ApiOperation({
    summary: 'Stop such messages: one click, without an account (RFC 8058)',
    description: 'The form says List-Unsubscribe=One-Click, as mail programs do, or scope=channel or scope=all.',
  })
  async stop(
    @Param('token') token: string,
    @Headers('content-type') type: string | undefined,
    @Req() { body }: { body: Buffer },
  ): Promise<string> {
    const scope = scopeOf(type ?? '', body);
    if (scope === undefined) throw noScope();
    await this.notification.stops.stop(token, scope);
    return donePage();
  }
}

const noScope = () =>
  Problem.invalid([
    {
      field: '/scope',
      code: 'missing-field',
      message: 'says neither List-Unsubscribe=One-Click nor which messages to stop',
      fix: 'send the form of the page, or List-Unsubscribe=One-Click as RFC 8058 has it',
    },
  ]);
