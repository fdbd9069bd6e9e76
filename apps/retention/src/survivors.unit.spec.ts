import type { RetentionRule } from '@attesta/policy';
import type { Planned } from './planner.js';
import { covers, survivorsOf, type ActiveHold } from './survivors.js';

const NOW = Date.parse('2026-03-01T09:00:00Z');
const LATER = NOW + 86_400_000;
const SUBJECT = '00000000-0000-4000-8000-000000000007';

const rule = (id: string): RetentionRule => ({
  id,
  duration: 'P5Y',
  trigger: 'tax-filing',
  action: 'destroy',
  ground: 'law',
  citation: 'Revenue Code s.87/3',
  clauses: [],
});
const keeping = (category: string, until: number | undefined, id = 'tax-records') => ({
  category,
  purpose: 'service-fulfilment',
  rule: rule(id),
  until,
});
const one = (part: Partial<Planned['part']>, schedule: Partial<Planned['schedule']> = {}): Planned => ({
  part: {
    position: 1,
    part: 0,
    subject: SUBJECT,
    class: 'contact',
    key: 'contact.1',
    categories: ['contact'],
    purposes: ['marketing'],
    jurisdiction: 'th-pdpa',
    collectedAt: NOW,
    dueAt: null,
    action: 'destroy',
    cause: 'schedule',
    unruled: false,
    held: false,
    keptUntil: null,
    approved: false,
    disposal: null,
    removed: false,
    ...part,
  },
  schedule: { due: undefined, action: 'destroy', rules: [], keeping: [], unruled: [], ...schedule },
  due: undefined,
  asked: false,
  cause: 'schedule',
});
const hold = (changes: Partial<ActiveHold> = {}): ActiveHold => ({
  id: '00000000-0000-4000-8000-0000000000b1',
  subject: null,
  matter: 'case-7/2569',
  reason: 'A claim was announced.',
  law: null,
  categories: null,
  purposes: null,
  ...changes,
});
const all = new Set(['contact', 'identity', 'device', 'usage']);
const of = (staying: Planned[], holds: ActiveHold[] = [], categories = all) => survivorsOf(staying, categories, holds, NOW);

describe('a hold stands on', () => {
  it.each<[string, Partial<ActiveHold>, boolean]>([
    ['everything, where it names nothing', {}, true],
    ['the person it names', { subject: SUBJECT }, true],
    ['nobody else', { subject: '00000000-0000-4000-8000-000000000008' }, false],
    ['categories it names', { categories: ['identity', 'contact'] }, true],
    ['no others', { categories: ['identity'] }, false],
    ['purposes it names', { purposes: ['marketing'] }, true],
    ['no others', { purposes: ['statistics-and-records'], categories: ['contact'] }, false],
  ])('%s', (_, changes, stands) => expect(covers(hold(changes), one({}))).toBe(stands));
});

describe('what survives, and why', () => {
  it('a rule, with the latest end of what it keeps', () => {
    expect(of([one({}, { keeping: [keeping('contact', NOW + 1)] }), one({}, { keeping: [keeping('contact', LATER)] })])).toEqual([
      { category: 'contact', ground: 'tax-records', law: 'Revenue Code s.87/3', until: new Date(LATER).toISOString() },
    ]);
  });

  it('without an end while one of them has none', () => {
    const open = one({}, { keeping: [keeping('contact', undefined)] });
    const ending = one({}, { keeping: [keeping('contact', LATER)] });
    for (const staying of [
      [open, ending],
      [ending, open],
    ])
      expect(of(staying)).toEqual([{ category: 'contact', ground: 'tax-records', law: 'Revenue Code s.87/3' }]);
  });

  it('a category stays with what it was collected with', () => {
    const together = one({ categories: ['device', 'usage'] }, { keeping: [keeping('usage', LATER)] });
    expect(of([together], [], new Set(['device']))).toEqual([
      { category: 'device', ground: 'tax-records', law: 'Revenue Code s.87/3', until: new Date(LATER).toISOString() },
    ]);
  });

  it('a hold before everything else, each hold by itself', () => {
    const other = hold({ id: '00000000-0000-4000-8000-0000000000b2', law: 'Civil Procedure Code s.88' });
    expect(of([one({}, { keeping: [keeping('contact', LATER)] })], [hold(), other])).toEqual([
      { category: 'contact', ground: 'legal-hold', hold: hold().id, reason: 'Matter case-7/2569' },
      { category: 'contact', ground: 'legal-hold', hold: other.id, reason: 'Matter case-7/2569', law: 'Civil Procedure Code s.88' },
    ]);
  });

  it.each<[string, Planned, object]>([
    ['a review that kept it', one({ keptUntil: LATER }, { action: 'review' }), { ground: 'review', until: new Date(LATER).toISOString() }],
    ['a review to come', one({}, { action: 'review' }), { ground: 'review', reason: 'Waits for a review' }],
    ['a review that is over', one({ keptUntil: NOW }, { action: 'review' }), { ground: 'review', reason: 'Waits for a review' }],
    ['that no rule says', one({}, { unruled: [{ category: 'contact', purpose: 'marketing' }] }), { ground: 'no-rule' }],
    ['that another disposal has it', one({ disposal: '00000000-0000-4000-8000-0000000000d1' }), { ground: 'under-way' }],
  ])('%s', (_, staying, reason) => expect(of([staying])).toEqual([expect.objectContaining({ category: 'contact', ...reason })]));

  it('of the categories in question alone', () => {
    expect(of([one({ categories: ['contact', 'identity'] })], [hold()], new Set(['identity']))).toMatchObject([{ category: 'identity' }]);
    expect(of([one({})], [], new Set(['identity']))).toEqual([]);
  });
});
