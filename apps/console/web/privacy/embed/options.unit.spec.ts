import { readOptions } from './options.js';

const CENTER = 'https://privacy.example/privacy/';
const options = (data: { lang?: string; links?: string }, page = 'en') => readOptions(data, CENTER, page);

describe('what a host asks for', () => {
  test('links into the center, in its language', () =>
    expect(options({ lang: 'th', links: 'consents, erasure' })).toEqual({
      language: 'th',
      links: [
        { href: 'https://privacy.example/privacy/consents?lang=th', text: 'ความยินยอมของคุณ' },
        { href: 'https://privacy.example/privacy/?right=erasure&lang=th', text: 'ลบข้อมูลของคุณ' },
      ],
    }));

  test.each(['javascript:alert(1)', '//evil.example', 'constructor', '__proto__', '<b>', ''])('never %p', (links) =>
    expect(options({ links }).links.map(({ href }) => href)).toEqual([`${CENTER}consents?lang=en`, `${CENTER}rights?lang=en`]),
  );

  test('what is known among what is not, once', () =>
    expect(options({ links: 'evil,notice,notice' }).links.map(({ text }) => text)).toEqual(['Privacy notice']));

  test.each([
    ['th', undefined, 'th'],
    ['th-TH', undefined, 'th'],
    ['en', 'th', 'th'],
    ['th', 'en', 'en'],
    ['de', 'javascript:', 'en'],
    ['', undefined, 'en'],
  ])('on a page in %p with data-lang %p it speaks %s', (page, lang, spoken) =>
    expect(options({ ...(lang !== undefined && { lang }) }, page).language).toBe(spoken),
  );
});
