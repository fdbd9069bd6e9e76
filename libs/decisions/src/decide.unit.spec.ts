import { amended, type Policy } from '@attesta/policy';
import { decide, type DecisionRequest } from './decide.js';
import type { Fact } from './fact.js';
import { asking, factsOf, NOTICE, on, policy, published, registered } from './facts-rig.js';
import { REASONS } from './reasons.js';
import { recordOf } from './record.js';

const ann = factsOf('account|ann');
const NOW = '2025-01-01T00:00:00Z';

function decided(facts: readonly Fact[], request: Partial<DecisionRequest> = {}, now = NOW, under: Policy = policy) {
  const at = on(now);
  return decide(asking(request), recordOf('account|ann', facts, under, { at, known: Infinity }), under, at);
}
const codes = (...question: Parameters<typeof decided>) => {
  const { decision, reasons } = decided(...question);
  return [decision, ...reasons.map(({ code }) => code)].join(' ');
};

const yes = ann.gave('2023-01-01', 'marketing');
const yesToContent = ann.gave('2023-01-01', 'personalisation');
const order = { operation: 'disclose', purpose: 'legal-compliance', basis: 'legal-obligation', recipient: 'revenue-department' } as const;
const loyalty = registered('2024-01-01T00:00:00Z', 'loyalty');
const told = published('2024-02-01T00:00:00Z', 'v2', { purposes: ['loyalty'] });

describe('a decision, with the reasons it names', () => {
  test.each<[string, Fact[], Partial<DecisionRequest>, string]>([
    ['marketing that was consented to', [yes], {}, 'allowed consent-given'],
    ['an order, on the contract', [], { purpose: 'service-fulfilment' }, 'allowed statutory-basis'],
    ['a purpose nobody registered', [yes], { purpose: 'loyalty' }, 'denied purpose-quarantined'],
    ['nobody ever asked', [], {}, 'denied consent-missing'],
    ['asked, without an answer', [ann.wasAsked('2023-01-01', 'marketing')], {}, 'denied consent-missing'],
    ['refused', [ann.refused('2023-01-01', 'marketing')], {}, 'denied consent-refused'],
    ['withdrawn', [yes, ann.withdrew('2024-01-01', 'marketing')], {}, 'denied consent-withdrawn'],
    ['revoked', [yes, ann.withdrew('2024-01-01', 'marketing', { by: 'controller' })], {}, 'denied consent-revoked'],
    ['run out', [ann.gave('2023-01-01', 'marketing', { validFor: 'P1Y' })], {}, 'denied consent-expired'],
    ['not valid', [ann.gave('2023-01-01', 'marketing', { noticeVersion: 'v9' })], {}, 'denied consent-invalidated'],
    [
      'e-mail yes, text message no',
      [ann.gave('2023-01-01', 'marketing', { channels: ['email'] })],
      { channel: 'sms' },
      'denied channel-not-consented',
    ],
    ['a basis the purpose may not rest on', [], { basis: 'legitimate-interest' }, 'denied basis-not-allowed'],
    [
      'sensitive data on the contract',
      [],
      { purpose: 'service-fulfilment', categories: ['health'], basis: 'contract' },
      'denied explicit-consent-required',
    ],
    [
      'sensitive data for a purpose without a basis for it',
      [],
      { purpose: 'business-transfer', categories: ['health'] },
      'denied explicit-consent-required',
    ],
    [
      'sensitive data under a consent in general terms',
      [yesToContent],
      { purpose: 'personalisation', categories: ['health'] },
      'denied consent-missing',
    ],
    [
      'sensitive data under an express consent',
      [ann.gave('2023-01-01', 'personalisation', { categories: ['health'], explicit: true })],
      { purpose: 'personalisation', categories: ['health'] },
      'allowed consent-given',
    ],
    [
      'sensitive data beside other data that nobody consented to',
      [ann.gave('2023-01-01', 'personalisation', { categories: ['health'], explicit: true })],
      { purpose: 'personalisation', categories: ['health', 'usage'] },
      'denied consent-missing',
    ],
    [
      'a statutory exemption for sensitive data, uncited',
      [],
      { purpose: 'service-fulfilment', categories: ['health'], basis: 'health-care' },
      'denied citation-missing',
    ],
    [
      'a statutory exemption for sensitive data, cited',
      [],
      { purpose: 'service-fulfilment', categories: ['health'], basis: 'health-care', basisCitation: 'PDPA s.26(5)(a)' },
      'allowed statutory-basis',
    ],
    ['an order of an authority, uncited', [], order, 'denied citation-missing'],
    ['an order of an authority, cited', [], { ...order, legalReference: 'order 7' }, 'allowed statutory-basis'],
    [
      'a purpose told later, by consent',
      [ann.gave('2023-01-01', 'other-notified')],
      { purpose: 'other-notified' },
      'allowed consent-given',
    ],
    [
      'a purpose told later, by a law that is not named',
      [],
      { purpose: 'other-notified', basis: 'legal-obligation' },
      'denied citation-missing',
    ],
    [
      'an interest of ours, where nobody was asked',
      [],
      { purpose: 'personalisation', basis: 'legitimate-interest' },
      'allowed statutory-basis',
    ],
    [
      'an interest of ours in place of a consent refused',
      [ann.refused('2023-01-01', 'personalisation')],
      { purpose: 'personalisation', basis: 'legitimate-interest' },
      'denied basis-swapped',
    ],
    ['a child under ten', [yes, ann.attested('2023-02-01', 'th-under-ten')], {}, 'denied under-age consent-invalidated'],
    ['a linked site', [], { purpose: 'service-fulfilment', operation: 'disclose', recipient: 'linked-site' }, 'denied linked-site'],
    [
      'survey answers for an advertiser',
      [],
      { purpose: 'service-fulfilment', operation: 'disclose', recipient: 'advertiser', method: 'survey' },
      'denied recipient-not-allowed',
    ],
    [
      'survey answers for the contractor',
      [],
      { purpose: 'service-fulfilment', operation: 'disclose', recipient: 'survey-contractor', method: 'survey' },
      'allowed statutory-basis',
    ],
    [
      'a recipient abroad, without a ground',
      [],
      { purpose: 'service-fulfilment', operation: 'disclose', recipient: 'cloud-hosting' },
      'denied transfer-ground-missing',
    ],
    [
      'a recipient abroad, with a ground',
      [],
      { purpose: 'service-fulfilment', operation: 'disclose', recipient: 'cloud-hosting', transferGround: 'appropriate-safeguards' },
      'allowed statutory-basis',
    ],
    [
      'a recipient at home that receives it abroad',
      [],
      { purpose: 'service-fulfilment', operation: 'disclose', recipient: 'bank', country: 'SG' },
      'denied transfer-ground-missing',
    ],
    [
      'everything that stands against it',
      [yes, ann.objected('2024-01-01', 'marketing'), ann.restricted('2024-01-01'), ann.withdrew('2024-02-01', 'marketing')],
      {},
      'denied restricted objection-absolute consent-withdrawn',
    ],
  ])('%s', (_, facts, request, expected) => {
    expect(codes(facts, request)).toBe(expected);
  });

  it('gives each reason in English and Thai, with the event it rests on', () => {
    const withdrawal = ann.withdrew('2024-01-01', 'marketing');
    expect(decided([yes, withdrawal]).reasons).toEqual([
      {
        code: 'consent-withdrawn',
        message: REASONS['consent-withdrawn'].en,
        messageTh: REASONS['consent-withdrawn'].th,
        clause: '7.6',
        law: 'PDPA s.19, GDPR Art. 7(3)',
        event: { source: '/shop', id: withdrawal.id, position: withdrawal.position },
      },
    ]);
  });
});

describe('what is allowed by consent', () => {
  it('names the basis, the consent to cite, its channels and when it runs out', () => {
    const consent = ann.gave('2024-06-01T00:00:00Z', 'marketing', { channels: ['email', 'line'], validFor: 'P1Y' });
    expect(decided([consent])).toMatchObject({
      decision: 'allowed',
      basis: { id: 'consent', kind: 'consent', citation: 'PDPA s.19, s.24' },
      consent: { source: '/shop', id: consent.id, position: consent.position, noticeVersion: NOTICE },
      expiresAt: '2025-06-01T00:00:00.000Z',
      channels: ['email', 'line'],
      conditions: [],
    });
  });

  it('ends at the millisecond in which the consent runs out', () => {
    const facts = [ann.gave('2024-01-01T00:00:00Z', 'marketing', { validFor: 'P1Y' })];
    expect(codes(facts, {}, '2024-12-31T23:59:59.999Z')).toBe('allowed consent-given');
    expect(codes(facts, {}, '2025-01-01T00:00:00Z')).toBe('denied consent-expired');
  });

  it('has to be asked again when the first of the consents it needs runs out', () => {
    const facts = [
      ann.gave('2024-01-01', 'personalisation', { categories: ['usage'], validFor: 'P2Y' }),
      ann.gave('2024-02-01', 'personalisation', { categories: ['preferences'], validFor: 'P1Y' }),
    ];
    expect(decided(facts, { purpose: 'personalisation', categories: ['usage', 'preferences'] }).expiresAt).toBe('2025-02-01T00:00:00.000Z');
  });

  it('is by some channel, where none is named, as long as one is left', () => {
    const both = ann.gave('2023-01-01', 'marketing', { channels: ['email', 'sms'] });
    const noSms = ann.withdrew('2024-01-01', 'marketing', { channels: ['sms'] });
    expect(decided([both, noSms])).toMatchObject({ decision: 'allowed', channels: ['email'] });
    expect(decided([both, noSms, ann.withdrew('2024-02-01', 'marketing', { channels: ['email'] })])).toMatchObject({
      decision: 'denied',
      channels: [],
      reasons: [{ code: 'consent-withdrawn' }],
    });
  });

  it('lists no channel that was consented to for other data', () => {
    const facts = [
      ann.gave('2023-01-01', 'marketing', { channels: ['email'], categories: ['contact'] }),
      ann.gave('2023-02-01', 'marketing', { channels: ['sms'], categories: ['preferences'] }),
    ];
    expect(decided(facts).channels).toEqual(['email']);
  });

  it('goes on by one channel when the consent by another has run out', () => {
    const facts = [
      ann.gave('2023-01-01', 'marketing', { channels: ['email'] }),
      ann.gave('2023-02-01', 'marketing', { channels: ['sms'], validFor: 'P1M' }),
    ];
    expect(decided(facts)).toMatchObject({ decision: 'allowed', channels: ['email'], expiresAt: null });
  });

  it('leaves the categories that were not withdrawn', () => {
    const facts = [yesToContent, ann.withdrew('2024-01-01', 'personalisation', { categories: ['usage'] })];
    expect(codes(facts, { purpose: 'personalisation', categories: ['usage'] })).toBe('denied consent-withdrawn');
    expect(codes(facts, { purpose: 'personalisation', categories: ['preferences'] })).toBe('allowed consent-given');
  });
});

describe('what is allowed by law', () => {
  it('cites it, and no consent', () => {
    expect(decided([], { ...order, basisCitation: 'Revenue Code s.87' })).toMatchObject({
      decision: 'allowed',
      basis: { id: 'legal-obligation', kind: 'statutory', citation: 'Revenue Code s.87' },
      consent: null,
      expiresAt: null,
      reasons: [{ code: 'statutory-basis', law: 'Revenue Code s.87' }],
    });
  });

  it('goes on after everything was withdrawn', () => {
    const facts = [ann.withdrew('2024-01-01', '', { purposes: ['marketing', 'personalisation', 'service-fulfilment'] })];
    expect(codes(facts, { ...order, legalReference: 'order 7' })).toBe('allowed statutory-basis');
    expect(codes(facts, { purpose: 'service-fulfilment' })).toBe('allowed statutory-basis');
  });

  test.each([
    ['aggregate-only', { purpose: 'statistics-and-records' }],
    ['minimal-exposure', { purpose: 'communication', channel: 'letter' }],
  ])('binds to be %s', (condition, request) => {
    expect(decided([], request)).toMatchObject({ decision: 'allowed', conditions: [condition] });
  });

  describe('as an interest of ours', () => {
    const interest = { purpose: 'personalisation', basis: 'legitimate-interest', categories: ['usage'] };
    const no = ann.withdrew('2024-01-01', 'personalisation');

    test.each<[string, Fact[], string]>([
      ['stands as long as nobody said no', [ann.wasAsked('2023-01-01', 'personalisation')], 'allowed statutory-basis'],
      ['does not take the place of a consent withdrawn', [yesToContent, no], 'denied basis-swapped'],
      ['nor when the person is asked again', [yesToContent, no, ann.wasAsked('2024-02-01', 'personalisation')], 'denied basis-swapped'],
      ['nor when an invalid yes follows', [no, ann.gave('2024-02-01', 'personalisation', { noticeVersion: 'v9' })], 'denied basis-swapped'],
      [
        'nor of a category withdrawn',
        [yesToContent, ann.withdrew('2024-01-01', 'personalisation', { categories: ['usage'] })],
        'denied basis-swapped',
      ],
      [
        'stands for the categories that were not withdrawn',
        [ann.withdrew('2024-01-01', 'personalisation', { categories: ['preferences'] })],
        'allowed statutory-basis',
      ],
      ['stands again after a yes', [no, ann.gave('2024-02-01', 'personalisation')], 'allowed statutory-basis'],
    ])('%s', (_, facts, expected) => {
      expect(codes(facts, interest)).toBe(expected);
    });
  });
});

describe('an objection', () => {
  const fraud = { purpose: 'fraud-prevention' };
  const raised = ann.objected('2024-01-01', 'fraud-prevention');
  const toMarketing = ann.objected('2024-01-01', 'marketing');

  test.each<[string, Fact[], Partial<DecisionRequest>, string]>([
    ['stops the processing until it is decided', [raised], fraud, 'denied objection-pending'],
    ['upheld, ends it', [raised, ann.wasUpheld('2024-02-01', 'fraud-prevention')], fraud, 'denied objection-upheld'],
    ['rejected, lets it go on', [raised, ann.wasRejected('2024-02-01', 'fraud-prevention')], fraud, 'allowed statutory-basis'],
    [
      'rejected, and raised again',
      [raised, ann.wasRejected('2024-02-01', 'fraud-prevention'), ann.objected('2024-03-01', 'fraud-prevention')],
      fraud,
      'denied objection-pending',
    ],
    ['withdrawn, lets it go on', [raised, ann.objectsNoMore('2024-02-01', 'fraud-prevention')], fraud, 'allowed statutory-basis'],
    [
      'withdrawn, has nothing left to be upheld',
      [raised, ann.objectsNoMore('2024-02-01', 'fraud-prevention'), ann.wasUpheld('2024-03-01', 'fraud-prevention')],
      fraud,
      'allowed statutory-basis',
    ],
    ['never raised, has nothing to be upheld', [ann.wasUpheld('2024-02-01', 'fraud-prevention')], fraud, 'allowed statutory-basis'],
    [
      'decided before it was raised, is open',
      [ann.wasRejected('2023-02-01', 'fraud-prevention'), raised],
      fraud,
      'denied objection-pending',
    ],
    [
      'raised and withdrawn at the same instant, is open',
      [raised, ann.objectsNoMore('2024-01-01', 'fraud-prevention')],
      fraud,
      'denied objection-pending',
    ],
    ['to marketing is absolute, whatever was consented to', [yes, toMarketing], {}, 'denied objection-absolute'],
    ['to marketing cannot be rejected', [yes, toMarketing, ann.wasRejected('2024-02-01', 'marketing')], {}, 'denied objection-absolute'],
    [
      'to marketing ends when the person says so',
      [yes, toMarketing, ann.objectsNoMore('2024-02-01', 'marketing')],
      {},
      'allowed consent-given',
    ],
    [
      'to what nobody may object to is none',
      [ann.objected('2024-01-01', 'service-fulfilment')],
      { purpose: 'service-fulfilment' },
      'allowed statutory-basis',
    ],
    ['to another purpose is none to this', [yes, raised], {}, 'allowed consent-given'],
    ['leaves the data where it is', [yes, toMarketing], { operation: 'store' }, 'allowed consent-given'],
    [
      'yields to a law that commands and is named',
      [raised],
      { ...fraud, basis: 'legal-obligation', basisCitation: 'AMLA s.13' },
      'allowed statutory-basis',
    ],
    [
      'does not yield to an interest of ours that is named',
      [raised],
      { ...fraud, basis: 'legitimate-interest' },
      'denied objection-pending',
    ],
  ])('%s', (_, facts, request, expected) => {
    expect(codes(facts, request)).toBe(expected);
    expect(codes(facts.toReversed(), request)).toBe(expected);
  });
});

describe('a restriction', () => {
  const all = ann.restricted('2024-01-01');
  const use = { purpose: 'service-fulfilment' };
  const address = { categories: ['address'] };

  test.each<[string, Fact[], Partial<DecisionRequest>, string]>([
    ['of everything: use', [all], use, 'denied restricted'],
    ['though the contract is named', [all], { ...use, basis: 'contract' }, 'denied restricted'],
    ['but not against a claim at law', [all], { ...use, basis: 'legal-claims', basisCitation: 'case 7' }, 'allowed statutory-basis'],
    ['of everything: collection', [all], { ...use, operation: 'collect' }, 'denied restricted'],
    ['of everything: disclosure', [all], { ...use, operation: 'disclose', recipient: 'bank' }, 'denied restricted'],
    ['of everything: storage goes on', [all], { ...use, operation: 'store' }, 'allowed statutory-basis'],
    ['of everything: storage by consent goes on', [yes, all], { operation: 'store' }, 'allowed consent-given'],
    ['of a category', [ann.restricted('2024-01-01', address)], { ...use, categories: ['contact', 'address'] }, 'denied restricted'],
    ['of another category', [ann.restricted('2024-01-01', address)], use, 'allowed statutory-basis'],
    ['of another purpose', [ann.restricted('2024-01-01', { purposes: ['marketing'] })], use, 'allowed statutory-basis'],
    [
      'lifted',
      [ann.restricted('2024-01-01', address), ann.lifted('2024-02-01', address)],
      { ...use, ...address },
      'allowed statutory-basis',
    ],
    ['of another scope lifted', [all, ann.lifted('2024-02-01', address)], { ...use, ...address }, 'denied restricted'],
    ['lifted and placed at the same instant', [ann.lifted('2024-01-01'), all], use, 'denied restricted'],
    ['against a law that commands and is named', [all], { ...order, legalReference: 'order 7' }, 'allowed statutory-basis'],
  ])('%s', (_, facts, request, expected) => {
    expect(codes(facts, request)).toBe(expected);
  });
});

describe('the age of a person', () => {
  const born = ann.born('2022-08-10', '2013-05-01');

  test.each<[DecisionRequest['operation'], string]>([
    ['collect', 'denied under-age'],
    ['use', 'denied under-age'],
    ['disclose', 'denied under-age'],
    ['store', 'allowed statutory-basis'],
  ])('under ten: %s', (operation, expected) => {
    expect(codes([born], { operation, purpose: 'service-fulfilment', recipient: 'bank' }, '2023-04-30T16:59:59.999Z')).toBe(expected);
  });

  it('of ten lets it begin with the first millisecond of the birthday in Bangkok', () => {
    expect(codes([born], { purpose: 'service-fulfilment' }, '2023-04-30T17:00:00Z')).toBe('allowed statutory-basis');
  });

  it('under ten stops it even where a guardian consents', () => {
    const facts = [born, ann.hasGuardian('2022-08-10'), ann.gave('2022-09-01', 'marketing', { by: 'guardian' })];
    expect(codes(facts, {}, '2023-01-01')).toBe('denied under-age');
    expect(codes(facts, {}, '2023-06-01')).toBe('allowed consent-given');
  });
});

describe('a purpose registered while the system runs', () => {
  const asked = { purpose: 'loyalty' };

  it('is told before anything happens for it', () => {
    expect(codes([], asked, NOW, amended(policy, [loyalty]))).toBe('denied purpose-not-communicated consent-missing');
    expect(codes([], asked, '2024-01-31T23:59:59.999Z', amended(policy, [loyalty, told]))).toBe(
      'denied purpose-not-communicated consent-missing',
    );
  });

  it('needs a consent under the notice that names it', () => {
    const under = amended(policy, [loyalty, told]);
    expect(codes([], asked, NOW, under)).toBe('denied consent-missing');
    expect(codes([ann.gave('2024-03-01', 'loyalty')], asked, NOW, under)).toBe('denied consent-invalidated');
    expect(codes([ann.gave('2024-03-01', 'loyalty', { noticeVersion: 'v2' })], asked, NOW, under)).toBe('allowed consent-given');
  });

  it('may rest on a law it was registered with, once it is told', () => {
    const byLaw = registered('2024-01-01T00:00:00Z', 'loyalty', { bases: [{ jurisdiction: 'th-pdpa', bases: ['legal-obligation'] }] });
    expect(codes([], asked, NOW, amended(policy, [byLaw, told]))).toBe('allowed statutory-basis');
    expect(codes([], { ...asked, jurisdiction: 'eu-gdpr' }, NOW, amended(policy, [byLaw, told]))).toBe('denied basis-not-allowed');
  });
});
