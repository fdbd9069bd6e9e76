import { meaningOf, type Right } from './mail-meaning.js';
import { clarificationMail, codeMail, receiptMail, type MailLanguage } from './mail-texts.js';

const ID = '0191f3a2-5b7c-7d41-9c55-2f6f1a0b3c4d';
const DUE = { at: new Date('2026-03-04T17:30:00Z'), timeZone: 'Asia/Bangkok' };

describe.each<MailLanguage>(['en', 'th'])('mail in %s', (language) => {
  const all = [codeMail(language, '493 027', ID), clarificationMail(language, ID), receiptMail(language, ID, 'erasure', DUE)];

  it('has a subject whose answer is known by its request', () => {
    for (const { subject } of all) {
      expect(meaningOf({ subject: `Re: ${subject}`, text: 'delete my data' })).toEqual({ kind: 'reply', reference: ID });
      expect(subject).toMatch(language === 'th' ? /[\u0e00-\u0e7f]/ : /^[\x20-\x7e]+$/);
    }
  });

  it('shows the code on a line of its own, and in no subject', () => {
    const { subject, text } = codeMail(language, '493 027', ID);
    expect(text.split('\n')).toContain('    493 027');
    expect(subject).not.toContain('493');
  });

  it('asks what a person wants to know, or else which right', () => {
    expect(clarificationMail(language, ID, 'Which shop?').text).toContain('\nWhich shop?\n');
    expect(clarificationMail(language, ID).text.match(/^- /gm)).toHaveLength(8);
  });

  it('names each right', () => {
    const rights: Right[] = [
      'access',
      'rectification',
      'portability',
      'objection',
      'restriction',
      'consent-withdrawal',
      'erasure',
      'complaint',
    ];
    expect(new Set(rights.map((right) => receiptMail(language, ID, right, DUE).text)).size).toBe(8);
  });
});

it('tells the last day where the person is', () => {
  expect(receiptMail('en', ID, 'access', DUE).text).toContain('by 5 March 2026.');
  expect(receiptMail('th', ID, 'access', DUE).text).toContain('ภายในวันที่ 5 มีนาคม 2569 ');
});
