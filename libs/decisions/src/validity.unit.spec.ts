import { amended, type Policy } from '@attesta/policy';
import type { ChoiceFact, Fact } from './fact.js';
import { factsOf, knownOn, NOTICE, on, policy, published, registered } from './facts-rig.js';
import { recordOf } from './record.js';
import type { Invalidity } from './validity.js';

const child = factsOf('account|child');
const verdict = (choice: ChoiceFact, others: readonly Fact[] = [], under: Policy = policy, known = Infinity) =>
  recordOf(choice.subject, [choice, ...others], under, { at: on('2030-01-01'), known }).choices.find(({ id }) => id === choice.id)?.invalid;

const withV2 = amended(policy, [
  published('2024-01-01T00:00:00Z', 'v2', { purposes: ['marketing', 'loyalty'] }),
  registered('2024-01-01T00:00:00Z', 'loyalty'),
]);

describe('a consent that was reported as given', () => {
  test.each<[string, ChoiceFact, Invalidity | undefined, Policy?, Fact[]?]>([
    ['counts under the notice in effect', child.gave('2023-01-01', 'marketing'), undefined],
    ['under a notice nobody registered', child.gave('2023-01-01', 'marketing', { noticeVersion: 'v9' }), 'unknown-notice'],
    ['before the notice took effect', child.gave('2022-08-09T16:59:59.999Z', 'marketing'), 'notice-not-effective'],
    ['in the first millisecond of the notice', child.gave('2022-08-09T17:00:00Z', 'marketing'), undefined],
    [
      'in the last millisecond before a newer notice tells of the purpose',
      child.gave('2023-12-31T23:59:59.999Z', 'marketing'),
      undefined,
      withV2,
    ],
    ['once a newer notice tells of the purpose', child.gave('2024-01-01', 'marketing'), 'notice-superseded', withV2],
    ['once a newer notice tells of other purposes', child.gave('2024-01-01', 'personalisation'), undefined, withV2],
    ['for a purpose nobody registered', child.gave('2023-01-01', 'loyalty'), 'unknown-purpose'],
    [
      'for a purpose its notice does not name',
      child.gave('2024-02-01', 'personalisation', { noticeVersion: 'v2' }),
      'purpose-not-in-notice',
      withV2,
    ],
    ['for a registered purpose under the notice of before', child.gave('2024-02-01', 'loyalty'), 'purpose-not-in-notice', withV2],
    [
      'for a registered purpose under the notice that names it',
      child.gave('2024-02-01', 'loyalty', { noticeVersion: 'v2' }),
      undefined,
      withV2,
    ],
    ['for a purpose that rests on no consent', child.gave('2023-01-01', 'fraud-prevention'), 'not-consent-based'],
    [
      'for a purpose without a basis in that law',
      child.gave('2024-02-01', 'loyalty', { noticeVersion: 'v2', jurisdiction: 'eu-gdpr' }),
      'not-consent-based',
      withV2,
    ],
    [
      'for sensitive data, in general terms',
      child.gave('2023-01-01', 'personalisation', { categories: ['usage', 'health'] }),
      'explicit-required',
    ],
    ['for sensitive data, expressly', child.gave('2023-01-01', 'personalisation', { categories: ['health'], explicit: true }), undefined],
    ['by the controller itself', child.gave('2023-01-01', 'marketing', { by: 'controller' }), 'given-by-another'],
    ['by a guardian nobody recorded', child.gave('2023-01-01', 'marketing', { by: 'guardian' }), 'guardian-unrecorded'],
    [
      'by a minor who needs the guardian',
      child.gave('2023-01-01', 'marketing'),
      'guardian-required',
      policy,
      [child.attested('2023-01-01', 'th-ten-to-nineteen')],
    ],
    [
      'by a minor, for an act a minor may do alone',
      child.gave('2023-01-01', 'marketing', { capacity: 'Civil and Commercial Code s.24' }),
      undefined,
      policy,
      [child.attested('2023-01-01', 'th-ten-to-nineteen')],
    ],
    [
      'by a child under ten, whatever is claimed',
      child.gave('2023-01-01', 'marketing', { capacity: 'Civil and Commercial Code s.24' }),
      'guardian-required',
      policy,
      [child.attested('2023-01-01', 'th-under-ten')],
    ],
    [
      'by a minor whom another law calls of age',
      child.gave('2023-01-01', 'marketing', { jurisdiction: 'eu-gdpr' }),
      undefined,
      policy,
      [child.born('2023-01-01', '2005-06-01')],
    ],
  ])('%s', (...[, choice, invalid, under, others]) => {
    expect(verdict(choice, others, under)).toBe(invalid);
  });

  it('is judged purpose by purpose', () => {
    const both = child.gave('2023-01-01', '', { purposes: ['marketing', 'fraud-prevention'] });
    const { choices } = recordOf('account|child', [both], policy, { at: on('2023-02-01'), known: Infinity });
    expect(choices.map(({ purpose, invalid }) => [purpose, invalid])).toEqual([
      ['marketing', undefined],
      ['fraud-prevention', 'not-consent-based'],
    ]);
  });

  it('stays what it was when a newer notice follows: no consent is bound to another text', () => {
    const choice = child.gave('2023-01-01', 'marketing');
    const { choices } = recordOf('account|child', [choice], withV2, { at: on('2025-01-01'), known: Infinity });
    expect(choices[0]).toMatchObject({ noticeVersion: NOTICE });
    expect(choices[0]).not.toHaveProperty('invalid');
  });

  it('is not judged when it is a no: a withdrawal needs no notice', () => {
    expect(verdict(child.withdrew('2020-01-01', 'marketing', { noticeVersion: 'v9' }))).toBeUndefined();
  });
});

describe('the birthday of a person, as Bangkok counts its days', () => {
  const capacity = 'Civil and Commercial Code s.24';
  test.each<[string, string, string, Partial<ChoiceFact>, Invalidity | undefined]>([
    ['the last millisecond of being nine', '2013-05-01', '2023-04-30T16:59:59.999Z', { capacity }, 'guardian-required'],
    ['the first millisecond of being ten', '2013-05-01', '2023-04-30T17:00:00Z', { capacity }, undefined],
    ['ten, and nothing says that the minor may choose alone', '2013-05-01', '2023-04-30T17:00:00Z', {}, 'guardian-required'],
    ['the last millisecond of being nineteen', '2003-05-01', '2023-04-30T16:59:59.999Z', {}, 'guardian-required'],
    ['the first millisecond of being twenty', '2003-05-01', '2023-04-30T17:00:00Z', {}, undefined],
    ['born on 29 February, on 28 February of a common year', '2004-02-29', '2024-02-28T16:59:59.999Z', {}, 'guardian-required'],
    ['born on 29 February, on the day itself', '2004-02-29', '2024-02-28T17:00:00Z', {}, undefined],
    ['ten years after a 29 February, still 28 February', '2016-02-29', '2026-02-28T16:59:59.999Z', { capacity }, 'guardian-required'],
    ['ten years after a 29 February, on 1 March', '2016-02-29', '2026-02-28T17:00:00Z', { capacity }, undefined],
  ])('%s', (_, birthDate, at, changes, invalid) => {
    expect(verdict(child.gave(at, 'marketing', changes), [child.born('2022-08-10', birthDate)])).toBe(invalid);
  });
});

describe('a date of birth that is corrected', () => {
  const choice = child.gave('2023-01-01', 'marketing');
  const said = child.born('2022-12-01', '1990-01-01');
  const found = child.born('2024-01-01', '2008-01-01');

  it('takes the consent away that a minor gave', () => {
    expect(verdict(choice, [said])).toBeUndefined();
    expect(verdict(choice, [said, found])).toBe('guardian-required');
  });

  it('brings back the consent of somebody who was of age', () => {
    expect(verdict(choice, [child.born('2022-12-01', '2008-01-01'), child.born('2024-01-01', '1990-01-01')])).toBeUndefined();
  });

  it('changes nothing of what was known before', () => {
    expect(verdict(choice, [said, found], policy, on('2023-12-31'))).toBeUndefined();
  });
});

describe('a holder of parental responsibility', () => {
  const choice = child.gave('2023-06-01', 'marketing', { by: 'guardian' });

  test.each<[string, Fact[], Invalidity | undefined]>([
    ['who held it when choosing', [child.hasGuardian('2023-01-01')], undefined],
    ['whom we recorded later, by the time it began', [knownOn('2024-01-01', child.hasGuardian('2023-01-01'))], undefined],
    ['from that instant on', [child.hasGuardian('2023-06-01')], undefined],
    ['who held it only later', [child.hasGuardian('2023-06-02')], 'guardian-unrecorded'],
    ['who held it no longer', [child.hasGuardian('2023-01-01'), child.guardianEnded('2023-05-01')], 'guardian-unrecorded'],
    ['until that very instant', [child.hasGuardian('2023-01-01'), child.guardianEnded('2023-06-01')], 'guardian-unrecorded'],
    ['who held it again', [child.hasGuardian('2023-01-01'), child.guardianEnded('2023-02-01'), child.hasGuardian('2023-03-01')], undefined],
    [
      'beside another who no longer does',
      [child.hasGuardian('2023-01-01'), child.hasGuardian('2023-01-01', 'father'), child.guardianEnded('2023-05-01')],
      undefined,
    ],
    ['until later', [child.hasGuardian('2023-01-01'), child.guardianEnded('2023-07-01')], undefined],
  ])('%s', (_, guardians, invalid) => {
    expect(verdict(choice, guardians)).toBe(invalid);
  });

  it('was not known of before it was recorded', () => {
    expect(verdict(choice, [knownOn('2024-01-01', child.hasGuardian('2023-01-01'))], policy, on('2023-12-31'))).toBe('guardian-unrecorded');
  });
});
