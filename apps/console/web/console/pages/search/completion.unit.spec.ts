import { completed, completionAt, looksPersonal, peopleNamed } from './completion.js';

const NAMES = ['type:', 'subject:', 'purpose:', 'position:'].map((text) => ({ text, about: '' }));
const VALUES = {
  purpose: [
    { text: 'marketing', about: 'การตลาด' },
    { text: 'communication', about: 'Writing to people' },
  ],
};
const ID = '7a83a3b6-cdb2-44b6-84b3-1ab923dbca02';
const offered = (text: string, caret = text.length) => completionAt(text, caret, NAMES, VALUES)?.options.map((option) => option.text);

describe('what is offered while one types', () => {
  it('is qualifiers, for the word that is begun', () => {
    expect(offered('p')).toEqual(['purpose:', 'position:', 'type:']);
    expect(offered('type:x -s')).toEqual(['subject:', 'purpose:', 'position:']);
    expect(offered('')).toEqual(NAMES.map(({ text }) => text));
    expect(offered('zz')).toBeUndefined();
  });

  it('is values after a colon, found by their id or their name, also in a list', () => {
    expect(offered('purpose:')).toEqual(['marketing', 'communication']);
    expect(offered('purpose:มา')).toBeUndefined();
    expect(offered('purpose:ตลาด')).toEqual(['marketing']);
    expect(offered('purpose:marketing,co')).toEqual(['communication']);
    expect(offered('purpose:marketing')).toBeUndefined();
    expect(offered('created:20')).toBeUndefined();
  });

  it('is about the word before the caret, not the last', () => {
    expect(offered('pu type:x', 2)).toEqual(['purpose:']);
  });

  it('is written in place of what was begun', () => {
    const text = 'pu type:x';
    expect(completed(text, 2, completionAt(text, 2, NAMES, VALUES)!, 'purpose:')).toEqual({ text: 'purpose:type:x', caret: 8 });
    const list = 'purpose:marketing,co';
    expect(completed(list, list.length, completionAt(list, list.length, NAMES, VALUES)!, 'communication').text).toBe(
      'purpose:marketing,communication ',
    );
  });
});

describe('a query that leads to a person', () => {
  it('names them by subject:', () => {
    expect(peopleNamed(`subject:${ID} type:x`)).toEqual([ID]);
    expect(peopleNamed(`-subject:${ID.toUpperCase()},${ID}`)).toEqual([ID]);
    expect(peopleNamed(`request:${ID} nosubject:${ID}`)).toEqual([]);
  });

  it('does not come into the address with an e-mail address or a number of theirs', () => {
    expect(looksPersonal('anna@example.com')).toBe(true);
    expect(looksPersonal('081-234-5678')).toBe(true);
    expect(looksPersonal('1234567890123')).toBe(true);
    expect(looksPersonal(`subject:${ID} created:2026-01-01..2026-12-31 occurred:>=2026-01-01T10:00:00Z position:100..20000`)).toBe(false);
  });
});
