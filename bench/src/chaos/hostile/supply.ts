import { createHash } from 'node:crypto';
import type { Policy } from '@attesta/policy';
import type { Schema, Supply } from './schema-values.js';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

/** A text of every form that the schemas ask for. */
const FORMS: readonly string[] = [
  ...['0b7c1f6e-31d3-4a5e-9d0e-5f6a7b8c9d0e', '00000000-0000-4000-8000-000000000031'],
  ...[sha256('a'), sha256('b'), 'TH', 'DE', 'th', 'en', 'th-TH', 'P1Y', 'P30D', 'PT24H', 'P1Y6M', '5.1.1'],
  ...['2026-01-31T09:30:00Z', '2025-06-01T00:00:00.123Z', '2020-02-29', 'account|c-1001', 'email|somebody@mail.example'],
  ...[
    `ref1.${'A'.repeat(43)}`,
    'eyJhbGciOiJkaXIifQ..AAAA.BBBB.CCCC',
    'orders/o-1',
    'form-7',
    'web',
    'Something happened',
    'สิ่งที่เกิดขึ้น',
    'a line',
  ],
];

/** What the published schemas leave open, as this policy means it. */
export function supplyOf(policy: Policy, schemas: Readonly<Record<string, Schema>> = {}): Supply {
  const ids = (of: ReadonlyMap<string, unknown>) => [...of.keys()];
  const jurisdiction = ids(policy.jurisdictions)[0]!;
  const [purposes, categories, parties, subjects] = [
    ids(policy.purposes),
    ids(policy.categories),
    ids(policy.parties),
    ['account|c-1001', 'account|c-1002', 'email|somebody@mail.example', 'device|d-9'],
  ];
  return {
    texts: [...FORMS, ...purposes, ...categories],
    named: {
      ...{ categories, category: categories, purposes, purpose: purposes, basis: ids(policy.bases.get(jurisdiction)!) },
      ...{ occasion: ids(policy.occasions), method: ids(policy.methods), noticeVersion: ids(policy.notices) },
      ...{ recipient: parties, originParty: parties, controller: ids(policy.controllers), jurisdiction: [jurisdiction] },
      ...{ right: ids(policy.rights), trigger: ids(policy.triggers), subject: subjects, reason: ['case 7 of the audit'] },
    },
    resolve(ref) {
      const schema = schemas[ref.slice(ref.lastIndexOf('/') + 1)];
      if (!schema) throw new Error(`${ref} points to nothing`);
      return schema;
    },
  };
}
