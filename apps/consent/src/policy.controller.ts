import { Roles } from '@attesta/service-kit';
import { Controller, Get, Inject } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Consent } from './consent.js';
import { openPart, type OpenPolicy } from './open-policy.js';

@ApiTags('notices')
@ApiBearerAuth()
@Controller('v1/policy')
@Roles('auditor', 'dpo')
export class PolicyController {
  constructor(@Inject(Consent) private readonly consent: Consent) {}

  @Get()
  @ApiOperation({
    summary: 'The policy as it is loaded, with what was published and registered since: the notice and the law as data',
    description:
      'Items have the form of the policy file, each with its clauses or its citation. Numbers that guard codes and values are left out.',
  })
  async policy(): Promise<OpenPolicy> {
    return openPart(await this.consent.policies.refresh(this.consent.pool));
  }
}
