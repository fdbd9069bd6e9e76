import type { Policy } from '@attesta/policy';
import type { Candidate, CollectedFact, ConsentFact, DisposalFact, KnownFacts, LinkFact } from './candidate.js';
import { NOTHING } from './fact-index.js';
import { judge } from './findings.decider.js';
import { policy } from './policy-rig.js';

const ANNA = 'anna';
const PHONE = 'phone';
const ACCOUNT = 'third-party-account';
const at = (hour: number) => Date.UTC(2026, 2, 1, hour);

const consent = (position: number, status: ConsentFact['status'], fact: Partial<ConsentFact> = {}): ConsentFact => ({
  position,
  subject: ANNA,
  purpose: 'marketing',
  status,
  method: 'checkbox',
  channels: null,
  occurredAt: at(position),
  recordedAt: at(position),
  expiresAt: null,
  ...fact,
});
const tie = (position: number, linked: boolean, fact: Partial<LinkFact> = {}): LinkFact => ({
  position,
  person: ANNA,
  identity: PHONE,
  linked,
  kind: 'device',
  occurredAt: at(position),
  ...fact,
});
const collected = (position: number, categories: string[], occurredAt = at(position)): CollectedFact => ({
  position,
  subject: ANNA,
  categories,
  occurredAt,
});
const disposal = (position: number, categories: string[], fact: Partial<DisposalFact> = {}): DisposalFact => ({
  position,
  subject: ANNA,
  scope: 'class',
  categories,
  kept: [],
  collectedUntil: at(position - 1),
  occurredAt: at(position),
  ...fact,
});

const reported = (kind: Candidate['kind'], position: number, rest: Partial<Candidate> = {}): Candidate => ({
  kind,
  position,
  subject: ANNA,
  related: [],
  occurredAt: at(position),
  recordedAt: at(position),
  categories: ['contact'],
  purposes: ['marketing'],
  basis: 'consent',
  ...(kind === 'disclosure' && { recipient: 'message-delivery' }),
  ...(kind === 'collection' && { method: 'online-form' }),
  ...rest,
});

/** given facts, when something is reported, then these rules are broken */
function rules(given: Partial<KnownFacts>, when: Candidate): string[] {
  return judge(when, { ...NOTHING, ...given }, policy).map(({ rule }) => rule);
}

describe('relying on consent (5.3)', () => {
  it('given consent, a use is fine', () => expect(rules({ consents: [consent(1, 'given')] }, reported('use', 2))).toEqual([]));

  it('given no consent, a use and a disclosure are found', () => {
    expect(rules({}, reported('use', 2))).toEqual(['use-without-consent']);
    expect(rules({}, reported('disclosure', 2))).toEqual(['disclosure-without-consent']);
  });

  it('given a withdrawal, what comes after it is found, with the withdrawal and the law', () => {
    const known = { ...NOTHING, consents: [consent(1, 'given'), consent(2, 'withdrawn')] };
    expect(judge(reported('disclosure', 3), known, policy)).toEqual([
      {
        rule: 'disclosure-after-withdrawal',
        severity: 'violation',
        clause: '5.3',
        law: 'PDPA s.19, s.24',
        positions: [3, 2],
        explanation: 'The disclosure rests on a consent that was withdrawn before (purpose marketing, position 2).',
      },
    ]);
  });

  it('given a withdrawal, a use that happened before it stays lawful though it was reported after', () =>
    expect(rules({ consents: [consent(1, 'given'), consent(5, 'withdrawn')] }, reported('use', 6, { occurredAt: at(4) }))).toEqual([]));

  it('given a withdrawal and then consent again, a use is fine', () =>
    expect(rules({ consents: [consent(1, 'withdrawn'), consent(2, 'given')] }, reported('use', 3))).toEqual([]));

  it('given consent that ran out, a use is found', () =>
    expect(rules({ consents: [consent(1, 'given', { expiresAt: at(2) })] }, reported('use', 3))).toEqual(['use-without-consent']));

  it('given consent to another purpose only, a use is found', () =>
    expect(rules({ consents: [consent(1, 'given', { purpose: 'personalisation' })] }, reported('use', 3))).toEqual([
      'use-without-consent',
    ]));

  it('given a withdrawal of one channel, a use is fine while another is left', () => {
    const withdrawn = (position: number, ...channels: string[]) => consent(position, 'withdrawn', { channels });
    const given = consent(1, 'given', { channels: ['email', 'sms'] });
    expect(rules({ consents: [given, withdrawn(2, 'email')] }, reported('use', 4))).toEqual([]);
    expect(rules({ consents: [given, withdrawn(2, 'email'), withdrawn(3, 'sms')] }, reported('use', 4))).toEqual(['use-after-withdrawal']);
    expect(rules({ consents: [given, withdrawn(2)] }, reported('use', 4))).toEqual(['use-after-withdrawal']);
    expect(rules({ consents: [consent(1, 'given', { channels: [] })] }, reported('use', 4))).toEqual(['use-without-consent']);
  });

  it('given consent that ran out by one channel and stands by another, a use is fine', () => {
    const byMail = consent(1, 'given', { channels: ['email'] });
    const bySms = consent(2, 'given', { channels: ['sms'], expiresAt: at(3) });
    expect(rules({ consents: [byMail, bySms] }, reported('use', 4))).toEqual([]);
    expect(rules({ consents: [bySms] }, reported('use', 4))).toEqual(['use-without-consent']);
  });

  it('given consent of somebody else, a use is found', () =>
    expect(rules({ consents: [consent(1, 'given', { subject: 'ben' })] }, reported('use', 3))).toEqual(['use-without-consent']));

  it('given consent on a linked device, a use is fine while it is linked', () => {
    const consents = [consent(1, 'given', { subject: PHONE })];
    expect(rules({ consents, links: [tie(2, true)] }, reported('use', 3))).toEqual([]);
    expect(rules({ consents, links: [tie(2, true), tie(3, false)] }, reported('use', 4))).toEqual(['use-without-consent']);
  });

  it('given a withdrawal, a disclosure by law is fine', () =>
    expect(
      rules(
        { consents: [consent(1, 'withdrawn')] },
        reported('disclosure', 2, { basis: 'legal-obligation', purposes: ['legal-compliance'], recipient: 'police' }),
      ),
    ).toEqual([]));

  it('given consent that was sealed later only, a use is found', () =>
    expect(rules({ consents: [consent(9, 'given', { occurredAt: at(1) })] }, reported('use', 3))).toEqual(['use-without-consent']));

  it('a use about nobody is not judged', () => expect(rules({}, reported('use', 1, { subject: undefined }))).toEqual([]));
});

describe('collecting on consent', () => {
  it('given nothing, data may come in together with the consent to it', () => expect(rules({}, reported('collection', 1))).toEqual([]));

  it('given a refusal, a collection is found (8.3)', () =>
    expect(rules({ consents: [consent(1, 'refused')] }, reported('collection', 2))).toEqual(['collection-after-withdrawal']));

  it('given the device setting off, a location fix is found (2.9), and one before it is not', () => {
    const consents = [
      consent(1, 'given', { purpose: 'location-features', subject: PHONE }),
      consent(3, 'withdrawn', { purpose: 'location-features', subject: PHONE, method: 'device_setting' }),
    ];
    const fix = (position: number) =>
      reported('collection', position, {
        subject: PHONE,
        categories: ['location'],
        purposes: ['location-features'],
        method: 'location-sensor',
      });
    expect(rules({ consents }, fix(2))).toEqual([]);
    expect(rules({ consents }, fix(4))).toEqual(['location-after-device-setting']);
  });
});

describe('unlinked identities (1.5)', () => {
  const through = (position: number, rest: Partial<Candidate> = {}) =>
    reported('collection', position, { subject: PHONE, basis: 'contract', purposes: ['service-fulfilment'], ...rest });

  it('given a linked identity, a collection through it is fine', () => expect(rules({ links: [tie(1, true)] }, through(2))).toEqual([]));

  it('given it was unlinked, a later collection is found and an earlier one is not', () => {
    const links = [tie(1, true), tie(3, false)];
    expect(rules({ links }, through(2))).toEqual([]);
    expect(rules({ links }, through(4))).toEqual(['collection-after-unlink']);
    expect(rules({ links }, through(4, { occurredAt: at(2) }))).toEqual([]);
  });

  it('given it was linked again, a collection is fine', () =>
    expect(rules({ links: [tie(1, true), tie(2, false), tie(3, true)] }, through(4))).toEqual([]));

  it('given it belongs to somebody else now, only what names the first person is found', () => {
    const links = [tie(1, true), tie(2, false), tie(3, true, { person: 'ben' })];
    expect(rules({ links }, through(4))).toEqual([]);
    expect(rules({ links }, through(4, { subject: ANNA, related: [PHONE] }))).toEqual(['collection-after-unlink']);
  });

  it('a device without a tie is a warning, an account of a third party a violation', () => {
    const severity = (kind: string) =>
      judge(through(3), { ...NOTHING, links: [tie(1, true, { kind }), tie(2, false, { kind })] }, policy)[0]?.severity;
    expect(severity('device')).toBe('warning');
    expect(severity(ACCOUNT)).toBe('violation');
  });

  it('given the account link is undone, a collection that says it came through it is found though it does not name it', () => {
    const links = [tie(1, true, { kind: ACCOUNT }), tie(2, false, { kind: ACCOUNT })];
    const viaLink = through(3, { subject: ANNA, method: 'account-link', categories: ['linked-account'] });
    expect(rules({ links }, viaLink)).toEqual(['collection-after-unlink']);
    expect(rules({ links: links.slice(0, 1) }, viaLink)).toEqual([]);
    expect(rules({}, viaLink)).toEqual([]);
  });
});

describe('survey data (3.1)', () => {
  const toAdvertiser = (rest: Partial<Candidate> = {}) =>
    reported('disclosure', 5, {
      basis: 'legitimate-interest',
      purposes: ['research-and-improvement'],
      recipient: 'advertiser',
      categories: ['survey-answer'],
      ...rest,
    });
  const confined = [{ position: 1, subject: ANNA, method: 'survey', categories: ['survey-answer', 'contact'] }];

  it('given data from a survey, giving it to an advertiser is found', () =>
    expect(rules({ confined }, toAdvertiser())).toEqual(['confined-data-disclosed']));

  it('the contractor who runs the survey may have it, and an authority may demand it', () => {
    expect(rules({ confined }, toAdvertiser({ recipient: 'survey-contractor' }))).toEqual([]);
    expect(rules({ confined }, toAdvertiser({ recipient: 'police' }))).toEqual([]);
  });

  it('a disclosure that names the survey is found without knowing the person', () =>
    expect(rules({}, toAdvertiser({ subject: undefined, context: { survey: 's-1' } }))).toEqual(['confined-data-disclosed']));

  it('a category that also came in another way is not survey data', () => {
    const contact = toAdvertiser({ categories: ['contact'] });
    expect(rules({ confined }, contact)).toEqual(['confined-data-disclosed']);
    expect(rules({ confined, open: [collected(2, ['contact'])] }, contact)).toEqual([]);
  });

  it('what a survey brings in later does not count', () =>
    expect(rules({ confined: [{ ...confined[0]!, position: 6 }] }, toAdvertiser())).toEqual([]));
});

describe('ties of people who were forgotten', () => {
  const links = [tie(1, true, { until: 5 }), tie(2, false, { until: 5 })];
  const through = (position: number) =>
    reported('collection', position, { subject: PHONE, basis: 'contract', purposes: ['service-fulfilment'] });

  it('count for what was sealed before, and no more', () => {
    expect(rules({ links }, through(4))).toEqual(['collection-after-unlink']);
    expect(rules({ links }, through(6))).toEqual([]);
  });
});

describe('keeping no longer than needed (5.1)', () => {
  const used = (position: number, rest: Partial<Candidate> = {}) =>
    reported('use', position, { basis: 'contract', purposes: ['service-fulfilment'], ...rest });
  const came = (rest: Partial<Candidate> = {}) =>
    reported('collection', 1, { basis: 'contract', purposes: ['service-fulfilment'], ...rest });

  it('given a category that no retention rule bears on, its collection is found', () => {
    const without: Policy = {
      ...policy,
      retention: policy.retention.filter(({ categories }) => categories && !categories.includes('health')),
    };
    const judged = (categories: string[]) => judge(came({ categories, basis: 'explicit-consent' }), NOTHING, without);
    expect(judged(['contact'])).toEqual([]);
    expect(judged(['contact', 'health'])).toEqual([
      {
        rule: 'no-retention-rule',
        severity: 'warning',
        clause: '5.1',
        law: 'PDPA s.37(3), GDPR Art. 5(1)(e)',
        positions: [1],
        explanation: 'No retention rule bears on health for the purpose service-fulfilment under th-pdpa: it would be kept without end.',
      },
    ]);
  });

  it('given a rule under one law only, a collection under another is found', () => {
    const thai: Policy = { ...policy, retention: policy.retention.map((rule) => ({ ...rule, jurisdiction: 'th-pdpa' })) };
    expect(judge(came(), NOTHING, thai)).toEqual([]);
    expect(judge(came({ jurisdiction: 'eu-gdpr' }), NOTHING, thai)).toMatchObject([{ rule: 'no-retention-rule' }]);
  });

  it('every category of the notice is under a rule, for every purpose and law', () => {
    for (const category of policy.categories.keys())
      for (const purpose of policy.purposes.keys())
        for (const jurisdiction of policy.jurisdictions.keys())
          expect(rules({}, came({ categories: [category], purposes: [purpose], jurisdiction, basis: 'x' }))).toEqual(['no-valid-basis']);
  });

  it('given a disposal, a use and a disclosure after it are found', () => {
    expect(judge(used(5), { ...NOTHING, disposals: [disposal(3, ['contact'])] }, policy)).toEqual([
      {
        rule: 'kept-past-retention',
        severity: 'violation',
        clause: '5.1',
        law: 'PDPA s.37(3), GDPR Art. 5(1)(e)',
        positions: [5, 3],
        explanation: 'The use of contact came after its disposal at position 3, and it had not been collected again.',
      },
    ]);
    const disclosed = used(5, { kind: 'disclosure', recipient: 'message-delivery' });
    expect(rules({ disposals: [disposal(3, ['contact'])] }, disclosed)).toEqual(['kept-past-retention']);
  });

  it.each<[string, Partial<KnownFacts>, Candidate]>([
    ['what happened before it, though it was reported later', { disposals: [disposal(3, ['contact'])] }, used(5, { occurredAt: at(2) })],
    ['another category', { disposals: [disposal(3, ['identity'])] }, used(5)],
    ['somebody else', { disposals: [disposal(3, ['contact'], { subject: 'ben' })] }, used(5)],
    ['what survives', { disposals: [disposal(3, ['contact'], { kept: ['contact'] })] }, used(5)],
    ['what was collected again', { disposals: [disposal(3, ['contact'])], collected: [collected(4, ['contact'])] }, used(5)],
    [
      'what came in too late to be disposed of',
      { disposals: [disposal(3, ['contact'])], collected: [collected(2, ['contact'], at(2) + 1)] },
      used(5),
    ],
    ['a disposal that was sealed later', { disposals: [disposal(6, ['contact'], { occurredAt: at(2) })] }, used(5)],
  ])('but not %s', (_what, given, when) => expect(rules(given, when)).toEqual([]));

  it('what was disposed of before it is not what was collected again after', () =>
    expect(rules({ disposals: [disposal(3, ['contact'])], collected: [collected(1, ['contact'])] }, used(5))).toEqual([
      'kept-past-retention',
    ]));

  it('given that the person is gone as a whole, any category is found', () =>
    expect(rules({ disposals: [disposal(3, [], { scope: 'subject' })] }, used(5))).toEqual(['kept-past-retention']));

  it('a system that is late with its part is found', () => {
    const late: Candidate = {
      ...reported('use', 9),
      kind: 'stuck',
      categories: [],
      purposes: [],
      basis: '',
      system: 'crm',
      reason: 'no-answer',
    };
    expect(judge(late, NOTHING, policy)).toEqual([
      {
        rule: 'disposal-stuck',
        severity: 'warning',
        clause: '5.1',
        positions: [9],
        explanation: 'The system "crm" is late with its part of a disposal (no-answer).',
      },
    ]);
  });
});

describe('a deadline that was missed (8.5)', () => {
  it('is a violation, on the law of its clock', () => {
    const overdue: Candidate = {
      ...reported('collection', 9),
      kind: 'overdue',
      categories: [],
      purposes: [],
      basis: '',
      clock: 'th-access',
    };
    expect(judge(overdue, NOTHING, policy)).toEqual([
      {
        rule: 'request-overdue',
        severity: 'violation',
        clause: '7.1',
        law: 'PDPA s.30',
        positions: [9],
        explanation: 'A request was not dealt with by its deadline (clock th-access).',
      },
    ]);
  });
});
