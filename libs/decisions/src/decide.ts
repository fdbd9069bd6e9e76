import { isTransferAbroad, mayReceive, noticeAt, type Basis, type Policy, type Purpose } from '@attesta/policy';
import type { Origin } from './fact.js';
import { reason, type Reason, type ReasonCode } from './reasons.js';
import type { PersonRecord } from './record.js';
import { inForce, standingOf, type ConsentStatus, type Standing } from './status.js';
import { jurisdictionOf } from './validity.js';

/** "May we do this with data of these categories of a person, for this purpose?" Ids are the policy's. */
export interface DecisionRequest {
  operation: 'collect' | 'use' | 'disclose' | 'store';
  categories: readonly string[];
  purpose: string;
  /** Whom it is disclosed to. */
  recipient?: string;
  /** How the person is reached, for purposes that have channels. */
  channel?: string;
  /** The basis relied on; the first that the purpose lists and that fits the categories, when it is left out. */
  basis?: string;
  /** The provision relied on. */
  basisCitation?: string;
  /** Order, warrant or provision that demands a disclosure. */
  legalReference?: string;
  /** Collection method of the data, where it confines the recipients (notice clause 3.1). */
  method?: string;
  /** ISO 3166-1 alpha-2; the recipient's, when it is left out. */
  country?: string;
  transferGround?: string;
  jurisdiction?: string;
  controller?: string;
}

export interface Decision {
  decision: 'allowed' | 'denied';
  /** What it may rest on, or would. */
  basis: { id: string; kind: Basis['kind']; citation: string } | null;
  /** The consent relied on: cite its position when the event is reported. `position` is null until the consent is sealed. */
  consent: (Origin & { noticeVersion: string }) | null;
  /** RFC 3339: from then on it has to be asked again. */
  expiresAt: string | null;
  /** What binds whoever goes ahead: `aggregate-only` (4.6, 4.9), `minimal-exposure` (4.5). */
  conditions: string[];
  /** Channels consented to, for a purpose that has channels and rests on consent. */
  channels?: string[];
  /** Never empty: what allows it, or everything that stands against it. */
  reasons: Reason[];
}

/**
 * Answers from a record and the policy alone, the same in the service and in a publisher's cache.
 * @param request passed `decisionProblems`
 * @param now milliseconds
 */
export function decide(request: DecisionRequest, record: PersonRecord, policy: Policy, now: number): Decision {
  const purpose = policy.purposes.get(request.purpose);
  if (purpose === undefined) return denied([reason('purpose-quarantined')]);
  const jurisdiction = jurisdictionOf(request, policy);
  const against: Reason[] = [];
  // A purpose registered while the system runs lives once a notice in effect names it.
  if (purpose.registered !== undefined && noticeAt(policy, purpose.id, now) === undefined) against.push(reason('purpose-not-communicated'));

  const { basis, refusal } = basisFor(request, purpose, jurisdiction, policy);
  if (refusal !== undefined) against.push(reason(refusal));
  if (!mayKeep(record, jurisdiction, policy) && request.operation !== 'store') against.push(reason('under-age'));
  against.push(...flags(request, record, purpose, basis));
  if (request.operation === 'disclose') against.push(...recipientProblems(request, policy, jurisdiction));
  if (basis === undefined) return denied(against, purpose);

  const found = { basis: { id: basis.id, kind: basis.kind, citation: request.basisCitation ?? basis.citation } };
  if (basis.kind === 'statutory') {
    const channel = purpose.channels && request.channel;
    const no = basis.objectable === true ? standingsOf(request, record, policy, now, channel).find((one) => one.no)?.no : undefined;
    if (no) against.push(reason('basis-swapped', { event: origin(no) }));
    if (against.length > 0) return { ...denied(against, purpose), ...found };
    return { ...allowed([reason('statutory-basis', { law: found.basis.citation })], purpose), ...found };
  }
  const consent = consentFor(request, record, purpose, policy, now);
  against.push(...consent.against);
  const channels = consent.channels && { channels: consent.channels };
  if (against.length > 0) return { ...denied(against, purpose), ...found, ...channels };
  const { source, id, position, noticeVersion } = consent.standings[0]!.choice!;
  const ends = Math.min(...consent.standings.map(({ choice }) => choice!.expiresAt ?? Infinity));
  return {
    ...allowed([reason('consent-given', eventOf(consent.standings[0]!))], purpose),
    ...found,
    ...channels,
    consent: { source, id, position, noticeVersion },
    expiresAt: Number.isFinite(ends) ? new Date(ends).toISOString() : null,
  };
}

/** Whether anything of the person may be kept, by the age rule of the jurisdiction (notice clause 6.5). */
const mayKeep = ({ ages }: PersonRecord, jurisdiction: string, policy: Policy): boolean =>
  policy.ages.every((rule) => rule.jurisdiction !== jurisdiction || rule.collection === 'allowed' || !ages.includes(rule.id));

function basisFor(
  request: DecisionRequest,
  purpose: Purpose,
  jurisdiction: string,
  policy: Policy,
): { basis?: Basis; refusal?: ReasonCode } {
  const sensitive = isSensitive(request, policy);
  const bases = policy.bases.get(jurisdiction);
  const may = purpose.bases[jurisdiction] ?? [];
  const basis =
    request.basis !== undefined
      ? bases?.get(request.basis)
      : may.map((id) => bases?.get(id)).find((one) => one !== undefined && (one.sensitive === true) === sensitive);
  if (basis === undefined) return { refusal: sensitive ? 'explicit-consent-required' : 'basis-not-allowed' };
  if (!may.includes(basis.id)) return { basis, refusal: 'basis-not-allowed' };
  if (sensitive && basis.sensitive !== true) return { basis, refusal: 'explicit-consent-required' };
  const cited = request.basisCitation !== undefined || request.legalReference !== undefined;
  const mustCite = purpose.citation === 'mandatory' || (basis.kind === 'statutory' && (purpose.citation === 'unless-consent' || sensitive));
  return mustCite && !cited ? { basis, refusal: 'citation-missing' } : { basis };
}

/** Restrictions and objections of the person (notice clauses 7.4, 7.5). Only a basis that is named stands above them: a law that commands, above both. */
function flags(request: DecisionRequest, { restrictions, objections }: PersonRecord, purpose: Purpose, basis: Basis | undefined): Reason[] {
  if (request.operation === 'store') return [];
  const found: Reason[] = [];
  const named = request.basis === undefined ? undefined : basis;
  const commanded = named?.kind === 'statutory' && named.objectable !== true;
  const restriction = restrictions.find(
    ({ purposes, categories }) =>
      (purposes?.includes(purpose.id) ?? true) && (categories?.some((category) => request.categories.includes(category)) ?? true),
  );
  if (restriction && named?.despiteRestriction !== true) found.push(reason('restricted', { event: origin(restriction) }));
  const objection = objections.find((one) => one.purpose === purpose.id);
  if (!objection || objection.state === 'withdrawn' || purpose.objection === 'none' || commanded) return found;
  // What is absolute is not weighed: no reason rejects it (PDPA s.32(2), GDPR Art. 21(3)).
  if (objection.state === 'rejected' && purpose.objection === 'decision') return found;
  const code =
    purpose.objection === 'absolute' ? 'objection-absolute' : objection.state === 'upheld' ? 'objection-upheld' : 'objection-pending';
  found.push(reason(code, { event: origin(objection) }));
  return found;
}

function recipientProblems(request: DecisionRequest, policy: Policy, jurisdiction: string): Reason[] {
  const party = policy.parties.get(request.recipient!)!;
  const found: Reason[] = [];
  if (party.role === 'linked-site') found.push(reason('linked-site'));
  if (request.method !== undefined && !mayReceive(policy, request.method, party.id)) found.push(reason('recipient-not-allowed'));
  const controller = policy.controllers.get(request.controller ?? '') ?? policy.defaultController;
  const country = request.country ?? party.country;
  const abroad = country !== undefined && isTransferAbroad(controller, policy.jurisdictions.get(jurisdiction)!, country);
  if (abroad && request.transferGround === undefined) found.push(reason('transfer-ground-missing'));
  return found;
}

/** How the person stands on each category asked about, by one channel or about the purpose as a whole. */
const standingsOf = (
  { purpose, categories }: DecisionRequest,
  record: PersonRecord,
  policy: Policy,
  at: number,
  channel?: string,
): Standing[] =>
  categories.map((category) =>
    standingOf(record, { purpose, channel, category, sensitive: policy.categories.get(category)?.sensitive === true, at }),
  );

const lacking = ({ status }: Standing): boolean => !inForce(status);

interface Consented {
  /** What it rests on, when nothing is against it. */
  standings: Standing[];
  against: Reason[];
  /** Those by which consent stands for every category, where the purpose has channels. */
  channels?: string[];
}

/** Consent has to stand for every category: by the channel that is named; by one at least, where the purpose has channels and none is named. */
function consentFor(request: DecisionRequest, record: PersonRecord, purpose: Purpose, policy: Policy, now: number): Consented {
  const by = (channel?: string) => standingsOf(request, record, policy, now, channel);
  if (purpose.channels === undefined) {
    const standings = by();
    const no = standings.find(lacking);
    return { standings, against: no ? [reason(CONSENT_REASONS[no.status], eventOf(no))] : [] };
  }
  const byChannel = purpose.channels.map((channel) => ({ channel, standings: by(channel) }));
  const open = byChannel.filter(({ standings }) => !standings.some(lacking));
  const channels = open.map(({ channel }) => channel);
  const asked = request.channel === undefined ? open : open.filter(({ channel }) => channel === request.channel);
  if (asked.length > 0) return { standings: asked.flatMap(({ standings }) => standings), against: [], channels };
  const no = byChannel
    .filter(({ channel }) => request.channel === undefined || channel === request.channel)
    .flatMap(({ standings }) => standings.filter(lacking))
    .reduce((last, one) => ((one.choice?.at ?? -Infinity) > (last.choice?.at ?? -Infinity) ? one : last));
  return {
    standings: [],
    against: [reason(open.length > 0 ? 'channel-not-consented' : CONSENT_REASONS[no.status], eventOf(no))],
    channels,
  };
}

const CONSENT_REASONS: Readonly<Record<ConsentStatus, ReasonCode>> = {
  none: 'consent-missing',
  requested: 'consent-missing',
  deferred: 'consent-missing',
  given: 'consent-given',
  renewed: 'consent-given',
  refused: 'consent-refused',
  withdrawn: 'consent-withdrawn',
  revoked: 'consent-revoked',
  expired: 'consent-expired',
  invalidated: 'consent-invalidated',
};

const isSensitive = ({ categories }: DecisionRequest, policy: Policy): boolean =>
  categories.some((category) => policy.categories.get(category)?.sensitive === true);

const origin = ({ source, id, position }: Origin): Origin => ({ source, id, position });
const eventOf = ({ choice }: Standing): Pick<Reason, 'event'> => (choice ? { event: origin(choice) } : {});

const conditionsOf = (purpose: Purpose | undefined): string[] => [
  ...(purpose?.aggregate === true ? ['aggregate-only'] : []),
  ...(purpose?.exposure === 'minimal' ? ['minimal-exposure'] : []),
];

const allowed = (reasons: Reason[], purpose: Purpose): Decision => ({
  decision: 'allowed',
  basis: null,
  consent: null,
  expiresAt: null,
  conditions: conditionsOf(purpose),
  reasons,
});

const denied = (reasons: Reason[], purpose?: Purpose): Decision => ({
  decision: 'denied',
  basis: null,
  consent: null,
  expiresAt: null,
  conditions: conditionsOf(purpose),
  reasons,
});
