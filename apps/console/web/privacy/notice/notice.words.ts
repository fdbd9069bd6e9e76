import { defineWords } from '../../kit/words.js';

export const useNoticeWords = defineWords(
  'privacy-notice',
  {
    title: 'The privacy notice',
    who: 'Who is responsible',
    version: 'Version of {{version}}, in effect since {{day}}.',
    none: 'No notice is in effect at the moment.',
    full: 'Read the whole notice',
    purposes: 'What we use data for',
    onConsent: 'may rest on your consent',
    clause: 'clause {{clauses}}',
    rights: 'Your rights',
    recipients: 'To whom data may go',
    authority: 'Whom you can complain to',
  },
  {
    title: 'ประกาศความเป็นส่วนตัว',
    who: 'ผู้รับผิดชอบ',
    version: 'ฉบับ {{version}} มีผลตั้งแต่ {{day}}',
    none: 'ขณะนี้ไม่มีประกาศที่มีผลบังคับ',
    full: 'อ่านประกาศฉบับเต็ม',
    purposes: 'เราใช้ข้อมูลเพื่ออะไร',
    onConsent: 'อาจอาศัยความยินยอมของคุณ',
    clause: 'ข้อ {{clauses}}',
    rights: 'สิทธิของคุณ',
    recipients: 'ข้อมูลอาจส่งให้ใคร',
    authority: 'ร้องเรียนได้ที่',
  },
);
