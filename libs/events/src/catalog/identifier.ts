import { Type, type Static } from '@sinclair/typebox';
import { closed, oneOf, reference } from '../fields.js';
import { oneRelated } from '../parts.js';
import { defineEvent } from '../define.js';

const link = () =>
  closed({
    kind: oneOf('device', 'visitor', 'third-party-account', 'contact'),
    provider: Type.Optional(reference()),
    rule: reference('the recorded rule that allowed it, e.g. login'),
    related: oneRelated('linked'),
  });

/** Another identity was tied to the subject (notice clauses 1.5, 2.8, 3.2, 3.3). */
export const identifierLinked = defineEvent({
  type: 'attesta.identifier.linked.v1',
  title: 'An identity was linked',
  clauses: ['1.5', '2.8', '3.2', '3.3'],
  subject: 'required',
  data: link(),
});
export type IdentifierLinked = Static<typeof identifierLinked.dataSchema>;

/** The tie was undone; what comes in through it later is a violation (notice clause 1.5). */
export const identifierUnlinked = defineEvent({
  type: 'attesta.identifier.unlinked.v1',
  title: 'An identity was unlinked',
  clauses: ['1.5', '2.8'],
  subject: 'required',
  data: link(),
});
export type IdentifierUnlinked = Static<typeof identifierUnlinked.dataSchema>;
