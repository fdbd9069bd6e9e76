import type { DecisionRequest } from './decide.js';
import { decisionProblems } from './decision-problems.js';
import { asking, policy } from './facts-rig.js';

const problems = (changes: Partial<DecisionRequest>) =>
  decisionProblems(asking(changes), policy, '/requests/3').map(({ field, code }) => `${field} ${code}`);

describe('a question', () => {
  it('in the words of the policy has nothing wrong with it', () => {
    expect(problems({})).toEqual([]);
    expect(problems({ operation: 'disclose', recipient: 'bank', channel: 'email', method: 'survey', jurisdiction: 'eu-gdpr' })).toEqual([]);
  });

  it('about an unknown purpose is a question all the same: the answer is no', () => {
    expect(problems({ purpose: 'loyalty', channel: 'pigeon' })).toEqual([]);
  });

  test.each<[Partial<DecisionRequest>, string]>([
    [{ categories: ['contact', 'shoe-size'] }, '/requests/3/categories/1 unknown-category'],
    [{ controller: 'acme' }, '/requests/3/controller unknown-controller'],
    [{ jurisdiction: 'mars' }, '/requests/3/jurisdiction unknown-jurisdiction'],
    [{ basis: 'whim' }, '/requests/3/basis unknown-basis'],
    [{ basis: 'research-statistics', jurisdiction: 'eu-gdpr' }, '/requests/3/basis unknown-basis'],
    [{ transferGround: 'whim' }, '/requests/3/transferGround unknown-transfer-ground'],
    [{ method: 'mind-reading' }, '/requests/3/method unknown-method'],
    [{ channel: 'pigeon' }, '/requests/3/channel unknown-channel'],
    [{ operation: 'disclose', recipient: 'stranger' }, '/requests/3/recipient unknown-party'],
    [{ operation: 'disclose' }, '/requests/3/recipient missing-field'],
  ])('%j has a problem', (changes, problem) => {
    expect(problems(changes)).toEqual([problem]);
  });
});
