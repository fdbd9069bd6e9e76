import { fileURLToPath } from 'node:url';
import type { Policy } from '@attesta/policy';
import { readPolicy } from '@attesta/service-kit';
import type { Assessment, Facts, Recorded, Words } from './breach.state.js';

/** For specs only: a breach as people would record it. */
export const policy: Policy = readPolicy(fileURLToPath(new URL('../../../policies/m-med.yaml', import.meta.url)));

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DISCOVERED = '2026-03-02T02:00:00.000Z';
/** 72 hours later. */
export const DUE = '2026-03-05T02:00:00Z';

export const facts: Facts = {
  occurredFrom: '2026-02-27T15:00:00.000Z',
  nature: ['confidentiality'],
  categories: ['contact', 'transaction'],
  whom: 'customers',
  people: 1200,
  records: 3400,
  description: 'A backup could be read by anybody.\nมีผู้เข้าถึงสำเนาข้อมูลได้โดยไม่มีสิทธิ',
  cause: 'A storage bucket was public.',
  jurisdictions: ['th-pdpa'],
};
export const recorded: Recorded = { discoveredAt: DISCOVERED, ...facts };

export const assessed = (risk: Assessment['risk'], reasons = 'It was weighed.'): Assessment => ({
  risk,
  reasons,
  consequences: 'Fraudulent messages',
  measures: 'The bucket was closed.',
});

export const words: Words = {
  en: {
    what: 'A backup was read.',
    likely: 'Fraudulent messages',
    measures: 'We closed it.',
    advice: 'Trust no message that asks for money.',
  },
  th: { what: 'มีผู้อ่านสำเนาข้อมูล', likely: 'อาจมีข้อความหลอกลวง', measures: 'เราปิดช่องทางแล้ว', advice: 'อย่าเชื่อข้อความที่ขอเงิน' },
};
