import { Type, type Static } from '@sinclair/typebox';
import { closed, dateTime, duration, id, language, line, list, oneOf, reference, sha256, text } from '../fields.js';
import { causeOf, noticeVersion, responsibility } from '../parts.js';
import { defineEvent } from '../define.js';

const evidence = () => Type.Optional(closed({ kind: id(), digest: Type.Optional(sha256()) }, 'what proves it, and its digest'));

/** Who may be reached how, and about what the consent is. */
const scope = {
  channelPreferences: Type.Optional(list(id(), 16, 0)),
  categories: Type.Optional(list(id('data category of the policy'), 32)),
  validFor: Type.Optional(duration()),
  explicit: Type.Optional(Type.Boolean({ description: 'an express statement, as sensitive data needs' })),
};

/** What a person did at a consent control, as the service that showed it reports (GDPR 7(1)). A report: whether it counts is decided by the consent service. */
export const consentCaptured = defineEvent({
  type: 'attesta.consent.captured.v1',
  title: 'A consent choice was captured',
  clauses: ['2.9', '3.3', '4.7', '7.6'],
  subject: 'required',
  data: closed({
    purposes: list(id('purpose of the policy'), 16),
    status: oneOf('given', 'refused', 'withdrawn', 'requested', 'deferred'),
    method: id('method of the policy'),
    noticeVersion: noticeVersion(),
    language: language(),
    wordingDigest: Type.Optional(sha256('SHA-256 of the wording shown')),
    evidence: evidence(),
    ...scope,
    by: Type.Optional(oneOf('subject', 'guardian', 'controller')),
    capacity: Type.Optional(line(200, 'provision under which a minor chooses alone, where the age rule is conditional')),
    reason: Type.Optional(text(1000)),
    acceptedAt: Type.Optional(dateTime()),
    ...responsibility,
  }),
});
export type ConsentCaptured = Static<typeof consentCaptured.dataSchema>;

const decision = {
  purposes: list(id('purpose of the policy'), 16),
  noticeVersion: Type.Optional(noticeVersion()),
  method: id('method of the policy'),
  evidence: evidence(),
  ...scope,
  by: oneOf('subject', 'guardian', 'controller'),
  reason: Type.Optional(text(1000)),
  cause: causeOf('the event that led to it'),
};

/** A decision of the consent service about one purpose of one person; `cause` is the report it follows from. */
const decided = <const T extends string>(type: T, title: string, clauses: string[]) =>
  defineEvent({ type, title, clauses, subject: 'required', decision: true, data: closed(decision) });

/** ConsentGiven: a consent is in force. */
export const consentGiven = decided('attesta.consent.given.v1', 'Consent is in force', ['4.7', '4.11']);
/** RenewedConsentGiven: a consent in force was given again. */
export const consentRenewed = decided('attesta.consent.renewed.v1', 'Consent was given again', ['4.7']);
/** ConsentWithdrawn: no longer in force, by the person or who answers for them (PDPA s.19). */
export const consentWithdrawn = decided('attesta.consent.withdrawn.v1', 'Consent was withdrawn', ['1.7', '7.6', '8.2']);
/** ConsentRevoked: no longer in force, by another than the person. */
export const consentRevoked = decided('attesta.consent.revoked.v1', 'Consent was revoked by another', ['5.1']);
/** ConsentRefused. */
export const consentRefused = decided('attesta.consent.refused.v1', 'Consent was refused', ['3.1', '3.3']);
/** ConsentExpired: its validity ran out. */
export const consentExpired = decided('attesta.consent.expired.v1', 'Consent ran out', ['5.1']);
/** ConsentInvalidated: it never was valid, or is known not to have been. */
export const consentInvalidated = decided('attesta.consent.invalidated.v1', 'Consent is not valid', ['4.11', '6.5']);
/** ConsentRequested. */
export const consentRequested = decided('attesta.consent.requested.v1', 'Consent was asked for', ['4.11']);
/** ConsentRequestDeferred. */
export const consentDeferred = decided('attesta.consent.deferred.v1', 'The choice about a consent was put off', ['4.11']);

export type ConsentDecided = Static<typeof consentGiven.dataSchema>;

/** A consumer of consent state has applied a withdrawal: how long that took since it was taken (notice clauses 8.1, 8.3). */
export const withdrawalAcknowledged = defineEvent({
  type: 'attesta.withdrawal.acknowledged.v1',
  title: 'A withdrawal has reached a consumer',
  clauses: ['7.6', '8.1', '8.3'],
  subject: 'required',
  decision: true,
  data: closed({
    consumer: reference('who applied it'),
    withdrawal: closed({ source: line(300), id: line(200) }, 'the captured withdrawal'),
    takenAt: dateTime(),
    acknowledgedAt: dateTime(),
    milliseconds: Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }),
  }),
});
export type WithdrawalAcknowledged = Static<typeof withdrawalAcknowledged.dataSchema>;

/** What a withdrawal leads to was told, before anything ends (notice clause 8.4). */
export const consequencesCommunicated = defineEvent({
  type: 'attesta.consequences.communicated.v1',
  title: 'The consequences of a withdrawal were communicated',
  clauses: ['1.7', '8.4'],
  subject: 'required',
  data: closed({
    purposes: list(id('purpose of the policy'), 16),
    services: Type.Array(closed({ service: id('service of the policy'), effect: oneOf('ends', 'limited') }), { maxItems: 64 }),
    cause: causeOf('the withdrawal'),
  }),
});
export type ConsequencesCommunicated = Static<typeof consequencesCommunicated.dataSchema>;

/** A service to a person has ended, as the service that ended it reports (notice clause 8.4). */
export const serviceEnded = defineEvent({
  type: 'attesta.service.ended.v1',
  title: 'A service to a person has ended',
  clauses: ['8.4'],
  subject: 'required',
  data: closed({ service: id('service of the policy'), reason: Type.Optional(text(1000)) }),
});
export type ServiceEnded = Static<typeof serviceEnded.dataSchema>;
