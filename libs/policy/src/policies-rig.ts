import fs from 'node:fs';
import type { CloudEvent, EventData } from '@attesta/events';
import { parse } from 'yaml';
import { loadPolicy } from './load-policy.js';

/** For the specs: the real policy and a wholly different one, each with the ids that a common table of tests speaks of. */
const read = (path: string) => parse(fs.readFileSync(new URL(path, import.meta.url), 'utf8')) as Record<string, unknown>;

export const sourceOf = { mMed: () => read('../../../policies/m-med.yaml'), bicycleRepair: () => read('./fixtures/bicycle-repair.yaml') };

export const mMed = {
  policy: loadPolicy(sourceOf.mMed()),
  controller: 'm-med',
  jurisdiction: 'th-pdpa',
  category: 'identity',
  otherCategory: 'transaction',
  sensitive: 'health',
  purpose: 'service-fulfilment',
  basis: 'contract',
  wrongBasis: 'public-task',
  explicitConsent: 'explicit-consent',
  exemption: 'legal-claims',
  lawPurpose: 'legal-compliance',
  lawBasis: 'legal-obligation',
  laterPurpose: 'other-notified',
  laterConsent: 'consent',
  occasion: 'registration',
  contextOccasion: 'agreement',
  contextKey: 'agreement',
  method: 'online-form',
  pollMethod: 'survey',
  home: 'logistics-provider',
  abroad: 'message-delivery',
  ground: 'appropriate-safeguards',
  contractor: 'survey-contractor',
  linkedSite: 'linked-site',
  authority: 'revenue-department',
  notice: '2022-08-10',
  language: 'en',
  marketing: 'marketing',
  channel: 'sms',
  classOfCategory: 'identity',
};

export const bicycleRepair: typeof mMed = {
  policy: loadPolicy(sourceOf.bicycleRepair()),
  controller: 'speichenwerk-gmbh',
  jurisdiction: 'gdpr-de',
  category: 'customer-name',
  otherCategory: 'repair-order',
  sensitive: 'injury',
  purpose: 'repair',
  basis: 'art6-b',
  wrongBasis: 'art6-f',
  explicitConsent: 'art9-a',
  exemption: 'art9-f',
  lawPurpose: 'bookkeeping',
  lawBasis: 'art6-c',
  laterPurpose: 'told-later',
  laterConsent: 'art6-a',
  occasion: 'walk-in',
  contextOccasion: 'drop-off',
  contextKey: 'order',
  method: 'counter',
  pollMethod: 'rider-poll',
  home: 'parts-dealer',
  abroad: 'cloud-calendar',
  ground: 'art46-scc',
  contractor: 'poll-agency',
  linkedSite: 'bike-magazine',
  authority: 'finanzamt',
  notice: 'v3',
  language: 'de',
  marketing: 'spring-offer',
  channel: 'postcard',
  classOfCategory: 'person',
};

export type Vocabulary = typeof mMed;

const envelope = (type: string, data: EventData): CloudEvent => ({
  specversion: '1.0',
  id: '0192f0c1-7b2a-7abc-8def-000000000001',
  source: '/shop',
  type: `attesta.${type}.v1`,
  time: '2025-01-31T09:30:00Z',
  subject: 'account|c-1001',
  data,
});

/** Events in a policy's own words that its rules accept; each takes changes. */
export const eventsOf = (v: Vocabulary) => ({
  collection: (changes: object = {}) =>
    envelope('collection.recorded', {
      categories: [v.category],
      purposes: [v.purpose],
      basis: v.basis,
      occasion: v.occasion,
      method: v.method,
      channel: 'web',
      origin: 'subject',
      noticeVersion: v.notice,
      personal: { [v.category]: { name: 'สมชาย' } },
      ...changes,
    }),
  use: (changes: object = {}) =>
    envelope('use.recorded', { categories: [v.category], purposes: [v.purpose], basis: v.basis, operation: 'ship', ...changes }),
  disclosure: (changes: object = {}) =>
    envelope('disclosure.recorded', {
      categories: [v.category],
      purposes: [v.purpose],
      basis: v.basis,
      recipient: v.home,
      initiator: 'controller',
      ...changes,
    }),
  consent: (changes: object = {}) =>
    envelope('consent.captured', {
      purposes: [v.marketing],
      status: 'given',
      method: v.method,
      noticeVersion: v.notice,
      language: v.language,
      channelPreferences: [v.channel],
      ...changes,
    }),
  link: (changes: object = {}): CloudEvent => {
    const { subject: _subject, ...event } = envelope('outbound-link.recorded', { recipient: v.linkedSite, ...changes });
    return event;
  },
  other: (name: string, data: EventData) => envelope(name, data),
});
