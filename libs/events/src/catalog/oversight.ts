import { Type, type Static } from '@sinclair/typebox';
import { closed, id, line, list, oneOf, position, positions, reference, text, uuid } from '../fields.js';
import { defineEvent } from '../define.js';

/** Somebody read personal data, or tried to (notice clauses 5.1, 6.3). `actor` of the event says who. */
export const accessRecorded = defineEvent({
  type: 'attesta.access.recorded.v1',
  title: 'Access to personal data',
  clauses: ['5.1', '6.3'],
  subject: 'optional',
  data: closed({
    action: reference(),
    resource: line(500),
    reason: Type.Optional(text(1000)),
    outcome: oneOf('allowed', 'denied'),
    role: Type.Optional(id()),
    positions: Type.Optional(positions('entries that were read')),
    rows: Type.Optional(position('how many rows were read')),
    asOf: Type.Optional(position('position the answer was computed at')),
  }),
});
export type AccessRecorded = Static<typeof accessRecorded.dataSchema>;

/** A recorded fact breaks a clause or a law, or looks as if it might. The fact itself stays. */
export const findingRaised = defineEvent({
  type: 'attesta.finding.raised.v1',
  title: 'A finding was raised',
  clauses: ['5.3'],
  subject: 'optional',
  decision: true,
  data: closed({
    finding: reference(),
    rule: id(),
    severity: oneOf('info', 'warning', 'violation'),
    clause: Type.Optional(line(32)),
    law: Type.Optional(line(200)),
    positions: positions('the entries that show it'),
    explanation: text(2000),
  }),
});
export type FindingRaised = Static<typeof findingRaised.dataSchema>;

/** Somebody is to deal with a finding. */
export const findingAssigned = defineEvent({
  type: 'attesta.finding.assigned.v1',
  title: 'A finding was assigned',
  clauses: ['5.3'],
  subject: 'optional',
  decision: true,
  data: closed({
    finding: reference(),
    to: line(200, 'pseudonymous id of who is to deal with it, as actors have it'),
    note: Type.Optional(text(2000)),
  }),
});
export type FindingAssigned = Static<typeof findingAssigned.dataSchema>;

/** A finding was closed, with the reason. `outcome`: what it came to, where somebody said so. */
export const findingResolved = defineEvent({
  type: 'attesta.finding.resolved.v1',
  title: 'A finding was resolved',
  clauses: ['5.3'],
  subject: 'optional',
  decision: true,
  data: closed({
    finding: reference(),
    outcome: Type.Optional(oneOf('remedied', 'not-an-infringement', 'accepted-risk')),
    reason: text(2000),
    positions: Type.Optional(positions('the entries that show it')),
  }),
});
export type FindingResolved = Static<typeof findingResolved.dataSchema>;

/** A resolved finding is open again. */
export const findingReopened = defineEvent({
  type: 'attesta.finding.reopened.v1',
  title: 'A finding was reopened',
  clauses: ['5.3'],
  subject: 'optional',
  decision: true,
  data: closed({ finding: reference(), reason: text(2000) }),
});
export type FindingReopened = Static<typeof findingReopened.dataSchema>;

/** Data keys were destroyed, and with them every value encrypted under them (notice clauses 5.1, 7.7). */
export const keyDestroyed = defineEvent({
  type: 'attesta.key.destroyed.v1',
  title: 'Data keys were destroyed',
  clauses: ['5.1', '7.7'],
  subject: 'optional',
  decision: true,
  data: closed({
    keys: list(closed({ subject: uuid(), key: reference('<retention class>.<version>') }), 500, 0),
    scope: oneOf('subject', 'class'),
    reason: text(1000),
    basis: Type.Optional(line(500)),
    method: oneOf('crypto-shredding'),
  }),
});
export type KeyDestroyed = Static<typeof keyDestroyed.dataSchema>;
