import { FeedOps, Roles, type OperatedFeed } from '@attesta/service-kit';
import { Controller, Inject } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import { Retention } from './retention.js';

@ApiTags('operations')
@ApiBearerAuth()
@Controller('ops/retention')
@Roles('operator')
export class OpsController extends FeedOps {
  constructor(@Inject(Retention) private readonly retention: Retention) {
    super();
  }

  protected override get feed(): OperatedFeed {
    return this.retention.feed;
  }
}
