import { accessEvent, type Access, type DeniedRequest, type Principal } from '@attesta/service-kit';
import { Inject, Injectable } from '@nestjs/common';
import { Requests } from './requests.js';

/** Every look at a person's request is itself an event (notice clause 6.3): durable in our own log before the answer leaves, then sealed. */
@Injectable()
export class AccessRecorder {
  constructor(@Inject(Requests) private readonly requests: Requests) {}

  allowed(principal: Principal, access: Access): Promise<void> {
    return this.append(principal, access, 'allowed');
  }

  /** Refusals of other services' routes are theirs to record. */
  async denied({ principal, method, route, reason }: DeniedRequest): Promise<void> {
    if (!principal || !OWN_ROUTES.test(route)) return;
    await this.append(principal, { action: reason, resource: `${method} ${route}` }, 'denied');
  }

  private append(principal: Principal, access: Access, outcome: 'allowed' | 'denied'): Promise<void> {
    const event = accessEvent(principal, access, outcome, this.requests.now());
    return this.requests.transact(async (tx) => void (await this.requests.log.append(tx, 'access', 'any', [event])));
  }
}

/** Route patterns of this service. */
export const OWN_ROUTES = /^\/(?:v1\/(?:requests|systems|fulfilment|packages|mail)|opendsr|ops\/requests)(?:\/|$)/;
