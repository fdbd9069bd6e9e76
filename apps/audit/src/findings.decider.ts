import { mayReceive, restsOnConsent, type Policy } from '@attesta/policy';
import { lateBreach } from './breaches.decider.js';
import {
  lawOf,
  type Candidate,
  type CollectedFact,
  type ConfinedFact,
  type ConsentFact,
  type Finding,
  type FindingRule,
  type KnownFacts,
  type LinkFact,
} from './candidate.js';
import { answerFor, type Answer } from './consent-answers.js';
import { noValidBasis, standsInForConsent, undeclaredPurpose, undeclaredRecipient } from './declared.decider.js';
import { keptTooLong, stuck, unruled } from './keeping.decider.js';
import { exposedTooMuch, isMarketingMessage, sentAgainstNo, unreached } from './messages.decider.js';
import { underAge } from './minors.decider.js';
import { againstRights } from './rights.decider.js';
import { toldLate } from './sources.decider.js';
import { identitiesOf, latestTies } from './ties.js';

/**
 * What a sealed fact breaks, given what was sealed before it. The fact stays: a record of wrongdoing is evidence.
 * @param file the policy as its file has it; what was sealed before the fact adds to it
 */
export function judge(candidate: Candidate, known: KnownFacts, file: Policy): Finding[] {
  const policy = known.history?.at(candidate.position) ?? file;
  if (candidate.kind === 'overdue') return [missed(candidate, policy)];
  if (candidate.kind === 'stuck') return [stuck(candidate)];
  if (candidate.kind === 'breach') return [lateBreach(candidate, policy)];
  if (candidate.kind === 'undelivered') return found(unreached(candidate));
  if (candidate.kind === 'told') return found(toldLate(candidate, known, policy));
  const before = <T extends { position: number }>(facts: readonly T[]) => facts.filter(({ position }) => position < candidate.position);
  if (candidate.kind === 'consent') return found(underAge(candidate, before(known.flags), policy));
  const links = before(known.links).filter(({ until }) => until === undefined || candidate.position < until);
  const rights = againstRights(candidate, before(known.flags), policy);
  if (candidate.kind === 'message') {
    const people = candidate.subject === undefined ? undefined : identitiesOf(candidate, links);
    return found(
      people && sentAgainstNo(candidate, people, before(known.consents), before(known.flags), policy),
      exposedTooMuch(candidate, policy),
      ...rights,
    );
  }
  const findings = [
    consentBroken(candidate, before(known.consents), links, policy),
    undeclaredPurpose(candidate, policy, known.history),
    noValidBasis(candidate, before(known.consents), links, policy),
    underAge(candidate, before(known.flags), policy),
    ...rights,
  ];
  if (candidate.kind === 'collection') findings.push(throughUnlinked(candidate, links, policy), unruled(candidate, policy));
  else findings.push(keptTooLong(candidate, before(known.disposals), before(known.collected), policy));
  if (candidate.kind === 'disclosure') {
    findings.push(confinedDisclosed(candidate, before(known.confined), before(known.open), policy), undeclaredRecipient(candidate, policy));
  }
  return found(...findings);
}

const found = (...findings: (Finding | undefined)[]): Finding[] => findings.filter((finding) => finding !== undefined);

/** A deadline of the law, or of the notice, that a request was not dealt with by. */
function missed({ position, clock }: Candidate, policy: Policy): Finding {
  const { clauses, citation } = policy.clocks.get(clock ?? '') ?? {};
  return {
    rule: 'request-overdue',
    severity: 'violation',
    clause: clauses?.[0] ?? '8.5',
    ...(citation !== undefined && { law: citation }),
    positions: [position],
    explanation: `A request was not dealt with by its deadline (clock ${clock}).`,
  };
}

/** Whether judging needs to know the consents of the people in the candidate. */
export function asksForConsent(candidate: Candidate, policy: Policy): boolean {
  if (candidate.subject === undefined) return false;
  if (candidate.kind === 'message') return isMarketingMessage(candidate, policy);
  return (
    (candidate.kind === 'collection' && isLocation(candidate, policy)) ||
    restsOnConsent(policy, lawOf(candidate, policy), candidate.basis) ||
    standsInForConsent(candidate, policy)
  );
}

/** Consent relied on that is not there (clauses 5.3, 7.6, 8.3), or location read with the device's setting off (2.9). */
function consentBroken(
  candidate: Candidate,
  consents: readonly ConsentFact[],
  links: readonly LinkFact[],
  policy: Policy,
): Finding | undefined {
  const { kind } = candidate;
  if ((kind !== 'collection' && kind !== 'use' && kind !== 'disclosure') || !asksForConsent(candidate, policy)) return undefined;
  const people = identitiesOf(candidate, links);
  const answers = candidate.purposes.map((purpose) => answerFor(purpose, people, candidate, consents, policy));
  const no = answers.find((answer) => answer.state === 'withdrawn');
  if (kind === 'collection' && isLocation(candidate, policy) && no?.fact?.method === 'device_setting') {
    return finding(
      candidate,
      policy,
      'location-after-device-setting',
      '2.9',
      no,
      'The location was collected after the setting of the device had withdrawn the consent',
    );
  }
  if (!restsOnConsent(policy, lawOf(candidate, policy), candidate.basis)) return undefined;
  if (no) {
    const rule = `${kind}-after-withdrawal` as const;
    return finding(
      candidate,
      policy,
      rule,
      kind === 'collection' ? '8.3' : '5.3',
      no,
      `The ${kind} rests on a consent that was ${no.fact?.status ?? 'withdrawn'} before`,
    );
  }
  const missing = answers.find((answer) => answer.state !== 'given');
  // Data often comes in together with the consent to it; what is used or passed on later must have one on record.
  if (!missing || kind === 'collection') return undefined;
  const why = missing.state === 'expired' ? 'a consent that had run out' : 'consent, and the log holds none';
  return finding(candidate, policy, `${kind}-without-consent`, '5.3', missing, `The ${kind} rests on ${why}`);
}

/** Collection through an identity that is tied to nobody any more, or through one this person untied (clause 1.5). */
function throughUnlinked(candidate: Candidate, links: readonly LinkFact[], policy: Policy): Finding | undefined {
  const named = new Set(candidate.subject === undefined ? candidate.related : [candidate.subject, ...candidate.related]);
  const ties = latestTies(links.filter((link) => link.linked || link.occurredAt <= candidate.occurredAt));
  const broken = ties.filter(({ linked, person, identity }) => {
    if (linked) return false;
    if (named.has(identity)) return named.has(person) || !ties.some((tie) => tie.identity === identity && tie.linked);
    return false;
  });
  const own = broken.find(({ person }) => named.has(person)) ?? broken[0] ?? accountUntied(candidate, ties, policy);
  if (!own) return undefined;
  // A device or browser without a tie may well belong to a visitor; a third party's account may not be read at all.
  const anonymous = (own.kind === 'device' || own.kind === 'visitor') && !named.has(own.person);
  return {
    rule: 'collection-after-unlink',
    severity: anonymous ? 'warning' : 'violation',
    clause: '1.5',
    positions: [candidate.position, own.position],
    explanation: `Data came in through a linked identity (${own.kind}) that had been unlinked at position ${own.position}.`,
  };
}

/** The collection says it came through an account link (a method or category of clause 1.5) and every such link of the person is undone. */
function accountUntied({ subject, method, categories }: Candidate, ties: readonly LinkFact[], policy: Policy): LinkFact | undefined {
  const ofLink = (clauses: readonly string[] | undefined) => clauses?.includes('1.5') === true;
  const throughLink =
    ofLink(policy.methods.get(method ?? '')?.clauses) || categories.some((category) => ofLink(policy.categories.get(category)?.clauses));
  if (!throughLink) return undefined;
  const accounts = ties.filter(({ person, kind }) => person === subject && kind === 'third-party-account');
  return accounts.some(({ linked }) => linked) ? undefined : accounts.at(-1);
}

/** Data of a method with a closed circle of recipients, such as a survey, passed on beyond it (clause 3.1). */
function confinedDisclosed(
  candidate: Candidate,
  confined: readonly ConfinedFact[],
  open: readonly CollectedFact[],
  policy: Policy,
): Finding | undefined {
  const methods = forbiddenMethods(policy, candidate.recipient!);
  if (methods.length === 0) return undefined;
  const otherwise = new Set(open.filter(({ subject }) => subject === candidate.subject).flatMap(({ categories }) => categories));
  const only = candidate.categories.filter((category) => !otherwise.has(category));
  // The event says itself that it is about a survey, or discloses a category that we have of this person from a survey alone.
  const stated = methods.find((method) => candidate.context?.[method] !== undefined);
  const held = confined.find(
    ({ subject, method, categories }) =>
      subject === candidate.subject && methods.includes(method) && categories.some((category) => only.includes(category)),
  );
  const method = stated ?? held?.method;
  if (method === undefined) return undefined;
  return {
    rule: 'confined-data-disclosed',
    severity: 'violation',
    clause: policy.methods.get(method)?.clauses?.[0] ?? '3.1',
    positions: held ? [candidate.position, held.position] : [candidate.position],
    explanation: `Data collected by "${method}" went to ${candidate.recipient}, who is no contractor for it.`,
  };
}

/** Methods whose data may not go to this party. */
export function forbiddenMethods(policy: Policy, recipient: string): string[] {
  return [...policy.methods.keys()].filter((method) => !mayReceive(policy, method, recipient));
}

const isLocation = ({ categories }: Candidate, policy: Policy): boolean =>
  categories.some((category) => policy.categories.get(category)?.clauses?.includes('2.9') === true);

function finding(
  candidate: Candidate,
  policy: Policy,
  rule: FindingRule,
  clause: string,
  { purpose, fact }: Answer,
  what: string,
): Finding {
  const law = policy.bases.get(lawOf(candidate, policy))?.get(candidate.basis)?.citation;
  return {
    rule,
    severity: 'violation',
    clause,
    ...(law !== undefined && { law }),
    positions: fact ? [candidate.position, fact.position] : [candidate.position],
    explanation: `${what} (purpose ${purpose}${fact ? `, position ${fact.position}` : ''}).`,
  };
}
