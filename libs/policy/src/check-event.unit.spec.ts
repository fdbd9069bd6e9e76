import type { CloudEvent } from '@attesta/events';
import { checkEvent } from './check-event.js';
import { bicycleRepair, eventsOf, mMed, type Vocabulary } from './policies-rig.js';
import { withNotice } from './amend.js';

const CARD = '4111111111111111';

describe.each<[string, Vocabulary]>([
  ['the M MED notice', mMed],
  ['the bicycle repair shop', bicycleRepair],
])('under %s', (_, v) => {
  const event = eventsOf(v);
  const problems = (value: CloudEvent) => checkEvent(v.policy, value).map((problem) => `${problem.field} ${problem.code}`);

  test.each<[string, CloudEvent]>([
    ['a collection', event.collection()],
    ['a collection that names controller and jurisdiction', event.collection({ controller: v.controller, jurisdiction: v.jurisdiction })],
    ['a collection with its context', event.collection({ occasion: v.contextOccasion, context: { [v.contextKey]: 'a-1' } })],
    ['a collection from a third party it names', event.collection({ origin: 'third-party', originParty: v.home })],
    ['sensitive data on explicit consent', event.collection({ categories: [v.category, v.sensitive], basis: v.explicitConsent })],
    [
      'sensitive data on a cited exemption',
      event.use({ categories: [v.sensitive], basis: v.exemption, basisCitation: 'the provision, and why' }),
    ],
    ['an encrypted personal part', event.collection({ personal: 'a..b.c.d' })],
    ['a use', event.use()],
    ['a use by law that is cited', event.use({ purposes: [v.lawPurpose], basis: v.lawBasis, basisCitation: 'the provision' })],
    ['a purpose told later, with consent', event.use({ purposes: [v.laterPurpose], basis: v.laterConsent, consent: 4 })],
    ['a purpose told later, by a cited law', event.use({ purposes: [v.laterPurpose], basis: v.lawBasis, basisCitation: 'the provision' })],
    ['a disclosure at home', event.disclosure()],
    ['a disclosure abroad with a ground', event.disclosure({ recipient: v.abroad, transferGround: v.ground })],
    [
      'a disclosure to an authority that is cited',
      event.disclosure({
        recipient: v.authority,
        initiator: 'authority',
        purposes: [v.lawPurpose],
        basis: v.lawBasis,
        legalReference: 'order 7',
      }),
    ],
    ['survey answers to the contractor', event.disclosure({ recipient: v.contractor })],
    ['a consent by channel', event.consent()],
    ['a consent refused, sensitive or not', event.consent({ status: 'refused', categories: [v.sensitive] })],
    ['an explicit consent', event.consent({ categories: [v.sensitive], explicit: true })],
    ['an outbound link', event.link()],
    ['a notice communicated', event.other('notice.communicated', { version: v.notice, language: v.language, channel: 'email' })],
    ['a notice published', event.other('notice.published', { version: 'next', language: v.language, digest: 'ab'.repeat(32) })],
    ['an event the policy has no rules for', event.other('access.recorded', { action: 'read', resource: '/x', outcome: 'allowed' })],
    ['an event type of the future', event.other('__proto__', {})],
  ])('%s is accepted', (_name, value) => {
    expect(checkEvent(v.policy, value)).toEqual([]);
  });

  test.each<[string, CloudEvent, string[]]>([
    ['an unknown category', event.use({ categories: [v.category, 'shoe-size'] }), ['/data/categories/1 unknown-category']],
    ['an unknown purpose', event.use({ purposes: ['world-domination'] }), ['/data/purposes/0 unknown-purpose']],
    ['an unknown occasion', event.collection({ occasion: 'full-moon' }), ['/data/occasion unknown-occasion']],
    ['an unknown method', event.collection({ method: 'mind-reading' }), ['/data/method unknown-method']],
    ['an unknown recipient', event.disclosure({ recipient: 'stranger' }), ['/data/recipient unknown-recipient']],
    ['an unknown notice version', event.collection({ noticeVersion: '1066-10-14' }), ['/data/noticeVersion unknown-notice-version']],
    ['an unknown controller', event.use({ controller: 'nobody' }), ['/data/controller unknown-controller']],
    ['an unknown jurisdiction', event.use({ jurisdiction: 'us-ccpa' }), ['/data/jurisdiction unknown-jurisdiction']],
    ['an unknown basis', event.use({ basis: 'because' }), ['/data/basis unknown-basis']],
    ['no basis', event.use({ basis: undefined }), ['/data/basis missing-basis']],
    ['a basis the purpose may not rest on', event.use({ basis: v.wrongBasis }), ['/data/basis basis-not-allowed']],
    [
      'prototype names for ids',
      event.use({ categories: ['constructor'], purposes: ['toString'], basis: 'valueOf' }),
      ['/data/categories/0 unknown-category', '/data/purposes/0 unknown-purpose', '/data/basis unknown-basis'],
    ],
    [
      'sensitive data on an ordinary basis',
      event.use({ categories: [v.category, v.sensitive] }),
      ['/data/basis explicit-consent-required'],
    ],
    [
      'sensitive data on an exemption nobody cited',
      event.use({ categories: [v.sensitive], basis: v.exemption }),
      ['/data/basisCitation missing-citation'],
    ],
    [
      'a purpose by law without the law',
      event.use({ purposes: [v.lawPurpose], basis: v.lawBasis }),
      ['/data/basisCitation missing-citation'],
    ],
    [
      'a purpose told later, by no law',
      event.use({ purposes: [v.laterPurpose], basis: v.lawBasis }),
      ['/data/basisCitation missing-citation'],
    ],
    [
      'a purpose told later, consent not cited',
      event.use({ purposes: [v.laterPurpose], basis: v.laterConsent }),
      ['/data/consent missing-consent'],
    ],
    [
      'an occasion without its context',
      event.collection({ occasion: v.contextOccasion }),
      [`/data/context/${v.contextKey} missing-context`],
    ],
    [
      'an occasion with another context',
      event.collection({ occasion: v.contextOccasion, context: { survey: 's' } }),
      [`/data/context/${v.contextKey} missing-context`],
    ],
    ['a third party that is not named', event.collection({ origin: 'third-party' }), ['/data/originParty missing-origin-party']],
    [
      'a third party nobody knows',
      event.collection({ origin: 'third-party', originParty: 'stranger' }),
      ['/data/originParty unknown-party'],
    ],
    ['a recipient abroad without ground', event.disclosure({ recipient: v.abroad }), ['/data/transferGround missing-transfer-ground']],
    ['a home recipient that receives it abroad', event.disclosure({ country: 'BR' }), ['/data/transferGround missing-transfer-ground']],
    [
      'an unknown transfer ground',
      event.disclosure({ recipient: v.abroad, transferGround: 'trust-me' }),
      ['/data/transferGround unknown-transfer-ground'],
    ],
    ['an authority without legal reference', event.disclosure({ recipient: v.authority }), ['/data/legalReference missing-citation']],
    [
      'an authority’s demand without legal reference',
      event.disclosure({ initiator: 'authority' }),
      ['/data/legalReference missing-citation'],
    ],
    ['personal data for a linked site', event.disclosure({ recipient: v.linkedSite }), ['/data/recipient linked-site']],
    ['an outbound link about a person', { ...event.link(), subject: 'account|1' }, ['/data linked-site']],
    ['an outbound link to nowhere', event.link({ recipient: 'nowhere' }), ['/data/recipient unknown-recipient']],
    [
      'personal values of a category not declared',
      event.collection({ personal: { [v.otherCategory]: { item: 'x' } } }),
      [`/data/personal/${v.otherCategory} undeclared-category`],
    ],
    [
      'personal values of a category nobody knows',
      event.collection({ personal: { 'shoe-size': { eu: 43 } } }),
      ['/data/personal undeclared-category'],
    ],
    [
      'sensitive values smuggled past the categories',
      event.collection({ related: [{ subject: 'account|2', personal: { [v.sensitive]: { note: 'x' } } }] }),
      [`/data/related/0/personal/${v.sensitive} undeclared-category`],
    ],
    [
      'too many personal values',
      event.collection({ personal: { [v.category]: Object.fromEntries(Array.from({ length: 41 }, (_x, i) => [`f${i}`, 1])) } }),
      [`/data/personal/${v.category} too-many`],
    ],
    [
      'a personal value that is too long',
      event.collection({ personal: { [v.category]: { name: 'x'.repeat(2001) } } }),
      [`/data/personal/${v.category} too-long`],
    ],
    ['an ordinary consent to sensitive data', event.consent({ categories: [v.sensitive] }), ['/data/explicit explicit-consent-required']],
    ['a consent under an unknown notice', event.consent({ noticeVersion: 'v0' }), ['/data/noticeVersion unknown-notice-version']],
    [
      'a consent for an unknown channel',
      event.consent({ channelPreferences: [v.channel, 'pigeon'] }),
      ['/data/channelPreferences/1 unknown-channel'],
    ],
    [
      'a consent for a channel where there is none',
      event.consent({ purposes: [v.purpose] }),
      ['/data/channelPreferences/0 unknown-channel'],
    ],
    [
      'a consent by an unknown method',
      event.other('consent.withdrawn', { purposes: [v.marketing], method: 'shrug', by: 'subject' }),
      ['/data/method unknown-method'],
    ],
    [
      'an unknown notice communicated',
      event.other('notice.communicated', { version: 'v0', language: 'en', channel: 'web' }),
      ['/data/version unknown-notice-version'],
    ],
    [
      'an unknown notice acknowledged',
      event.other('notice.acknowledged', { version: 'v0', language: 'en', method: v.method }),
      ['/data/version unknown-notice-version'],
    ],
    [
      'a registered notice with another text',
      event.other('notice.published', { version: v.notice, language: v.language, digest: 'ab'.repeat(32) }),
      ['/data/digest notice-changed'],
    ],
    [
      'a card number as personal value',
      event.collection({ personal: { [v.category]: { name: CARD } } }),
      [`/data/personal/${v.category}/name card-number`],
    ],
    ['a card number in a citation', event.use({ basisCitation: `paid with 4111 1111 1111 1111` }), ['/data/basisCitation card-number']],
    ['a card number as event id', { ...event.use(), id: CARD }, ['/id card-number']],
    ['a card number as subject', { ...event.use(), subject: `account|${CARD}` }, ['/subject card-number']],
    [
      'a card number in an event without rules',
      event.other('access.recorded', { action: 'read', resource: `/cards/${CARD}` }),
      ['/data/resource card-number'],
    ],
    [
      'everything wrong at once',
      event.disclosure({ categories: ['x'], purposes: ['y'], basis: 'z', recipient: v.abroad }),
      [
        '/data/categories/0 unknown-category',
        '/data/purposes/0 unknown-purpose',
        '/data/basis unknown-basis',
        '/data/transferGround missing-transfer-ground',
      ],
    ],
  ])('%s is refused by field', (_name, value, expected) => {
    expect(problems(value)).toEqual(expected);
  });

  it('every problem says how to mend it, and no problem repeats what was sent', () => {
    const secret = 'secret-value';
    const found = checkEvent(
      v.policy,
      event.disclosure({
        categories: [secret],
        purposes: [secret],
        basis: secret,
        recipient: secret,
        controller: secret,
        jurisdiction: secret,
        legalReference: CARD,
        personal: { [v.category]: { name: CARD } },
      }),
    );
    expect(found.length).toBeGreaterThan(6);
    for (const problem of found) expect(problem.fix).not.toBe('');
    expect(JSON.stringify(found)).not.toMatch(new RegExp(`${secret}|${CARD}`));
  });

  it('no more than twenty problems are reported', () => {
    expect(checkEvent(v.policy, event.use({ categories: Array.from({ length: 32 }, (_x, i) => `c${i}`) }))).toHaveLength(20);
  });

  it('what was collected by survey and goes elsewhere is a violation to be found, not an event to be refused', () => {
    expect(problems(event.disclosure({ context: { survey: 's-1' }, recipient: v.home }))).toEqual([]);
  });

  it('a notice that was published since is known once it is registered', () => {
    const later = withNotice(v.policy, { version: 'next', language: v.language, announced: '2026-01-01', sha256: 'cd'.repeat(32) });
    expect(checkEvent(later, event.consent({ noticeVersion: 'next' }))).toEqual([]);
    expect(problems(event.consent({ noticeVersion: 'next' }))).toEqual(['/data/noticeVersion unknown-notice-version']);
    const published = event.other('notice.published', { version: 'next', language: v.language, digest: 'ef'.repeat(32) });
    expect(checkEvent(later, published)).toMatchObject([{ code: 'notice-changed' }]);
    expect(withNotice(later, { version: 'next', language: v.language, announced: '2027-01-01' })).toBe(later);
  });
});

describe('where the law draws the line of a country', () => {
  it('the M MED controller under the GDPR is still in Thailand: Germany is abroad, Thailand is not', () => {
    const event = eventsOf(mMed);
    const abroad = (country: string) =>
      checkEvent(mMed.policy, event.disclosure({ jurisdiction: 'eu-gdpr', country })).map((problem) => problem.code);
    expect([abroad('DE'), abroad('TH')]).toEqual([['missing-transfer-ground'], []]);
  });

  it('a shop in Germany may send to France as to the next town, not to Switzerland', () => {
    const event = eventsOf(bicycleRepair);
    expect(checkEvent(bicycleRepair.policy, event.disclosure({ recipient: 'frame-maker' }))).toEqual([]);
    expect(checkEvent(bicycleRepair.policy, event.disclosure({ recipient: 'frame-maker', country: 'CH' }))).toMatchObject([
      { code: 'missing-transfer-ground' },
    ]);
  });

  it('a recipient without a country of its own needs one in the event', () => {
    const event = eventsOf(bicycleRepair);
    const toClub = (changes: object) =>
      checkEvent(bicycleRepair.policy, event.disclosure({ recipient: 'cycling-club', initiator: 'subject', ...changes }));
    expect(toClub({})).toMatchObject([{ field: '/data/country', code: 'missing-country' }]);
    expect(toClub({ country: 'DE' })).toEqual([]);
  });
});
