import type { Bilingual, CertificateStatement, CertificateTexts } from './certificate-form.js';

/* The wording is part of the certificate's format: another wording is another version of the format. */

const METHODS: Readonly<Record<CertificateStatement['methods'][number], Bilingual>> = {
  'crypto-shredding': {
    en: 'Crypto-shredding: every value had been encrypted (AES-256-GCM) under data keys of this person alone, and the keys named here were destroyed. The log keeps a SHA-256 digest of each ciphertext, from which no value can be read.',
    th: 'การทำลายกุญแจเข้ารหัส: ข้อมูลทุกค่าถูกเข้ารหัส (AES-256-GCM) ด้วยกุญแจที่ใช้เฉพาะกับบุคคลรายนี้ และกุญแจที่ระบุไว้ในใบรับรองนี้ถูกทำลายแล้ว บันทึกเก็บไว้เพียงค่าแฮช SHA-256 ของข้อมูลที่เข้ารหัส ซึ่งไม่สามารถใช้อ่านข้อมูลได้',
  },
  'ciphertext-removal': {
    en: 'Removal of ciphertexts: encrypted values whose key lives on for other data were removed from the ledger. Their entries stay, with the digests.',
    th: 'การลบข้อมูลที่เข้ารหัส: ข้อมูลที่เข้ารหัสด้วยกุญแจซึ่งยังต้องใช้กับข้อมูลอื่น ถูกลบออกจากบันทึกแล้ว โดยรายการและค่าแฮชยังคงอยู่',
  },
  'system-erasure': {
    en: 'Erasure by connected systems: each system named here has answered that it did its part. The answer is proved; what the system did is not.',
    th: 'การลบโดยระบบที่เชื่อมต่อ: แต่ละระบบที่ระบุไว้ตอบกลับว่าได้ดำเนินการแล้ว ใบรับรองนี้พิสูจน์ได้ว่ามีคำตอบ แต่ไม่ได้พิสูจน์สิ่งที่ระบบนั้นทำ',
  },
};

const SHREDDING_CAVEATS: Bilingual[] = [
  {
    en: 'Encrypted bytes may remain in copies. What makes them unreadable is the destruction of the keys, and it lasts as long as the encryption does.',
    th: 'ข้อมูลที่เข้ารหัสอาจยังคงอยู่ในสำเนา สิ่งที่ทำให้อ่านไม่ได้คือการทำลายกุญแจ และจะเป็นเช่นนั้นตราบเท่าที่การเข้ารหัสยังปลอดภัย',
  },
  {
    en: 'Whether the destruction of a key is destruction or erasure in law is not settled. PDPA s.33, s.37(3) and GDPR Art. 17 do not name it. The PDPC notification on erasure of B.E. 2567 (in force since 11 November 2024) covers copies and backups, and asks that nobody can recover the data by means reasonably to be expected. The CNIL (2018, on blockchains) saw in making a key inaccessible an effect close to erasure, short of calling it that. NIST SP 800-88 knows cryptographic erase as a technique of sanitisation; that is a guideline for media and no law.',
    th: 'ยังไม่มีข้อยุติว่าการทำลายกุญแจถือเป็นการทำลายหรือลบข้อมูลตามกฎหมายหรือไม่ มาตรา 33 และมาตรา 37(3) แห่ง พ.ร.บ. คุ้มครองข้อมูลส่วนบุคคล พ.ศ. 2562 และมาตรา 17 แห่ง GDPR ไม่ได้กล่าวถึงวิธีนี้ ประกาศคณะกรรมการคุ้มครองข้อมูลส่วนบุคคลเรื่องการลบหรือทำลาย พ.ศ. 2567 (มีผลใช้บังคับวันที่ 11 พฤศจิกายน 2567) ครอบคลุมสำเนาและข้อมูลสำรอง และกำหนดให้ต้องไม่มีผู้ใดกู้คืนข้อมูลได้ด้วยวิธีที่คาดหมายได้ตามสมควร CNIL (พ.ศ. 2561 เรื่องบล็อกเชน) เห็นว่าการทำให้เข้าถึงกุญแจไม่ได้มีผลใกล้เคียงกับการลบ แต่ไม่ได้เรียกว่าเป็นการลบ ส่วน NIST SP 800-88 นับการลบโดยทำลายกุญแจเข้ารหัส (cryptographic erase) เป็นเทคนิคหนึ่งของการล้างสื่อบันทึกข้อมูล ซึ่งเป็นแนวปฏิบัติ ไม่ใช่กฎหมาย',
  },
];

const BACKUPS: Bilingual = {
  en: 'Backups made before may hold what was destroyed until they are overwritten; the policy says how long they are kept. When one is restored, every destruction is replayed before anything is served from it.',
  th: 'ข้อมูลสำรองที่ทำไว้ก่อนหน้าอาจมีข้อมูลที่ถูกทำลายอยู่จนกว่าจะถูกเขียนทับ โดยนโยบายกำหนดระยะเวลาเก็บไว้ และเมื่อมีการกู้คืนข้อมูลสำรอง การทำลายทุกครั้งจะถูกดำเนินการซ้ำก่อนเริ่มให้บริการ',
};

const PSEUDONYM: Readonly<Record<CertificateStatement['scope'], Bilingual>> = {
  subject: {
    en: 'This certificate names nobody. The random pseudonym in its entries leads to nobody any more: the directory row that tied it to a person was destroyed with the keys.',
    th: 'ใบรับรองนี้ไม่ระบุชื่อบุคคลใด นามแฝงแบบสุ่มในรายการไม่สามารถเชื่อมโยงถึงบุคคลใดได้อีก เพราะรายการในสมุดทะเบียนที่เชื่อมโยงนามแฝงกับบุคคลถูกทำลายไปพร้อมกับกุญแจแล้ว',
  },
  class: {
    en: 'This certificate names nobody. The random pseudonym in its entries still leads the company, and nobody else, to the person: its directory row lives on, because other data of the person does.',
    th: 'ใบรับรองนี้ไม่ระบุชื่อบุคคลใด นามแฝงแบบสุ่มในรายการยังเชื่อมโยงถึงบุคคลได้โดยบริษัทเท่านั้น เพราะรายการในสมุดทะเบียนยังคงอยู่เนื่องจากยังมีข้อมูลอื่นของบุคคลนั้น',
  },
};

const SIGNATURE: Bilingual = {
  en: "The signature is that of the log's checkpoint, which covers every entry here, with the cosignatures of witnesses where it bears any. Compare the log's key with the one you know from elsewhere. That the keys are gone from every place is the company's word, sealed; that it was given, when and in these words, is proved.",
  th: 'ลายมือชื่อคือลายมือชื่อของจุดตรวจสอบ (checkpoint) ของบันทึก ซึ่งครอบคลุมทุกรายการในใบรับรองนี้ พร้อมลายมือชื่อร่วมของพยานหากมี โปรดเทียบกุญแจของบันทึกกับกุญแจที่ท่านทราบจากแหล่งอื่น การที่กุญแจหมดไปจากทุกแห่งเป็นคำยืนยันของบริษัทที่ผนึกไว้ สิ่งที่พิสูจน์ได้คือมีคำยืนยันนั้น เมื่อใด และด้วยถ้อยคำใด',
};

/** The texts of a certificate: everybody who holds the statement derives the same. */
export function textsOf({ methods, scope }: CertificateStatement): CertificateTexts {
  const shredded = methods.includes('crypto-shredding');
  return {
    methods: methods.map((method) => METHODS[method]),
    caveats: [...(shredded ? SHREDDING_CAVEATS : []), BACKUPS],
    pseudonym: PSEUDONYM[scope],
    signature: SIGNATURE,
  };
}
