/** Why a decision came out as it did, for a person to read. */
export interface Reason {
  code: ReasonCode;
  /** English and Thai. */
  message: string;
  messageTh: string;
  clause?: string;
  law?: string;
  /** The event it rests on; `position` is null until it is sealed. */
  event?: { source: string; id: string; position: number | null };
}

interface Text {
  en: string;
  th: string;
  clause?: string;
  law?: string;
}

export const REASONS = {
  'statutory-basis': { en: 'A lawful basis other than consent allows it.', th: 'มีฐานทางกฎหมายอื่นนอกจากความยินยอม' },
  'consent-given': { en: 'The person has consented.', th: 'เจ้าของข้อมูลให้ความยินยอมแล้ว', clause: '7.6' },
  'purpose-quarantined': {
    en: 'This purpose is not in the register. Nothing may be done for it until it is registered with a basis and a citation, and told.',
    th: 'วัตถุประสงค์นี้ยังไม่ได้ขึ้นทะเบียน',
    clause: '4.11',
    law: 'PDPA s.21, GDPR Art. 5(1)(b)',
  },
  'purpose-not-communicated': {
    en: 'This purpose is registered, but no notice in effect tells of it yet.',
    th: 'ยังไม่มีประกาศที่แจ้งวัตถุประสงค์นี้',
    clause: '4.11',
    law: 'PDPA s.23, GDPR Art. 13',
  },
  'under-age': {
    en: 'The person is too young: nothing is collected or kept of them.',
    th: 'เจ้าของข้อมูลอายุต่ำกว่าเกณฑ์ จึงไม่เก็บรวบรวมข้อมูล',
    clause: '6.5',
    law: 'PDPA s.20',
  },
  restricted: {
    en: 'The person had the use of this data restricted: it may be kept, and nothing else.',
    th: 'เจ้าของข้อมูลขอระงับการใช้ข้อมูลนี้ เก็บรักษาได้เท่านั้น',
    clause: '7.5',
    law: 'PDPA s.34, GDPR Art. 18',
  },
  'objection-absolute': {
    en: 'The person objected, and this purpose ends with an objection.',
    th: 'เจ้าของข้อมูลคัดค้าน และวัตถุประสงค์นี้ต้องยุติเมื่อมีการคัดค้าน',
    clause: '7.4',
    law: 'PDPA s.32(2), GDPR Art. 21(3)',
  },
  'objection-pending': {
    en: 'The person objected; until that is decided the data stays untouched.',
    th: 'เจ้าของข้อมูลคัดค้าน อยู่ระหว่างพิจารณา',
    clause: '7.4',
    law: 'PDPA s.32, GDPR Art. 18(1)(d)',
  },
  'objection-upheld': {
    en: 'The person objected, and the objection was upheld.',
    th: 'คำคัดค้านของเจ้าของข้อมูลได้รับการยอมรับ',
    clause: '7.4',
    law: 'PDPA s.32, GDPR Art. 21(1)',
  },
  'basis-not-allowed': {
    en: 'The purpose may not rest on this basis.',
    th: 'วัตถุประสงค์นี้ใช้ฐานทางกฎหมายนี้ไม่ได้',
    law: 'PDPA s.24, GDPR Art. 6',
  },
  'basis-swapped': {
    en: 'The person refused or withdrew consent for this purpose; an interest of ours does not stand in its place.',
    th: 'เจ้าของข้อมูลปฏิเสธหรือถอนความยินยอมแล้ว จึงใช้ประโยชน์โดยชอบด้วยกฎหมายแทนไม่ได้',
    clause: '7.6',
    law: 'PDPA s.19, GDPR Art. 7(3)',
  },
  'explicit-consent-required': {
    en: 'The data is sensitive: it needs explicit consent, or a statutory exemption for sensitive data.',
    th: 'ข้อมูลอ่อนไหวต้องได้รับความยินยอมโดยชัดแจ้ง',
    law: 'PDPA s.26, GDPR Art. 9',
  },
  'citation-missing': {
    en: 'The provision that is relied on has to be named.',
    th: 'ต้องระบุบทกฎหมายที่ใช้อ้าง',
    clause: '4.8',
  },
  'consent-missing': {
    en: 'The person was never asked, or has not answered.',
    th: 'ยังไม่ได้รับความยินยอม',
    law: 'PDPA s.19, GDPR Art. 6(1)(a)',
  },
  'consent-refused': { en: 'The person refused.', th: 'เจ้าของข้อมูลปฏิเสธ', law: 'PDPA s.19, GDPR Art. 6(1)(a)' },
  'consent-withdrawn': {
    en: 'The person withdrew the consent.',
    th: 'เจ้าของข้อมูลถอนความยินยอมแล้ว',
    clause: '7.6',
    law: 'PDPA s.19, GDPR Art. 7(3)',
  },
  'consent-revoked': { en: 'The consent was revoked.', th: 'ความยินยอมถูกเพิกถอน', law: 'PDPA s.19' },
  'consent-expired': { en: 'The consent has run out.', th: 'ความยินยอมหมดอายุแล้ว', law: 'PDPA s.19' },
  'consent-invalidated': { en: 'The consent that was reported is not valid.', th: 'ความยินยอมที่ได้รับไม่มีผล', law: 'PDPA s.19, s.20' },
  'channel-not-consented': {
    en: 'The person did not consent to this channel.',
    th: 'เจ้าของข้อมูลไม่ได้ให้ความยินยอมสำหรับช่องทางนี้',
    clause: '4.7',
  },
  'linked-site': { en: 'A linked site gets nothing about a person.', th: 'ไม่ส่งข้อมูลบุคคลไปยังเว็บไซต์ที่เชื่อมโยง', clause: '6.4' },
  'recipient-not-allowed': {
    en: 'What was collected this way goes to the contractors for it, and to nobody else.',
    th: 'ข้อมูลที่เก็บด้วยวิธีนี้เปิดเผยได้เฉพาะผู้รับจ้างดำเนินการ',
    clause: '3.1',
  },
  'transfer-ground-missing': {
    en: 'The recipient is abroad: the transfer needs its ground.',
    th: 'ผู้รับอยู่ต่างประเทศ ต้องระบุเหตุแห่งการโอน',
    law: 'PDPA s.28, s.29, GDPR Art. 44-49',
  },
} as const satisfies Record<string, Text>;

export type ReasonCode = keyof typeof REASONS;

/** A reason in words; `law` takes the place of the general one. */
export function reason(code: ReasonCode, details: Pick<Reason, 'event' | 'law'> = {}): Reason {
  const { en, th, clause, law }: Text = REASONS[code];
  return { code, message: en, messageTh: th, ...(clause !== undefined && { clause }), ...(law !== undefined && { law }), ...details };
}
