import { amended, amends, purposeOf, withNotice, type Amendment } from './amend.js';
import { noticePeriod } from './notice-period.js';
import { mMed } from './policies-rig.js';

const { policy } = mMed;

type Published = Extract<Amendment, { type: 'attesta.notice.published.v1' }>;
type Registered = Extract<Amendment, { type: 'attesta.purpose.registered.v1' }>;

const published = (time: string, version: string, changes: Partial<Published['data']> = {}): Published => ({
  type: 'attesta.notice.published.v1',
  time,
  data: { version, language: 'th', digest: 'ab'.repeat(32), effectiveAt: time, ...changes },
});
const registered = (time: string, changes: Partial<Registered['data']> = {}): Registered => ({
  type: 'attesta.purpose.registered.v1',
  time,
  data: {
    purpose: 'loyalty',
    title: 'Loyalty programme',
    bases: [{ jurisdiction: 'th-pdpa', bases: ['consent'] }],
    citation: 'PDPA s.21',
    separable: true,
    objection: 'absolute',
    ...changes,
  },
});
const startOf = (amendments: readonly Amendment[], version = 'v2') => {
  const from = noticePeriod(amended(policy, amendments), version)?.from;
  return from === undefined ? undefined : new Date(from).toISOString();
};

describe('a policy that a notice is published under', () => {
  it('has its text, and the old ones as they were', () => {
    const { notices } = amended(policy, [published('2024-01-01T00:00:00Z', 'v2', { purposes: ['marketing'] })]);
    expect(notices.get('v2')).toEqual([
      {
        version: 'v2',
        language: 'th',
        announced: '2024-01-01',
        sha256: 'ab'.repeat(32),
        effectiveAt: '2024-01-01T00:00:00Z',
        purposes: ['marketing'],
      },
    ]);
    expect(notices.get(mMed.notice)).toBe(policy.notices.get(mMed.notice));
    expect(policy.notices.has('v2')).toBe(false);
  });

  it('has one more text of a version it has in another language', () => {
    const { notices } = amended(policy, [published('2024-01-01T00:00:00Z', mMed.notice)]);
    expect(notices.get(mMed.notice)?.map(({ language }) => language)).toEqual(['en', 'th']);
  });

  it('keeps a text that it has: a published version never changes', () => {
    const changed = published('2024-01-01T00:00:00Z', mMed.notice, { language: 'en', digest: 'cd'.repeat(32) });
    expect(amended(policy, [changed])).toBe(policy);
    expect(withNotice(policy, { version: mMed.notice, language: 'en', announced: '2024-01-01' })).toBe(policy);
  });

  test.each([
    ['the day it names', '2024-06-01T00:00:00+07:00', '2024-05-31T17:00:00.000Z'],
    ['the moment it was published, when it names an earlier one', '2022-01-01T00:00:00Z', '2024-01-01T09:00:00.000Z'],
  ])('has it in effect from %s', (_, effectiveAt, from) => {
    expect(startOf([published('2024-01-01T16:00:00+07:00', 'v2', { effectiveAt })])).toBe(from);
  });
});

describe('a policy that a purpose is registered under', () => {
  it('has it, with the provision it rests on', () => {
    expect(
      amended(policy, [registered('2024-01-01T00:00:00Z', { titleTh: 'สะสมคะแนน', channels: ['app'] })]).purposes.get('loyalty'),
    ).toEqual({
      id: 'loyalty',
      title: 'Loyalty programme',
      title_th: 'สะสมคะแนน',
      clauses: ['4.11'],
      bases: { 'th-pdpa': ['consent'] },
      separable: true,
      objection: 'absolute',
      registered: 'PDPA s.21',
      channels: ['app'],
    });
  });

  it('keeps a purpose of the file', () => {
    expect(amended(policy, [registered('2024-01-01T00:00:00Z', { purpose: 'marketing', objection: 'none' })])).toBe(policy);
  });

  it('takes nothing for the title in Thai or the channels where there are none', () => {
    expect(Object.keys(purposeOf(registered('2024-01-01T00:00:00Z').data))).not.toEqual(expect.arrayContaining(['title_th', 'channels']));
  });
});

describe('amendments', () => {
  const first = published('2024-01-01T00:00:00Z', 'v2', { purposes: ['marketing'] });
  const again = published('2024-03-01T00:00:00Z', 'v2', { purposes: ['personalisation'] });

  test.each<[string, Amendment[]]>([
    ['two publications of one text', [first, again]],
    ['two publications of one text at the same time', [first, published('2024-01-01T00:00:00Z', 'v2', { purposes: ['personalisation'] })]],
    ['two times written with different offsets', [first, published('2024-01-01T06:59:59+07:00', 'v2')]],
    ['two registrations of one purpose', [registered('2024-01-01T00:00:00Z'), registered('2024-02-01T00:00:00Z', { objection: 'none' })]],
  ])('make the same policy in any order: %s', (_, amendments) => {
    const { notices, purposes } = amended(policy, amendments);
    const reversed = amended(policy, amendments.toReversed());
    expect(reversed.notices).toEqual(notices);
    expect(reversed.purposes).toEqual(purposes);
  });

  it('count as of the earlier one where two are about the same text', () => {
    expect(amended(policy, [again, first]).notices.get('v2')?.[0]?.purposes).toEqual(['marketing']);
  });

  it('are these two types of event', () => {
    expect(['attesta.notice.published.v1', 'attesta.purpose.registered.v1', 'attesta.purpose.quarantined.v1'].map(amends)).toEqual([
      true,
      true,
      false,
    ]);
  });
});
