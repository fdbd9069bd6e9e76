import { loadPolicy } from './load-policy.js';
import { PolicyError } from './policy.js';
import { bicycleRepair, mMed, sourceOf, type Vocabulary } from './policies-rig.js';

type Item = Record<string, unknown>;
type Source = Record<string, Item[]>;

/** Problems of a policy after an edit, as `field code`. */
function problemsAfter(edit: (source: Source) => void, source = sourceOf.bicycleRepair() as Source): string[] {
  edit(source);
  try {
    loadPolicy(source);
    return [];
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    return error.problems.map((problem) => `${problem.field} ${problem.code}`);
  }
}
const item = (source: Source, section: string, i = 0) => source[section]?.[i] ?? {};

describe.each<[string, Vocabulary]>([
  ['the M MED notice', mMed],
  ['the bicycle repair shop', bicycleRepair],
])('%s', (_, v) => {
  it('knows its items by id', () => {
    const { policy } = v;
    expect(policy.defaultController.id).toBe(v.controller);
    expect(policy.categories.get(v.sensitive)?.sensitive).toBe(true);
    expect(policy.bases.get(v.jurisdiction)?.has(v.basis)).toBe(true);
    expect(policy.notices.get(v.notice)?.some((notice) => notice.language === v.language)).toBe(true);
    expect(policy.purposes.get(v.marketing)?.channels).toContain(v.channel);
  });

  it('gives every category a retention class', () => {
    for (const category of v.policy.categories.keys()) expect(v.policy.retentionClasses.has(v.policy.retentionClass(category))).toBe(true);
    expect(v.policy.retentionClass(v.category)).toBe(v.classOfCategory);
    expect(() => v.policy.retentionClass('shoe-size')).toThrow(RangeError);
  });
});

describe('the M MED notice', () => {
  const { policy } = mMed;
  const clausesOf = (items: Iterable<{ clauses?: string[] }>) => new Set([...items].flatMap((entry) => entry.clauses ?? []));

  it.each([
    ['categories', policy.categories, ['1.1', '1.2', '1.3', '1.4', '1.5', '1.6', '2.9', '3.1', '3.2', '3.3']],
    ['occasions', policy.occasions, ['2.1', '2.2', '2.3', '2.4', '2.5', '2.6', '2.7', '2.8', '2.9']],
    ['methods', policy.methods, ['3.1', '3.2', '3.3', '3.4']],
    ['purposes', policy.purposes, ['4.1', '4.2', '4.3', '4.4', '4.5', '4.6', '4.7', '4.8', '4.9', '4.10', '4.11']],
    ['parties', policy.parties, ['1.6', '1.8', '2.6', '2.7', '3.1', '4.8', '5.2', '6.2', '6.4', '7.8']],
    ['rights', policy.rights, ['7.1', '7.2', '7.3', '7.4', '7.5', '7.6', '7.7', '7.8']],
  ])('has every clause among its %s', (_, items, clauses) => {
    const covered = clausesOf(items.values());
    expect(clauses.filter((clause) => !covered.has(clause))).toEqual([]);
  });

  it('sets the clocks of the notice and the law', () => {
    const clocks = [...policy.clocks.values()].map(
      (c) => `${c.id} ${c.duration} ${c.starts} ${c.timeZone}${c.extension ? ` +${c.extension.duration ?? 'announced'}` : ''}`,
    );
    expect(clocks).toEqual([
      'th-access P30D receipt Asia/Bangkok',
      'th-rectification P30D sufficient_information Asia/Bangkok +announced',
      'th-erasure P90D receipt Asia/Bangkok',
      'th-source-notice P30D receipt Asia/Bangkok',
      'th-breach-notice PT72H receipt Asia/Bangkok',
      'eu-access P1M receipt Asia/Bangkok +P2M',
      'eu-rectification P1M receipt Asia/Bangkok +P2M',
      'eu-portability P1M receipt Asia/Bangkok +P2M',
      'eu-objection P1M receipt Asia/Bangkok +P2M',
      'eu-restriction P1M receipt Asia/Bangkok +P2M',
      'eu-erasure P1M receipt Asia/Bangkok +P2M',
      'eu-source-notice P1M receipt Asia/Bangkok',
      'eu-breach-notice PT72H receipt Asia/Bangkok',
      'th-portability P30D receipt Asia/Bangkok',
      'th-objection P30D receipt Asia/Bangkok',
      'th-restriction P30D receipt Asia/Bangkok',
      'th-consent-withdrawal P30D receipt Asia/Bangkok',
      'th-complaint P30D receipt Asia/Bangkok',
      'eu-consent-withdrawal P1M receipt Asia/Bangkok +P2M',
      'eu-complaint P1M receipt Asia/Bangkok +P2M',
    ]);
    expect(policy.clocks.get('th-erasure')?.includes).toEqual(['backups']);
  });

  it('registers the notice with the digest of its text', () => {
    expect(policy.notices.get('2022-08-10')).toEqual([
      expect.objectContaining({ language: 'en', sha256: '6c7129c54fc7ed9ac152b0f0612843eb18e3d0ac8729dede060bc3f2d51d5993' }),
    ]);
  });
});

describe('a policy file', () => {
  test.each([[undefined], [null], ['m-med'], [[]], [{}], [7]])('that is %p is no policy', (source) => {
    expect(() => loadPolicy(source)).toThrow(PolicyError);
  });

  test.each<[string, (source: Source) => void, string[]]>([
    ['a missing section', (s) => void delete s.purposes, ['/purposes missing-field']],
    ['an unknown section', (s) => void (s.vibes = []), ['/vibes unknown-field']],
    ['a misspelled field', (s) => void (item(s, 'categories').retensionClass = 'x'), ['/categories/0/retensionClass unknown-field']],
    ['an id with spaces', (s) => void (item(s, 'parties').id = 'parts dealer'), ['/parties/0/id bad-format']],
    ['an unknown role', (s) => void (item(s, 'parties').role = 'friend'), ['/parties/0/role bad-format']],
    ['a duration that is none', (s) => void (item(s, 'clocks').duration = '30 days'), ['/clocks/0/duration bad-format']],
    ['a clause that is none', (s) => void (item(s, 'purposes').clauses = ['four']), ['/purposes/0/clauses/0 bad-format']],
    ['an id used twice', (s) => void s.parties?.push({ ...item(s, 'parties') }), ['/parties/8/id duplicate']],
    ['an item from no clause and no law', (s) => void delete item(s, 'methods').clauses, ['/methods/0/clauses missing-clause']],
    [
      'a purpose from no clause, whatever its citation rule',
      (s) => void delete item(s, 'purposes', 1).clauses,
      ['/purposes/1/clauses missing-clause'],
    ],
    [
      'a retention class nobody has',
      (s) => void (item(s, 'categories').retentionClass = 'attic'),
      ['/categories/0/retentionClass unknown-id'],
    ],
    ['a basis nobody has', (s) => void (item(s, 'purposes').bases = { 'gdpr-de': ['art6-z'] }), ['/purposes/0/bases/gdpr-de unknown-id']],
    [
      'a jurisdiction nobody has',
      (s) => void (item(s, 'purposes').bases = { mars: ['art6-b'] }),
      ['/purposes/0/bases/mars unknown-id', '/purposes/0/bases missing-basis'],
    ],
    ['a controller elsewhere', (s) => void (item(s, 'controllers').jurisdictions = ['mars']), ['/controllers/0/jurisdictions unknown-id']],
    ['an authority nobody knows', (s) => void (item(s, 'jurisdictions').authority = 'king'), ['/jurisdictions/0/authority unknown-id']],
    [
      'an authority that is none',
      (s) => void (item(s, 'jurisdictions').authority = 'parts-dealer'),
      ['/jurisdictions/0/authority wrong-role'],
    ],
    ['a clock nobody set', (s) => void (item(s, 'jurisdictions').sourceNotice = 'sundial'), ['/jurisdictions/0/sourceNotice unknown-id']],
    ['a clock of no right', (s) => void (item(s, 'clocks').right = 'siesta'), ['/clocks/0/right unknown-id']],
    ['a contractor for no method', (s) => void (item(s, 'parties').contractorFor = ['juggling']), ['/parties/0/contractorFor unknown-id']],
    ['marketing without channels', (s) => void delete item(s, 'purposes', 2).channels, ['/purposes/2/channels missing-field']],
    ['ages that overlap', (s) => void (item(s, 'ages', 1).from = 15), ['/ages/1 overlap']],
    ['ages that are none', (s) => void (item(s, 'ages').from = 20), ['/ages/0/below empty-range']],
    [
      'a category that is kept for ever',
      (s) => void (item(s, 'retention', 1).categories = ['customer-name']),
      ['/categories/2 missing-retention'],
    ],
    ['retention of nothing known', (s) => void (item(s, 'retention').purposes = ['fun']), ['/retention/0/purposes unknown-id']],
    ['a notice registered twice', (s) => void s.notices?.push({ ...item(s, 'notices') }), ['/notices/2 duplicate']],
    [
      'many faults',
      (s) => {
        item(s, 'categories').retentionClass = 'attic';
        item(s, 'clocks').right = 'siesta';
        delete item(s, 'methods').clauses;
      },
      ['/methods/0/clauses missing-clause', '/categories/0/retentionClass unknown-id', '/clocks/0/right unknown-id'],
    ],
  ])('with %s is refused, with all that is wrong', (_, edit, problems) => {
    expect(problemsAfter(edit)).toEqual(problems);
  });

  it('is copied: what happens to the source later does not reach the policy', () => {
    const source = sourceOf.bicycleRepair() as Source;
    const policy = loadPolicy(source);
    item(source, 'categories').sensitive = true;
    expect(policy.categories.get('customer-name')?.sensitive).toBeUndefined();
  });
});
