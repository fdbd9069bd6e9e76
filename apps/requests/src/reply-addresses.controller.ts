import { AttestaServicesOnly, CurrentPrincipal, Required, Roles, type Principal } from '@attesta/service-kit';
import { Body, Controller, HttpCode, Inject, Post, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ArrayMaxSize, ArrayMinSize, IsArray, IsUUID } from 'class-validator';
import type { ReplyAddresses } from './reply-addresses.js';
import { Requests } from './requests.js';

export class ReplyAddressesBody {
  @Required(
    { description: 'Requests, at most 200', type: [String] },
    IsArray(),
    ArrayMinSize(1),
    ArrayMaxSize(200),
    IsUUID(undefined, { each: true }),
  )
  requests!: string[];
}

/** Where those who made requests may be written to. */
@ApiTags('requests')
@ApiBearerAuth()
@Controller('v1/requests/reply-addresses')
@UseGuards(AttestaServicesOnly)
export class ReplyAddressesController {
  constructor(@Inject(Requests) private readonly requests: Requests) {}

  @Post()
  @Roles('publisher')
  @HttpCode(200)
  @ApiOperation({
    summary: "Where those who made requests may be answered, for Attesta's own services",
    description: 'Requests whose address is not known to be the person’s are left out. Recorded as an access.',
  })
  async addresses(
    @Body() { requests }: ReplyAddressesBody,
    @CurrentPrincipal() principal: Principal,
  ): Promise<{ addresses: ReplyAddresses }> {
    return { addresses: await this.requests.replyAddresses(requests, principal) };
  }
}
