import { Type, type Static } from '@sinclair/typebox';
import { closed, oneOf, reference } from '../fields.js';
import { oneRelated } from '../parts.js';
import { defineEvent } from '../define.js';

/**
 * The rule of a link of kind `contact` that says: the person proved that they read what is sent to the address. A session by e-mail under this address
 * is theirs. Whoever links by this rule lets the reader of that mail see everything of the person.
 */
export const VERIFIED_ADDRESS = 'verified-address';

const link = () =>
  closed({
    kind: oneOf('device', 'visitor', 'third-party-account', 'contact'),
    provider: Type.Optional(reference()),
    rule: reference(
      `the recorded rule that allowed it, e.g. login; ${VERIFIED_ADDRESS} (kind contact) lets whoever reads the mail to it open the person's privacy center`,
    ),
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
