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
