import { Type, type Static } from '@sinclair/typebox';
import { closed, dateTime, id, line, list, oneOf, position, reference, text, uuid } from '../fields.js';
import { defineEvent } from '../define.js';

/** Keeping no longer than lawful, and proving the destruction (notice clauses 4.9, 5.1, 6.5, 7.7). */
const disposal = uuid('the disposal');
const category = () => id('data category of the policy');
const purpose = () => id('purpose of the policy');
const keys = (minItems: number) => list(reference('<retention class>.<version>'), 500, minItems);
const systemOutcome = () => oneOf('done', 'nothing-held', 'overridden');
/** What is not touched, or was not: on a rule of the policy, under a hold, or by a system for a reason of its own. */
const survivor = () =>
  closed({
    category: category(),
    ground: id('retention rule of the policy, legal-hold, or the system that keeps it'),
    law: Type.Optional(line(200)),
    reason: Type.Optional(line(300)),
    hold: Type.Optional(uuid('the hold')),
    until: Type.Optional(dateTime()),
  });
const acknowledgement = () =>
  closed({
    system: id('connected system, or party of the policy'),
    outcome: systemOutcome(),
    kept: Type.Optional(list(closed({ category: category(), reason: line(300), law: Type.Optional(line(200)) }), 64)),
  });

/**
 * Something from which retention is counted came about, or did not after all: an account closed, a contract ended, a case closed. Without a subject it
 * is about everybody's data collected until `collectedUntil`, as a tax return that was filed.
 */
export const retentionTriggerRecorded = defineEvent({
  type: 'attesta.retention-trigger.recorded.v1',
  title: 'Something from which retention is counted came about',
  clauses: ['5.1'],
  subject: 'optional',
  data: closed({
    trigger: id('trigger of the policy'),
    state: oneOf('occurred', 'revoked'),
    categories: Type.Optional(list(category(), 64)),
    purposes: Type.Optional(list(purpose(), 32)),
    collectedUntil: Type.Optional(dateTime()),
  }),
});
export type RetentionTriggerRecorded = Static<typeof retentionTriggerRecorded.dataSchema>;

/** What a hold covers is not disposed of until it is released. Without a subject: of everybody; without categories or purposes: all of them. */
export const holdPlaced = defineEvent({
  type: 'attesta.hold.placed.v1',
  title: 'A legal hold was placed',
  clauses: ['5.1', '7.7'],
  subject: 'optional',
  decision: true,
  data: closed({
    hold: uuid('the hold'),
    matter: reference('case or matter it is for'),
    reason: text(1000),
    law: Type.Optional(line(200)),
    categories: Type.Optional(list(category(), 64)),
    purposes: Type.Optional(list(purpose(), 32)),
  }),
});
export type HoldPlaced = Static<typeof holdPlaced.dataSchema>;

export const holdReleased = defineEvent({
  type: 'attesta.hold.released.v1',
  title: 'A legal hold was released',
  clauses: ['5.1', '7.7'],
  subject: 'optional',
  decision: true,
  data: closed({ hold: uuid('the hold'), matter: reference(), reason: text(1000) }),
});
export type HoldReleased = Static<typeof holdReleased.dataSchema>;

/** What retention would have to be decided by a person, and was. */
export const retentionReviewed = defineEvent({
  type: 'attesta.retention.reviewed.v1',
  title: 'Data that was due for review was reviewed',
  clauses: ['5.1'],
  subject: 'required',
  decision: true,
  data: closed({
    categories: list(category(), 64),
    outcome: oneOf('dispose', 'keep'),
    until: Type.Optional(dateTime()),
    reason: text(1000),
  }),
});
export type RetentionReviewed = Static<typeof retentionReviewed.dataSchema>;

/** A changed rule moved what is pending. */
export const retentionReplanned = defineEvent({
  type: 'attesta.retention.replanned.v1',
  title: 'What is pending was planned anew',
  clauses: ['5.1'],
  subject: 'forbidden',
  decision: true,
  data: closed({
    from: Type.Optional(line(64, 'version and digest of the rules before')),
    to: line(64, 'version and digest of the rules now'),
    holdings: position('how many were looked at'),
    earlier: position('due earlier than before, or now at all'),
    later: position('due later than before, or no more'),
  }),
});
export type RetentionReplanned = Static<typeof retentionReplanned.dataSchema>;

/** A disposal begins: from now on nothing is sealed under the keys that are to be destroyed, and systems are asked. No notice to the person is needed. */
export const disposalStarted = defineEvent({
  type: 'attesta.disposal.started.v1',
  title: 'A disposal was started',
  clauses: ['5.1', '6.5', '7.7'],
  subject: 'required',
  decision: true,
  data: closed({
    disposal,
    cause: oneOf('schedule', 'erasure-request', 'minor', 'review'),
    request: Type.Optional(uuid('the request that asked for it; its systems have answered already')),
    action: oneOf('destroy', 'anonymise'),
    rules: list(id('retention rule of the policy'), 64, 0),
    /** Of which nothing collected until then stays: what systems are asked to erase. Empty where other purposes keep some of each. */
    categories: list(category(), 64, 0),
    classes: list(id('retention class of the policy'), 64),
    collectedUntil: dateTime(),
  }),
});
export type DisposalStarted = Static<typeof disposalStarted.dataSchema>;

/** The fence: at and after position `fence` nothing is sealed under these keys. What comes later gets a new key. */
export const keyClosed = defineEvent({
  type: 'attesta.key.closed.v1',
  title: 'Data keys were closed',
  clauses: ['5.1'],
  subject: 'required',
  decision: true,
  data: closed({ disposal, keys: keys(0), fence: position('size of the log when they were closed') }),
});
export type KeyClosed = Static<typeof keyClosed.dataSchema>;

/** Every connected system that holds what is disposed of, and every recipient, has answered. */
export const disposalSystemsAnswered = defineEvent({
  type: 'attesta.disposal.systems-answered.v1',
  title: 'All systems did their part of a disposal',
  clauses: ['5.1'],
  subject: 'required',
  decision: true,
  data: closed({ disposal, acknowledgements: list(acknowledgement(), 128, 0) }),
});
export type DisposalSystemsAnswered = Static<typeof disposalSystemsAnswered.dataSchema>;

export const disposalTaskStuck = defineEvent({
  type: 'attesta.disposal.task-stuck.v1',
  title: 'A system is late with its part of a disposal',
  clauses: ['5.1'],
  subject: 'required',
  decision: true,
  data: closed({
    disposal,
    task: uuid('the task'),
    system: id('connected system, or party of the policy'),
    reason: oneOf('no-answer', 'failed', 'refused', 'wrong-subject'),
    attempts: Type.Integer({ minimum: 0, maximum: 100_000 }),
  }),
});
export type DisposalTaskStuck = Static<typeof disposalTaskStuck.dataSchema>;

/** `part` counts an entry's sealed parts from 0. Below 0: a collection whose values systems alone hold, one number for each retention class of it. */
const part = () => closed({ position: position(), part: Type.Integer({ minimum: -64, maximum: 1000 }) });

/** What the ledger is to destroy: keys, the ciphertexts of single parts, or with scope subject the person. */
export const disposalInstructed = defineEvent({
  type: 'attesta.disposal.instructed.v1',
  title: 'Destruction in the ledger was instructed',
  clauses: ['5.1', '7.7'],
  subject: 'required',
  decision: true,
  data: closed({
    disposal,
    scope: oneOf('subject', 'class'),
    keys: keys(0),
    parts: Type.Array(part(), { maxItems: 1000 }),
    basis: Type.Optional(line(500)),
  }),
});
export type DisposalInstructed = Static<typeof disposalInstructed.dataSchema>;

/** Ciphertexts under keys that live on were removed from the ledger. Their entries stay, and every proof with them. */
export const ciphertextRemoved = defineEvent({
  type: 'attesta.ciphertext.removed.v1',
  title: 'Ciphertexts were removed',
  clauses: ['5.1'],
  subject: 'required',
  decision: true,
  data: closed({
    disposal,
    parts: Type.Array(part(), { minItems: 1, maxItems: 1000 }),
    method: oneOf('ciphertext-removal'),
  }),
});
export type CiphertextRemoved = Static<typeof ciphertextRemoved.dataSchema>;

/** A disposal ended before anything was destroyed. */
export const disposalAbandoned = defineEvent({
  type: 'attesta.disposal.abandoned.v1',
  title: 'A disposal was abandoned',
  clauses: ['5.1', '7.7'],
  subject: 'required',
  decision: true,
  data: closed({ disposal, reason: oneOf('held', 'no-longer-due'), holds: Type.Optional(list(uuid('a hold'), 64)) }),
});
export type DisposalAbandoned = Static<typeof disposalAbandoned.dataSchema>;

/** What was destroyed, what survives and why. The certificate of destruction is drawn from it, and proves it. */
export const disposalCompleted = defineEvent({
  type: 'attesta.disposal.completed.v1',
  title: 'A disposal was completed',
  clauses: ['4.9', '5.1', '6.5', '7.7'],
  subject: 'required',
  decision: true,
  data: closed({
    disposal,
    cause: oneOf('schedule', 'erasure-request', 'minor', 'review'),
    request: Type.Optional(uuid('the request that asked for it')),
    /** Complete: of what the disposal was to destroy nothing is left. Partial: something of it survives, here or in a system. */
    outcome: oneOf('complete', 'partial'),
    action: oneOf('destroy', 'anonymise'),
    scope: oneOf('subject', 'class'),
    rules: list(closed({ rule: id('retention rule of the policy'), law: line(200) }), 64, 0),
    categories: list(category(), 64, 0),
    keys: keys(0),
    parts: position('how many were destroyed'),
    collected: Type.Optional(closed({ from: dateTime(), until: dateTime() }, 'when what was destroyed had been collected')),
    survivors: list(survivor(), 128, 0),
    acknowledgements: list(acknowledgement(), 128, 0),
    methods: list(oneOf('crypto-shredding', 'ciphertext-removal', 'system-erasure'), 3, 0),
    /** Clause 5.1 asks for no notice before it. */
    priorNotice: oneOf('not-required', 'requested-by-subject'),
    fence: Type.Optional(position('nothing was sealed under these keys at or after it')),
    destroyed: Type.Optional(position('the event that tells of the destroyed keys')),
  }),
});
export type DisposalCompleted = Static<typeof disposalCompleted.dataSchema>;

/** A database that had been restored from a backup was brought to forget again what was destroyed since. */
export const erasuresReplayed = defineEvent({
  type: 'attesta.erasures.replayed.v1',
  title: 'Erasures were replayed after a restore',
  clauses: ['4.9'],
  subject: 'forbidden',
  decision: true,
  data: closed({
    database: id('whose database'),
    people: position('people forgotten again'),
    keys: position('keys destroyed again'),
    ciphertexts: position('ciphertexts removed again'),
  }),
});
export type ErasuresReplayed = Static<typeof erasuresReplayed.dataSchema>;
