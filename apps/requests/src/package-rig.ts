import { fileURLToPath } from 'node:url';
import type { FulfilmentRecord } from '@attesta/sdk';
import { readPolicy } from '@attesta/service-kit';
import type { PackageAnswer, PackageEntry, PackageInput } from './package-input.js';

export const policy = readPolicy(fileURLToPath(new URL('../../../policies/m-med.yaml', import.meta.url)));

export const PERSON = '0f6cbb1c-6f5e-4c7e-9d5c-2f1f4f6a0001';
export const OTHER = '7e1dd0aa-0b4e-4b8e-8f3a-9c2b6d5e0002';

const at = (minute: number) => new Date(Date.UTC(2026, 0, 5, 3, minute)).toISOString();

export const entry = (
  position: number,
  type: string,
  data: Record<string, unknown>,
  changes: Partial<PackageEntry> = {},
): PackageEntry => ({
  position,
  subject: PERSON,
  type: `attesta.${type}.v1`,
  source: '//shop.example/orders',
  time: at(position),
  recordedAt: at(position),
  data,
  ...changes,
});

export const collected = (changes: Record<string, unknown> = {}) => ({
  categories: ['identity', 'contact'],
  purposes: ['service-fulfilment'],
  basis: 'contract',
  occasion: 'registration',
  method: 'online-form',
  channel: 'web',
  origin: 'subject',
  noticeVersion: '2022-08-10',
  ...changes,
});

export const used = (changes: Record<string, unknown> = {}) => ({
  categories: ['contact'],
  purposes: ['service-fulfilment'],
  basis: 'contract',
  operation: 'print-label',
  ...changes,
});

export const disclosed = (changes: Record<string, unknown> = {}) => ({
  categories: ['address'],
  purposes: ['service-fulfilment'],
  basis: 'contract',
  recipient: 'logistics-provider',
  initiator: 'controller',
  ...changes,
});

export const record = (changes: Partial<FulfilmentRecord> = {}): FulfilmentRecord => ({
  category: 'contact',
  name: 'customer',
  provenance: 'provided',
  basis: 'contract',
  values: { email: 'somchai@example.com' },
  ...changes,
});

export const answer = (records: FulfilmentRecord[], changes: Partial<PackageAnswer> = {}): PackageAnswer => ({
  system: 'storefront',
  title: 'Storefront',
  outcome: 'data',
  records,
  ...changes,
});

export const input = (changes: Partial<PackageInput> = {}): PackageInput => ({
  kind: 'access',
  language: 'en',
  request: { id: '3b241101-e2bb-4255-8caf-4136c566a962', right: changes.kind ?? 'access', jurisdiction: 'th-pdpa', receivedAt: at(0) },
  subject: PERSON,
  madeAt: '2026-01-31T09:00:00Z',
  policy,
  entries: [],
  answers: [],
  requests: [],
  ...changes,
});

/** A life with the shop: something in every section. */
export const fullInput = (changes: Partial<PackageInput> = {}): PackageInput =>
  input({
    entries: [
      entry(1, 'notice.acknowledged', { version: '2022-08-10', language: 'en', method: 'online-form' }),
      entry(2, 'collection.recorded', collected()),
      entry(3, 'collection.recorded', collected({ related: [{ subject: OTHER, role: 'recipient' }], context: { order: 'o-1' } })),
      entry(
        4,
        'collection.recorded',
        collected({
          categories: ['third-party-activity'],
          purposes: ['marketing'],
          basis: 'consent',
          origin: 'third-party',
          originParty: 'promotion-partner',
          occasion: 'partner-supply',
          method: 'partner-feed',
          channel: 'partner',
        }),
      ),
      ...[5, 6, 7].map((position) => entry(position, 'use.recorded', used())),
      entry(8, 'disclosure.recorded', disclosed()),
      entry(
        9,
        'disclosure.recorded',
        disclosed({
          recipient: 'revenue-department',
          categories: ['transaction'],
          purposes: ['legal-compliance'],
          basis: 'legal-obligation',
          basisCitation: 'Revenue Code s.19',
          initiator: 'authority',
          legalReference: 'Summons 12/2569',
        }),
      ),
      entry(10, 'disclosure.recorded', disclosed({ recipient: 'message-delivery', transferGround: 'appropriate-safeguards' })),
      entry(11, 'consent.captured', {
        purposes: ['marketing'],
        status: 'given',
        method: 'checkbox',
        noticeVersion: '2022-08-10',
        language: 'en',
        channelPreferences: ['email', 'sms'],
      }),
      entry(12, 'consent.given', { purposes: ['marketing'], method: 'checkbox', noticeVersion: '2022-08-10', by: 'subject' }),
      entry(13, 'consent.withdrawn', { purposes: ['marketing'], method: 'unsubscribe-link', by: 'subject', reason: 'too many letters' }),
      entry(14, 'objection.raised', { purposes: ['personalisation'], method: 'preference-center' }),
      entry(15, 'objection.decided', { purposes: ['personalisation'], outcome: 'upheld', reason: 'Your interest weighs more.' }),
      entry(16, 'restriction.placed', { ground: 'accuracy-contested', categories: ['address'], method: 'letter' }),
      entry(17, 'restriction.lifted', { categories: ['address'], reason: 'The address was corrected.' }),
      entry(18, 'guardian.recorded', { related: [{ subject: OTHER, role: 'guardian' }], method: 'letter' }),
    ],
    answers: [
      answer([
        record({ values: { email: 'somchai@example.com', phone: '+66 81 234 5678' } }),
        record({ category: 'identity', values: { name: 'สมชาย ใจดี', born: '1990-02-28', newsletter: false, title: null } }),
        record({ category: 'transaction', name: 'order', values: { number: 'o-1', total: 1290.5, placed: '2026-01-04' } }),
        record({ category: 'transaction', name: 'order', values: { number: 'o-2', total: -20, placed: '2026-01-05' } }),
        record({
          category: 'preferences',
          name: 'segment',
          provenance: 'derived',
          basis: 'legitimate-interest',
          values: { segment: 'loyal' },
        }),
      ]),
      answer([], { system: 'helpdesk', title: 'Helpdesk', outcome: 'nothing-held' }),
      answer([], { system: 'archive', title: 'Paper archive', outcome: 'overridden', reason: 'The archive burnt down in 2024.' }),
    ],
    requests: [
      { id: 'b7d1f7f0-1c9f-4b77-9f43-000000000001', right: 'rectification', status: 'fulfilled', receivedAt: at(1), endedAt: at(9) },
      { id: '3b241101-e2bb-4255-8caf-4136c566a962', right: 'access', status: 'open', receivedAt: at(0) },
    ],
    ...changes,
  });
