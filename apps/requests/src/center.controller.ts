import { Public } from '@attesta/service-kit';
import { Controller, Get, Inject } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { centerOf, type Center } from './center.js';
import { Requests } from './requests.js';

/** What the privacy center shows before anybody has said who they are. */
@ApiTags('requests')
@Controller('v1/center')
export class CenterController {
  constructor(@Inject(Requests) private readonly requests: Requests) {}

  @Get()
  @Public()
  @ApiOperation({
    summary: 'Who the company is, the rights with their clauses and times, and what data is used for, as the notice says it',
  })
  async center(): Promise<Center> {
    await this.requests.refreshPolicy();
    return centerOf(this.requests.policy, this.requests.now().getTime());
  }
}
