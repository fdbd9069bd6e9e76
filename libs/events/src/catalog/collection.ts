import { Type, type Static } from '@sinclair/typebox';
import { closed, id, line, oneOf, reference } from '../fields.js';
import { channel, context, destination, lawfulness, noticeVersion, personal, related, relatedSubjects, responsibility } from '../parts.js';
import { defineEvent } from '../define.js';

/** Personal data came in (notice clauses 1 to 3). */
export const collectionRecorded = defineEvent({
  type: 'attesta.collection.recorded.v1',
  title: 'Personal data was collected',
  clauses: ['1.1', '1.2', '1.3', '1.4', '1.5', '1.6', '2', '3'],
  subject: 'required',
  data: closed({
    ...lawfulness,
    occasion: id('collection occasion of the policy (clause 2)'),
    method: id('collection method of the policy (clause 3)'),
    channel: channel(),
    origin: oneOf('subject', 'third-party', 'derived'),
    originParty: Type.Optional(id('party that supplied the data, when the origin is a third party (clause 1.6)')),
    noticeVersion: Type.Optional(noticeVersion()),
    context: context(),
    ...responsibility,
    personal: Type.Optional(personal()),
    related: Type.Optional(related()),
  }),
});
export type CollectionRecorded = Static<typeof collectionRecorded.dataSchema>;

/** Personal data was used inside the controller (notice clause 4). */
export const useRecorded = defineEvent({
  type: 'attesta.use.recorded.v1',
  title: 'Personal data was used',
  clauses: ['4'],
  subject: 'optional',
  data: closed({
    ...lawfulness,
    operation: reference('what was done'),
    system: Type.Optional(reference('which system did it')),
    ...responsibility,
    related: Type.Optional(relatedSubjects()),
  }),
});
export type UseRecorded = Static<typeof useRecorded.dataSchema>;

/** Personal data went to somebody else (notice clauses 1.8, 2.6, 2.7, 4.8, 4.10, 5.2, 5.3). */
export const disclosureRecorded = defineEvent({
  type: 'attesta.disclosure.recorded.v1',
  title: 'Personal data was disclosed',
  clauses: ['1.8', '2.6', '2.7', '4.8', '4.10', '5.2', '5.3', '6.2'],
  subject: 'optional',
  data: closed({
    ...lawfulness,
    recipient: id('party of the policy'),
    country: destination(),
    transferGround: Type.Optional(id('ground of a transfer abroad')),
    initiator: oneOf('controller', 'subject', 'authority'),
    legalReference: Type.Optional(line(500, 'order, warrant or provision that demands the disclosure')),
    channel: Type.Optional(channel()),
    context: context(),
    ...responsibility,
    personal: Type.Optional(personal()),
    related: Type.Optional(related()),
  }),
});
export type DisclosureRecorded = Static<typeof disclosureRecorded.dataSchema>;

/** Somebody followed a link to a site that is not ours: nothing about the person goes along (notice clause 6.4). */
export const outboundLinkRecorded = defineEvent({
  type: 'attesta.outbound-link.recorded.v1',
  title: 'A link led to a third-party site',
  clauses: ['6.4'],
  subject: 'forbidden',
  data: closed({ recipient: id('party of the policy'), page: Type.Optional(reference('path without query string')) }),
});
export type OutboundLinkRecorded = Static<typeof outboundLinkRecorded.dataSchema>;
