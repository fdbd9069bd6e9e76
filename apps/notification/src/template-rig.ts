import { fileURLToPath } from 'node:url';
import { readPolicy } from '@attesta/service-kit';
import type { Sender, Values } from './templates.js';

export const EXPOSURE = readPolicy(fileURLToPath(new URL('../../../policies/m-med.yaml', import.meta.url))).messages!.exposure;

export const SENDER: Sender = {
  name: 'M MED',
  contact: 'Data Protection Officer',
  email: 'dpo@m-med.example',
  phone: '+66 2 000 0000',
  address: '1 Example Road, Bangkok 10000',
  url: 'https://m-med.example/privacy',
};
const STOP = `https://m-med.example/v1/stop/${'k'.repeat(43)}`;
export const senderOf = (kind: string): Sender => (kind === 'marketing' ? { ...SENDER, unsubscribe: STOP } : SENDER);

const REFERENCE = '[REQ-0191f3a2-5b7c-7d41-9c55-2f6f1a0b3c4d]';
const AUTHORITY = 'Office of the Personal Data Protection Committee';
const request = { reference: REFERENCE };
const news = {
  heading: 'A heading',
  body: 'First line\nsecond line\n\nnext paragraph',
  link: 'https://m-med.example/a?b=1&c=2',
  linkTitle: 'Go there',
};

/** Typical values of every template, all fields given. */
export const SAMPLES: Readonly<Record<string, Values>> = {
  'request-received': {
    ...request,
    right: 'Withdrawal of consent',
    due: '2026-03-15T09:30:00Z',
    consequences: [
      { title: 'Location-based services', effect: 'ends' },
      { title: 'Consultations', effect: 'limited' },
    ],
  },
  'request-identity-needed': request,
  'request-clarification-needed': { ...request, reason: 'Which of your two accounts do you mean?' },
  'request-delayed': { ...request, due: '2026-04-15T00:00:00+07:00', reason: 'Two of our systems have to be searched by hand.' },
  'request-accepted': { ...request, due: '2026-03-15T09:30:00Z' },
  'request-refused': { ...request, reason: 'The tax law tells us to keep invoices.', law: 'PDPA s.33 para. 2', authority: AUTHORITY },
  'request-fulfilled': { ...request, right: 'Erasure', authority: AUTHORITY },
  'request-package-ready': { ...request, authority: AUTHORITY },
  'request-closed': request,
  'request-reopened': { ...request, due: '2026-03-15T09:30:00Z' },
  'notice-changed': {
    version: '2026-02-01',
    effective: '2026-03-01',
    changes: 'We say more of surveys.',
    url: 'https://m-med.example/notice',
    purposes: [{ title: 'Surveys' }],
  },
  'third-party-source': {
    items: [
      { from: 'Group company', what: 'Orders and items bought', date: '2026-01-05T10:00:00Z' },
      { from: 'Advertiser', what: 'Pages viewed', date: '2026-01-06T10:00:00Z' },
    ],
    purposes: [{ title: 'Preventing fraud' }],
  },
  consequences: {
    withdrawn: [{ title: 'Location features' }, { title: 'Marketing' }],
    services: [
      { title: 'Location-based services', effect: 'ends' },
      { title: 'Consultations', effect: 'limited' },
    ],
  },
  breach: {
    reference: 'BR-2026-0007',
    discovered: '2026-03-14T20:00:00Z',
    what: 'A file with names and telephone numbers was open to others for two days.',
    likely: 'Strangers may call you.',
    measures: 'We closed it, and asked that copies are deleted.',
    advice: 'Tell nobody a code or a password on the telephone.',
  },
  'service-message': { ...news, reference: 'ORDER-77' },
  announcement: news,
  'officer-alerts': {
    alerts: [
      {
        title: 'The deadline of a request was missed',
        severity: 'violation',
        reference: REFERENCE,
        position: 4711,
        due: '2026-03-15T09:30:00Z',
        detail: 'It was due on Sunday.',
      },
      { title: 'A system is late', severity: 'warning' },
    ],
    more: 12,
  },
};
