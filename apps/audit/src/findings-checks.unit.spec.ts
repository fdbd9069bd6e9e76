import type { Policy } from '@attesta/policy';
import type { Candidate, ConsentFact, FlagFact, KnownFacts, SuppliedFact } from './candidate.js';
import { NOTHING } from './fact-index.js';
import { judge } from './findings.decider.js';
import { PolicyHistory, type Change } from './policy-history.js';
import { policy } from './policy-rig.js';
import { neverTold } from './sources.decider.js';

const ANNA = 'anna';
const at = (hour: number) => Date.UTC(2026, 2, 1, hour);

const consent = (position: number, status: ConsentFact['status'], purpose: string): ConsentFact => ({
  ...{ position, subject: ANNA, purpose, status, method: 'checkbox', channels: null, expiresAt: null },
  ...{ occurredAt: at(position), recordedAt: at(position) },
});
const flag = (position: number, kind: FlagFact['kind'], holds = true, rest: Partial<FlagFact> = {}): FlagFact => ({
  ...{ position, subject: ANNA, kind, holds, occurredAt: at(position), recordedAt: at(position) },
  ...rest,
});
const objection = (position: number, holds: boolean, purpose: string) => flag(position, 'objection', holds, { purposes: [purpose] });
const aged = (position: number, ...rules: string[]) => flag(position, 'age', true, { rules });
const supplied = (position: number, overdue: number, rest: Partial<SuppliedFact> = {}): SuppliedFact => ({
  ...{ position, subject: ANNA, jurisdiction: 'th-pdpa', overdueFrom: at(overdue) },
  ...rest,
});
const published = (position: number, purposes: string[], effective = position): Change => ({
  position,
  event: 'notice-published',
  data: { version: `v${position}`, language: 'en', digest: 'a'.repeat(64), effectiveAt: new Date(at(effective)).toISOString(), purposes },
  occurredAt: at(position),
});
const registered = (position: number, purpose: string): Change => ({
  position,
  event: 'purpose-registered',
  purpose,
  data: {
    ...{ purpose, title: purpose, citation: 'Act s.1', separable: true, objection: 'decision' },
    bases: [{ jurisdiction: 'th-pdpa', bases: ['legitimate-interest', 'consent'] }],
  },
  occurredAt: at(position),
});
const quarantined = (position: number, purpose: string): Change => ({
  position,
  event: 'purpose-quarantined',
  purpose,
  data: { purpose },
  occurredAt: at(position),
});

const reported = (kind: Candidate['kind'], position: number, rest: Partial<Candidate> = {}): Candidate => ({
  ...{ kind, position, subject: ANNA, related: [], occurredAt: at(position), recordedAt: at(position) },
  ...{ categories: ['contact'], purposes: ['service-fulfilment'], basis: 'contract' },
  ...(kind === 'disclosure' && { recipient: 'message-delivery', initiator: 'controller' }),
  ...(kind === 'collection' && { method: 'online-form', origin: 'subject' }),
  ...rest,
});

function findings(given: Partial<KnownFacts> & { changes?: Change[] }, when: Candidate, under: Policy = policy) {
  const history = new PolicyHistory(under);
  for (const change of given.changes ?? []) history.add(change);
  return judge(when, { ...NOTHING, ...given, history }, under);
}
const rules = (...args: Parameters<typeof findings>): string[] => findings(...args).map(({ rule }) => rule);

describe('purposes that people were told of (4.11)', () => {
  const RECYCLING = { purposes: ['recycling'], basis: 'legitimate-interest' };

  it('those of the notice may be pursued', () => expect(rules({}, reported('use', 5))).toEqual([]));

  it('one that nobody registered may not, and its quarantine is named', () => {
    expect(findings({ changes: [quarantined(2, 'recycling')] }, reported('use', 5, RECYCLING))).toEqual([
      {
        rule: 'undeclared-purpose',
        severity: 'violation',
        clause: '4.11',
        law: expect.any(String) as string,
        positions: [5, 2],
        explanation: 'The use is for recycling, a purpose that was not registered.',
      },
    ]);
    expect(rules({}, reported('collection', 5, RECYCLING))).toContain('undeclared-purpose');
  });

  it('one that was registered may not before a notice tells of it', () => {
    const changes = [registered(2, 'recycling')];
    expect(findings({ changes }, reported('use', 5, RECYCLING))).toMatchObject([
      {
        rule: 'undeclared-purpose',
        positions: [5, 2],
        explanation: 'The use is for recycling, of which no notice told that was in effect then.',
      },
    ]);
    expect(rules({ changes: [...changes, published(3, ['recycling'])] }, reported('use', 5, RECYCLING))).toEqual([]);
    expect(rules({ changes: [...changes, published(3, ['marketing'])] }, reported('use', 5, RECYCLING))).toEqual(['undeclared-purpose']);
  });

  it('what happened before the notice took effect, or was sealed before it, is found', () => {
    const changes = [registered(2, 'recycling'), published(3, ['recycling'], 4)];
    expect(rules({ changes }, reported('use', 5, { ...RECYCLING, occurredAt: at(4) - 1 }))).toEqual(['undeclared-purpose']);
    expect(rules({ changes }, reported('use', 5, { ...RECYCLING, occurredAt: at(4) }))).toEqual([]);
    const sealedLater = { ...published(6, ['recycling'], 1), occurredAt: at(1) };
    expect(rules({ changes: [changes[0]!, sealedLater] }, reported('use', 5, RECYCLING))).toEqual(['undeclared-purpose']);
    expect(rules({ changes: [changes[0]!, { ...sealedLater, position: 4 }] }, reported('use', 5, RECYCLING))).toEqual([]);
  });

  it('a notice of the file that names some purposes only tells of these, and of the time before it nothing is said', () => {
    const notices = new Map([['2022-08-10', policy.notices.get('2022-08-10')!.map((text) => ({ ...text, purposes: ['marketing'] }))]]);
    const under = { ...policy, notices };
    expect(rules({}, reported('use', 5), under)).toEqual(['undeclared-purpose']);
    expect(rules({}, reported('use', 5, { occurredAt: Date.UTC(2021, 0) }), under)).toEqual([]);
  });
});

describe('recipients that people were told of (5.3)', () => {
  const toParty = (recipient: string, rest: Partial<Candidate> = {}) =>
    reported('disclosure', 5, { recipient, purposes: ['research-and-improvement'], basis: 'legitimate-interest', ...rest });

  it('a party of the notice may get data', () => expect(rules({}, toParty('cloud-hosting'))).toEqual([]));

  it('nobody else may', () =>
    expect(findings({}, toParty('stranger'))).toEqual([
      {
        rule: 'undeclared-recipient',
        severity: 'violation',
        clause: '5.3',
        law: expect.any(String) as string,
        positions: [5],
        explanation: 'Data for research-and-improvement went to stranger, who is no party of the policy.',
      },
    ]));

  it('a contractor for surveys may get data for research, and for nothing else', () => {
    expect(rules({}, toParty('survey-contractor'))).toEqual([]);
    const forService = { purposes: ['service-fulfilment'], basis: 'contract' };
    expect(rules({}, toParty('survey-contractor', forService))).toEqual(['undeclared-recipient']);
    expect(rules({}, toParty('survey-contractor', { ...forService, initiator: 'subject' }))).toEqual([]);
    const alsoHosts = { ...policy.parties.get('survey-contractor')!, clauses: ['3.1', '4.9'] };
    const under = { ...policy, parties: new Map(policy.parties).set('survey-contractor', alsoHosts) };
    expect(rules({}, toParty('survey-contractor', forService), under)).toEqual([]);
  });

  it('whom the person chooses gets data because the person wants it, and not otherwise', () => {
    expect(rules({}, toParty('other-user', { initiator: 'subject' }))).toEqual([]);
    expect(rules({}, toParty('other-user', { initiator: 'controller' }))).toEqual(['undeclared-recipient']);
  });

  it('a party that is in the policy by law alone is not told of, unless it is an authority', () => {
    const untold = (id: string) => {
      const { clauses: _, ...party } = policy.parties.get(id)!;
      return { ...policy, parties: new Map(policy.parties).set(id, { ...party, citation: 'Act s.1' }) };
    };
    expect(rules({}, toParty('cloud-hosting'), untold('cloud-hosting'))).toEqual(['undeclared-recipient']);
    expect(rules({}, toParty('police'), untold('police'))).toEqual([]);
    expect(rules({}, toParty('linked-site'))).toEqual(['undeclared-recipient']);
  });
});

describe('a basis that holds (5.3)', () => {
  it.each<[string, Partial<Candidate>, string]>([
    [
      'a basis of another law',
      { jurisdiction: 'eu-gdpr', basis: 'research-statistics', purposes: ['statistics-and-records'] },
      'no lawful basis of eu-gdpr',
    ],
    [
      'one that the purpose may not rest on',
      { basis: 'legitimate-interest' },
      'the purpose service-fulfilment may not rest on that under th-pdpa',
    ],
    ['one that is too weak for sensitive data', { categories: ['contact', 'health'] }, 'that is not enough for health, which is sensitive'],
  ])('is not %s', (_what, rest, why) => {
    const when = reported('use', 5, rest);
    expect(findings({}, when)).toMatchObject([
      {
        rule: 'no-valid-basis',
        severity: 'violation',
        clause: '5.3',
        positions: [5],
        explanation: `The use rests on "${when.basis}": ${why}.`,
      },
    ]);
    expect(findings({}, when)[0]!.law).toBeDefined();
  });

  it('is the one that the purpose may rest on, and the strong one for sensitive data', () => {
    expect(rules({}, reported('use', 5))).toEqual([]);
    expect(rules({}, reported('use', 5, { categories: ['health'], basis: 'health-care' }))).toEqual([]);
  });

  it('is not an interest of ours where the person said no', () => {
    const tailored = reported('use', 5, { purposes: ['personalisation'], basis: 'legitimate-interest' });
    expect(rules({}, tailored)).toEqual([]);
    expect(rules({ consents: [consent(1, 'given', 'personalisation')] }, tailored)).toEqual([]);
    expect(rules({ consents: [consent(1, 'withdrawn', 'marketing')] }, tailored)).toEqual([]);
    const consents = [consent(1, 'given', 'personalisation'), consent(2, 'withdrawn', 'personalisation')];
    expect(findings({ consents }, tailored)).toMatchObject([{ rule: 'no-valid-basis', law: 'PDPA s.24(5)', positions: [5, 2] }]);
    expect(rules({ consents }, { ...tailored, subject: undefined })).toEqual([]);
    expect(rules({ consents: [...consents, consent(3, 'given', 'personalisation')] }, tailored)).toEqual([]);
  });
});

describe('objections (7.4)', () => {
  const tailored = (rest: Partial<Candidate> = {}) =>
    reported('use', 5, { purposes: ['personalisation'], basis: 'legitimate-interest', ...rest });
  const objections = [objection(1, true, 'personalisation')];
  const decided = (holds: boolean) => flag(2, 'weighing', holds, { purposes: ['personalisation'] });

  it('stop what they are about until they are decided', () => {
    expect(findings({ flags: objections }, tailored())).toEqual([
      {
        rule: 'objection-ignored',
        severity: 'violation',
        clause: '7.4',
        law: 'PDPA s.32',
        positions: [5, 1],
        explanation: 'The use for personalisation came after an objection of the person (raised, position 1) that binds.',
      },
    ]);
    for (const kind of ['collection', 'disclosure'] as const)
      expect(rules({ flags: objections }, { ...tailored(), kind, recipient: 'cloud-hosting' })).toEqual(['objection-ignored']);
  });

  it('stop it for good when upheld, and no more when rejected or taken back', () => {
    expect(findings({ flags: [...objections, decided(true)] }, tailored())).toMatchObject([
      { rule: 'objection-ignored', positions: [5, 2] },
    ]);
    expect(rules({ flags: [...objections, decided(false)] }, tailored())).toEqual([]);
    expect(rules({ flags: [...objections, objection(3, false, 'personalisation')] }, tailored())).toEqual([]);
    expect(rules({ flags: [decided(true)] }, tailored())).toEqual([]);
  });

  it.each<[string, Partial<KnownFacts>, Candidate]>([
    ['another purpose', { flags: [objection(1, true, 'research-and-improvement')] }, tailored()],
    ['what happened before', { flags: [objection(4, true, 'personalisation')] }, tailored({ occurredAt: at(3) })],
    ['what was sealed before', { flags: [{ ...objection(6, true, 'personalisation'), occurredAt: at(1) }] }, tailored()],
    ['somebody else', { flags: objections.map((one) => ({ ...one, subject: 'ben' })) }, tailored()],
    ['a purpose that cannot be objected to', { flags: [objection(1, true, 'service-fulfilment')] }, reported('use', 5)],
    [
      'what a law commands',
      { flags: [objection(1, true, 'fraud-prevention')] },
      reported('use', 5, { purposes: ['fraud-prevention'], basis: 'legal-obligation' }),
    ],
  ])('do not stop %s', (_what, given, when) => expect(rules(given, when)).toEqual([]));

  it('to marketing stand whatever was decided', () => {
    const given = {
      consents: [consent(1, 'given', 'marketing')],
      flags: [objection(2, true, 'marketing'), flag(3, 'weighing', false, { purposes: ['marketing'] })],
    };
    expect(rules(given, reported('use', 5, { purposes: ['marketing'], basis: 'consent' }))).toEqual(['objection-ignored']);
  });

  it('stop messages too: those against an absolute one are found as mail', () => {
    const message = (purpose: string, messageKind = 'marketing') =>
      reported('message', 90, { purposes: [purpose], basis: '', messageKind, channel: 'email', exposed: [] });
    expect(rules({ flags: objections }, message('personalisation'))).toEqual(['objection-ignored']);
    expect(rules({ flags: objections }, message('personalisation', 'legal'))).toEqual([]);
    expect(rules({ flags: [objection(1, true, 'marketing')] }, message('marketing'))).toEqual(['mail-after-withdrawal']);
  });
});

describe('restrictions (7.5)', () => {
  const placed = (rest: Partial<FlagFact> = {}) => flag(1, 'restriction', true, rest);

  it('stop use and disclosure, of all or of what they name', () => {
    expect(findings({ flags: [placed()] }, reported('use', 5))).toEqual([
      {
        rule: 'restriction-ignored',
        severity: 'violation',
        clause: '7.5',
        law: 'PDPA s.34',
        positions: [5, 1],
        explanation: 'The use came while the use of the data was restricted (position 1).',
      },
    ]);
    expect(rules({ flags: [placed({ categories: ['contact'] })] }, reported('disclosure', 5))).toEqual(['restriction-ignored']);
    expect(rules({ flags: [placed({ purposes: ['service-fulfilment'] })] }, reported('use', 5))).toEqual(['restriction-ignored']);
  });

  it.each<[string, FlagFact[], Candidate]>([
    ['other data', [placed({ categories: ['health'] })], reported('use', 5)],
    ['another purpose', [placed({ purposes: ['marketing'] })], reported('use', 5)],
    ['keeping and collecting', [placed()], reported('collection', 5)],
    ['what came after they were lifted', [placed(), flag(2, 'restriction', false)], reported('use', 5)],
    ['what came before they were placed', [placed()], reported('use', 5, { occurredAt: at(0) })],
    ['what the law commands', [placed()], reported('use', 5, { purposes: ['legal-compliance'], basis: 'legal-obligation' })],
    ['somebody else', [placed({ subject: 'ben' })], reported('use', 5)],
  ])('do not stop %s', (_what, flags, when) => expect(rules({ flags }, when)).toEqual([]));

  it('hold while one of another scope is lifted', () =>
    expect(rules({ flags: [placed(), flag(2, 'restriction', false, { categories: ['contact'] })] }, reported('use', 5))).toEqual([
      'restriction-ignored',
    ]));
});

describe('minors (6.5)', () => {
  const child = aged(1, 'th-under-ten', 'eu-under-ten');
  const teen = aged(1, 'th-ten-to-nineteen', 'eu-under-sixteen');
  const guardian = flag(2, 'guardian');
  const onConsent = (rest: Partial<Candidate> = {}) =>
    reported('use', 5, { purposes: ['personalisation'], basis: 'consent', jurisdiction: 'eu-gdpr', ...rest });
  const consents = [consent(3, 'given', 'personalisation')];

  it.each(['collection', 'use', 'disclosure'] as const)('nothing of a child under ten may be part of a %s, guardian or not', (kind) => {
    expect(findings({ flags: [child, guardian] }, reported(kind, 5))).toMatchObject([
      { rule: 'under-age', severity: 'violation', clause: '6.5', law: 'PDPA s.20(2)', positions: [5, 1] },
    ]);
    expect(rules({ flags: [child] }, reported(kind, 5, { occurredAt: at(0) }))).toEqual([]);
    expect(rules({ flags: [{ ...child, position: 6 }] }, reported(kind, 5))).toEqual([]);
    expect(rules({ flags: [child, aged(3, 'th-of-age')] }, reported(kind, 5))).toEqual([]);
  });

  it('consent of somebody under sixteen carries nothing without a guardian, by the law that asks for one', () => {
    expect(findings({ flags: [teen], consents }, onConsent())).toMatchObject([
      {
        rule: 'under-age-without-guardian',
        severity: 'violation',
        clause: '6.5',
        law: expect.stringContaining('GDPR Art. 8(1)') as string,
      },
    ]);
    expect(rules({ flags: [teen, guardian], consents }, onConsent())).toEqual([]);
    expect(rules({ flags: [teen, guardian, flag(3, 'guardian', false)], consents }, onConsent())).toEqual(['under-age-without-guardian']);
    expect(rules({ flags: [teen], consents }, onConsent({ jurisdiction: 'th-pdpa' }))).toEqual([]);
    expect(rules({ flags: [teen] }, reported('use', 5, { jurisdiction: 'eu-gdpr' }))).toEqual([]);
    expect(rules({ consents }, onConsent())).toEqual([]);
  });

  it('a consent that a minor gives alone is a warning, unless a provision lets them', () => {
    const given = (rest: Partial<Candidate> = {}) => reported('consent', 5, { purposes: ['marketing'], basis: '', ...rest });
    expect(findings({ flags: [teen] }, given())).toMatchObject([
      { rule: 'under-age-without-guardian', severity: 'warning', positions: [5, 1] },
    ]);
    expect(rules({ flags: [teen] }, given({ capable: true }))).toEqual([]);
    expect(rules({ flags: [teen] }, given({ capable: true, jurisdiction: 'eu-gdpr' }))).toEqual(['under-age-without-guardian']);
    expect(rules({ flags: [aged(1, 'th-of-age')] }, given())).toEqual([]);
    expect(rules({}, given())).toEqual([]);
    expect(rules({ flags: [teen] }, given({ by: 'guardian' }))).toEqual(['under-age-without-guardian']);
    expect(rules({ flags: [teen, guardian] }, given({ by: 'guardian' }))).toEqual([]);
  });
});

describe('telling where data came from (1.6)', () => {
  const told = (position: number, rest: Partial<Candidate> = {}) =>
    reported('told', position, { categories: [], purposes: [], basis: '', ...rest });

  it('late is found, with every collection it is late for', () =>
    expect(findings({ supplied: [supplied(1, 8), supplied(2, 9), supplied(3, 20)] }, told(10))).toEqual([
      {
        rule: 'source-told-late',
        severity: 'violation',
        clause: '1.6',
        law: 'PDPA s.25',
        positions: [10, 1, 2],
        explanation:
          'People were told of 2 collections from third parties when it was too late; the first was due before 2026-03-01T08:00:00.000Z.',
      },
    ]));

  it.each<[string, Partial<KnownFacts>, Candidate]>([
    ['in time', { supplied: [supplied(1, 11)] }, told(10)],
    ['in time, though it was sealed later', { supplied: [supplied(1, 9)] }, told(10, { occurredAt: at(8) })],
    ['of other collections', { supplied: [supplied(1, 8)] }, told(10, { covers: [2] })],
    ['to somebody else', { supplied: [supplied(1, 8, { subject: 'ben' })] }, told(10)],
    ['to nobody in particular, of nothing', { supplied: [supplied(1, 8)] }, told(10, { subject: undefined })],
    ['again', { supplied: [supplied(1, 8)], told: [told(4)] }, told(10)],
    ['before it came in', { supplied: [supplied(11, 8)] }, told(10)],
    ['to who is forgotten', { supplied: [supplied(1, 8, { until: 9 })] }, told(10)],
  ])('%s is not', (_what, given, when) => expect(rules(given, when)).toEqual([]));

  it('counts for what it names, also to nobody in particular', () => {
    const given = { supplied: [supplied(1, 8), supplied(2, 8)], told: [told(4, { covers: [1] })] };
    expect(findings(given, told(10))).toMatchObject([{ positions: [10, 2] }]);
    expect(findings({ supplied: [supplied(1, 8)] }, told(10, { subject: undefined, covers: [1] }))).toMatchObject([{ positions: [10, 1] }]);
    expect(rules({ supplied: [supplied(1, 8)], told: [told(10)] }, told(10))).toEqual(['source-told-late']);
  });

  it('never is a finding of the collection', () =>
    expect(neverTold(supplied(3, 8, { jurisdiction: 'eu-gdpr' }), policy)).toEqual({
      rule: 'source-not-told',
      severity: 'violation',
      clause: '1.6',
      law: 'GDPR Art. 14(3)(a)',
      positions: [3],
      explanation: 'Data came from a third party at position 3, and the person was not told before 2026-03-01T08:00:00.000Z.',
    }));
});
