import { randomUUID } from 'node:crypto';
import type { NewEvent } from '@attesta/event-log';
import type { DeniedRequest, Principal } from '@attesta/service-kit';
import { transaction } from '@attesta/transport';
import { Inject, Injectable } from '@nestjs/common';
import { Audit } from './audit.js';

export interface Access {
  action: string;
  /** Route pattern, never with an id. */
  resource: string;
  /** The person read about. */
  subject?: string | undefined;
  reason?: string | undefined;
  positions?: number[] | undefined;
  rows?: number | undefined;
  /** Position the answer stands at; none for an empty log. */
  asOf?: number | undefined;
}

const STREAM = 'access';
const MOST_POSITIONS = 1_000;

/** Every look at a person's data is itself an event (notice clause 6.3): durable in our own log before the answer leaves, then sealed. */
@Injectable()
export class AccessRecorder {
  constructor(@Inject(Audit) private readonly audit: Audit) {}

  async allowed(principal: Principal, { subject, asOf, positions, ...access }: Access): Promise<void> {
    const data = {
      ...access,
      outcome: 'allowed',
      role: principal.roles[0],
      positions: positions?.slice(0, MOST_POSITIONS),
      asOf: asOf !== undefined && asOf >= 0 ? asOf : undefined,
    };
    await this.append(principal, data, subject);
  }

  /** Refusals of other services' routes are theirs to record. */
  async denied({ principal, method, route, reason }: DeniedRequest): Promise<void> {
    if (!principal || !OWN_ROUTES.test(route)) return;
    await this.append(principal, { action: reason, resource: `${method} ${route}`, outcome: 'denied', role: principal.roles[0] });
  }

  private async append(principal: Principal, data: Record<string, unknown>, subject?: string): Promise<void> {
    const event: NewEvent = {
      id: randomUUID(),
      type: 'attesta.access.recorded.v1',
      time: this.audit.now().toISOString(),
      ...(subject !== undefined && { subject }),
      actor: principal.sub,
      data: Object.fromEntries(Object.entries(data).filter(([, value]) => value !== undefined)),
    };
    await transaction(this.audit.pool, (tx) => this.audit.log.append(tx, STREAM, 'any', [event]));
  }
}

const OWN_ROUTES =
  /^\/(?:v1\/(?:subjects\/:id\/(?:timeline|collections|disclosures)|collections|disclosures|recipients|access-log|findings|reports\/.+|evidence)|ops\/audit\/.+)$/;
