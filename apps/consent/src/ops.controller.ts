import { FeedOps, Roles, type OperatedFeed } from '@attesta/service-kit';
import { Controller, Inject } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import { Consent } from './consent.js';

@ApiTags('operations')
@ApiBearerAuth()
@Controller('ops/consent')
@Roles('operator')
export class OpsController extends FeedOps {
  constructor(@Inject(Consent) private readonly consent: Consent) {
    super();
  }

  protected override get feed(): OperatedFeed {
    return this.consent.feed;
  }
}
