import type {
  ConsentCaptured,
  ConsentDecided,
  ObjectionDecided,
  ObjectionRaised,
  RestrictionLifted,
  RestrictionPlaced,
} from '@attesta/events';
import type { ConsentRow, ObjectionRow, RestrictionRow } from './package-content.js';
import type { PackageEntry } from './package-input.js';
import { logRow } from './package-log-rows.js';
import type { Terms } from './package-terms.js';

const CAPTURED = 'attesta.consent.captured';

/** A choice, or a decision of the consent service; the last part of its event type is then its status. */
export function consentRow(entry: PackageEntry, name: string, terms: Terms): ConsentRow {
  const data = entry.data as Omit<ConsentDecided, 'by'> & Partial<Pick<ConsentCaptured, 'status' | 'language' | 'by'>>;
  const decided = name !== CAPTURED;
  return {
    ...logRow(entry),
    what: decided ? 'decision' : 'choice',
    status: decided ? name.slice(name.lastIndexOf('.') + 1) : (data.status ?? ''),
    purposes: data.purposes.map(terms.purpose),
    method: terms.method(data.method),
    ...(data.noticeVersion !== undefined && { noticeVersion: data.noticeVersion }),
    ...(data.language !== undefined && { language: data.language }),
    ...(data.channelPreferences !== undefined && { channels: data.channelPreferences }),
    ...(data.categories !== undefined && { categories: data.categories.map(terms.category) }),
    ...(data.validFor !== undefined && { validFor: data.validFor }),
    ...(data.explicit !== undefined && { explicit: data.explicit }),
    ...(data.by !== undefined && { by: data.by }),
    ...(data.reason !== undefined && { reason: data.reason }),
  };
}

export function objectionRow(entry: PackageEntry, what: ObjectionRow['what'], terms: Terms): ObjectionRow {
  const data = entry.data as Pick<ObjectionRaised, 'purposes'> & Partial<Omit<ObjectionRaised & ObjectionDecided, 'purposes'>>;
  return {
    ...logRow(entry),
    what,
    purposes: data.purposes.map(terms.purpose),
    ...(data.method !== undefined && { method: terms.method(data.method) }),
    ...(data.outcome !== undefined && { outcome: data.outcome }),
    ...(data.reason !== undefined && { reason: data.reason }),
    ...(data.law !== undefined && { law: data.law }),
  };
}

export function restrictionRow(entry: PackageEntry, what: RestrictionRow['what'], terms: Terms): RestrictionRow {
  const data = entry.data as Partial<RestrictionPlaced & RestrictionLifted>;
  return {
    ...logRow(entry),
    what,
    ...(data.purposes !== undefined && { purposes: data.purposes.map(terms.purpose) }),
    ...(data.categories !== undefined && { categories: data.categories.map(terms.category) }),
    ...(data.ground !== undefined && { ground: data.ground }),
    ...(data.method !== undefined && { method: terms.method(data.method) }),
    ...(data.reason !== undefined && { reason: data.reason }),
  };
}
