import { referenceOf } from './mail-meaning.js';

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

/** Of a session, which is about no request. */
export function sessionCodeMail(language: MailLanguage, code: string): MailText {
  return language === 'th'
    ? {
        subject: 'รหัสสำหรับเข้าศูนย์ความเป็นส่วนตัว',
        text: letter(
          'เรียน ท่านเจ้าของข้อมูล',
          'มีผู้ขอเข้าศูนย์ความเป็นส่วนตัวด้วยที่อยู่อีเมลนี้ รหัสมีดังนี้ และใช้ได้สิบนาที',
          `    ${code}`,
          'หากท่านไม่ได้ขอ ไม่ต้องดำเนินการใด ๆ และโปรดอย่าบอกรหัสนี้แก่ผู้ใด เจ้าหน้าที่ของเราจะไม่ขอรหัสจากท่าน',
          REGARDS.th,
        ),
      }
    : {
        subject: 'Your code for the privacy center',
        text: letter(
          'Hello,',
          'somebody wants to enter the privacy center with this e-mail address. The code, good for ten minutes, is',
          `    ${code}`,
          'If it was not you, there is nothing to do. Tell nobody the code: none of our staff will ask you for it.',
          REGARDS.en,
        ),
      };
}

/** @param expires RFC 3339 */
export function packageMail(language: MailLanguage, link: string, expires: string, request: string): MailText {
  const until = expires.slice(0, 10);
  return language === 'th'
    ? {
        subject: `ข้อมูลส่วนบุคคลของท่านพร้อมแล้ว ${referenceOf(request)}`,
        text: letter(
          'เรียน ท่านเจ้าของข้อมูล',
          `ท่านสามารถดาวน์โหลดข้อมูลได้หนึ่งครั้ง จนถึงวันที่ ${until} ที่`,
          `    ${link}`,
          'โปรดอย่าส่งต่อลิงก์นี้ให้ผู้ใด',
          REGARDS.th,
        ),
      }
    : {
        subject: `Your personal data is ready ${referenceOf(request)}`,
        text: letter(
          'Hello,',
          `you can download your data once, until ${until}, at`,
          `    ${link}`,
          'Give this link to nobody: whoever has it can open your data.',
          REGARDS.en,
        ),
      };
}

const REGARDS: Record<MailLanguage, string> = { en: 'The data protection officer', th: 'เจ้าหน้าที่คุ้มครองข้อมูลส่วนบุคคล' };

const letter = (...paragraphs: string[]): string => `${paragraphs.join('\n\n')}\n`;
