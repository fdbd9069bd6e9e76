import { defineWords } from '../../kit/words.js';

export const useDeskWords = defineWords(
  'desk',
  {
    cancel: 'Cancel',
    any: 'Any',
    choose: 'Choose one',
    late: 'late',
    noDeadline: 'No deadline runs',
    reason: 'Reason',
    sealed: 'It is sealed in the log, unencrypted and for ever: name nobody, and write no address or number of a person.',
    notYetSealed: 'not sealed yet',
    table: 'The same as a table',
    period: 'Period',
    nothingToDraw: 'There is nothing to draw.',
  },
  {
    cancel: 'ยกเลิก',
    any: 'ทั้งหมด',
    choose: 'เลือกหนึ่งรายการ',
    late: 'เกินกำหนด',
    noDeadline: 'ยังไม่มีกำหนดเวลาที่เดินอยู่',
    reason: 'เหตุผล',
    sealed: 'ข้อความนี้จะถูกบันทึกถาวรโดยไม่เข้ารหัส ห้ามระบุชื่อ ที่อยู่ หรือหมายเลขของบุคคลใด',
    notYetSealed: 'ยังไม่ถูกบันทึกลงบันทึกถาวร',
    table: 'แสดงเป็นตาราง',
    period: 'ช่วงเวลา',
    nothingToDraw: 'ไม่มีข้อมูลให้แสดง',
  },
);
