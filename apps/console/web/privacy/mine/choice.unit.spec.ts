import { actsOf, isForChoice, type ConsentStatus, type PurposeStanding } from './choice.js';

test.each<[ConsentStatus, string[]]>([
  ['given', ['withdrawn']],
  ['renewed', ['withdrawn']],
  ['withdrawn', ['given']],
  ['refused', ['given']],
  ['revoked', ['given']],
  ['none', ['given', 'refused']],
  ['requested', ['given', 'refused']],
  ['deferred', ['given', 'refused']],
  ['expired', ['given', 'refused']],
  ['invalidated', ['given', 'refused']],
])('of a consent that is %s one tap can make it %j', (status, acts) => expect(actsOf(status)).toEqual(acts));

test('what the service itself needs is for choice once somebody was asked', () => {
  const standing = (status: ConsentStatus) => ({ status }) as PurposeStanding;
  expect([isForChoice(standing('none'), true), isForChoice(standing('none'), false), isForChoice(standing('given'), false)]).toEqual([
    true,
    false,
    true,
  ]);
});
