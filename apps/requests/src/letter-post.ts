import { codeMail, type MailLanguage, type MailText } from './mail-texts.js';
import { referenceOf } from './mail-meaning.js';
import { MailNotSent, type MailSender } from './mail-sender.js';
import type { Letter, Post } from './outgoing-mail.js';

/** Posts letters by mail. A letter sent again has the same Message-ID, so that a reader's program shows it once. */
export const mailPost =
  (sender: MailSender): Post =>
  async (letter, { id, request }) => {
    const language: MailLanguage = letter.language.startsWith('th') ? 'th' : 'en';
    const { subject, text } = textOf(letter, language, request);
    try {
      await sender.send({ to: letter.to, subject, text, id, headers: { 'content-language': language } });
    } catch (error) {
      if (error instanceof MailNotSent && !error.temporary) throw Object.assign(error, { permanent: true });
      throw error;
    }
  };

function textOf(letter: Letter, language: MailLanguage, request: string): MailText {
  if (letter.kind === 'code') return codeMail(language, letter.code, request);
  const until = letter.expires.slice(0, 10);
  return language === 'th'
    ? {
        subject: `ข้อมูลส่วนบุคคลของท่านพร้อมแล้ว ${referenceOf(request)}`,
        text: `เรียน ท่านเจ้าของข้อมูล\n\nท่านสามารถดาวน์โหลดข้อมูลได้หนึ่งครั้ง จนถึงวันที่ ${until} ที่\n\n    ${letter.link}\n\nโปรดอย่าส่งต่อลิงก์นี้ให้ผู้ใด\n`,
      }
    : {
        subject: `Your personal data is ready ${referenceOf(request)}`,
        text: `Hello,\n\nyou can download your data once, until ${until}, at\n\n    ${letter.link}\n\nGive this link to nobody: whoever has it can open your data.\n`,
      };
}
