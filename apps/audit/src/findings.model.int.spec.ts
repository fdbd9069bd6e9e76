import { TestLedger, type Happening } from '@attesta/testing';
import {
  auditRig,
  collection,
  consent,
  disclosure,
  disposed,
  forgotten,
  link,
  message,
  objection,
  person,
  use,
  type AuditRig,
} from './audit-rig.js';
import { age, guardian, published, quarantined, registered, restriction, told, weighed } from './findings-rig.js';
import { TwoPartitions } from './partitions-rig.js';

const SEEDS = process.env.HISTORIES
  ? Array.from({ length: Number(process.env.HISTORIES) }, (_, i) => i + Number(process.env.FROM ?? 1))
  : [1, 2, 3];
const LENGTH = 160;
const PARTITIONS = 2;

const PEOPLE = [1, 2, 3, 4, 5, 6].map(person);
const PURPOSES = ['service-fulfilment', 'personalisation', 'marketing', 'research-and-improvement', 'recycling'];
const BASES = ['contract', 'consent', 'legitimate-interest', 'legal-obligation', 'explicit-consent'];
const RULES = [['th-under-ten', 'eu-under-ten'], ['th-ten-to-nineteen', 'eu-under-sixteen'], ['th-of-age']];
const START = Date.UTC(2026, 2, 1);

/** The same numbers in [0, 1) for the same seed. */
function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Much happens to few people, in no order of time; what is reported late is in it too. */
function historyOf(random: () => number): Happening[] {
  const one = <T>(of: readonly T[]): T => of[Math.floor(random() * of.length)]!;
  const when = (i: number) => new Date(START + (i - (random() < 0.3 ? random() * 40 : 0)) * 86_400_000).toISOString();
  const processing = () => ({
    categories: [one(['contact', 'health', 'survey-answer', 'location'])],
    purposes: [one(PURPOSES)],
    basis: one(BASES),
    ...(random() < 0.4 && { jurisdiction: one(['th-pdpa', 'eu-gdpr']) }),
  });
  const scope = () => (random() < 0.5 ? {} : { purposes: [one(PURPOSES.slice(0, 4))] });
  const supply = () => (random() < 0.4 ? { origin: 'third-party', originParty: 'promotion-partner' } : {});
  const method = () => (random() < 0.2 ? { method: 'survey' } : {});
  const kinds: ((time: string, i: number) => Happening)[] = [
    (time) => collection(one(PEOPLE), { ...processing(), ...supply(), ...method() }, time),
    (time) => collection(one(PEOPLE), { ...processing(), related: [{ subject: one(PEOPLE) }] }, time),
    (time) => use(one(PEOPLE), processing(), time),
    (time) => use(one(PEOPLE), processing(), time),
    (time) => use(one(PEOPLE), processing(), time),
    (time) => disclosure(one([...PEOPLE, undefined]), one(['survey-contractor', 'advertiser', 'other-user', 'police']), processing(), time),
    (time) =>
      consent(
        one(PEOPLE),
        one(['given', 'given', 'refused', 'withdrawn']),
        [one(PURPOSES.slice(1))],
        { by: one(['subject', 'guardian']) },
        time,
      ),
    (time) => ({ ...link(one(PEOPLE), one(PEOPLE), one(['device', 'third-party-account']), random() < 0.6), time }),
    (time) => objection(one(PEOPLE), random() < 0.7, [one(PURPOSES.slice(1))], time),
    (time) => weighed(one(PEOPLE), one(['upheld', 'rejected']), [one(PURPOSES.slice(1))], time),
    (time) => restriction(one(PEOPLE), random() < 0.6, scope(), time),
    (time) => age(one(PEOPLE), one(RULES), time),
    (time) => guardian(one(PEOPLE), one(PEOPLE), random() < 0.6, time),
    (time, i) =>
      told(
        random() < 0.7 ? one(PEOPLE) : undefined,
        random() < 0.5 ? [Math.floor(random() * i), Math.floor(random() * i)] : undefined,
        time,
      ),
    (time) => message(one(PEOPLE), 'handed-off', { purpose: one(['marketing', 'personalisation']) }, time),
    (time) => disposed(one(PEOPLE), ['contact'], time),
    (time, i) => one([registered('recycling', time), quarantined('recycling', time), published(`v${i}`, ['recycling'], time)]),
    (time) => (random() < 0.2 ? { ...forgotten(one(PEOPLE)), time } : use(one(PEOPLE), processing(), time)),
  ];
  return Array.from({ length: LENGTH }, (_, i) => ({
    ...one(kinds)(when(i), i),
    id: person(10_000 + i),
    recordedAt: new Date(START + i * 86_400_000).toISOString(),
  }));
}

function sealed(seed: number): TestLedger {
  const ledger = new TestLedger();
  for (const happening of historyOf(randomOf(seed))) ledger.seal(happening);
  return ledger;
}

let rig: AuditRig;
afterEach(() => rig.close());

/** Rules that something went against. What the histories never do, they do not test. */
const met = new Set<string>();
afterAll(() =>
  expect([...met]).toEqual(
    expect.arrayContaining([
      ...['undeclared-purpose', 'undeclared-recipient', 'no-valid-basis', 'objection-ignored', 'restriction-ignored', 'under-age'],
      ...['under-age-without-guardian', 'source-told-late', 'kept-past-retention', 'confined-data-disclosed', 'mail-after-withdrawal'],
      ...['use-after-withdrawal', 'use-without-consent', 'collection-after-unlink'],
    ]),
  ),
);

const said = async () => {
  const { rows } = await rig.db.pool.query<{ finding: string; positions: string; severity: string }>(
    'select finding, positions::text, severity from finding order by finding',
  );
  return rows;
};

describe('whatever happens, and however it comes, the same is found as in one go', () => {
  it.each(SEEDS)('history %i', async (seed) => {
    const last = LENGTH - 1;
    rig = await auditRig({}, sealed(seed));
    await rig.audit.caughtUp(last);
    const [digest, findings] = [await rig.audit.digest(), await said()];
    for (const { finding } of findings) met.add(finding.slice(0, finding.indexOf(':')));
    expect(await rig.audit.recount()).toEqual(digest);
    await rig.close();

    const random = randomOf(seed + 1_000);
    const cut = sealed(seed);
    cut.read = (after, limit) => Promise.resolve(cut.stored.slice(after + 1, after + 1 + Math.min(limit, 1 + Math.floor(random() * 30))));
    rig = await auditRig({}, cut);
    await rig.audit.caughtUp(last);
    expect(await said()).toEqual(findings);
    expect(await rig.audit.digest()).toEqual(digest);
    await rig.close();

    const parted = sealed(seed);
    const feed = new TwoPartitions(parted);
    rig = await auditRig({ feed }, parted);
    const reached = Array.from({ length: PARTITIONS }, () => -1);
    while (reached.some((position) => position < last)) {
      const partition = Math.floor(random() * PARTITIONS);
      reached[partition] = Math.min(last, reached[partition]! + 1 + Math.floor(random() * 40));
      await feed.deliver(partition, reached[partition]);
      if (random() < 0.3) await rig.audit.caughtUp(Math.min(...reached));
    }
    await rig.audit.caughtUp(last);
    expect(await said()).toEqual(findings);
    expect(await rig.audit.digest()).toEqual(digest);
  });
});
