import type { CloudEvent, EventData } from './cloud-event.js';
import type { EventType, EventTypes } from './catalog.js';

/** One believable event's data of every type, for the specs of this package. */
export const EXAMPLES: { [T in EventType]: EventTypes[T] } = {
  'attesta.collection.recorded.v1': {
    categories: ['identity', 'contact'],
    purposes: ['service-fulfilment'],
    basis: 'contract',
    occasion: 'transaction',
    method: 'checkout',
    channel: 'web',
    origin: 'subject',
    noticeVersion: '2022-08-10',
    context: { order: 'o-2025-000123', page: '/checkout/pay' },
    personal: { identity: { name: 'สมชาย ใจดี' }, contact: { email: 'somchai@example.com', verified: true, tries: 2, fax: null } },
    related: [
      { subject: 'account|c-1002', role: 'recipient', personal: { contact: { phone: '+66812345678' } } },
      { subject: `ref1.${'a'.repeat(43)}` },
    ],
  },
  'attesta.use.recorded.v1': {
    categories: ['contact'],
    purposes: ['marketing'],
    basis: 'consent',
    consent: 17,
    operation: 'campaign/send',
    system: 'mailer',
  },
  'attesta.disclosure.recorded.v1': {
    categories: ['transaction'],
    purposes: ['legal-compliance'],
    basis: 'legal-obligation',
    basisCitation: 'Revenue Code s.87 “ภาษี”',
    recipient: 'revenue-department',
    country: 'TH',
    initiator: 'authority',
    legalReference: 'order 12/2568',
  },
  'attesta.outbound-link.recorded.v1': { recipient: 'linked-site', page: '/partners' },
  'attesta.consent.captured.v1': {
    purposes: ['marketing'],
    status: 'given',
    method: 'checkbox',
    noticeVersion: '2022-08-10',
    language: 'th-TH',
    wordingDigest: 'ab'.repeat(32),
    evidence: { kind: 'screenshot', digest: '0f'.repeat(32) },
    channelPreferences: ['email'],
    validFor: 'P1Y6M',
    explicit: true,
  },
  'attesta.consent.given.v1': { purposes: ['marketing'], method: 'checkbox', by: 'subject', cause: { source: '/shop', id: 'e-1' } },
  'attesta.consent.withdrawn.v1': { purposes: ['marketing'], method: 'letter', by: 'guardian', reason: 'asked in writing\nby the mother' },
  'attesta.notice.published.v1': {
    version: '2022-08-10',
    language: 'en',
    digest: '6c'.repeat(32),
    effectiveAt: '2022-08-10T00:00:00+07:00',
    uri: 'https://example.com/privacy',
    changes: 'first\tversion',
  },
  'attesta.notice.communicated.v1': {
    version: '2022-08-10',
    language: 'en',
    channel: 'email',
    about: 'third-party-source',
    covers: [3, 4],
  },
  'attesta.notice.acknowledged.v1': { version: '2022-08-10', language: 'en', method: 'checkbox' },
  'attesta.identifier.linked.v1': { kind: 'device', rule: 'login', related: [{ subject: 'device|d-9', role: 'linked' }] },
  'attesta.identifier.unlinked.v1': {
    kind: 'third-party-account',
    provider: 'social',
    rule: 'user-request',
    related: [{ subject: 'cookie|x', role: 'linked' }],
  },
  'attesta.access.recorded.v1': {
    action: 'timeline.read',
    resource: '/v1/subjects/x/timeline',
    outcome: 'allowed',
    role: 'dpo',
    rows: 12,
    asOf: 99,
    positions: [1, 2],
  },
  'attesta.finding.raised.v1': {
    finding: 'f-1',
    rule: 'survey-to-advertiser',
    severity: 'violation',
    clause: '3.1',
    law: 'PDPA s.27',
    positions: [7],
    explanation: 'Answers went to an advertiser.',
  },
  'attesta.finding.resolved.v1': { finding: 'f-1', reason: 'The advertiser deleted them.' },
  'attesta.key.destroyed.v1': {
    keys: [{ subject: '00000000-0000-4000-8000-000000000001', key: 'identity.1' }],
    scope: 'subject',
    reason: 'erasure request',
    method: 'crypto-shredding',
  },
};

/** A whole event around an example. */
export function example(type: EventType, changes: Partial<CloudEvent> = {}): CloudEvent {
  return {
    specversion: '1.0',
    id: '0192f0c1-7b2a-7abc-8def-000000000001',
    source: '/shop/checkout',
    type,
    time: '2025-01-31T09:30:00.123Z',
    ...(type === 'attesta.outbound-link.recorded.v1' ? {} : { subject: 'account|c-1001' }),
    data: structuredClone(EXAMPLES[type]) as EventData,
    ...changes,
  };
}
