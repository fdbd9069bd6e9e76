import { accessEvent, type Access, type DeniedRequest, type Principal } from '@attesta/service-kit';
import { transaction } from '@attesta/transport';
import { Inject, Injectable } from '@nestjs/common';
import { Audit } from './audit.js';

const STREAM = 'access';

/** Every look at a person's data is itself an event (notice clause 6.3): durable in our own log before the answer leaves, then sealed. */
@Injectable()
export class AccessRecorder {
  constructor(@Inject(Audit) private readonly audit: Audit) {}

  allowed(principal: Principal, access: Access): Promise<void> {
    return this.append(principal, access, 'allowed');
  }

  /** Refusals of other services' routes are theirs to record. */
  async denied({ principal, method, route, reason }: DeniedRequest): Promise<void> {
    if (!principal || !OWN_ROUTES.test(route)) return;
    await this.append(principal, { action: reason, resource: `${method} ${route}` }, 'denied');
  }

  private async append(principal: Principal, access: Access, outcome: 'allowed' | 'denied'): Promise<void> {
    const event = accessEvent(principal, access, outcome, this.audit.now());
    await transaction(this.audit.pool, (tx) => this.audit.log.append(tx, STREAM, 'any', [event]));
  }
}

const OWN_ROUTES =
  /^\/(?:v1\/(?:subjects\/:id\/(?:timeline|collections|disclosures)|collections|disclosures|recipients|access-log|findings|reports\/.+|evidence)|ops\/audit\/.+)$/;
