import fc from 'fast-check';
import type { Entry } from '@attesta/events';
import { factOf, type Fact } from './fact.js';
import { asked, held, started, trigger } from './answers-rig.js';
import { breach, collection, consent, disclosure, disposed, forgotten, link, message, objection, person, use } from './audit-rig.js';
import { Tally } from './tally.js';

const ANNA = person(1);
const BEN = person(2);
const HAPPENINGS = [
  collection(ANNA, { context: { order: 'o-1' } }),
  collection(BEN, { related: [{ subject: ANNA, role: 'friend' }], categories: ['contact', 'identity'] }, '2026-03-02T23:59:59.999Z'),
  use(ANNA, { purposes: ['marketing', 'service-fulfilment'] }),
  disclosure(undefined, 'app-publisher', { related: [{ subject: ANNA }] }),
  disclosure(ANNA, 'logistics-provider', { legalReference: 'warrant 4' }, '2026-03-05T00:00:00.000Z'),
  consent(ANNA, 'given', ['marketing', 'analytics-cookies'], { reason: 'she said so' }),
  consent(ANNA, 'withdrawn', ['marketing']),
  link(ANNA, BEN),
  objection(ANNA, true, ['marketing']),
  message(ANNA, 'handed-off'),
  breach('person-named', {}, ANNA),
  asked(ANNA, 'received'),
  started(ANNA),
  disposed(ANNA, ['contact'], '2026-03-02T00:00:00.000Z'),
  held(ANNA, true),
  trigger(ANNA, 'account-closed'),
  forgotten(ANNA),
  {
    type: 'attesta.finding.raised.v1',
    subject: ANNA,
    data: { finding: 'x:1', rule: 'use-without-consent', severity: 'violation', positions: [1], explanation: 'anna did it' },
  },
  { type: 'somebody.elses.thing', subject: ANNA, data: { categories: 'none' } },
];

const sources = HAPPENINGS.map(({ type, subject, data, time = '2026-03-01T00:00:00.000Z' }, position) => ({
  position,
  bytes: Buffer.from('{}'),
  entry: {
    v: 1,
    id: `${position}`,
    source: '//x',
    type,
    time,
    recordedAt: time,
    data,
    ...(subject && { subject: { id: subject, seq: 1 } }),
  } as Entry,
}));
const tallied = (facts: readonly Fact[]) => {
  const tally = new Tally();
  for (const fact of facts) tally.add(fact);
  return tally;
};
const people = fc.uniqueArray(fc.constantFrom(ANNA, BEN)).map((forgottenPeople) => new Set(forgottenPeople));
const facts = fc.shuffledSubarray(sources);

describe('the tally', () => {
  it('counts what is processed, chosen and found, by day', () => {
    expect(tallied(sources.slice(1, 3).map((source) => factOf(source))).rows()).toEqual([
      { kind: 'category', day: '2026-03-01', key: 'marketing contact', n: 1, first: 2 },
      { kind: 'category', day: '2026-03-01', key: 'service-fulfilment contact', n: 1, first: 2 },
      { kind: 'category', day: '2026-03-02', key: 'service-fulfilment contact', n: 1, first: 1 },
      { kind: 'category', day: '2026-03-02', key: 'service-fulfilment identity', n: 1, first: 1 },
      { kind: 'event', day: '2026-03-01', key: 'attesta.use.recorded', n: 1, first: 2 },
      { kind: 'event', day: '2026-03-02', key: 'attesta.collection.recorded', n: 1, first: 1 },
      { kind: 'processing', day: '2026-03-01', key: 'marketing used', n: 1, first: 2 },
      { kind: 'processing', day: '2026-03-01', key: 'service-fulfilment used', n: 1, first: 2 },
      { kind: 'processing', day: '2026-03-02', key: 'service-fulfilment collected', n: 1, first: 1 },
    ]);
  });

  it('is the same whoever is forgotten, and in whatever order entries come', () => {
    fc.assert(
      fc.property(facts, people, (some, gone) => {
        const ordered = some.toSorted((a, b) => a.position - b.position);
        expect(tallied(some.map((source) => factOf(source, gone))).rows()).toEqual(tallied(ordered.map((source) => factOf(source))).rows());
      }),
    );
  });

  it('is what it was once later entries are taken out again', () => {
    fc.assert(
      fc.property(fc.nat({ max: sources.length }), people, (size, gone) => {
        const tally = tallied(sources.map((source) => factOf(source)));
        for (const source of sources.slice(size)) tally.remove(factOf(source, gone));
        expect(tally.rows()).toEqual(tallied(sources.slice(0, size).map((source) => factOf(source))).rows());
      }),
    );
  });
});
