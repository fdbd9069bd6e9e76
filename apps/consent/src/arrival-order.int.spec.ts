import { randomUUID } from 'node:crypto';
import { recordOf, type Fact, type PersonRecord } from '@attesta/decisions';
import fc from 'fast-check';
import { ConsentRig, NOTICE } from './consent-rig.js';
import { recordAt } from './standings.js';

let rig: ConsentRig;
beforeAll(async () => {
  rig = await ConsentRig.start();
  rig.time = new Date('2026-06-01T00:00:00Z');
});
afterAll(() => rig.close());

const DAY = 86_400_000;
const START = Date.parse('2026-01-01T00:00:00Z');
const WHO = ['anna', 'ben', 'phone'] as const;
const PURPOSES = ['marketing', 'personalisation', 'service-fulfilment'] as const;

const times = { at: fc.integer({ min: 0, max: 20 }), late: fc.integer({ min: 0, max: 20 }) };
const who = fc.constantFrom(...WHO);
const said = fc.oneof(
  fc.record({
    kind: fc.constant('choice' as const),
    who,
    ...times,
    status: fc.constantFrom('given', 'given', 'refused', 'withdrawn', 'requested'),
    purposes: fc.uniqueArray(fc.constantFrom(...PURPOSES), { minLength: 1, maxLength: 2 }),
    by: fc.constantFrom('subject', 'subject', 'guardian', 'controller'),
    channels: fc.option(fc.uniqueArray(fc.constantFrom('email', 'sms'), { minLength: 1 }), { nil: undefined }),
    categories: fc.option(fc.constantFrom(['contact'], ['health']), { nil: undefined }),
    validFor: fc.option(fc.constantFrom('P3D', 'P1M'), { nil: undefined }),
    explicit: fc.option(fc.constant(true), { nil: undefined }),
  }),
  fc.record({ kind: fc.constant('age' as const), who, ...times, birthDate: fc.constantFrom('1990-01-01', '2012-05-05', '2016-01-08') }),
  fc.record({ kind: fc.constant('guardian' as const), who, ...times, ended: fc.boolean() }),
  fc.record({ kind: fc.constant('link' as const), who: fc.constantFrom('anna' as const, 'ben' as const), ...times, linked: fc.boolean() }),
);

/** The facts of one telling, each telling with people and names of its own. */
function factsOf(
  story: readonly (typeof said extends fc.Arbitrary<infer T> ? T : never)[],
  ids: Record<string, string>,
  telling: string,
): Fact[] {
  return story.map(({ who: name, at, late, ...rest }, i) => {
    const when = { at: START + at * DAY, known: START + (at + late) * DAY };
    const known = { source: '//spec', id: `${telling}-${String(i).padStart(2, '0')}`, position: i, subject: ids[name]!, ...when };
    if (rest.kind === 'choice')
      return tidy({ ...known, method: 'checkbox', noticeVersion: NOTICE, language: 'en', ...rest }) as unknown as Fact;
    if (rest.kind === 'age') return { ...known, ...rest, rules: [] };
    if (rest.kind === 'guardian') return { ...known, ...rest, guardian: ids.ben! };
    return { ...known, ...rest, identity: ids.phone! };
  });
}

const tidy = (value: object) => JSON.parse(JSON.stringify(value)) as object;
const newPeople = () => Object.fromEntries(WHO.map((name) => [name, randomUUID()]));

/** States with the names that only this telling has taken out. */
async function statesOf(ids: Record<string, string>, telling: string): Promise<unknown> {
  const { rows } = await rig.db.pool.query<{ key: string; state: PersonRecord; decided: unknown }>(
    'select s.key, s.state, p.decided from consent_state s join person p on p.subject::text = s.key where s.key = any($1)',
    [Object.values(ids)],
  );
  let text = JSON.stringify(
    rows.sort((a, b) => WHO.findIndex((name) => ids[name] === a.key) - WHO.findIndex((name) => ids[name] === b.key)),
  );
  for (const [name, id] of Object.entries(ids)) text = text.replaceAll(id, name);
  return JSON.parse(text.replaceAll(`${telling}-`, ''));
}

it('the state is one, whatever the order in which facts arrive and in whatever batches', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(said, { minLength: 2, maxLength: 14 }), fc.integer({ min: 1, max: 2 ** 31 }), async (story, seed) => {
      const tellings = await Promise.all(
        [0, 1].map(async (turn) => {
          const [ids, telling] = [newPeople(), randomUUID()];
          const facts = factsOf(story, ids, telling);
          const order = turn === 0 ? facts : shuffled(facts, seed);
          for (let i = 0; i < order.length;) {
            const n = turn === 0 ? order.length : 1 + ((seed >> (i % 16)) & 3);
            const batch = order.slice(i, i + n);
            await rig.consent.transact((tx) => rig.consent.settle(tx, { facts: batch }));
            i += n;
          }
          return { ids, telling, facts };
        }),
      );
      const [one, other] = tellings as [(typeof tellings)[0], (typeof tellings)[0]];
      expect(await statesOf(other.ids, other.telling)).toEqual(await statesOf(one.ids, one.telling));
      // As of any moment of both times, the database answers what the facts as they were told give.
      for (const [at, known] of [
        [seed % 25, (seed >> 5) % 45],
        [20, 40],
        [5, 5],
      ] as const) {
        const moment = { at: START + at * DAY, known: START + known * DAY };
        for (const subject of Object.values(one.ids)) {
          const found = await recordAt(rig.consent, subject, moment);
          expect(found).toEqual(tidy(recordOf(subject, one.facts, rig.consent.policy, moment)));
        }
      }
    }),
    { numRuns: 40 },
  );
}, 240_000);

function shuffled<T>(items: readonly T[], seed: number): T[] {
  const found = [...items];
  let state = seed;
  for (let i = found.length - 1; i > 0; i--) {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    const j = state % (i + 1);
    [found[i], found[j]] = [found[j]!, found[i]!];
  }
  return found;
}
