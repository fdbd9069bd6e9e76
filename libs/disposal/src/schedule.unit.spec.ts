import fc from 'fast-check';
import { endOfDuration, type Policy, type RetentionRule } from '@attesta/policy';
import { bicycleRepair, dueByLooking, mMed, withRules } from './schedule-rig.js';
import { ERASURE_ASKED, meaning, schedule, type Holding, type Occurrence } from './schedule.js';

const at = (text: string): number => Date.parse(`${text}T00:00:00Z`);
const COLLECTED = at('2020-02-29');
const NOW = at('2026-01-01');

const holding = (categories: string[], purposes: string[], changes: Partial<Holding> = {}): Holding => ({
  categories,
  purposes,
  jurisdiction: 'th-pdpa',
  collectedAt: COLLECTED,
  ...changes,
});
const came = (trigger: string, when: string, changes: Partial<Occurrence> = {}): Occurrence => ({
  trigger,
  state: 'occurred',
  at: at(when),
  ...changes,
});
const takenBack = (trigger: string, when: string, changes: Partial<Occurrence> = {}) =>
  came(trigger, when, { state: 'revoked', ...changes });

describe('every rule of a policy, by itself', () => {
  const FOUND = ['collection', 'last-activity'];
  describe.each<[string, Policy]>([
    ['M MED', mMed],
    ['the bicycle workshop', bicycleRepair],
  ])('of %s', (_name, policy) => {
    it.each(policy.retention.map((rule): [string, RetentionRule] => [rule.id, rule]))(
      '%s ends after its duration, from its trigger',
      (_id, rule) => {
        const alone = withRules(policy, [rule]);
        const [category] = rule.categories ?? policy.categories.keys();
        const [purpose] = rule.purposes ?? policy.purposes.keys();
        const mine = holding([category!], [purpose!], { jurisdiction: rule.jurisdiction ?? [...policy.jurisdictions.keys()][0]! });
        const start = FOUND.includes(rule.trigger) ? COLLECTED : at('2021-05-31');
        const due = endOfDuration(start, rule.duration);
        const happened = [came(rule.trigger, '2021-05-31')];
        expect(schedule(alone, mine, happened, undefined, due)).toEqual({
          due,
          action: rule.action,
          rules: [rule],
          keeping: [],
          unruled: [],
        });
        if (rule.duration === 'P0D') return;
        expect(schedule(alone, mine, happened, undefined, due - 1).keeping).toEqual([{ category, purpose, rule, until: due }]);
      },
    );

    it.each(policy.retention.filter(({ trigger }) => !FOUND.includes(trigger)).map((rule): [string, RetentionRule] => [rule.id, rule]))(
      '%s has no end before its trigger',
      (_id, rule) => {
        const [category] = rule.categories ?? policy.categories.keys();
        const [purpose] = rule.purposes ?? policy.purposes.keys();
        const mine = holding([category!], [purpose!], { jurisdiction: rule.jurisdiction ?? [...policy.jurisdictions.keys()][0]! });
        const { due, keeping, rules } = schedule(withRules(policy, [rule]), mine, [], undefined, NOW);
        expect(due).toBeUndefined();
        expect(keeping).toEqual([{ category, purpose, rule, until: undefined }]);
        expect(rules).toEqual([]);
      },
    );
  });
});

describe('when a holding has to go', () => {
  const due = (mine: Holding, occurrences: Occurrence[], policy = mMed) => schedule(policy, mine, occurrences, undefined, NOW).due;
  const contact = holding(['contact'], ['marketing']);
  const order = holding(['transaction'], ['service-fulfilment']);

  it('is when the first need ends', () => {
    expect(due(contact, [came('account-closed', '2021-01-01')])).toBe(at('2021-04-01'));
    expect(due(contact, [came('account-closed', '2021-01-01'), came('consent-withdrawn', '2021-02-01')])).toBe(at('2021-02-01'));
    expect(due(contact, [came('account-closed', '2021-01-01'), came('consent-withdrawn', '2022-02-01')])).toBe(at('2021-04-01'));
  });

  it('is when the last demand of a law or claim ends, where one outlasts the need', () => {
    const ends = [came('contract-end', '2021-01-01'), came('tax-filing', '2021-03-31'), came('account-closing', '2021-12-31')];
    expect(due(order, ends)).toBe(at('2031-01-01'));
    const { keeping } = schedule(mMed, order, ends, undefined, NOW);
    expect(keeping.map(({ rule, until }) => [rule.id, until])).toEqual([['contract-claims', at('2031-01-01')]]);
    expect(due({ ...order, jurisdiction: 'eu-gdpr' }, ends)).toBe(at('2023-01-01'));
    expect(due(order, ends.slice(0, 2))).toBeUndefined();
  });

  it('is when nothing keeps any category for any purpose', () => {
    const both = holding(['contact', 'preferences'], ['marketing', 'communication']);
    expect(due(both, [came('consent-withdrawn', '2021-02-01')])).toBeUndefined();
    expect(due(both, [came('consent-withdrawn', '2021-02-01'), came('account-closed', '2021-06-01')])).toBe(at('2031-06-01'));
  });

  it('counts a trigger from what implies it', () => {
    expect([...meaning(mMed, 'contract-end')].sort()).toEqual(['account-closed', 'contract-end']);
    const eu = { ...order, jurisdiction: 'eu-gdpr' };
    expect(due(eu, [came('account-closed', '2021-01-01')])).toBe(at('2023-01-01'));
    expect(due(eu, [came('account-closed', '2021-01-01'), came('contract-end', '2020-06-01')])).toBe(at('2022-06-01'));
    const circle = {
      ...mMed,
      triggers: new Map([
        ['a', { id: 'a', title: 'A', impliedBy: ['b'] }],
        ['b', { id: 'b', title: 'B', impliedBy: ['a'] }],
      ]),
    };
    expect([...meaning(circle, 'a')]).toEqual(['a', 'b']);
  });

  it('counts from the first time since a trigger was last taken back', () => {
    const story = [came('account-closed', '2021-01-01'), came('account-closed', '2021-02-01')];
    expect(due(contact, story)).toBe(at('2021-04-01'));
    expect(due(contact, [...story, takenBack('account-closed', '2021-03-01')])).toBeUndefined();
    expect(due(contact, [...story, takenBack('account-closed', '2021-03-01'), came('account-closed', '2022-01-01')])).toBe(
      at('2022-04-01'),
    );
    const gone = [came('contract-end', '2021-01-01'), takenBack('account-closed', '2021-03-01')];
    expect(due({ ...order, jurisdiction: 'eu-gdpr' }, gone)).toBe(at('2023-01-01'));
  });

  it('does not count what came about before the data, unless it is about that data', () => {
    expect(due(contact, [came('account-closed', '2019-01-01')])).toBeUndefined();
    const books = holding(['bank-account'], ['legal-compliance']);
    const closed = [came('account-closed', '2020-06-01')];
    expect(due(books, [...closed, came('account-closing', '2021-01-31', { collectedUntil: at('2020-12-31') })])).toBe(at('2026-01-31'));
    expect(due(books, [...closed, came('account-closing', '2020-03-31', { collectedUntil: at('2019-12-31') })])).toBeUndefined();
  });

  it('counts a trigger for the categories and purposes that it names', () => {
    expect(due(contact, [came('consent-withdrawn', '2021-02-01', { purposes: ['marketing'] })])).toBe(at('2021-02-01'));
    expect(due(contact, [came('consent-withdrawn', '2021-02-01', { purposes: ['personalisation'] })])).toBeUndefined();
    expect(due(contact, [came('consent-withdrawn', '2021-02-01', { categories: ['preferences'] })])).toBeUndefined();
    const story = [came('account-closed', '2021-01-01'), takenBack('account-closed', '2021-01-02', { categories: ['preferences'] })];
    expect(due(contact, story)).toBe(at('2021-04-01'));
  });

  it('is at once when erasure is asked for, but for what the law demands', () => {
    const asked = came(ERASURE_ASKED, '2021-02-01');
    expect(schedule(mMed, contact, [asked], undefined, NOW)).toEqual({
      due: at('2021-02-01'),
      action: 'destroy',
      rules: [],
      keeping: [],
      unruled: [],
    });
    expect(due(order, [asked])).toBeUndefined();
    expect(
      due(order, [asked, came('contract-end', '2021-01-01'), came('tax-filing', '2021-03-31'), came('account-closing', '2021-12-31')]),
    ).toBe(at('2031-01-01'));
    expect(due(contact, [asked, takenBack(ERASURE_ASKED, '2021-02-02')])).toBeUndefined();
    expect(due(contact, [came(ERASURE_ASKED, '2020-01-01')])).toBeUndefined();
  });

  it('counts from the last activity, and from the collection where there was none since', () => {
    const policy = withRules(bicycleRepair, [
      { id: 'idle', duration: 'P1Y', trigger: 'last-activity', action: 'review', ground: 'need', citation: 'x' },
    ]);
    const mine = holding(['customer-name'], ['repair'], { jurisdiction: 'gdpr-de' });
    const dueAfter = (lastActivity: number | undefined) => schedule(policy, mine, [], lastActivity, NOW);
    expect(dueAfter(at('2022-03-01'))).toMatchObject({ due: at('2023-03-01'), action: 'review' });
    expect(dueAfter(at('2019-03-01')).due).toBe(at('2021-02-28'));
    expect(dueAfter(undefined).due).toBe(at('2021-02-28'));
  });

  it('is never where nobody set a rule, and that is found', () => {
    const injury = holding(['injury', 'repair-order'], ['repair'], { jurisdiction: 'gdpr-de' });
    const found = schedule(bicycleRepair, injury, [came('last-repair', '2021-01-01')], undefined, NOW);
    expect(found.due).toBeUndefined();
    expect(found.unruled).toEqual([{ category: 'repair-order', purpose: 'repair' }]);
    expect(
      schedule(bicycleRepair, injury, [came('last-repair', '2021-01-01'), came(ERASURE_ASKED, '2022-01-01')], undefined, NOW),
    ).toMatchObject({
      due: at('2024-01-01'),
      unruled: [],
    });
  });

  it('does not wait for a ground that a rule goes before, once its trigger came about', () => {
    const need: RetentionRule = {
      id: 'minor',
      duration: 'P1D',
      trigger: 'minor-found',
      action: 'destroy',
      ground: 'need',
      despite: ['claims'],
      citation: 'x',
    };
    const policy = withRules(mMed, [need, ...mMed.retention.filter(({ id }) => id === 'contract-claims')]);
    expect(due(order, [came('minor-found', '2021-01-01')], policy)).toBe(at('2021-01-02'));
    expect(due(order, [came('contract-end', '2021-01-01')], policy)).toBeUndefined();
    const lawful = withRules(mMed, [need, ...mMed.retention.filter(({ id }) => id === 'tax-records')]);
    expect(due(order, [came('minor-found', '2021-01-01')], lawful)).toBeUndefined();
  });

  it('is by the rules for every purpose, where no purpose was told', () => {
    expect(due(holding(['contact'], []), [came('account-closed', '2021-01-01')])).toBe(at('2021-04-01'));
    expect(due(holding(['contact'], []), [came(ERASURE_ASKED, '2021-01-01')])).toBe(at('2021-01-01'));
    expect(schedule(bicycleRepair, holding(['repair-order'], [], { jurisdiction: 'gdpr-de' }), [], undefined, NOW)).toMatchObject({
      due: undefined,
      unruled: [{ category: 'repair-order', purpose: '' }],
    });
  });

  it('destroys where one rule destroys and another anonymises, and asks a person where any says so', () => {
    const usage = holding(['usage'], ['security-and-fraud']);
    expect(schedule(mMed, usage, [], undefined, NOW)).toMatchObject({ due: at('2021-02-28'), action: 'anonymise' });
    const rule = (id: string, action: RetentionRule['action']): RetentionRule => ({
      id,
      duration: 'P1Y',
      trigger: 'collection',
      action,
      ground: 'need',
      citation: 'x',
      categories: [id],
    });
    const rules = [rule('usage', 'anonymise'), rule('device', 'destroy'), rule('cookie', 'review')];
    const action = (categories: string[]) =>
      schedule(withRules(mMed, rules), holding(categories, ['marketing']), [], undefined, NOW).action;
    expect(action(['usage'])).toBe('anonymise');
    expect(action(['usage', 'device'])).toBe('destroy');
    expect(action(['usage', 'device', 'cookie'])).toBe('review');
  });
});

describe.each<[string, Policy]>([
  ['M MED', mMed],
  ['the bicycle workshop', bicycleRepair],
])('under any history, by the policy of %s', (_name, policy) => {
  const categories = [...policy.categories.keys()];
  const purposes = [...policy.purposes.keys()];
  const jurisdictions = [...policy.jurisdictions.keys()];
  const triggers = [...new Set([...policy.retention.map(({ trigger }) => trigger), ...policy.triggers.keys(), ERASURE_ASKED])];
  const DAY = 86_400_000;
  const day = fc.integer({ min: 0, max: 4000 }).map((n) => at('2018-01-01') + n * DAY);
  const some = (of: string[]) => fc.uniqueArray(fc.constantFrom(...of), { minLength: 1, maxLength: 3 });
  const holdings = fc.record({
    categories: some(categories),
    purposes: fc.oneof(some(purposes), fc.constant([])),
    jurisdiction: fc.constantFrom(...jurisdictions),
    collectedAt: day,
  });
  const histories = fc.uniqueArray(
    fc.record(
      {
        trigger: fc.constantFrom(...triggers),
        state: fc.constantFrom('occurred' as const, 'occurred' as const, 'revoked' as const),
        at: day,
        categories: some(categories),
        purposes: some(purposes),
        collectedUntil: day,
      },
      { requiredKeys: ['trigger', 'state', 'at'] },
    ),
    { maxLength: 12, selector: (one) => one.at },
  );
  const grounds = fc.constantFrom('law' as const, 'claims' as const);
  const duties: fc.Arbitrary<RetentionRule> = fc.record({
    id: fc.constant('added'),
    duration: fc.constantFrom('P0D', 'P90D', 'P5Y', 'P30Y'),
    trigger: fc.constantFrom(...triggers.filter((trigger) => trigger !== ERASURE_ASKED), 'collection', 'last-activity'),
    action: fc.constant('destroy' as const),
    ground: grounds,
    citation: fc.constant('x'),
    categories: some(categories),
  });
  const runs = { numRuns: 2000 };

  it('agrees with a look at every moment', () => {
    fc.assert(
      fc.property(holdings, histories, fc.option(day, { nil: undefined }), (mine, occurrences, lastActivity) => {
        const found = schedule(policy, mine, occurrences, lastActivity, NOW);
        expect(found.due).toBe(dueByLooking(policy, { holding: mine, occurrences, lastActivity }));
        if (found.unruled.length > 0) expect(found.due).toBeUndefined();
        if (found.due === undefined) return;
        expect(schedule(policy, mine, occurrences, lastActivity, found.due).keeping).toEqual([]);
        const before = schedule(policy, mine, occurrences, lastActivity, found.due - 1).keeping;
        if (occurrences.every(({ trigger }) => trigger !== ERASURE_ASKED)) expect(before).not.toEqual([]);
        expect(before.every(({ until }) => until === undefined || until >= found.due!)).toBe(true);
      }),
      runs,
    );
  });

  it('does not depend on the order in which things are told, nor on when it is asked', () => {
    const told = fc
      .tuple(holdings, histories)
      .chain(([mine, one]) => fc.tuple(fc.constant(mine), fc.constant(one), fc.shuffledSubarray(one, { minLength: one.length })));
    fc.assert(
      fc.property(told, day, ([mine, one, other], now) => {
        expect(schedule(policy, mine, other, undefined, now)).toEqual(schedule(policy, mine, one, undefined, now));
        expect(schedule(policy, mine, other, undefined, now).due).toBe(schedule(policy, mine, one, undefined, NOW).due);
      }),
      runs,
    );
  });

  it('does not go later because erasure was asked for', () => {
    fc.assert(
      fc.property(holdings, histories, day, (mine, occurrences, when) => {
        const before = schedule(policy, mine, occurrences, undefined, NOW);
        const asked: Occurrence = { trigger: ERASURE_ASKED, state: 'occurred', at: when };
        const after = schedule(policy, mine, [...occurrences, asked], undefined, NOW);
        expect(after.due ?? Infinity).toBeLessThanOrEqual(before.due ?? Infinity);
      }),
      runs,
    );
  });

  it('does not go earlier for one more demand of the law, where rules had covered all of it', () => {
    fc.assert(
      fc.property(holdings, histories, duties, (mine, occurrences, rule) => {
        const before = schedule(policy, mine, occurrences, undefined, NOW);
        const after = schedule(withRules(policy, [...policy.retention, rule]), mine, occurrences, undefined, NOW);
        const isRuled = schedule(policy, mine, [], undefined, NOW).unruled.length === 0;
        if (isRuled) expect(after.due ?? Infinity).toBeGreaterThanOrEqual(before.due ?? Infinity);
      }),
      runs,
    );
  });
});
