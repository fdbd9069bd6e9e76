import { Temporal } from 'temporal-polyfill';
import type { Policy } from './policy.js';
import type { Notice } from './policy-source.js';

/** When people could be asked under a version of the notice, in milliseconds, and about what. */
export interface NoticePeriod {
  /** It took effect then. */
  from: number;
  /** The purposes it tells of; undefined when it tells of every purpose of the policy file. */
  purposes: ReadonlySet<string> | undefined;
}

const periods = new WeakMap<Policy, ReadonlyMap<string, NoticePeriod>>();

/** The period of a notice version; undefined for one that is not registered. Its texts in several languages are one version. */
export const noticePeriod = (policy: Policy, version: string): NoticePeriod | undefined => periodsOf(policy).get(version);

/** Whether a version tells of a purpose. A purpose registered while the system runs must be named; those of the policy file need not be. */
export function tellsOf(policy: Policy, version: string, purpose: string): boolean {
  const purposes = noticePeriod(policy, version)?.purposes;
  return purposes === undefined ? policy.purposes.get(purpose)?.registered === undefined : purposes.has(purpose);
}

/**
 * Until when people could be asked about a purpose under a version, in milliseconds: until a later one that tells of the purpose took effect;
 * Infinity while none has. A notice about one new purpose does not end the notice about all the others.
 */
export function supersededAt(policy: Policy, version: string, purpose: string): number {
  const from = noticePeriod(policy, version)?.from ?? Infinity;
  let until = Infinity;
  for (const [other, period] of periodsOf(policy)) {
    if (period.from > from && period.from < until && tellsOf(policy, other, purpose)) until = period.from;
  }
  return until;
}

/** The version under which people could be asked about a purpose at an instant (milliseconds), if any was. */
export const noticeAt = (policy: Policy, purpose: string, at: number): string | undefined =>
  [...periodsOf(policy)].find(
    ([version, { from }]) => from <= at && tellsOf(policy, version, purpose) && at < supersededAt(policy, version, purpose),
  )?.[0];

/** The calendar day at an instant (milliseconds) where a jurisdiction counts its days, as YYYY-MM-DD. */
export const localDay = (policy: Policy, jurisdiction: string, at: number): string =>
  Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(timeZoneOf(policy, jurisdiction)).toPlainDate().toString();

/** The zone in which a jurisdiction's clocks count. */
const timeZoneOf = (policy: Policy, jurisdiction: string): string =>
  policy.clocks.get(policy.jurisdictions.get(jurisdiction)?.sourceNotice ?? '')?.timeZone ?? 'UTC';

function periodsOf(policy: Policy): ReadonlyMap<string, NoticePeriod> {
  let known = periods.get(policy);
  if (known === undefined) {
    known = new Map([...policy.notices].map(([version, texts]) => [version, periodOf(texts, policy)]));
    periods.set(policy, known);
  }
  return known;
}

function periodOf(texts: readonly Notice[], policy: Policy): NoticePeriod {
  const lists = texts.map(({ purposes }) => purposes);
  return {
    from: Math.min(...texts.map((text) => startOf(text, policy))),
    purposes: lists.some((list) => list === undefined) ? undefined : new Set(lists.flatMap((list) => list ?? [])),
  };
}

function startOf({ effectiveAt, announced }: Notice, policy: Policy): number {
  if (effectiveAt !== undefined) return Date.parse(effectiveAt);
  const zone = timeZoneOf(policy, policy.defaultController.jurisdictions[0]!);
  return Temporal.PlainDate.from(announced).toZonedDateTime(zone).epochMilliseconds;
}
