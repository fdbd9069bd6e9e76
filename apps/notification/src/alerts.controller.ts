import { Roles } from '@attesta/service-kit';
import { Body, Controller, Delete, Get, HttpCode, Inject, Param, ParseUUIDPipe, Post, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { AlertView } from './alerts.js';
import { EndpointBody, PageQuery } from './bodies.js';
import type { EndpointView } from './endpoints.js';
import { Notification } from './notification.js';

/** What the data protection officer has to know, and where else it is sent. */
@ApiTags('alerts')
@ApiBearerAuth()
@Controller('v1')
export class AlertsController {
  constructor(@Inject(Notification) private readonly notification: Notification) {}

  @Get('alerts')
  @Roles('dpo', 'auditor', 'operator')
  @ApiOperation({ summary: 'Alerts: overdue requests, findings, stuck systems, breaches, people who were not reached; the newest first' })
  async list(@Query() { limit = 100, cursor }: PageQuery): Promise<{ data: AlertView[]; next_cursor: string | null; has_more: boolean }> {
    const rows = await this.notification.alerts.list({ before: cursor?.toLowerCase(), limit: limit + 1 });
    const data = rows.slice(0, limit);
    const has_more = rows.length > limit;
    return { data, next_cursor: has_more ? data.at(-1)!.id : null, has_more };
  }

  @Post('alert-endpoints')
  @Roles('operator')
  @ApiOperation({ summary: 'Send alerts to a URL too, signed by Standard Webhooks', description: 'The secret is told this once.' })
  register(@Body() { url, kinds }: EndpointBody): Promise<{ id: string; secret: string }> {
    return this.notification.endpoints.register(url, kinds);
  }

  @Get('alert-endpoints')
  @Roles('operator', 'dpo')
  @ApiOperation({ summary: 'Where alerts are sent' })
  async endpoints(): Promise<{ data: EndpointView[] }> {
    return { data: await this.notification.endpoints.list() };
  }

  @Delete('alert-endpoints/:id')
  @Roles('operator')
  @HttpCode(204)
  @ApiOperation({ summary: 'Send nothing there any more' })
  remove(@Param('id', new ParseUUIDPipe()) id: string): Promise<void> {
    return this.notification.endpoints.remove(id.toLowerCase());
  }
}
