import type { Bilingual } from '@attesta/pdf';

/** The words for values of a report. */
export const REPORT_WORDS = {
  initial: { en: 'Initial notification', th: 'การแจ้งครั้งแรก' },
  supplement: { en: 'Supplement to an earlier notification', th: 'การแจ้งเพิ่มเติม' },
  confidentiality: {
    en: 'Confidentiality: data was accessed or disclosed without right',
    th: 'ความลับของข้อมูล: มีการเข้าถึงหรือเปิดเผยข้อมูลโดยไม่มีสิทธิ',
  },
  integrity: { en: 'Integrity: data was altered without right', th: 'ความถูกต้องครบถ้วนของข้อมูล: มีการเปลี่ยนแปลงแก้ไขข้อมูลโดยไม่มีสิทธิ' },
  availability: { en: 'Availability: data was lost, or cannot be used', th: 'ความพร้อมใช้งานของข้อมูล: ข้อมูลสูญหายหรือใช้งานไม่ได้' },
  none: { en: 'No risk to the rights and freedoms of people', th: 'ไม่มีความเสี่ยงที่จะมีผลกระทบต่อสิทธิและเสรีภาพของบุคคล' },
  risk: { en: 'A risk to the rights and freedoms of people', th: 'มีความเสี่ยงที่จะมีผลกระทบต่อสิทธิและเสรีภาพของบุคคล' },
  high: { en: 'A high risk to the rights and freedoms of people', th: 'มีความเสี่ยงสูงที่จะมีผลกระทบต่อสิทธิและเสรีภาพของบุคคล' },
  encrypted: { en: 'What was taken cannot be read', th: 'ผู้ที่ได้ข้อมูลไปไม่สามารถอ่านข้อมูลได้' },
  averted: { en: 'Measures taken since avert the high risk', th: 'มาตรการที่ดำเนินการภายหลังทำให้ไม่มีความเสี่ยงสูงอีกต่อไป' },
  disproportionate: {
    en: 'It would take a disproportionate effort to tell people one by one; the public was told',
    th: 'การแจ้งเป็นรายบุคคลต้องใช้ความพยายามเกินสมควร จึงแจ้งต่อสาธารณะแทน',
  },
} as const satisfies Record<string, Bilingual>;

export const NOT_GIVEN: Bilingual = { en: 'Not known yet', th: 'ยังไม่ทราบ' };
