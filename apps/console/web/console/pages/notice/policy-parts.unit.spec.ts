import type { OpenPolicy } from '../../policy.js';
import { barredFrom, itemsOf, speaksOf } from './policy-parts.js';

const PURPOSE = { id: 'marketing', title: 'Marketing', title_th: 'การตลาด', clauses: ['4.7', '12.1'], bases: { 'th-pdpa': ['consent'] } };

describe('what is found in the policy', () => {
  it('is what says it, in either language and whatever the case', () => {
    expect(['MARK', 'ตลาด', 'th-pdpa', ' consent '].map((text) => speaksOf(PURPOSE, text))).toEqual([true, true, true, true]);
    expect(speaksOf(PURPOSE, 'research')).toBe(false);
    expect(speaksOf(PURPOSE, '  ')).toBe(true);
  });

  it('is of a clause and those below it, for a number', () => {
    expect(['4.7', '4', '12'].map((text) => speaksOf(PURPOSE, text))).toEqual([true, true, true]);
    expect(['1', '7', '4.70'].map((text) => speaksOf(PURPOSE, text))).toEqual([false, false, false]);
  });
});

describe('parts of the policy', () => {
  const policy = {
    jurisdictions: [
      { id: 'a', bases: [{ id: 'consent' }], transferGrounds: [] },
      { id: 'b', bases: [{ id: 'consent' }], transferGrounds: [] },
    ],
    methods: [{ id: 'survey', onlyTo: 'contractors' }, { id: 'form' }],
    rights: [{ id: 'access' }],
  } as unknown as OpenPolicy;

  it('say under which law a basis stands', () => {
    expect(itemsOf(policy, 'bases').map(({ id, jurisdiction }) => [id, jurisdiction])).toEqual([
      ['consent', 'a'],
      ['consent', 'b'],
    ]);
    expect(itemsOf(policy, 'rights')).toEqual([{ id: 'access' }]);
  });

  it('say what a party may not receive', () => {
    const party = { id: 'x', title: 'X', role: 'processor' } as const;
    expect(barredFrom(policy, party)).toEqual(['survey']);
    expect(barredFrom(policy, { ...party, contractorFor: ['survey'] })).toEqual([]);
    expect(barredFrom(policy, { ...party, role: 'authority' })).toEqual([]);
  });
});
