import { defineWords } from '../kit/words.js';

export const useCellWords = defineWords(
  'cells',
  {
    person: 'Person {{id}}',
    more_one: '{{count}} more',
    more_other: '{{count}} more',
    beyond_one: 'and {{count}} older',
    beyond_other: 'and {{count}} older',
  },
  { person: 'เจ้าของข้อมูล {{id}}', more_other: 'อีก {{count}} รายการ', beyond_other: 'และเก่ากว่านี้ {{count}} รายการ' },
);
