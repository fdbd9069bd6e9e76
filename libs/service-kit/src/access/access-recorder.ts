import { accessEvent, type Access } from './access-event.js';
import type { DeniedRequest } from './denied-access.js';
import type { Principal } from './principal.js';

export interface AccessRecorderOptions {
  /** Route patterns of the service; refusals of others' routes are theirs to record. */
  routes: RegExp;
  now: () => Date;
  /** Appends to the service's own log, in a transaction of its own. */
  say: (event: ReturnType<typeof accessEvent>) => Promise<unknown>;
}

/** Every look at a person's data is itself an event (notice clause 6.3): durable in the service's own log before the answer leaves, then sealed. */
export class AccessRecorder {
  constructor(private readonly options: AccessRecorderOptions) {}

  allowed(principal: Principal, access: Access): Promise<void> {
    return this.append(principal, access, 'allowed');
  }

  async denied({ principal, method, route, reason }: DeniedRequest): Promise<void> {
    if (!principal || !this.options.routes.test(route)) return;
    await this.append(principal, { action: reason, resource: `${method} ${route}` }, 'denied');
  }

  private async append(principal: Principal, access: Access, outcome: 'allowed' | 'denied'): Promise<void> {
    await this.options.say(accessEvent(principal, access, outcome, this.options.now()));
  }
}
