import fc from 'fast-check';
import { accessPackage } from './package-access.js';
import type { PortabilityContent } from './package-content.js';
import { packageFiles } from './package-files.js';
import type { PackageInput } from './package-input.js';
import { isConsentOrContract } from './package-portability.js';
import { answer, collected, entry, input, policy, record } from './package-rig.js';

const taken = (changes: Partial<PackageInput>): PortabilityContent => {
  const content = accessPackage(input({ kind: 'portability', ...changes }));
  if (content.kind !== 'portability') throw new Error('it is no portability package');
  return content;
};
const sealed = (changes: Record<string, unknown>) => entry(1, 'collection.recorded', collected({ categories: ['contact'], ...changes }));
const PROVENANCES = ['provided', 'observed', 'derived'] as const;

describe('a record can be taken elsewhere (notice clause 7.3, PDPA s.31)', () => {
  it.each([
    ['provided', 'consent', 'taken'],
    ['provided', 'explicit-consent', 'taken'],
    ['provided', 'contract', 'taken'],
    ['provided', 'legal-obligation', 'other-basis'],
    ['provided', 'legitimate-interest', 'other-basis'],
    ['provided', 'vital-interest', 'other-basis'],
    ['provided', 'no-such-basis', 'other-basis'],
    ['provided', '', 'other-basis'],
    ['observed', 'consent', 'not-provided'],
    ['observed', 'legal-obligation', 'not-provided'],
    ['derived', 'contract', 'not-provided'],
    ['derived', undefined, 'not-provided'],
    ['provided', undefined, 'basis-unknown'],
  ] as const)('%s, on %s: %s', (provenance, basis, outcome) => {
    const { basis: _basis, ...rest } = record({ provenance });
    const content = taken({ answers: [answer([{ ...rest, ...(basis !== undefined && { basis }) }])] });
    expect(content.values.flatMap(({ records }) => records)).toHaveLength(outcome === 'taken' ? 1 : 0);
    expect(content.leftOut).toEqual(outcome === 'taken' ? [] : [{ category: 'contact', reason: outcome, records: 1 }]);
  });

  it.each([
    ['on a contract', {}, true],
    ['on consent', { basis: 'consent', purposes: ['marketing'] }, true],
    ['on consent under another law', { basis: 'consent', jurisdiction: 'eu-gdpr' }, true],
    ['by law', { basis: 'legal-obligation' }, false],
    ['of another category', { categories: ['identity'] }, false],
    ['from a third party', { origin: 'third-party', originParty: 'advertiser' }, false],
    ['by deriving it', { origin: 'derived' }, false],
  ])('that names no basis, where its category was collected %s: %p', (_what, changes, expected) => {
    const { basis: _basis, ...rest } = record();
    const content = taken({ entries: [sealed(changes)], answers: [answer([rest])] });
    expect(content.leftOut).toEqual(expected ? [] : [{ category: 'contact', reason: 'basis-unknown', records: 1 }]);
  });

  it('never on what the log says against the basis the record names', () => {
    const content = taken({ entries: [sealed({})], answers: [answer([record({ basis: 'legal-obligation' })])] });
    expect(content.leftOut).toMatchObject([{ reason: 'other-basis' }]);
  });

  it('knows a contract by the law, whatever the policy calls it', () => {
    const bases = new Map([
      ['art6-a', { id: 'art6-a', kind: 'consent' as const, citation: 'GDPR Art. 6(1)(a)', title: 'Einwilligung' }],
      ['art6-b', { id: 'art6-b', kind: 'statutory' as const, citation: 'GDPR Art. 6(1)(b)', title: 'Vertrag' }],
      ['art6-f', { id: 'art6-f', kind: 'statutory' as const, citation: 'GDPR Art. 6(1)(f)', title: 'Interesse' }],
    ]);
    const german = { ...policy, bases: new Map([['gdpr-de', bases]]) };
    expect([...bases.keys()].filter((basis) => isConsentOrContract(german, 'gdpr-de', basis))).toEqual(['art6-a', 'art6-b']);
  });
});

describe('a portability package', () => {
  it('counts what stays, by category and reason', () => {
    const records = [
      record({ provenance: 'derived' }),
      record({ provenance: 'observed' }),
      record({ basis: 'legal-obligation' }),
      record({ category: 'usage', provenance: 'observed' }),
      record(),
    ];
    expect(taken({ answers: [answer(records)] }).leftOut).toEqual([
      { category: 'contact', reason: 'not-provided', records: 2 },
      { category: 'contact', reason: 'other-basis', records: 1 },
      { category: 'usage', reason: 'not-provided', records: 1 },
    ]);
  });

  it('holds nothing of the log', () => {
    const content = taken({ entries: [sealed({})], answers: [answer([record()])] });
    expect(Object.keys(content)).not.toContain('collections');
    expect(content.terms.occasions).toEqual({});
    expect(packageFiles(content).files.map(({ name }) => name)).toEqual([
      'README.txt',
      'package.html',
      'package.json',
      'systems.csv',
      'values.csv',
      'left-out.csv',
    ]);
  });

  it('holds every value of what is taken and none of what is left out, in any file', () => {
    let number = 0;
    const token = fc
      .constantFrom('=', '<b>', '+', 'ไทย', '"', '\u0001', '')
      .map((prefix) => `${prefix}v${String(++number).padStart(6, '0')}v`);
    const one = fc.record({
      category: fc.constantFrom('contact', 'identity', 'usage', 'moods'),
      provenance: fc.constantFrom(...PROVENANCES),
      basis: fc.constantFrom('consent', 'contract', 'legal-obligation', 'whim', undefined),
      value: token,
    });
    fc.assert(
      fc.property(fc.array(one, { maxLength: 12 }), fc.constantFrom('en' as const, 'th' as const), (drafts, language) => {
        const records = drafts.map(({ basis, value, ...rest }) => ({
          ...rest,
          name: 'r',
          ...(basis !== undefined && { basis }),
          values: { f: value },
        }));
        const { files } = packageFiles(taken({ language, entries: [sealed({})], answers: [answer(records)] }));
        for (const { category, provenance, basis, value } of drafts) {
          const goes =
            provenance === 'provided' && (basis === undefined ? category === 'contact' : basis === 'consent' || basis === 'contract');
          const core = /v\d{6}v/.exec(value)?.[0] ?? '';
          const holding = files.filter(({ text }) => text.includes(core)).map(({ name }) => name);
          expect(holding).toEqual(goes ? ['package.html', 'package.json', 'values.csv'] : []);
        }
      }),
      { numRuns: 150 },
    );
  });
});
