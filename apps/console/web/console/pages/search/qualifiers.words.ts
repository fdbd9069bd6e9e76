import { defineWords } from '../../../kit/words.js';

/** Qualifiers of a query, in the order in which they are offered. */
const QUALIFIERS = {
  type: 'kind of event',
  subject: 'a person, by id',
  recipient: 'to whom data went',
  purpose: 'what for',
  category: 'which data',
  basis: 'on which lawful basis',
  method: 'how it was collected or chosen',
  channel: 'over which channel',
  actor: 'who did it',
  source: 'who reported it',
  clause: 'clause of the notice',
  rule: 'rule of a finding',
  request: 'a request, by id',
  breach: 'a breach, by id',
  finding: 'a finding, by id',
  position: 'positions, such as 100..200',
  created: 'when it was sealed',
  occurred: 'when it happened',
} as const;

export const QUALIFIER_NAMES = Object.keys(QUALIFIERS) as (keyof typeof QUALIFIERS)[];

export const useQualifierWords = defineWords('qualifiers', QUALIFIERS, {
  type: 'ประเภทเหตุการณ์',
  subject: 'บุคคล ตามรหัส',
  recipient: 'ผู้รับข้อมูล',
  purpose: 'วัตถุประสงค์',
  category: 'ประเภทข้อมูล',
  basis: 'ฐานทางกฎหมาย',
  method: 'วิธีเก็บรวบรวมหรือวิธีเลือก',
  channel: 'ช่องทาง',
  actor: 'ผู้กระทำ',
  source: 'ผู้รายงาน',
  clause: 'ข้อในประกาศ',
  rule: 'หลักเกณฑ์ของข้อค้นพบ',
  request: 'คำขอ ตามรหัส',
  breach: 'เหตุละเมิด ตามรหัส',
  finding: 'ข้อค้นพบ ตามรหัส',
  position: 'ตำแหน่ง เช่น 100..200',
  created: 'เวลาที่ผนึก',
  occurred: 'เวลาที่เกิด',
});
