import fc from 'fast-check';
import { groupsOf, mayGo } from './grouping.js';
import type { Cause, Planned } from './planner.js';

const NOW = Date.parse('2026-03-01T09:00:00Z');
const DAY = 86_400_000;

interface Changes {
  position?: number;
  class?: string;
  categories?: string[];
  collected?: number;
  due?: number | undefined;
  action?: Planned['schedule']['action'];
  cause?: Cause;
  held?: boolean;
  approved?: boolean;
  disposal?: string | null;
}

/** A part that is due, unless `changes` say otherwise; times in days from now. */
const planned = ({ due = -1, collected = -100, action = 'destroy', cause = 'schedule', ...changes }: Changes = {}): Planned => ({
  part: {
    position: 1,
    part: 0,
    subject: '00000000-0000-4000-8000-000000000007',
    class: 'contact',
    key: 'contact.1',
    categories: ['contact'],
    purposes: ['marketing'],
    jurisdiction: 'th-pdpa',
    collectedAt: NOW + collected * DAY,
    dueAt: null,
    action,
    cause,
    unruled: false,
    held: false,
    keptUntil: null,
    approved: false,
    disposal: null,
    removed: false,
    ...changes,
  },
  schedule: { due: NOW + due * DAY, action, rules: [], keeping: [], unruled: [] },
  due: NOW + due * DAY,
  asked: cause === 'erasure-request',
  cause,
});
const notDue = (changes: Changes = {}): Planned => ({ ...planned(changes), due: undefined });

describe('what may go', () => {
  it('is due, and nobody keeps, looks at or has it', () => {
    expect(mayGo(planned(), NOW)).toBe(true);
    expect(mayGo(planned({ due: 0 }), NOW)).toBe(true);
    expect(mayGo(planned({ action: 'review', approved: true }), NOW)).toBe(true);
    for (const one of [
      notDue(),
      planned({ due: 1 }),
      planned({ held: true }),
      planned({ action: 'review' }),
      planned({ disposal: '00000000-0000-4000-8000-0000000000d1' }),
    ])
      expect(mayGo(one, NOW)).toBe(false);
  });
});

describe('what goes together', () => {
  it('classes that go as a whole, up to now', () => {
    const [group, ...others] = groupsOf([planned(), planned({ class: 'account', categories: ['account'] })], NOW);
    expect(others).toEqual([]);
    expect(group).toMatchObject({
      cause: 'schedule',
      action: 'destroy',
      classes: ['contact', 'account'],
      categories: ['contact', 'account'],
      collectedUntil: NOW,
    });
  });

  it('a class that goes in part alone, up to the newest of what goes', () => {
    const old = planned({ class: 'location', categories: ['location'], collected: -40 });
    const groups = groupsOf([old, notDue({ class: 'location', categories: ['location'], collected: -5 }), planned()], NOW);
    expect(groups.map(({ classes, categories, collectedUntil }) => [classes, categories, collectedUntil])).toEqual([
      [['location'], ['location'], NOW - 40 * DAY],
      [['contact'], ['contact'], NOW],
    ]);
  });

  it('systems are not asked for a category of which something as old stays', () => {
    const groups = groupsOf([planned({ collected: -10 }), notDue({ collected: -20 })], NOW);
    expect(groups).toMatchObject([{ categories: [], classes: ['contact'] }]);
  });

  it('apart by what is to happen to it and why; the gravest cause of a class counts', () => {
    const groups = groupsOf(
      [planned(), planned({ cause: 'minor' }), planned({ class: 'traffic', categories: ['usage'], action: 'anonymise' })],
      NOW,
    );
    expect(groups.map(({ classes, cause, action }) => [classes, cause, action])).toEqual([
      [['contact'], 'minor', 'destroy'],
      [['traffic'], 'schedule', 'anonymise'],
    ]);
  });

  it('nothing, of nothing', () => expect(groupsOf([notDue(), planned({ held: true })], NOW)).toEqual([]));
});

describe('of whatever is held of a person', () => {
  const CLASSES: Record<string, string[]> = { contact: ['contact'], traffic: ['usage', 'device', 'page-view'], location: ['location'] };
  const any = fc
    .record({
      class: fc.constantFrom(...Object.keys(CLASSES)),
      pick: fc.integer({ min: 1, max: 7 }),
      collected: fc.integer({ min: -400, max: 0 }),
      due: fc.option(fc.integer({ min: -5, max: 3 }), { nil: undefined }),
      action: fc.constantFrom('destroy' as const, 'anonymise' as const, 'review' as const),
      cause: fc.constantFrom<Cause>('schedule', 'erasure-request', 'minor', 'review'),
      held: fc.boolean(),
      approved: fc.boolean(),
      disposal: fc.constantFrom(null, null, '00000000-0000-4000-8000-0000000000d1'),
    })
    .map(({ pick, ...changes }) => {
      const all = CLASSES[changes.class]!;
      const categories = all.filter((_, i) => pick & (1 << i));
      const one = planned({ ...changes, categories: categories.length > 0 ? categories : all });
      return changes.due === undefined ? { ...one, due: undefined } : one;
    });
  const people = fc.array(any, { maxLength: 12 }).map((all) => all.map((one, position) => ({ ...one, part: { ...one.part, position } })));
  const check = (rule: (all: Planned[]) => void) => fc.assert(fc.property(people, rule), { numRuns: 500 });

  it('goes, once, all that may and nothing else', () => {
    check((all) => {
      const going = groupsOf(all, NOW).flatMap(({ due }) => due);
      expect(new Set(going)).toEqual(new Set(all.filter((one) => mayGo(one, NOW))));
      expect(new Set(going).size).toBe(going.length);
      for (const { part, schedule } of going) {
        expect([part.held, part.disposal]).toEqual([false, null]);
        expect(schedule.action !== 'review' || part.approved).toBe(true);
      }
    });
  });

  it('systems are asked for a category only where nothing that old of it stays, and for what is in the group', () => {
    check((all) => {
      for (const { categories, collectedUntil, due, classes } of groupsOf(all, NOW)) {
        const staying = all.filter((one) => !mayGo(one, NOW) && one.part.collectedAt <= collectedUntil);
        for (const category of categories) {
          expect(staying.some(({ part }) => part.categories.includes(category))).toBe(false);
          expect(due.some(({ part }) => part.categories.includes(category))).toBe(true);
        }
        expect(new Set(due.map(({ part }) => part.class))).toEqual(new Set(classes));
        for (const { part } of due) expect(part.collectedAt).toBeLessThanOrEqual(collectedUntil);
      }
    });
  });

  it('each class is in one group', () => {
    check((all) => {
      const classes = groupsOf(all, NOW).flatMap((group) => group.classes);
      expect(new Set(classes).size).toBe(classes.length);
    });
  });
});
