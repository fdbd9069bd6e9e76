import { randomUUID } from 'node:crypto';
import type { CloudEvent } from '@attesta/events';
import { Problem, type DeniedRequest, type Principal } from '@attesta/service-kit';
import { Inject, Injectable } from '@nestjs/common';
import { LEDGER_SOURCE } from './ledger-events.js';
import { Ledger } from './ledger.js';

export interface AccessDetails {
  action: string;
  /** Route, never with a personal value. */
  resource: string;
  reason?: string | undefined;
  subject?: string | undefined;
  positions?: number[];
}

/** Every look at a person's data is itself an event (notice clause 6.3), sealed before the answer leaves. */
@Injectable()
export class AccessRecorder {
  constructor(@Inject(Ledger) private readonly ledger: Ledger) {}

  allowed(principal: Principal, details: AccessDetails): Promise<number | undefined> {
    return this.seal(principal.sub, principal.roles[0], 'allowed', details);
  }

  /** Refusals of other services' routes are theirs to record. */
  async denied({ principal, method, route, reason }: DeniedRequest): Promise<void> {
    if (!OWN_ROUTES.test(route)) return;
    if (!principal) return; // without a token there is nobody to name; the access log of the proxy has the rest
    await this.seal(principal.sub, principal.roles[0], 'denied', { action: reason, resource: `${method} ${route}` });
  }

  private async seal(
    actor: string,
    role: string | undefined,
    outcome: 'allowed' | 'denied',
    details: AccessDetails,
  ): Promise<number | undefined> {
    const { subject, ...rest } = details;
    const data = Object.fromEntries(Object.entries({ ...rest, outcome, role }).filter(([, value]) => value !== undefined));
    const event: CloudEvent = {
      specversion: '1.0',
      id: randomUUID(),
      source: LEDGER_SOURCE,
      type: 'attesta.access.recorded.v1',
      time: new Date().toISOString(),
      actor,
      data,
      ...(subject !== undefined && { subject }),
    };
    const [receipt] = await this.ledger.sealer.submit([event], { principal: actor, transport: 'internal' });
    // A look that cannot be recorded (a reason that names somebody, say) is not allowed either.
    if (receipt?.position === undefined) throw Problem.invalid(receipt?.problems ?? []);
    return receipt.position;
  }
}

const OWN_ROUTES = /^\/(?:v1\/(?:events|rejections|proofs|intake-key|subjects\/lookup|subjects\/:id\/shred|directory|entries)|log)(?:\/|$)/;
