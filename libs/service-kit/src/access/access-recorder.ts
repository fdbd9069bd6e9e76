import { accessEvent, type Access } from './access-event.js';
import type { DeniedRequest } from './denied-access.js';
import type { Principal } from './principal.js';

export interface AccessRecorderOptions {
  /** Route patterns of the service; refusals of others' routes are theirs to record. */
  routes: RegExp;
  now: () => Date;
  /** Appends to the service's own log, in a transaction of its own. */
  say: (events: AccessEvent[]) => Promise<unknown>;
}

type AccessEvent = ReturnType<typeof accessEvent>;

/**
 * Every look at a person's data is itself an event (notice clause 6.3): durable in the service's own log before the answer leaves, then sealed.
 * Looks that come while others are being written share the next transaction: the log's head is locked once for all of them.
 */
export class AccessRecorder {
  private next: { events: AccessEvent[]; written: Promise<unknown> } | undefined;
  private writing: Promise<unknown> = Promise.resolve();

  constructor(private readonly options: AccessRecorderOptions) {}

  allowed(principal: Principal, access: Access): Promise<void> {
    return this.append(principal, access, 'allowed');
  }

  async denied({ principal, method, route, reason }: DeniedRequest): Promise<void> {
    if (!principal || !this.options.routes.test(route)) return;
    await this.append(principal, { action: reason, resource: `${method} ${route}` }, 'denied');
  }

  private async append(principal: Principal, access: Access, outcome: 'allowed' | 'denied'): Promise<void> {
    const next = (this.next ??= this.begin());
    next.events.push(accessEvent(principal, access, outcome, this.options.now()));
    await next.written;
  }

  private begin() {
    const events: AccessEvent[] = [];
    const written = this.writing.then(() => {
      this.next = undefined;
      return this.options.say(events);
    });
    this.writing = written.catch(() => undefined);
    return { events, written };
  }
}
