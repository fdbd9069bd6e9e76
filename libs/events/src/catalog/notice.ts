import { Type, type Static } from '@sinclair/typebox';
import { closed, dateTime, id, language, line, list, oneOf, positions, reference, sha256, text } from '../fields.js';
import { channel, noticeVersion } from '../parts.js';
import { defineEvent } from '../define.js';

/** A version of the privacy notice took its place in the register. */
export const noticePublished = defineEvent({
  type: 'attesta.notice.published.v1',
  title: 'A privacy notice was published',
  clauses: ['0'],
  subject: 'optional',
  data: closed({
    version: noticeVersion(),
    language: language(),
    digest: sha256('SHA-256 of the exact text'),
    effectiveAt: dateTime(),
    uri: Type.Optional(line(500)),
    changes: Type.Optional(text(4000)),
    purposes: Type.Optional(list(id('purpose of the policy'), 64)),
  }),
});
export type NoticePublished = Static<typeof noticePublished.dataSchema>;

/** A notice, or the notice that data came from a third party (PDPA s.25), reached a person or the public. */
export const noticeCommunicated = defineEvent({
  type: 'attesta.notice.communicated.v1',
  title: 'A notice was communicated',
  clauses: ['0', '1.6'],
  subject: 'optional',
  data: closed({
    version: noticeVersion(),
    language: language(),
    channel: channel(),
    template: Type.Optional(reference()),
    about: Type.Optional(oneOf('notice', 'third-party-source')),
    covers: Type.Optional(positions('positions of the collections it tells of')),
  }),
});
export type NoticeCommunicated = Static<typeof noticeCommunicated.dataSchema>;

/** A person acknowledged a notice. An acknowledgement is not consent. */
export const noticeAcknowledged = defineEvent({
  type: 'attesta.notice.acknowledged.v1',
  title: 'A notice was acknowledged',
  clauses: ['0'],
  subject: 'required',
  data: closed({ version: noticeVersion(), language: language(), method: id('method of the policy') }),
});
export type NoticeAcknowledged = Static<typeof noticeAcknowledged.dataSchema>;

/** Somebody asked about a purpose that the register does not have (notice clause 4.11): nothing may happen for it until it is registered and told. */
export const purposeQuarantined = defineEvent({
  type: 'attesta.purpose.quarantined.v1',
  title: 'An unregistered purpose was quarantined',
  clauses: ['4.11'],
  subject: 'forbidden',
  decision: true,
  data: closed({ purpose: id() }),
});
export type PurposeQuarantined = Static<typeof purposeQuarantined.dataSchema>;

/**
 * A purpose took its place in the register beside those of the policy file, with its bases and the provision it rests on (notice clause 4.11).
 * It comes to life with a published notice that names it.
 */
export const purposeRegistered = defineEvent({
  type: 'attesta.purpose.registered.v1',
  title: 'A purpose was registered',
  clauses: ['4.11'],
  subject: 'forbidden',
  decision: true,
  data: closed({
    purpose: id(),
    title: line(500),
    titleTh: Type.Optional(line(500)),
    bases: Type.Array(closed({ jurisdiction: id(), bases: list(id('lawful basis of the jurisdiction'), 16) }), {
      minItems: 1,
      maxItems: 16,
    }),
    citation: line(500, 'the provision the purpose rests on'),
    separable: Type.Boolean({ description: 'the service goes on without it' }),
    objection: oneOf('none', 'decision', 'absolute'),
    channels: Type.Optional(list(id(), 16)),
  }),
});
export type PurposeRegistered = Static<typeof purposeRegistered.dataSchema>;
