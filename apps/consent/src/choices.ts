import { randomUUID } from 'node:crypto';
import { type Fact, type PersonRecord } from '@attesta/decisions';
import { consequencesOf, noticeAt, type Policy } from '@attesta/policy';
import { happenedAt, Problem, refuseUnsealable } from '@attesta/service-kit';
import { Inject, Injectable } from '@nestjs/common';
import type { ChoiceBody } from './bodies.js';
import { commandId, contradicts, usedBefore, type CommandEvent } from './command.js';
import { Consent } from './consent.js';
import { CONSENT_SOURCE, consequencesEvent } from './decision-events.js';
import { INVALIDITY_PROBLEMS } from './invalidity-problems.js';
import { ownFact } from './sealed-facts.js';
import type { PersonChange } from './settlement.js';
import { standingsOf, type PurposeStanding } from './standings.js';

export interface ChoiceAnswer {
  /** Names of the sealed event, and of the receipt. */
  id: string;
  source: string;
  subject: string;
  /** `duplicate`: it was taken before. */
  status: 'recorded' | 'duplicate';
  /** What it changed; nothing, for a withdrawal of what was never given. */
  changed: { purpose: string; status: string }[];
  /** Where its purposes stand now. */
  purposes: PurposeStanding[];
  /** What ends or is limited with a withdrawal (notice clause 8.4). */
  consequences: { service: string; effect: 'ends' | 'limited' }[];
  receipt: string;
}

/** Takes a choice of a person: into our log, into force and into decisions, in one transaction. */
@Injectable()
export class Choices {
  constructor(@Inject(Consent) private readonly consent: Consent) {}

  /** @param subject subject id. @throws Problem 409 for an id used for something else, 422 for a consent that would be none */
  async take(subject: string, body: ChoiceBody, actor: string): Promise<ChoiceAnswer> {
    const now = this.consent.now();
    const policy = await this.consent.policies.refresh(this.consent.pool);
    await this.consent.decisions.quarantine(body.purposes);
    const event = captured(subject, body, actor, now, policy);
    refuseUnsealable(CONSENT_SOURCE, event, policy, now);
    const fact = ownFact(CONSENT_SOURCE, event, now.getTime());
    return this.consent.transact(async (tx) => {
      const before = await this.consent.facts.find(tx, CONSENT_SOURCE, event.id);
      if (before && contradicts(before, fact, body.time)) throw usedBefore();
      if (before) return this.answer(tx, event, 'duplicate', []);
      const { stored, changes, records } = await this.consent.settle(tx, {
        facts: [fact],
        events: [event],
        besides: (found) => toldConsequences(this.consent.policy, event, found, now.getTime()),
      });
      if (stored[0]?.fresh === false) return this.answer(tx, event, 'duplicate', []);
      refuseInvalid(fact, records.get(subject)!);
      return this.answer(tx, event, 'recorded', changes, records.get(subject));
    });
  }

  private async answer(
    tx: Parameters<Parameters<Consent['transact']>[0]>[0],
    event: CommandEvent,
    status: ChoiceAnswer['status'],
    changes: readonly PersonChange[],
    known?: PersonRecord,
  ): Promise<ChoiceAnswer> {
    const { policy } = this.consent;
    const { purposes } = event.data as { purposes: string[] };
    const record = known ?? (await this.consent.settle(tx, { again: [event.subject] })).records.get(event.subject)!;
    const mine = changes.filter(({ subject }) => subject === event.subject);
    const ended = event.data.status === 'withdrawn' ? withdrawn(mine) : [];
    return {
      id: event.id,
      source: CONSENT_SOURCE,
      subject: event.subject,
      status,
      changed: mine.map(({ purpose, status: now }) => ({ purpose, status: now })),
      purposes: standingsOf(record, policy, this.consent.now().getTime()).filter(({ purpose }) => purposes.includes(purpose)),
      consequences: consequencesOf(policy, ended),
      receipt: `/v1/receipts/${event.id}`,
    };
  }
}

/** The command as the report it is: what we decide about it follows from it like from anybody's. */
function captured(subject: string, body: ChoiceBody, actor: string, now: Date, policy: Policy): CommandEvent {
  const time = happenedAt(body.time, now);
  const noticeVersion = body.noticeVersion ?? (body.status === 'given' ? undefined : noticeAt(policy, body.purposes[0]!, Date.parse(time)));
  if (noticeVersion === undefined) throw Problem.invalid([{ field: '/noticeVersion', ...NO_NOTICE }]);
  const { purposes, status, method, wordingDigest, evidence, channels, categories, validFor, explicit, by, capacity, reason } = body;
  const optional = {
    wordingDigest,
    evidence: evidence && { ...evidence },
    channelPreferences: channels,
    categories,
    validFor,
    explicit,
    by,
    capacity,
    reason,
  };
  const named = { jurisdiction: body.jurisdiction, controller: body.controller };
  return {
    id: commandId(actor, 'choice', body, randomUUID),
    type: 'attesta.consent.captured.v1',
    time,
    subject,
    actor,
    data: {
      purposes,
      status,
      method,
      noticeVersion,
      language: body.language ?? 'en',
      acceptedAt: now.toISOString(),
      ...Object.fromEntries(Object.entries({ ...optional, ...named }).filter(([, value]) => value !== undefined)),
    },
  };
}

/** A yes that would be none is refused where the caller can still mend it. */
function refuseInvalid(fact: Fact, { choices }: PersonRecord): void {
  const errors = choices
    .filter(({ id, source, invalid }) => id === fact.id && source === fact.source && invalid !== undefined)
    .map(({ invalid }) => ({ code: invalid!, ...INVALIDITY_PROBLEMS[invalid!] }));
  if (errors.length === 0) return;
  throw new Problem({
    slug: 'consent-invalid',
    status: 422,
    title: 'This would be no valid consent',
    detail: 'Nothing was recorded.',
    fix: 'Mend what errors names and ask the person again.',
    errors: [...new Map(errors.map((error) => [error.code, error])).values()],
  });
}

function toldConsequences(policy: Policy, event: CommandEvent, changes: readonly PersonChange[], now: number) {
  const ended = withdrawn(changes.filter(({ subject }) => subject === event.subject));
  return ended.length === 0 ? [] : [consequencesEvent(policy, event, ended, now)];
}

const withdrawn = (changes: readonly PersonChange[]): string[] => [
  ...new Set(changes.filter(({ status }) => status === 'withdrawn' || status === 'revoked').map(({ purpose }) => purpose)),
];

const NO_NOTICE = {
  code: 'missing-field',
  message: 'a consent cites the version of the notice that was shown',
  fix: 'send the version whose text was shown; GET /v1/notices lists them',
};
