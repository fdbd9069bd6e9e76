import type { CollectionRecorded, DisclosureRecorded, UseRecorded } from '@attesta/events';
import type { Policy } from '@attesta/policy';
import type { CollectionRow, DisclosureRow, LogRow, ProcessingRow, UseRow } from './package-content.js';
import type { PackageEntry } from './package-input.js';
import type { Terms } from './package-terms.js';

/** What every entry says of itself. Of other people only the role is told (PDPA s.30 para. 3, GDPR 15(4)). */
export function logRow({ position, subject, time, recordedAt, source, data }: PackageEntry): LogRow {
  const others = (data['related'] as { subject: string; role?: string }[] | undefined)?.filter((one) => one.subject !== subject);
  return {
    position,
    at: time,
    recordedAt,
    source,
    ...(others && others.length > 0 && { related: others.map(({ role }) => ({ role: role ?? null })) }),
  };
}

type Processing = Pick<CollectionRecorded, 'categories' | 'purposes' | 'basis' | 'basisCitation' | 'controller' | 'jurisdiction'> & {
  context?: Record<string, string>;
};

function processingRow(entry: PackageEntry, data: Processing, policy: Policy, terms: Terms): ProcessingRow {
  const jurisdiction = jurisdictionOf(data, policy);
  return {
    ...logRow(entry),
    categories: data.categories.map(terms.category),
    purposes: data.purposes.map(terms.purpose),
    basis: terms.basis(data.basis, jurisdiction),
    jurisdiction,
    ...(data.basisCitation !== undefined && { basisCitation: data.basisCitation }),
    ...(data.controller !== undefined && { controller: data.controller }),
    ...(data.context !== undefined && { context: data.context }),
  };
}

export function collectionRow(entry: PackageEntry, policy: Policy, terms: Terms): CollectionRow {
  const data = entry.data as CollectionRecorded;
  return {
    ...processingRow(entry, data, policy, terms),
    occasion: terms.occasion(data.occasion),
    method: terms.method(data.method),
    channel: data.channel,
    origin: data.origin,
    ...(data.originParty !== undefined && { originParty: terms.party(data.originParty) }),
    ...(data.noticeVersion !== undefined && { noticeVersion: data.noticeVersion }),
  };
}

export function useRow(entry: PackageEntry, policy: Policy, terms: Terms): UseRow {
  const data = entry.data as UseRecorded;
  return {
    ...processingRow(entry, data, policy, terms),
    operation: data.operation,
    ...(data.system !== undefined && { system: data.system }),
  };
}

export function disclosureRow(entry: PackageEntry, policy: Policy, terms: Terms): DisclosureRow {
  const data = entry.data as DisclosureRecorded;
  const row = processingRow(entry, data, policy, terms);
  const party = policy.parties.get(data.recipient);
  const country = data.country ?? party?.country;
  return {
    ...row,
    recipient: terms.party(data.recipient),
    ...(party && { role: party.role }),
    ...(country !== undefined && { country }),
    ...(data.transferGround !== undefined && { transferGround: terms.transferGround(data.transferGround, row.jurisdiction) }),
    initiator: data.initiator,
    ...(data.legalReference !== undefined && { legalReference: data.legalReference }),
    ...(data.channel !== undefined && { channel: data.channel }),
  };
}

/** The law an event falls under: the one it names, else the first of its controller. */
export function jurisdictionOf({ jurisdiction, controller }: { jurisdiction?: string; controller?: string }, policy: Policy): string {
  const whose = policy.controllers.get(controller ?? '') ?? policy.defaultController;
  return jurisdiction ?? whose.jurisdictions[0] ?? '';
}
