import { referenceOf, type Right } from './mail-meaning.js';

export type MailLanguage = 'en' | 'th';

/** What is sent to a data subject. Neither part says anything about the person but what they said themselves. */
export interface MailText {
  subject: string;
  text: string;
}

/** @param code shown as it is, such as 493 027 */
export function codeMail(language: MailLanguage, code: string, request: string): MailText {
  return language === 'th'
    ? {
        subject: `รหัสยืนยันสำหรับคำขอของท่าน ${referenceOf(request)}`,
        text: letter(
          'เรียน ท่านเจ้าของข้อมูล',
          'เราได้รับคำขอใช้สิทธิเกี่ยวกับข้อมูลส่วนบุคคลจากที่อยู่อีเมลนี้ กรุณายืนยันว่าเป็นคำขอของท่านด้วยรหัส',
          `    ${code}`,
          'หากท่านไม่ได้ยื่นคำขอ ไม่ต้องดำเนินการใด ๆ และโปรดอย่าบอกรหัสนี้แก่ผู้ใด เจ้าหน้าที่ของเราจะไม่ขอรหัสจากท่าน',
          REGARDS.th,
        ),
      }
    : {
        subject: `The code for your request ${referenceOf(request)}`,
        text: letter(
          'Hello,',
          'a request about personal data was made from this e-mail address. Please confirm that it is yours, with the code',
          `    ${code}`,
          'If you made no request, there is nothing to do. Tell nobody the code: none of our staff will ask you for it.',
          REGARDS.en,
        ),
      };
}

/** Asks what is meant. @param question what a person wants to know in particular; without it, which right */
export function clarificationMail(language: MailLanguage, request: string, question?: string): MailText {
  return language === 'th'
    ? {
        subject: `ขอข้อมูลเพิ่มเติมเกี่ยวกับคำขอของท่าน ${referenceOf(request)}`,
        text: letter(
          'เรียน ท่านเจ้าของข้อมูล',
          'เราได้รับข้อความของท่านแล้ว เพื่อให้ดำเนินการได้ถูกต้อง ขอทราบเพิ่มเติมดังนี้',
          question ?? `ท่านประสงค์จะใช้สิทธิใด\n${list(RIGHTS.th)}`,
          'กรุณาตอบกลับอีเมลนี้โดยคงหัวเรื่องไว้',
          REGARDS.th,
        ),
      }
    : {
        subject: `A question about your request ${referenceOf(request)}`,
        text: letter(
          'Hello,',
          'we have your message. To do the right thing we need to know more.',
          question ?? `Which right do you want to use?\n${list(RIGHTS.en)}`,
          'Please answer this e-mail and leave its subject as it is.',
          REGARDS.en,
        ),
      };
}

/** Says that a request has come in, and by when it is answered. @param dueAt with the time zone in which it is a date */
export function receiptMail(language: MailLanguage, request: string, right: Right, due: { at: Date; timeZone: string }): MailText {
  const date = new Intl.DateTimeFormat(language === 'th' ? 'th-TH' : 'en-GB', { dateStyle: 'long', timeZone: due.timeZone }).format(due.at);
  return language === 'th'
    ? {
        subject: `เราได้รับคำขอของท่านแล้ว ${referenceOf(request)}`,
        text: letter(
          'เรียน ท่านเจ้าของข้อมูล',
          `เราได้รับคำขอของท่านแล้ว: ${RIGHTS.th[right]}`,
          `เราจะตอบท่านภายในวันที่ ${date} หากไม่สามารถดำเนินการได้ เราจะแจ้งเหตุผลให้ท่านทราบ`,
          'หากต้องการเพิ่มเติมข้อมูล กรุณาตอบกลับอีเมลนี้โดยคงหัวเรื่องไว้',
          REGARDS.th,
        ),
      }
    : {
        subject: `We have your request ${referenceOf(request)}`,
        text: letter(
          'Hello,',
          `we have your request: ${RIGHTS.en[right]}.`,
          `You will have our answer by ${date}. Should we have to refuse, we will tell you why.`,
          'To add something, answer this e-mail and leave its subject as it is.',
          REGARDS.en,
        ),
      };
}

const REGARDS: Record<MailLanguage, string> = { en: 'The data protection officer', th: 'เจ้าหน้าที่คุ้มครองข้อมูลส่วนบุคคล' };

/** Titles of clauses 7.1 to 7.8, as a person would say them. */
const RIGHTS: Record<MailLanguage, Record<Right, string>> = {
  en: {
    access: 'a copy of your personal data',
    rectification: 'the correction of your personal data',
    portability: 'your personal data in a machine-readable form',
    objection: 'an objection to a use of your personal data',
    restriction: 'a restriction of the use of your personal data',
    'consent-withdrawal': 'a withdrawal of consent',
    erasure: 'the erasure of your personal data',
    complaint: 'a complaint',
  },
  th: {
    access: 'ขอเข้าถึงและขอรับสำเนาข้อมูลส่วนบุคคล',
    rectification: 'ขอแก้ไขข้อมูลส่วนบุคคลให้ถูกต้อง',
    portability: 'ขอรับหรือขอโอนย้ายข้อมูลส่วนบุคคลในรูปแบบที่อ่านได้ด้วยเครื่อง',
    objection: 'คัดค้านการประมวลผลข้อมูลส่วนบุคคล',
    restriction: 'ขอระงับการใช้ข้อมูลส่วนบุคคล',
    'consent-withdrawal': 'ถอนความยินยอม',
    erasure: 'ขอลบหรือทำลายข้อมูลส่วนบุคคล',
    complaint: 'ร้องเรียน',
  },
};

const letter = (...paragraphs: string[]): string => `${paragraphs.join('\n\n')}\n`;
const list = (rights: Record<Right, string>): string =>
  Object.values(rights)
    .map((right) => `- ${right}`)
    .join('\n');
