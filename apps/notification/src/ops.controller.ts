import { FeedOps, Roles, type OperatedFeed } from '@attesta/service-kit';
import { Controller, Inject } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import { Notification } from './notification.js';

@ApiTags('operations')
@ApiBearerAuth()
@Controller('ops/notification')
@Roles('operator')
export class OpsController extends FeedOps {
  constructor(@Inject(Notification) private readonly notification: Notification) {
    super();
  }

  protected override get feed(): OperatedFeed {
    return this.notification.feed;
  }
}
