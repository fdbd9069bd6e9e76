import { parseEvent, type EventData } from '@attesta/events';
import { amended } from './amend.js';
import { checkEvent } from './check-event.js';
import { mMed } from './policies-rig.js';

const now = Date.UTC(2026, 0, 5, 12);
const LOYALTY = {
  purpose: 'loyalty-programme',
  title: 'Loyalty programme',
  bases: [{ jurisdiction: 'th-pdpa', bases: ['consent', 'explicit-consent'] }],
  citation: 'PDPA s.21',
  separable: true,
  objection: 'absolute',
  channels: ['app'],
};
const NOTICE = { version: '2026-01-05', language: 'th', digest: 'ab'.repeat(32), effectiveAt: '2026-02-01T00:00:00+07:00' };
const CAPTURED = { purposes: ['marketing'], status: 'given', method: 'checkbox', noticeVersion: mMed.notice, language: 'th' };
const DECIDED = {
  purposes: ['marketing'],
  method: 'checkbox',
  noticeVersion: mMed.notice,
  by: 'subject',
  cause: { source: '/shop', id: 'e-1' },
};
const MOTHER = { related: [{ subject: 'account|c-1002', role: 'guardian' }], method: 'document' };

/** What intake says of an event: its form first, then the policy’s rules. */
function problems(name: string, data: object, policy = mMed.policy, subject: string | undefined = subjectOf(name)): string[] {
  const event = { specversion: '1.0', id: 'e-1', source: '/shop', type: `attesta.${name}.v1`, time: '2026-01-05T11:00:00Z', subject, data };
  const parsed = parseEvent(event.subject === undefined ? { ...event, subject: null } : event, { now });
  const found = parsed.ok ? checkEvent(policy, { ...parsed.event, data: data as EventData }) : parsed.problems;
  return found.map(({ field, code }) => `${field} ${code}`);
}
const subjectOf = (name: string) => (/^(purpose|notice\.published)/.test(name) ? undefined : 'account|c-1001');

describe('under the M MED notice', () => {
  test.each<[string, object]>([
    ['consent.captured', CAPTURED],
    [
      'consent.captured',
      { ...CAPTURED, by: 'guardian', validFor: 'P1Y', acceptedAt: '2026-01-05T11:00:00.123Z', channelPreferences: ['email'] },
    ],
    ['consent.captured', { ...CAPTURED, capacity: 'Civil and Commercial Code s.24' }],
    [
      'consent.captured',
      { ...CAPTURED, status: 'withdrawn', method: 'device_setting', reason: 'location turned off', channelPreferences: [] },
    ],
    ['consent.captured', { ...CAPTURED, status: 'refused', categories: ['health'] }],
    ['consent.captured', { ...CAPTURED, status: 'requested' }],
    ['consent.captured', { ...CAPTURED, status: 'deferred' }],
    ...['given', 'renewed', 'withdrawn', 'revoked', 'refused', 'expired', 'invalidated', 'requested', 'deferred'].map(
      (status): [string, object] => [`consent.${status}`, DECIDED],
    ),
    ['consent.expired', { ...DECIDED, categories: ['health'], channelPreferences: ['sms'], validFor: 'P1Y' }],
    ['consent.given', { ...DECIDED, categories: ['health'], explicit: true }],
    [
      'withdrawal.acknowledged',
      {
        consumer: 'mailer',
        withdrawal: { source: '//attesta/consent', id: 'e-1' },
        takenAt: '2026-01-05T09:00:00Z',
        acknowledgedAt: '2026-01-05T09:00:00.250Z',
        milliseconds: 250,
      },
    ],
    ['consequences.communicated', { purposes: ['location-features'], services: [{ service: 'location-services', effect: 'ends' }] }],
    ['consequences.communicated', { purposes: ['marketing'], services: [] }],
    ['service.ended', { service: 'promotions' }],
    ['objection.raised', { purposes: ['marketing', 'fraud-prevention'], method: 'letter' }],
    ['objection.decided', { purposes: ['fraud-prevention'], outcome: 'rejected', reason: 'a fraud case is open', law: 'PDPA s.32(1)(b)' }],
    ['objection.withdrawn', { purposes: ['fraud-prevention'], method: 'phone' }],
    ['restriction.placed', { ground: 'accuracy-contested', method: 'online-form' }],
    ['restriction.placed', { ground: 'needed-for-claims', method: 'letter', purposes: ['marketing'], categories: ['health'] }],
    ['restriction.lifted', { categories: ['address'], reason: 'the address was checked' }],
    ['age.attested', { rules: ['th-ten-to-nineteen', 'eu-under-sixteen'], method: 'document' }],
    ['guardian.recorded', MOTHER],
    ['guardian.ended', MOTHER],
    ['purpose.quarantined', { purpose: 'loyalty-programme' }],
    ['purpose.registered', LOYALTY],
    ['notice.published', NOTICE],
    ['notice.published', { ...NOTICE, purposes: ['marketing'] }],
  ])('%s is accepted: %j', (name, data) => {
    expect(problems(name, data)).toEqual([]);
  });

  test.each<[string, object, string[]]>([
    ['consent.captured', { ...CAPTURED, noticeVersion: '1066-10-14' }, ['/data/noticeVersion unknown-notice-version']],
    ['consent.captured', { ...CAPTURED, purposes: ['loyalty-programme'] }, ['/data/purposes/0 unknown-purpose']],
    ['consent.captured', { ...CAPTURED, method: 'telepathy' }, ['/data/method unknown-method']],
    ['consent.captured', { ...CAPTURED, channelPreferences: ['parcel'] }, ['/data/channelPreferences/0 unknown-channel']],
    ['consent.captured', { ...CAPTURED, categories: ['health'] }, ['/data/explicit explicit-consent-required']],
    ['consent.captured', { ...CAPTURED, status: 'expired' }, ['/data/status not-allowed']],
    ['consent.captured', { ...CAPTURED, by: 'neighbour' }, ['/data/by not-allowed']],
    ['consent.captured', { ...CAPTURED, validFor: 'a year' }, ['/data/validFor bad-format']],
    ['consent.given', { ...DECIDED, categories: ['health'] }, ['/data/explicit explicit-consent-required']],
    ['consent.renewed', { ...DECIDED, categories: ['health'] }, ['/data/explicit explicit-consent-required']],
    ['consent.revoked', { ...DECIDED, purposes: ['loyalty-programme'] }, ['/data/purposes/0 unknown-purpose']],
    [
      'consequences.communicated',
      {
        purposes: ['marketing'],
        services: [
          { service: 'promotions', effect: 'ends' },
          { service: 'spa', effect: 'ends' },
        ],
      },
      ['/data/services/1/service unknown-service'],
    ],
    ['service.ended', { service: 'spa' }, ['/data/service unknown-service']],
    ['objection.raised', { purposes: ['loyalty-programme'], method: 'letter' }, ['/data/purposes/0 unknown-purpose']],
    ['objection.decided', { purposes: ['fraud-prevention'], outcome: 'rejected' }, ['/data/reason missing-field']],
    ['objection.decided', { purposes: ['fraud-prevention'], outcome: 'ignored', reason: 'no time' }, ['/data/outcome not-allowed']],
    ['restriction.placed', { ground: 'whim', method: 'letter' }, ['/data/ground not-allowed']],
    [
      'restriction.placed',
      { ground: 'accuracy-contested', method: 'letter', categories: ['shoe-size'] },
      ['/data/categories/0 unknown-category'],
    ],
    ['restriction.lifted', {}, ['/data/reason missing-field']],
    ['age.attested', { rules: ['th-middle-aged'], method: 'document' }, ['/data/rules/0 unknown-age-rule']],
    ['age.attested', { rules: ['th-of-age', 'eu-sixteen', 'th-under-ten'], method: 'document' }, ['/data/rules/2 ambiguous-age']],
    ['age.attested', { rules: ['th-of-age'], method: 'document', birthDate: '1990-01-01' }, ['/data/birthDate unknown-field']],
    ['guardian.recorded', { ...MOTHER, related: [] }, ['/data/related too-few']],
    ['guardian.recorded', { ...MOTHER, related: [{ subject: 'account|c-1002', role: 'friend' }] }, ['/data/related/0/role not-allowed']],
    [
      'guardian.ended',
      { ...MOTHER, related: [...MOTHER.related, { subject: 'account|c-1003', role: 'guardian' }] },
      ['/data/related too-many'],
    ],
    ['purpose.registered', { ...LOYALTY, purpose: 'marketing' }, ['/data/purpose purpose-exists']],
    [
      'purpose.registered',
      { ...LOYALTY, bases: [{ jurisdiction: 'mars', bases: ['consent'] }] },
      ['/data/bases/0/jurisdiction unknown-jurisdiction'],
    ],
    [
      'purpose.registered',
      { ...LOYALTY, bases: [{ jurisdiction: 'eu-gdpr', bases: ['consent', 'research-statistics'] }] },
      ['/data/bases/0/bases/1 unknown-basis'],
    ],
    [
      'purpose.registered',
      { ...LOYALTY, bases: [...LOYALTY.bases, { jurisdiction: 'th-pdpa', bases: ['contract'] }] },
      ['/data/bases/1/jurisdiction ambiguous-bases'],
    ],
    ['purpose.registered', { ...LOYALTY, bases: [] }, ['/data/bases too-few']],
    ['purpose.registered', { ...LOYALTY, citation: undefined }, ['/data/citation missing-field']],
    ['notice.published', { ...NOTICE, purposes: ['loyalty-programme'] }, ['/data/purposes/0 unknown-purpose']],
    ['notice.published', { ...NOTICE, version: mMed.notice, language: 'en' }, ['/data/digest notice-changed']],
    ['notice.published', { ...NOTICE, effectiveAt: 'soon' }, ['/data/effectiveAt bad-format']],
  ])('%s is refused: %j', (name, data, expected) => {
    expect(problems(name, data)).toEqual(expected);
  });

  test.each(['purpose.registered', 'purpose.quarantined'])('%s is about no person', (name) => {
    const data = name === 'purpose.registered' ? LOYALTY : { purpose: 'loyalty-programme' };
    expect(problems(name, data, mMed.policy, 'account|c-1001')).toEqual(['/subject subject-forbidden']);
  });
});

describe('once a purpose is registered', () => {
  const policy = amended(mMed.policy, [
    { type: 'attesta.purpose.registered.v1', time: '2026-01-01T00:00:00Z', data: { ...LOYALTY, objection: 'absolute' } },
  ]);

  it('a notice may name it, and a consent be about it and its channels', () => {
    expect(problems('notice.published', { ...NOTICE, purposes: ['loyalty-programme'] }, policy)).toEqual([]);
    expect(problems('consent.captured', { ...CAPTURED, purposes: ['loyalty-programme'], channelPreferences: ['app'] }, policy)).toEqual([]);
  });

  it('it may be registered again as it is, and not otherwise', () => {
    expect(problems('purpose.registered', LOYALTY, policy)).toEqual([]);
    expect(problems('purpose.registered', { ...LOYALTY, objection: 'none' }, policy)).toEqual(['/data/purpose purpose-exists']);
  });
});
