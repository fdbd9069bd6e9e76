import fs from 'node:fs';
import { loadPolicy, type Amendment, type Policy } from '@attesta/policy';
import { parse } from 'yaml';
import type { DecisionRequest } from './decide.js';
import type { AgeFact, ChoiceFact, ChoiceStatus, Fact, GuardianFact, LinkFact, ObjectionFact, RestrictionFact } from './fact.js';

/** For the specs: the real policy, its one notice in the file, and facts that are about one thing each. */
export const policy: Policy = loadPolicy(parse(fs.readFileSync(new URL('../../../policies/m-med.yaml', import.meta.url), 'utf8')));
export const NOTICE = '2022-08-10';

/** An instant in milliseconds; a bare day begins in UTC. */
export const on = (time: string): number => Date.parse(time);

type Changes<F> = Partial<Omit<F, 'kind' | 'subject'>>;

/** What happens to a subject: each fact known at the moment it happened unless told otherwise, and with the next name. */
export function factsOf(subject: string, source = '/shop') {
  let n = 0;
  const fact = (at: string) => ({ source, id: `${subject}-${++n}`, position: n, subject, at: on(at), known: on(at) });
  const choice =
    (status: ChoiceStatus) =>
    (at: string, purpose: string, changes: Changes<ChoiceFact> = {}): ChoiceFact => ({
      ...fact(at),
      kind: 'choice',
      status,
      purposes: [purpose],
      by: 'subject',
      method: 'checkbox',
      noticeVersion: NOTICE,
      language: 'th',
      ...changes,
    });
  const objection =
    (state: ObjectionFact['state']) =>
    (at: string, purpose: string): ObjectionFact => ({ ...fact(at), kind: 'objection', state, purposes: [purpose] });
  const restriction =
    (placed: boolean) =>
    (at: string, scope: Pick<RestrictionFact, 'purposes' | 'categories'> = {}): RestrictionFact => ({
      ...fact(at),
      kind: 'restriction',
      placed,
      ...(placed && { ground: 'accuracy-contested' as const }),
      ...scope,
    });
  const guardian =
    (ended: boolean) =>
    (at: string, who = 'mother'): GuardianFact => ({ ...fact(at), kind: 'guardian', guardian: who, ended });
  const link =
    (linked: boolean) =>
    (at: string, identity: string): LinkFact => ({ ...fact(at), kind: 'link', identity, linked });
  return {
    gave: choice('given'),
    refused: choice('refused'),
    withdrew: choice('withdrawn'),
    wasAsked: choice('requested'),
    putOff: choice('deferred'),
    objected: objection('raised'),
    wasUpheld: objection('upheld'),
    wasRejected: objection('rejected'),
    objectsNoMore: objection('withdrawn'),
    restricted: restriction(true),
    lifted: restriction(false),
    born: (at: string, birthDate: string): AgeFact => ({ ...fact(at), kind: 'age', birthDate, rules: [] }),
    attested: (at: string, ...rules: string[]): AgeFact => ({ ...fact(at), kind: 'age', rules }),
    hasGuardian: guardian(false),
    guardianEnded: guardian(true),
    tied: link(true),
    untied: link(false),
  };
}

/** A fact that came late. */
export const knownOn = <F extends Fact>(time: string, fact: F): F => ({ ...fact, known: on(time) });

export const published = (
  time: string,
  version: string,
  changes: Partial<(Amendment & { type: `${string}notice${string}` })['data']> = {},
): Amendment => ({
  type: 'attesta.notice.published.v1',
  time,
  data: { version, language: 'th', digest: 'ab'.repeat(32), effectiveAt: time, ...changes },
});

export const registered = (
  time: string,
  purpose: string,
  changes: Partial<(Amendment & { type: `${string}purpose${string}` })['data']> = {},
): Amendment => ({
  type: 'attesta.purpose.registered.v1',
  time,
  data: {
    purpose,
    title: purpose,
    bases: [{ jurisdiction: 'th-pdpa', bases: ['consent', 'explicit-consent'] }],
    citation: 'PDPA s.21',
    separable: true,
    objection: 'decision',
    ...changes,
  },
});

/** "May we use the contact data for marketing?", with changes. */
export const asking = (changes: Partial<DecisionRequest> = {}): DecisionRequest => ({
  operation: 'use',
  categories: ['contact'],
  purpose: 'marketing',
  ...changes,
});
