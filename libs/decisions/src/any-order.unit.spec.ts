import { amended, type Policy } from '@attesta/policy';
import fc from 'fast-check';
import { decide, type Decision } from './decide.js';
import type { Fact, Moment } from './fact.js';
import { asking, policy } from './facts-rig.js';
import { DEVICES, histories, moments, PEOPLE, shuffled } from './histories-rig.js';
import { recordOf } from './record.js';
import { CATEGORIES, CHANNELS, PURPOSES, replay, type Replayed, type World } from './replay-rig.js';
import { standingOf } from './status.js';

const SUBJECTS = [...PEOPLE, ...DEVICES];

/** Facts as they arrive, some of them twice: a fact is known by its name, and the first of that name is kept. */
const arriving = (facts: readonly Fact[]) =>
  fc
    .tuple(shuffled(facts), fc.subarray([...facts]))
    .chain(([once, again]) => shuffled([...once, ...again]))
    .map((all) => [...new Map(all.map((fact) => [`${fact.source} ${fact.id}`, fact])).values()]);

const policyAt = ({ notices }: World, known: number): Policy =>
  amended(
    policy,
    notices.filter((one) => one.known <= known).map(({ amendment }) => amendment),
  );

const questions = PURPOSES.flatMap((purpose) =>
  [undefined, ...(CHANNELS[purpose] ?? [])].flatMap((channel) =>
    [undefined, ...CATEGORIES].map((category) => ({ purpose, channel, category })),
  ),
);

/** What the replay answers to "may we use this category, by consent?". */
function permitted(told: Replayed, purpose: string, channel: string | undefined, category: string): Decision['decision'] {
  const stands = (by: string | undefined) => ['given', 'renewed'].includes(told.cell(purpose, by, category).status);
  const restricted = told.restrictions.some(
    (one) => (one.purposes?.includes(purpose) ?? true) && (one.categories?.includes(category) ?? true),
  );
  const consented = channel === undefined && CHANNELS[purpose] ? CHANNELS[purpose].some(stands) : stands(channel);
  return consented && !restricted && !told.objections.has(purpose) && !told.underTen ? 'allowed' : 'denied';
}

describe('any history of choices, links, ages, guardians, objections, restrictions and notices', () => {
  it('is one record and one set of decisions, in whatever order it arrives', () => {
    const arrivals = histories.chain((world) =>
      fc.record({
        world: fc.constant(world),
        facts: arriving(world.facts),
        notices: shuffled(world.notices),
        moment: moments,
        times: fc.array(moments, { minLength: 3, maxLength: 6 }),
      }),
    );
    fc.assert(
      fc.property(arrivals, ({ world, facts, notices, moment, times }) => {
        const one = policyAt(world, moment.known);
        const other = policyAt({ ...world, notices }, moment.known);
        for (const subject of SUBJECTS) {
          const record = recordOf(subject, world.facts, one, moment);
          expect(recordOf(subject, facts, other, moment)).toEqual(record);
          for (const purpose of PURPOSES) {
            for (const category of CATEGORIES) {
              for (const { at } of times) {
                const request = asking({ purpose, categories: [category] });
                expect(decide(request, recordOf(subject, facts, other, moment), other, at)).toEqual(decide(request, record, one, at));
              }
            }
          }
        }
      }),
      { numRuns: 150 },
    );
  });

  it('stands, as of any moment in both times, as a naive replay says', () => {
    const seen = new Set<string>();
    const asOf = (world: World, subject: string, moment: Moment) => {
      const told = replay(world, subject, moment);
      const record = recordOf(subject, world.facts, policyAt(world, moment.known), moment);
      for (const question of questions) {
        const { status } = standingOf(record, { ...question, sensitive: question.category === 'health', at: moment.at });
        const expected = told.cell(question.purpose, question.channel, question.category).status;
        seen.add(status);
        if (status !== expected) throw new Error(`${subject}, ${JSON.stringify(question)}: ${status}, and the replay says ${expected}`);
      }
    };
    fc.assert(
      fc.property(histories, fc.array(moments, { minLength: 1, maxLength: 4 }), (world, times) => {
        for (const moment of times) for (const subject of SUBJECTS) asOf(world, subject, moment);
      }),
      { numRuns: 400 },
    );
    // Whether histories reach everything must not hang on luck.
    for (const [world, moment] of fc.sample(fc.tuple(histories, moments), { numRuns: 1_500, seed: 20_261_125 }))
      for (const subject of SUBJECTS) asOf(world, subject, moment);
    expect([...seen].sort()).toEqual(
      ['deferred', 'expired', 'given', 'invalidated', 'none', 'refused', 'renewed', 'requested', 'revoked', 'withdrawn'].sort(),
    );
  });

  it('permits, as of any moment, what a naive replay permits', () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(histories, moments, (world, moment) => {
        const known = policyAt(world, moment.known);
        for (const subject of SUBJECTS) {
          const told = replay(world, subject, moment);
          const record = recordOf(subject, world.facts, known, moment);
          for (const { purpose, channel, category } of questions) {
            if (category === undefined || purpose === 'loyalty' || purpose === 'fraud-prevention') continue;
            const basis = category === 'health' ? 'explicit-consent' : 'consent';
            const { decision } = decide(asking({ purpose, channel, categories: [category], basis }), record, known, moment.at);
            const expected = permitted(told, purpose, channel, category);
            seen.add(decision);
            if (decision !== expected)
              throw new Error(`${subject}, ${purpose} ${channel} ${category}: ${decision}, the replay says ${expected}`);
          }
        }
      }),
      { numRuns: 400 },
    );
    expect(seen).toEqual(new Set(['allowed', 'denied']));
  });
});
