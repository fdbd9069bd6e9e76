import { AccessRecorder, CurrentPrincipal, type Principal, Roles } from '@attesta/service-kit';
import { Body, Controller, Get, HttpCode, Inject, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { SystemBody } from './bodies.js';
import { Requests } from './requests.js';
import type { System } from './systems.js';

/** The systems that hold data, and what they can be asked for. */
@ApiTags('fulfilment')
@ApiBearerAuth()
@Controller('v1/systems')
export class SystemsController {
  constructor(
    @Inject(Requests) private readonly requests: Requests,
    @Inject(AccessRecorder) private readonly access: AccessRecorder,
  ) {}

  @Post()
  @Roles('dpo', 'operator')
  @HttpCode(200)
  @ApiOperation({
    summary: "Register a system, or change it; the webhook's secret is told once",
    description:
      'Who asks for their rights is made known to it: who registered it, and the host of its webhook, are recorded as an access.',
  })
  async register(
    @Body() { id, title, source, categories, kinds, party, url }: SystemBody,
    @CurrentPrincipal() principal: Principal,
  ): Promise<System & { secret?: string }> {
    const system: System = {
      id,
      title,
      source,
      categories,
      kinds,
      ...(party !== undefined && { party }),
      ...(url !== undefined && { url }),
    };
    const reason = url === undefined ? id : `${id} at ${placeOf(url)}`;
    await this.access.allowed(principal, { action: 'system.register', resource: 'POST /v1/systems', reason });
    return { ...system, ...(await this.requests.systems.register(system)) };
  }

  @Get()
  @Roles('dpo', 'operator', 'auditor', 'publisher')
  @ApiOperation({ summary: 'Registered systems' })
  async list(): Promise<{ data: System[]; next_cursor: null; has_more: false }> {
    return { data: await this.requests.systems.all(), next_cursor: null, has_more: false };
  }
}

/** The host of a URL; an IP address, which might be a person's, is not sealed. */
function placeOf(url: string): string {
  const { hostname } = new URL(url);
  return /^[\d.]+$|^\[/.test(hostname) ? 'an IP address' : hostname;
}
