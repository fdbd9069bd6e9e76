import { personalKind } from './personal-kind.js';

test.each([
  ['somchai@example.co.th', 'an e-mail address'],
  ['{"note":"ask somchai.j+1@example.com"}', 'an e-mail address'],
  ['call +66 81 234 5678 back', 'a phone number'],
  ['081-234-5678', 'a phone number'],
  ['Call 081-234-5678.', 'a phone number'],
  ['Her id is 1-1017-00230-70-8.', 'a Thai national id'],
  ['1-1017-00230-70-8', 'a Thai national id'],
])('%j holds %s', (text, kind) => expect(personalKind(text)).toBe(kind));

test.each([
  'storefront',
  'case 12/2026',
  '1101700230709',
  '7d3f0c9a-1b2c-4d5e-8f90-123456789012',
  'usr_0812345678',
  'order-0812345678',
  '2026-01-05',
  '10.0.812345678.9',
  '@',
])('%j holds nothing of a person', (text) => expect(personalKind(text)).toBeUndefined());
