import { MailNotSent, type MailSender } from '@attesta/mail';
import { codeMail, packageMail, sessionCodeMail, type MailLanguage, type MailText } from './mail-texts.js';
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
  if (letter.kind === 'package') return packageMail(language, letter.link, letter.expires, request);
  return letter.kind === 'code' ? codeMail(language, letter.code, request) : sessionCodeMail(language, letter.code);
}
