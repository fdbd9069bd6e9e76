import { happenedAt, refuseUnsealable } from '@attesta/service-kit';
import { randomUUID } from 'node:crypto';
import type { PersonRecord } from '@attesta/decisions';
import { Inject, Injectable } from '@nestjs/common';
import { commandId, contradicts, usedBefore, type CommandEvent, type CommandNames } from './command.js';
import { Consent } from './consent.js';
import { CONSENT_SOURCE } from './decision-events.js';
import { ownFact } from './sealed-facts.js';

export interface Flag {
  type: string;
  subject: string;
  actor: string;
  data: Record<string, unknown>;
  /** Stays in our database, encrypted. */
  birthDate?: string | undefined;
  /** Refuses what makes no sense for the person as they stand; throws a Problem. */
  refuse?: (record: PersonRecord) => void;
}

export interface FlagAnswer {
  id: string;
  source: string;
  subject: string;
  status: 'recorded' | 'duplicate';
}

/** Takes what is said about a person besides consents: objections, restrictions, age, guardians. In force at once, like a consent. */
@Injectable()
export class Flags {
  constructor(@Inject(Consent) private readonly consent: Consent) {}

  /** @throws Problem 409 for an id used for something else, 422 */
  async take({ type, subject, actor, data, birthDate, refuse }: Flag, names: CommandNames): Promise<FlagAnswer> {
    const now = this.consent.now();
    const defined = Object.fromEntries(Object.entries(data).filter(([, value]) => value !== undefined));
    const event: CommandEvent = {
      id: commandId(actor, type, names, randomUUID),
      type,
      time: happenedAt(names.time, now),
      subject,
      actor,
      data: defined,
    };
    refuseUnsealable(CONSENT_SOURCE, event, await this.consent.policies.refresh(this.consent.pool), now);
    const fact = { ...ownFact(CONSENT_SOURCE, event, now.getTime()), ...(birthDate !== undefined && { birthDate }) };
    const answer = { id: event.id, source: CONSENT_SOURCE, subject };
    return this.consent.transact(async (tx) => {
      const before = await this.consent.facts.find(tx, CONSENT_SOURCE, event.id);
      if (before && contradicts(before, fact, names.time)) throw usedBefore();
      if (before) return { ...answer, status: 'duplicate' };
      if (refuse) refuse((await this.consent.settle(tx, { again: [subject] })).records.get(subject)!);
      await this.consent.settle(tx, { facts: [fact], events: [event] });
      return { ...answer, status: 'recorded' };
    });
  }
}
