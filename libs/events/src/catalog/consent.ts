import { Type, type Static } from '@sinclair/typebox';
import { closed, duration, id, language, line, list, oneOf, sha256, text } from '../fields.js';
import { noticeVersion, responsibility } from '../parts.js';
import { defineEvent } from '../define.js';

const evidence = () => Type.Optional(closed({ kind: id(), digest: Type.Optional(sha256()) }, 'what proves it, and its digest'));

/** Who may be reached how, and about what the consent is. */
const scope = {
  channelPreferences: Type.Optional(list(id(), 16, 0)),
  categories: Type.Optional(list(id('data category of the policy'), 32)),
  validFor: Type.Optional(duration()),
  explicit: Type.Optional(Type.Boolean({ description: 'an express statement, as sensitive data needs' })),
};

/** What a person did at a consent control, as the service that showed it reports (GDPR 7(1)). */
export const consentCaptured = defineEvent({
  type: 'attesta.consent.captured.v1',
  title: 'A consent choice was captured',
  clauses: ['2.9', '3.3', '4.7', '7.6'],
  subject: 'required',
  data: closed({
    purposes: list(id('purpose of the policy'), 16),
    status: oneOf('given', 'refused', 'withdrawn'),
    method: id('method of the policy'),
    noticeVersion: noticeVersion(),
    language: language(),
    wordingDigest: Type.Optional(sha256('SHA-256 of the wording shown')),
    evidence: evidence(),
    ...scope,
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
  cause: Type.Optional(closed({ source: line(300), id: line(200) }, 'the event that led to it')),
};

/** The consent service's decision that a consent is in force. */
export const consentGiven = defineEvent({
  type: 'attesta.consent.given.v1',
  title: 'Consent is in force',
  clauses: ['4.7', '4.11'],
  subject: 'required',
  data: closed(decision),
});
export type ConsentGiven = Static<typeof consentGiven.dataSchema>;

/** The consent service's decision that a consent is no longer in force (PDPA s.19). */
export const consentWithdrawn = defineEvent({
  type: 'attesta.consent.withdrawn.v1',
  title: 'Consent was withdrawn',
  clauses: ['1.7', '7.6', '8.2'],
  subject: 'required',
  data: closed(decision),
});
export type ConsentWithdrawn = Static<typeof consentWithdrawn.dataSchema>;
