import { meaningOf } from './mail-meaning.js';
import { codeMail, packageMail, type MailLanguage } from './mail-texts.js';

const ID = '0191f3a2-5b7c-7d41-9c55-2f6f1a0b3c4d';
const LINK = `https://privacy.example/v1/packages/${'k'.repeat(43)}`;

describe.each<MailLanguage>(['en', 'th'])('mail in %s', (language) => {
  it('has a subject whose answer is known by its request', () => {
    for (const { subject } of [codeMail(language, '493027', ID), packageMail(language, LINK, '2026-03-08T09:00:00Z', ID)]) {
      expect(meaningOf({ subject: `Re: ${subject}`, text: 'delete my data' })).toEqual({ kind: 'reply', reference: ID });
      expect(subject).toMatch(language === 'th' ? /[\u0e00-\u0e7f]/ : /^[\x20-\x7e]+$/);
    }
  });

  it('shows the code on a line of its own, and in no subject', () => {
    const { subject, text } = codeMail(language, '493 027', ID);
    expect(text.split('\n')).toContain('    493 027');
    expect(subject).not.toContain('493');
  });

  it('gives the link on a line of its own, and the last day', () => {
    const { subject, text } = packageMail(language, LINK, '2026-03-08T09:00:00Z', ID);
    expect(text.split('\n')).toContain(`    ${LINK}`);
    expect(text).toContain('2026-03-08');
    expect(subject).not.toContain(LINK);
  });
});
