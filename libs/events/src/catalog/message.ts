import { Type, type Static } from '@sinclair/typebox';
import { closed, dateTime, id, language, line, list, oneOf, position, sha256, uuid } from '../fields.js';
import { causeOf, noticeVersion } from '../parts.js';
import { defineEvent } from '../define.js';

/** What was sent to people, and what was not. Neither text nor address is ever part of it: only which fields a message showed, and to whom. */
const message = uuid('the message');
const what = {
  message,
  template: id('template of the message'),
  channel: id('channel by which the person is reached'),
  purpose: id('purpose of the policy'),
  kind: oneOf('legal', 'transactional', 'marketing'),
  cause: causeOf('the event that made it due'),
};
const withdrawal = () => closed({ source: line(300), id: line(200) }, 'the withdrawal, or the objection');

/** A message left for the person; from then on it cannot be called back. A report: who sends by other means says it too (notice clauses 4.5, 8.1). */
export const messageHandedOff = defineEvent({
  type: 'attesta.message.handed-off.v1',
  title: 'A message was handed off',
  clauses: ['4.5', '8.1'],
  subject: 'optional',
  data: closed({
    ...what,
    templateVersion: Type.Optional(sha256('SHA-256 of the template as it was used')),
    language: Type.Optional(language()),
    fields: Type.Optional(list(id('field that was filled in, never its value'), 64, 0)),
    exposed: list(id('field that others can see: on an envelope, in a subject line, on a locked screen'), 64, 0),
    queuedAt: Type.Optional(dateTime()),
    consent: Type.Optional(position('position of the consent relied on')),
    attempts: Type.Optional(Type.Integer({ minimum: 1, maximum: 100_000 })),
  }),
});
export type MessageHandedOff = Static<typeof messageHandedOff.dataSchema>;

/** A message was not sent, for it may not be, or need not be any more (notice clauses 4.7, 8.1). */
export const messageSuppressed = defineEvent({
  type: 'attesta.message.suppressed.v1',
  title: 'A message was suppressed',
  clauses: ['4.7', '8.1'],
  subject: 'optional',
  decision: true,
  data: closed({
    ...what,
    queuedAt: dateTime(),
    reason: oneOf('not-allowed', 'unsubscribed', 'no-address', 'address-bounced', 'forgotten', 'expired'),
    because: Type.Optional(list(id('reason of the decision'), 16)),
    withdrawal: Type.Optional(withdrawal()),
  }),
});
export type MessageSuppressed = Static<typeof messageSuppressed.dataSchema>;

/** A message had been handed off when the person said stop: it may still arrive, and until when that is excused is said (notice clause 8.1). */
export const messageInFlight = defineEvent({
  type: 'attesta.message.in-flight.v1',
  title: 'A message was under way when its permission ended',
  clauses: ['8.1'],
  subject: 'required',
  decision: true,
  data: closed({
    ...what,
    handedOffAt: dateTime(),
    withdrawnAt: dateTime(),
    /** From the withdrawal to the hand-off; negative where the message left before. */
    milliseconds: Type.Integer({ minimum: -Number.MAX_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER }),
    until: dateTime(),
    withdrawal: withdrawal(),
  }),
});
export type MessageInFlight = Static<typeof messageInFlight.dataSchema>;

/** Who carries messages says that one arrived. */
export const messageDelivered = defineEvent({
  type: 'attesta.message.delivered.v1',
  title: 'A message was delivered',
  clauses: ['8.1'],
  subject: 'optional',
  data: closed({ message, channel: id('channel by which the person is reached') }),
});

/** Who carries messages says that one did not arrive. */
export const messageBounced = defineEvent({
  type: 'attesta.message.bounced.v1',
  title: 'A message bounced',
  clauses: ['8.1'],
  subject: 'optional',
  data: closed({
    message,
    channel: id('channel by which the person is reached'),
    permanent: Type.Boolean({ description: 'the address takes no mail' }),
    status: Type.Optional(Type.String({ pattern: '^[245]\\.\\d{1,3}\\.\\d{1,3}$', maxLength: 9, description: 'RFC 3463' })),
  }),
});

/** A message could not be handed off, and will not be tried again by itself. */
export const messageFailed = defineEvent({
  type: 'attesta.message.failed.v1',
  title: 'A message could not be sent',
  clauses: ['8.1'],
  subject: 'optional',
  decision: true,
  data: closed({
    ...what,
    queuedAt: dateTime(),
    reason: oneOf('refused', 'unreachable', 'outcome-unknown', 'unsendable'),
    attempts: Type.Integer({ minimum: 0, maximum: 100_000 }),
  }),
});
export type MessageFailed = Static<typeof messageFailed.dataSchema>;

/** Telling everybody of a changed notice began (notice introduction); each person told is a `notice.communicated`. */
export const noticeChangeStarted = defineEvent({
  type: 'attesta.notice-change.started.v1',
  title: 'Telling people of a changed notice began',
  clauses: ['0'],
  subject: 'forbidden',
  decision: true,
  data: closed({ version: noticeVersion(), people: position('active people at the start') }),
});

/** Everybody who could be told of a changed notice was. */
export const noticeChangeCompleted = defineEvent({
  type: 'attesta.notice-change.completed.v1',
  title: 'People were told of a changed notice',
  clauses: ['0'],
  subject: 'forbidden',
  decision: true,
  data: closed({
    version: noticeVersion(),
    people: position('to whom a message was due'),
    told: position('messages handed off'),
    unreachable: position('people without an address: the website tells them'),
    failed: position('messages that could not be sent'),
  }),
});
export type NoticeChangeCompleted = Static<typeof noticeChangeCompleted.dataSchema>;
