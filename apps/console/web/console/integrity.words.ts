import { defineWords } from '../kit/words.js';

export const useIntegrityWords = defineWords(
  'integrity',
  {
    label: 'State of the log',
    asking: 'Asking whether the log is intact',
    unknown: 'Not known whether the log is intact: it cannot be checked at the moment',
    intact: 'Log intact: {{events}}, {{signed}}, {{witnessed}}',
    broken: 'Log NOT intact',
    events_one: '{{shown}} event',
    events_other: '{{shown}} events',
    signed: 'checkpoint signed {{ago}}',
    notSigned: 'no checkpoint yet',
    witnessed: 'witnessed by {{names}}',
    notWitnessed: 'not witnessed',
  },
  {
    label: 'สถานะของบันทึก',
    asking: 'กำลังตรวจสอบว่าบันทึกสมบูรณ์หรือไม่',
    unknown: 'ยังไม่ทราบว่าบันทึกสมบูรณ์หรือไม่ ขณะนี้ตรวจสอบไม่ได้',
    intact: 'บันทึกสมบูรณ์: {{events}} {{signed}} {{witnessed}}',
    broken: 'บันทึกไม่สมบูรณ์',
    events_other: '{{shown}} เหตุการณ์',
    signed: 'ลงนามจุดตรวจสอบเมื่อ {{ago}}',
    notSigned: 'ยังไม่มีจุดตรวจสอบ',
    witnessed: 'มีพยาน {{names}}',
    notWitnessed: 'ยังไม่มีพยาน',
  },
);
