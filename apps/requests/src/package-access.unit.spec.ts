import { accessPackage } from './package-access.js';
import type { AccessContent } from './package-content.js';
import { PackageRefused, type PackageInput } from './package-input.js';
import { answer, collected, disclosed, entry, fullInput, input, OTHER, PERSON, record, used } from './package-rig.js';

const access = (changes: Partial<PackageInput> = {}): AccessContent => {
  const content = accessPackage(fullInput(changes));
  if (content.kind !== 'access') throw new Error('it is no access package');
  return content;
};

function refusal(changes: Partial<PackageInput>): PackageRefused {
  try {
    accessPackage(input(changes));
  } catch (error) {
    if (error instanceof PackageRefused) return error;
    throw error;
  }
  throw new Error('a package was made');
}

describe('an access package', () => {
  it('says what came in: what, from whom, how, on what occasion, what for and by which law', () => {
    const { collections, terms } = access();
    expect(collections).toHaveLength(3);
    expect(collections[2]).toEqual({
      position: 4,
      at: '2026-01-05T03:04:00.000Z',
      recordedAt: '2026-01-05T03:04:00.000Z',
      source: '//shop.example/orders',
      categories: ['third-party-activity'],
      purposes: ['marketing'],
      basis: 'consent',
      jurisdiction: 'th-pdpa',
      occasion: 'partner-supply',
      method: 'partner-feed',
      channel: 'partner',
      origin: 'third-party',
      originParty: 'promotion-partner',
      noticeVersion: '2022-08-10',
    });
    expect(terms.bases['th-pdpa/consent']).toEqual({ title: 'Consent', citation: 'PDPA s.19, s.24' });
    expect(terms.parties['promotion-partner']?.title).toBe('Commercial partner of a joint promotion');
  });

  it('says who got what, as what, where, on which ground and on whose demand', () => {
    const [shipped, demanded, abroad] = access().disclosures;
    expect(shipped).toMatchObject({ recipient: 'logistics-provider', role: 'processor', country: 'TH', initiator: 'controller' });
    expect(demanded).toMatchObject({ role: 'authority', basisCitation: 'Revenue Code s.19', legalReference: 'Summons 12/2569' });
    expect(abroad).toMatchObject({ country: 'US', transferGround: 'appropriate-safeguards' });
  });

  it('names the place a disclosure names over the one of the policy', () => {
    const { disclosures } = access({ entries: [entry(1, 'disclosure.recorded', disclosed({ country: 'JP' }))] });
    expect(disclosures[0]?.country).toBe('JP');
  });

  it('holds the history of choices and of what they led to', () => {
    expect(access().consents.map(({ what, status, method }) => [what, status, method])).toEqual([
      ['choice', 'given', 'checkbox'],
      ['decision', 'given', 'checkbox'],
      ['decision', 'withdrawn', 'unsubscribe-link'],
    ]);
  });

  it('holds objections and restrictions with their ends', () => {
    const { objections, restrictions } = access();
    expect(objections.map(({ what, outcome }) => [what, outcome])).toEqual([
      ['raised', undefined],
      ['decided', 'upheld'],
    ]);
    expect(restrictions.map(({ what, ground, reason }) => [what, ground, reason])).toEqual([
      ['placed', 'accuracy-contested', undefined],
      ['lifted', undefined, 'The address was corrected.'],
    ]);
  });

  it('leaves no entry out: each is in one section', () => {
    const { collections, uses, disclosures, consents, objections, restrictions, otherEvents } = access();
    const told = [collections, uses, disclosures, consents, objections, restrictions, otherEvents].flat().map(({ position }) => position);
    expect(told.sort((a, b) => a - b)).toEqual(fullInput().entries.map(({ position }) => position));
  });

  it('tells of an event of a type nobody knows that it happened', () => {
    const { otherEvents } = access({ entries: [entry(1, 'mystery.happened', { secret: 'x' })] });
    expect(otherEvents).toMatchObject([{ event: 'attesta.mystery.happened.v1', position: 1 }]);
    expect(JSON.stringify(otherEvents)).not.toContain('secret');
  });

  it('says how long each category is kept, for the purposes the log shows', () => {
    const rulesOf = (entries: PackageInput['entries']) =>
      Object.fromEntries(
        access({ entries, answers: [] }).retention.map(({ category, rules }) => [category, rules.map(({ rule }) => rule)]),
      );
    const contact = { categories: ['contact'] };
    expect(rulesOf([entry(1, 'collection.recorded', collected(contact))])).toEqual({
      contact: ['contract-claims', 'account-data'],
      null: ['under-ten'],
    });
    expect(rulesOf([entry(1, 'collection.recorded', collected({ ...contact, purposes: ['marketing'], basis: 'consent' }))])).toEqual({
      contact: ['account-data', 'marketing-data'],
      null: ['under-ten'],
    });
    expect(rulesOf([entry(1, 'use.recorded', used({ ...contact, jurisdiction: 'eu-gdpr' }))])['contact']).toEqual(['account-data']);
    expect(access({ entries: [], answers: [answer([record({ category: 'location' })])] }).retention[0]).toMatchObject({
      category: 'location',
      rules: [{ rule: 'location-data', duration: 'P30D', trigger: 'collection', ground: 'need', clauses: ['2.9', '5.1'] }],
    });
  });

  it('holds the values by category in the order of the policy, whatever their provenance', () => {
    const { values, systems } = access();
    expect(values.map(({ category, records }) => [category, records.length])).toEqual([
      ['identity', 1],
      ['contact', 1],
      ['transaction', 2],
      ['preferences', 1],
    ]);
    expect(systems.map(({ outcome, records }) => [outcome, records])).toEqual([
      ['data', 5],
      ['nothing-held', 0],
      ['overridden', 0],
    ]);
  });

  it('keeps values of a category the policy does not have, a hostile name included', () => {
    const { values } = access({ answers: [answer([record({ category: '__proto__' }), record({ category: 'moods' }), record()])] });
    expect(values.map(({ category }) => category)).toEqual(['contact', '__proto__', 'moods']);
  });

  it('names the rights and what each rests on under the law of the request', () => {
    expect(access().rights.find(({ right }) => right === 'erasure')).toEqual({ right: 'erasure', citation: 'PDPA s.33' });
    const request = { ...fullInput().request, jurisdiction: 'eu-gdpr' };
    expect(access({ request }).rights.find(({ right }) => right === 'erasure')?.citation).toBe('GDPR Art. 17');
  });

  it('has Thai titles where the policy has them', () => {
    const { terms } = access({ language: 'th' });
    expect(terms.categories['contact']?.title).toBe('ข้อมูลติดต่อ');
    expect(terms.events['attesta.notice.acknowledged.v1']?.title).toBe('รับทราบประกาศ');
  });

  it('is the same for the same input, and leaves the input as it was', () => {
    const given = fullInput();
    const before = JSON.stringify(given);
    expect(accessPackage(given)).toEqual(accessPackage(fullInput()));
    expect(JSON.stringify(given)).toBe(before);
  });
});

describe('another person', () => {
  it('is known by role alone', () => {
    const content = access();
    expect(content.collections.map(({ related }) => related)).toEqual([undefined, [{ role: 'recipient' }], undefined]);
    expect(content.otherEvents.find(({ position }) => position === 18)?.related).toEqual([{ role: 'guardian' }]);
    expect(JSON.stringify(content)).not.toContain(OTHER);
  });

  it('without a role is somebody, and the person themself is nobody else', () => {
    const related = [{ subject: OTHER }, { subject: PERSON, role: 'buyer' }];
    expect(access({ entries: [entry(1, 'use.recorded', used({ related }))] }).uses[0]?.related).toEqual([{ role: null }]);
  });

  it('is not named by the keys that were destroyed together with the person’s', () => {
    const keys = [PERSON, OTHER].map((subject) => ({ subject, key: 'identity.1' }));
    const content = access({ entries: [entry(1, 'key.destroyed', { keys, scope: 'class', reason: 'due', method: 'crypto-shredding' })] });
    expect(JSON.stringify(content)).not.toContain(OTHER);
  });

  it.each(['access', 'portability'] as const)('whose entry was given ends the %s package, and is not named', (kind) => {
    const entries = [entry(1, 'use.recorded', used()), entry(7, 'use.recorded', used(), { subject: OTHER })];
    const refused = refusal({ kind, entries });
    expect(refused.why).toBe('other-person');
    expect(refused.message).toContain('position 7');
    expect(refused.message).not.toContain(OTHER);
  });
});

it.each([
  ['bad-time', { madeAt: 'yesterday' }],
  ['bad-time', { madeAt: '1970-01-01T00:00:00Z' }],
  ['unknown-language', { language: 'fr' as 'en' }],
  ['unknown-jurisdiction', { request: { ...input().request, jurisdiction: 'ccpa' } }],
])('is refused as %s: %j', (why, changes) => {
  expect(refusal(changes)).toMatchObject({ why, name: 'PackageRefused' });
});
