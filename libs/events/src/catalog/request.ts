import { Type, type Static, type TSchema } from '@sinclair/typebox';
import { closed, dateTime, duration, id, language, line, list, oneOf, sha256, text, uuid } from '../fields.js';
import { defineEvent } from '../define.js';

/** A data-subject request, told in events. Names of statuses are the W3C DPV's; what a person wrote stays with the requests service, encrypted. */
const CLAUSES = ['7.1', '7.2', '7.3', '7.4', '7.5', '7.6', '7.7', '7.8'];
const request = uuid('the request');
const category = () => id('data category of the policy');
const evidence = () => Type.Optional(closed({ kind: id(), digest: Type.Optional(sha256()) }, 'what proves it, and its digest'));
/** A category that is not touched: refused, or kept, on a law, or by a system for a reason of its own. */
const spared = () => closed({ category: category(), ground: id(), law: Type.Optional(line(200)), reason: Type.Optional(line(300)) });
const justification = () => oneOf('identity-verification', 'information');

const requestEvent = <const Name extends string, const Data extends Record<string, TSchema>>(
  name: Name,
  title: string,
  data: Data,
  clauses = CLAUSES,
) =>
  defineEvent({
    type: `attesta.request.${name}.v1` as const,
    title,
    clauses,
    subject: 'required',
    decision: true,
    data: closed({ request, ...data }),
  });

/** RequestInitiated. */
export const requestReceived = requestEvent('received', 'A data-subject request was received', {
  right: id('right of the policy'),
  jurisdiction: id('jurisdiction of the policy'),
  /** `controller`: the company found out itself, as that an account is a child's (notice clause 6.5). */
  channel: oneOf('form', 'email', 'letter', 'phone', 'in-person', 'opendsr', 'controller'),
  language: language(),
  purposes: Type.Optional(list(id('purpose of the policy'), 32)),
  channels: Type.Optional(list(id('channel by which the person is reached'), 16)),
  categories: Type.Optional(list(category(), 32)),
  ground: Type.Optional(oneOf('accuracy-contested', 'unlawful-processing', 'needed-for-claims', 'objection-pending')),
  fields: Type.Optional(list(closed({ category: category(), field: id('name of the field, never its value') }), 64)),
  duplicateOf: Type.Optional(uuid('an open request of the same person for the same right')),
  evidence: evidence(),
});

/** RequestAcknowledged: the person was told that it came. */
export const requestAcknowledged = requestEvent('acknowledged', 'A request was acknowledged', {
  clock: Type.Optional(id('clock of the policy')),
  due: Type.Optional(dateTime()),
});
/** RequestRequiresAction: something is needed of the person (notice clause 8.3). */
export const requestActionRequired = requestEvent(
  'action-required',
  'A request needs something of the person',
  { justification: justification(), reason: Type.Optional(text(1000)) },
  ['7.1', '8.3'],
);
/** RequestRequiredActionPerformed. */
export const requestActionPerformed = requestEvent(
  'action-performed',
  'The person did what a request needed',
  { justification: justification() },
  ['8.3'],
);
/** Whoever asks is the person (notice clauses 7.1, 8.3). */
export const requestIdentityVerified = requestEvent(
  'identity-verified',
  'The identity behind a request was verified',
  { method: oneOf('email-code', 'authenticated-email', 'account', 'documents', 'trusted-controller'), evidence: evidence() },
  ['7.1', '8.3'],
);
/** IdentityVerificationFailure. */
export const requestIdentityFailed = requestEvent(
  'identity-failed',
  'The identity behind a request could not be verified',
  { method: oneOf('email-code', 'documents'), reason: oneOf('too-many-tries', 'documents-insufficient') },
  ['7.1', '8.3'],
);
/** RequestActionDelayed: it takes longer, and the person is told until when and why (notice clause 8.5, GDPR Art. 12(3)). */
export const requestDelayed = requestEvent(
  'delayed',
  'More time was announced for a request',
  { clock: id('clock of the policy'), due: dateTime(), reason: text(1000) },
  ['8.5'],
);
/** RequestAccepted; partially, where categories are refused, each on its ground. */
export const requestAccepted = requestEvent('accepted', 'A request was accepted', {
  categories: Type.Optional(list(category(), 64, 0)),
  refused: Type.Optional(list(closed({ category: category(), ground: id(), law: line(200) }), 64)),
  systems: Type.Optional(list(id('connected system'), 64, 0)),
});
/** RequestRejected, on a legal ground of the policy; the record of PDPA s.39 and the notice to the person name it, and the authority. */
export const requestRejected = requestEvent(
  'rejected',
  'A request was refused',
  { ground: id('refusal ground of the policy'), law: line(200), reason: text(1000), authority: id('party of the policy') },
  ['7.8', '8.6'],
);
/** RequestFulfilled. */
export const requestFulfilled = requestEvent('fulfilled', 'A request was fulfilled', {
  outcome: oneOf('complete', 'partial'),
  inTime: Type.Optional(Type.Boolean()),
  survivors: Type.Optional(list(spared(), 64)),
  acknowledgements: Type.Optional(list(closed({ system: id(), outcome: oneOf('data', 'done', 'nothing-held', 'overridden') }), 128)),
});
/** RequestUnfulfilled: it ended without being carried out or refused. */
export const requestUnfulfilled = requestEvent('unfulfilled', 'A request ended unfulfilled', {
  reason: oneOf('withdrawn', 'identity-not-verified', 'duplicate', 'no-answer'),
});
export const requestReopened = requestEvent(
  'reopened',
  'A request was opened again',
  { reason: text(1000), complaint: Type.Optional(uuid('the request that complains of it')) },
  ['7.8'],
);
/** A clock of a request comes near its end. */
export const requestWarned = requestEvent('warned', 'A deadline comes near', { clock: id(), due: dateTime(), before: duration() }, ['8.5']);
/** A clock of a request ran out. */
export const requestOverdue = requestEvent('overdue', 'A deadline was missed', { clock: id(), due: dateTime() }, ['8.5']);
export type RequestOverdue = Static<typeof requestOverdue.dataSchema>;

const task = { task: uuid('the task'), system: id('connected system, or party of the policy') };

/** A system that holds data was asked to do its part. */
export const requestTaskIssued = requestEvent('task-issued', 'A system was asked to fulfil a request', {
  ...task,
  kind: oneOf('access', 'portability', 'rectification', 'restriction', 'erasure'),
  categories: list(category(), 64, 0),
  due: dateTime(),
});
/** What it answered; never the data. */
export const requestTaskAnswered = requestEvent('task-answered', 'A system did its part of a request', {
  ...task,
  outcome: oneOf('data', 'done', 'nothing-held'),
  categories: Type.Optional(list(category(), 64, 0)),
  reason: Type.Optional(text(1000, 'how a recipient was told, where there is no system')),
  kept: Type.Optional(list(closed({ category: category(), reason: line(300), law: Type.Optional(line(200)) }), 64)),
});
/** The DPO settled a task that a system did not (or that a letter did). */
export const requestTaskOverridden = requestEvent('task-overridden', "A system's part of a request was settled by hand", {
  ...task,
  reason: text(1000),
});
/** A system does not do its part. */
export const requestTaskStuck = requestEvent('task-stuck', 'A system is late with its part of a request', {
  ...task,
  reason: oneOf('no-answer', 'failed', 'refused', 'wrong-subject'),
  attempts: Type.Integer({ minimum: 0, maximum: 100_000 }),
});

/** A copy of the person's data was put together (notice clauses 7.1, 7.3). The digest is of the encrypted file. */
export const requestPackageMade = requestEvent(
  'package-made',
  'A package of personal data was made',
  { digest: sha256(), expires: dateTime() },
  ['7.1', '7.3'],
);
export const requestPackageDownloaded = requestEvent(
  'package-downloaded',
  'A package of personal data was downloaded',
  { digest: sha256() },
  ['7.1', '7.3'],
);

/** What is to be erased, and what survives by law: retention carries it on (notice clause 7.7). */
export const requestErasureInstructed = requestEvent(
  'erasure-instructed',
  'Erasure was instructed',
  {
    categories: list(category(), 64, 0),
    survivors: list(spared(), 64, 0),
  },
  ['7.7'],
);

/** Something is to be told to the person, or to the DPO; notification sends it. `cause` makes it one message. */
export const requestMessageDue = requestEvent(
  'message-due',
  'A message about a request is due',
  {
    cause: uuid('the event that makes it due'),
    template: oneOf(
      'received',
      'identity-needed',
      'clarification-needed',
      'delayed',
      'accepted',
      'refused',
      'fulfilled',
      'package-ready',
      'closed',
      'reopened',
      'deadline-near',
      'deadline-missed',
      'system-late',
    ),
    to: oneOf('subject', 'dpo'),
    language: language(),
    right: Type.Optional(id('right of the policy')),
    due: Type.Optional(dateTime()),
    reason: Type.Optional(text(1000)),
    law: Type.Optional(line(200)),
    authority: Type.Optional(id('whom a complaint goes to')),
    consequences: Type.Optional(list(id('service of the policy'), 32, 0)),
  },
  ['7.8', '8.3', '8.5', '8.6'],
);
