/* A sealed choice and what it takes to write its receipt, for specs. */
import fs from 'node:fs';
import type { ConsentCaptured, Entry } from '@attesta/events';
import { loadPolicy, type Policy } from '@attesta/policy';
import { parse } from 'yaml';
import type { ReceiptInput } from './receipt-form.js';

export const policy: Policy = loadPolicy(parse(fs.readFileSync(new URL('../../../policies/m-med.yaml', import.meta.url), 'utf8')));

export const SUBJECT = '00000000-0000-4000-8000-000000000001';

export const choice: ConsentCaptured = {
  purposes: ['marketing', 'personalisation'],
  status: 'given',
  method: 'checkbox',
  noticeVersion: '2022-08-10',
  language: 'en',
  wordingDigest: '0a'.repeat(32),
  evidence: { kind: 'screenshot', digest: '0b'.repeat(32) },
  channelPreferences: ['email', 'sms'],
  categories: ['contact', 'preferences'],
  validFor: 'P1Y',
  by: 'subject',
  controller: 'm-med',
  jurisdiction: 'th-pdpa',
  acceptedAt: '2025-03-01T09:00:01Z',
};

/** The choice with changes; undefined leaves a member out. */
export function entryOf(changes: { [K in keyof ConsentCaptured]?: ConsentCaptured[K] | undefined } = {}): Entry {
  return {
    v: 1,
    id: 'choice-1',
    source: '//shop.example',
    type: 'attesta.consent.captured.v1',
    time: '2025-03-01T09:00:00.000Z',
    recordedAt: '2025-03-01T09:00:02.000Z',
    subject: { id: SUBJECT, seq: 1 },
    actor: 'svc-shop',
    data: Object.fromEntries(Object.entries({ ...choice, ...changes }).filter(([, value]) => value !== undefined)),
  };
}

export const inputOf = (entry: Entry = entryOf()): ReceiptInput => ({
  entry,
  position: 41,
  policy,
  receiptId: '0192f0c1-7b2a-7abc-8def-000000000009',
  issuedAt: '2025-06-01T00:00:00Z',
  standing: new Map([
    ['marketing', 'withdrawn'],
    ['personalisation', 'given'],
  ]),
});
