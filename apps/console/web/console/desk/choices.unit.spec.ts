import type { OpenPolicy } from '../policy.js';
import { choicesOf } from './choices.js';

const policy = {
  controllers: [{ id: 'm-med', name: 'M MED' }],
  jurisdictions: [],
  retentionClasses: [],
  categories: [
    { id: 'contact', title: 'How to reach you', title_th: 'ข้อมูลติดต่อ' },
    { id: 'cookie', title: 'Cookies' },
  ],
  purposes: [],
  rights: [{ id: 'access', title: 'Access', citations: { 'th-pdpa': 'PDPA s.30' } }],
  clocks: [
    { id: 'a', right: 'access', jurisdiction: 'th-pdpa' },
    { id: 'b', right: 'access', jurisdiction: 'eu-gdpr', extension: { requires: [] } },
  ],
  refusals: [
    { id: 'harm', rights: ['access'], jurisdiction: 'th-pdpa', citation: 'PDPA s.30 para. 2', title: 'It would harm others' },
    { id: 'harm', rights: ['access'], jurisdiction: 'eu-gdpr', citation: 'GDPR Art. 15(4)', title: 'It would harm others' },
    { id: 'claims', rights: ['erasure'], jurisdiction: 'th-pdpa', citation: 'PDPA s.33', title: 'Claims' },
  ],
} as unknown as OpenPolicy;

describe('what the policy lets choose', () => {
  const en = choicesOf(policy, 'en');

  it('are the grounds of this right in this jurisdiction, each with its law', () => {
    expect(en.grounds('access', 'th-pdpa')).toEqual([{ value: 'harm', label: 'It would harm others (PDPA s.30 para. 2)' }]);
    expect(en.grounds('portability', 'th-pdpa')).toEqual([]);
    expect(en.ground('harm', 'eu-gdpr')).toBe('It would harm others (GDPR Art. 15(4))');
  });

  it('is more time only where the law gives it', () => {
    expect(en.extendable('access', 'eu-gdpr')).toBe(true);
    expect(en.extendable('access', 'th-pdpa')).toBe(false);
    expect(en.extendable('erasure', 'th-pdpa')).toBe(false);
  });

  it('is said in Thai where there is Thai', () => {
    expect(
      choicesOf(policy, 'th')
        .all('categories')
        .map(({ label }) => label),
    ).toEqual(['ข้อมูลติดต่อ', 'Cookies']);
  });

  it('is the id of what is not known, and nothing before the policy is here', () => {
    expect(en.title('categories', 'gone')).toBe('gone');
    const none = choicesOf(undefined, 'en');
    expect([none.all('rights'), none.grounds('access', 'th-pdpa'), none.controllers, none.extendable('access', 'eu-gdpr')]).toEqual([
      [],
      [],
      [],
      false,
    ]);
    expect(none.title('rights', 'access')).toBe('access');
  });
});
