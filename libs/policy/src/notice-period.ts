import { Temporal } from 'temporal-polyfill';
import type { Policy } from './policy.js';
import type { Notice } from './policy-source.js';

/** When people could be asked under a version of the notice, in milliseconds: from it took effect, until the next one did. */
export interface NoticePeriod {
  from: number;
  /** Infinity while it is the newest. */
  until: number;
  /** What it tells of; undefined when it tells of every purpose of the policy file. */
  purposes: ReadonlySet<string> | undefined;
}

const periods = new WeakMap<Policy, ReadonlyMap<string, NoticePeriod>>();

/** The period of a notice version; undefined for one that is not registered. Its texts in several languages are one version. */
export function noticePeriod(policy: Policy, version: string): NoticePeriod | undefined {
  let known = periods.get(policy);
  if (known === undefined) periods.set(policy, (known = periodsOf(policy)));
  return known.get(version);
}

/** The version in effect at an instant (milliseconds), if any was. */
export function noticeAt(policy: Policy, at: number): string | undefined {
  return [...policy.notices.keys()].find((version) => {
    const { from, until } = noticePeriod(policy, version)!;
    return from <= at && at < until;
  });
}

/** The calendar day at an instant (milliseconds) where a jurisdiction counts its days, as YYYY-MM-DD. */
export const localDay = (policy: Policy, jurisdiction: string, at: number): string =>
  Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(timeZoneOf(policy, jurisdiction)).toPlainDate().toString();

/** The zone in which a jurisdiction's clocks count. */
const timeZoneOf = (policy: Policy, jurisdiction: string): string =>
  policy.clocks.get(policy.jurisdictions.get(jurisdiction)?.sourceNotice ?? '')?.timeZone ?? 'UTC';

function periodsOf(policy: Policy): ReadonlyMap<string, NoticePeriod> {
  const starts = new Map([...policy.notices].map(([version, texts]) => [version, Math.min(...texts.map((text) => startOf(text, policy)))]));
  const all = [...starts.values()].sort((a, b) => a - b);
  return new Map(
    [...starts].map(([version, from]) => {
      const lists = policy.notices.get(version)!.map(({ purposes }) => purposes);
      const purposes = lists.some((list) => list === undefined) ? undefined : new Set(lists.flatMap((list) => list ?? []));
      return [version, { from, until: all.find((start) => start > from) ?? Infinity, purposes }];
    }),
  );
}

function startOf({ effectiveAt, announced }: Notice, policy: Policy): number {
  if (effectiveAt !== undefined) return Date.parse(effectiveAt);
  const zone = timeZoneOf(policy, policy.defaultController.jurisdictions[0]!);
  return Temporal.PlainDate.from(announced).toZonedDateTime(zone).epochMilliseconds;
}
