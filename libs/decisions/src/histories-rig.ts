import type { Amendment } from '@attesta/policy';
import fc from 'fast-check';
import type { Fact } from './fact.js';
import { published, registered } from './facts-rig.js';
import { CATEGORIES, CHANNELS, PERIODS, PURPOSES, type World } from './replay-rig.js';

/** Two people and two devices that change hands between them. */
export const PEOPLE = ['account|ann', 'account|ben'];
export const DEVICES = ['device|phone', 'cookie|tab'];

const DAY = 86_400_000;
const FIRST = Date.parse('2022-08-01T00:00:00Z');
/** Few instants, so that much happens at the same one; before the first notice and on birthdays too. */
export const instants = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: 0, max: 40 }).map((n) => FIRST + n * 30 * DAY) },
  { weight: 1, arbitrary: fc.constantFrom('2022-08-09T16:59:59.999Z', '2022-08-09T17:00:00Z').map(Date.parse) },
  { weight: 1, arbitrary: fc.constantFrom('2024-02-28T17:00:00Z', '2024-02-28T16:59:59.999Z', '2024-03-01T00:00:00Z').map(Date.parse) },
);
const lateness = fc.oneof(
  { weight: 3, arbitrary: fc.constant(0) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 20 }).map((n) => n * 30 * DAY) },
);
const some = <T>(of: readonly T[], minLength = 1) => fc.uniqueArray(fc.constantFrom(...of), { minLength, maxLength: 2 });

const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined, freq: 2 });
/** Without the members that are undefined. */
const tidy = <T extends object>(value: T): T => Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as T;

const choices = fc.record({
  kind: fc.constant('choice'),
  subject: fc.constantFrom(...PEOPLE, ...PEOPLE, ...DEVICES),
  status: fc.constantFrom('given', 'given', 'given', 'refused', 'withdrawn', 'withdrawn', 'requested', 'deferred'),
  purposes: some(PURPOSES),
  by: fc.constantFrom('subject', 'subject', 'subject', 'subject', 'guardian', 'controller'),
  method: fc.constant('checkbox'),
  noticeVersion: fc.oneof({ weight: 4, arbitrary: fc.constant('2022-08-10') }, { weight: 2, arbitrary: fc.constantFrom('v2', 'v3') }),
  language: fc.constant('th'),
  channels: optional(some(CHANNELS.marketing!.slice(0, 3), 0)),
  categories: optional(some(CATEGORIES)),
  validFor: optional(fc.constantFrom(...Object.keys(PERIODS))),
  explicit: optional(fc.boolean()),
  capacity: optional(fc.constant('Civil and Commercial Code s.24')),
  jurisdiction: optional(fc.constantFrom('th-pdpa', 'eu-gdpr')),
});
const objections = fc.record({
  kind: fc.constant('objection'),
  subject: fc.constantFrom(...PEOPLE),
  state: fc.constantFrom('raised', 'raised', 'upheld', 'rejected', 'withdrawn'),
  purposes: some(PURPOSES),
});
const restrictions = fc.record({
  kind: fc.constant('restriction'),
  subject: fc.constantFrom(...PEOPLE),
  placed: fc.boolean(),
  ground: fc.constant('accuracy-contested'),
  purposes: optional(some(PURPOSES)),
  categories: optional(some(CATEGORIES)),
});
const ages = fc.record({
  kind: fc.constant('age'),
  subject: fc.constantFrom(...PEOPLE),
  birthDate: optional(fc.constantFrom('2014-02-28', '2014-03-01', '2012-02-29', '2004-02-29', '2004-03-01', '2007-07-07', '1980-01-31')),
  rules: fc.constantFrom(['th-under-ten', 'eu-under-ten'], ['th-ten-to-nineteen', 'eu-under-sixteen'], ['th-of-age'], []),
});
const guardians = fc.record({
  kind: fc.constant('guardian'),
  subject: fc.constantFrom(...PEOPLE),
  guardian: fc.constantFrom('mother', 'father'),
  ended: fc.boolean(),
});
const links = fc.record({
  kind: fc.constant('link'),
  subject: fc.constantFrom(...PEOPLE),
  identity: fc.constantFrom(...DEVICES),
  linked: fc.constantFrom(true, true, false),
});

const what = fc.oneof(
  { weight: 10, arbitrary: choices },
  { weight: 2, arbitrary: links },
  ...[objections, restrictions, ages, guardians].map((arbitrary) => ({ weight: 1, arbitrary })),
);
const facts = fc
  .array(fc.tuple(what, instants, lateness), { minLength: 1, maxLength: 24 })
  .map((all) =>
    all.map(
      ([fact, at, late], i) => tidy({ ...fact, source: '/shop', id: `e-${100 + i}`, position: i, at, known: at + late }) as unknown as Fact,
    ),
  );

const notice = fc
  .record({
    version: fc.constantFrom('v2', 'v3'),
    language: fc.constantFrom('th', 'en'),
    time: instants,
    /** May lie before the publication: then the notice is in effect from the publication on. */
    effectiveAt: instants,
    purposes: optional(some(PURPOSES)),
  })
  .map(({ time, effectiveAt, version, ...changes }): Amendment =>
    published(new Date(time).toISOString(), version, tidy({ ...changes, effectiveAt: new Date(effectiveAt).toISOString() })),
  );
const loyalty = instants.map((time): Amendment => registered(new Date(time).toISOString(), 'loyalty'));
const notices = fc.array(fc.tuple(fc.oneof({ weight: 3, arbitrary: notice }, { weight: 1, arbitrary: loyalty }), lateness), {
  maxLength: 5,
});

/** Everything that happens to some people and devices, with what was published meanwhile. */
export const histories: fc.Arbitrary<World> = fc.record({
  facts,
  notices: notices.map((all) => all.map(([amendment, late]) => ({ amendment, known: Date.parse(amendment.time) + late }))),
});

/** The same things in another order of arrival. */
export const shuffled = <T>(all: readonly T[]): fc.Arbitrary<T[]> =>
  fc.shuffledSubarray([...all], { minLength: all.length, maxLength: all.length });

/** Any moment in both times; an instant where something happens, a millisecond before, or after everything. */
export const moments = fc.record({
  at: fc.tuple(instants, fc.constantFrom(0, 0, -1, 1)).map(([at, by]) => at + by),
  known: fc.oneof(instants, fc.constant(Infinity)),
});
