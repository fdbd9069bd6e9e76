import { FeedOps, Roles, type OperatedFeed } from '@attesta/service-kit';
import { Controller, Inject } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import { Requests } from './requests.js';

@ApiTags('operations')
@ApiBearerAuth()
@Controller('ops/requests')
@Roles('operator')
export class OpsController extends FeedOps {
  constructor(@Inject(Requests) private readonly requests: Requests) {
    super();
  }

  protected override get feed(): OperatedFeed {
    return this.requests.feed;
  }
}
