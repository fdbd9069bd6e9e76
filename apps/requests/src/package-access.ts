import { events } from '@attesta/events';
import { clockFor } from '@attesta/policy';
import { consentRow, objectionRow, restrictionRow } from './package-choice-rows.js';
import {
  PACKAGE_SCHEMA,
  type AccessContent,
  type CategoryValues,
  type CollectionRow,
  type ConsentRow,
  type DisclosureRow,
  type ObjectionRow,
  type OtherRow,
  type PackageContent,
  type PackageHead,
  type RestrictionRow,
  type UseRow,
} from './package-content.js';
import { checkInput, type PackageAnswer, type PackageEntry, type PackageInput } from './package-input.js';
import { collectionRow, disclosureRow, logRow, useRow } from './package-log-rows.js';
import { portable, providedLawfully } from './package-portability.js';
import { retentionOf } from './package-retention.js';
import { Terms } from './package-terms.js';

/**
 * What a person gets of their data: everything (notice clause 7.1, PDPA s.30, GDPR 15), or what they can take elsewhere (7.3, s.31, GDPR 20).
 * @throws PackageRefused, above all when an entry is another person's
 */
export function accessPackage(input: PackageInput): PackageContent {
  checkInput(input);
  const { policy, request, answers } = input;
  const terms = new Terms(policy, input.language);
  const log = logSections(input, terms);
  if (input.kind === 'portability') {
    // The log's own rows are no part of a transfer: only titles of what is handed over may be named.
    const named = new Terms(policy, input.language);
    const parts = portable(answers, policy, request.jurisdiction, providedLawfully(policy, log.collections));
    for (const { category } of parts.leftOut) named.category(category);
    const head = headOf(input, parts.answers, named);
    return { kind: 'portability', ...head, leftOut: parts.leftOut, terms: named.all() };
  }
  const head = headOf(input, answers, terms);
  const processed = [...log.collections, ...log.uses, ...log.disclosures];
  const held = head.values.map(({ category }) => category);
  const content: AccessContent = {
    kind: 'access',
    ...head,
    ...log,
    retention: retentionOf(policy, request.jurisdiction, processed, held),
    requests: input.requests.map((own) => ({ ...own, right: terms.right(own.right) })),
    rights: [...policy.rights.values()].map(({ id, citations }) => {
      const citation = citations[request.jurisdiction];
      return { right: terms.right(id), ...(citation !== undefined && { citation }) };
    }),
  };
  return { ...content, terms: terms.all() };
}

type LogSections = Pick<AccessContent, 'collections' | 'uses' | 'disclosures' | 'consents' | 'objections' | 'restrictions' | 'otherEvents'>;

function logSections({ entries, policy }: PackageInput, terms: Terms): LogSections {
  const collections: CollectionRow[] = [];
  const uses: UseRow[] = [];
  const disclosures: DisclosureRow[] = [];
  const consents: ConsentRow[] = [];
  const objections: ObjectionRow[] = [];
  const restrictions: RestrictionRow[] = [];
  const otherEvents: OtherRow[] = [];
  for (const sealed of entries) {
    const { name, entry } = newest(sealed);
    if (name === 'attesta.collection.recorded') collections.push(collectionRow(entry, policy, terms));
    else if (name === 'attesta.use.recorded') uses.push(useRow(entry, policy, terms));
    else if (name === 'attesta.disclosure.recorded') disclosures.push(disclosureRow(entry, policy, terms));
    else if (name.startsWith('attesta.consent.')) consents.push(consentRow(entry, name, terms));
    else if (name === 'attesta.objection.raised') objections.push(objectionRow(entry, 'raised', terms));
    else if (name === 'attesta.objection.decided') objections.push(objectionRow(entry, 'decided', terms));
    else if (name === 'attesta.objection.withdrawn') objections.push(objectionRow(entry, 'withdrawn', terms));
    else if (name === 'attesta.restriction.placed') restrictions.push(restrictionRow(entry, 'placed', terms));
    else if (name === 'attesta.restriction.lifted') restrictions.push(restrictionRow(entry, 'lifted', terms));
    else otherEvents.push({ ...logRow(entry), event: terms.event(sealed.type) });
  }
  return { collections, uses, disclosures, consents, objections, restrictions, otherEvents };
}

/** An entry in the newest version of its type; one of a type nobody knows stays what it is. */
function newest(entry: PackageEntry): { name: string; entry: PackageEntry } {
  const definition = events.get(entry.type);
  const name = definition?.name ?? entry.type;
  return { name, entry: definition?.upcast ? { ...entry, data: events.upcast(entry.type, entry.data).data } : entry };
}

function headOf(input: PackageInput, answers: readonly PackageAnswer[], terms: Terms): PackageHead {
  const { policy, request, language, subject, madeAt } = input;
  const { name, country, contact, address, email, phone, url } = policy.defaultController;
  const law = policy.jurisdictions.get(request.jurisdiction);
  const clock =
    clockFor(policy, request.right, request.jurisdiction) ??
    [...policy.clocks.values()].find(({ jurisdiction }) => jurisdiction === request.jurisdiction);
  return {
    schema: PACKAGE_SCHEMA,
    language,
    request: { ...request, right: terms.right(request.right) },
    subject,
    madeAt,
    timeZone: clock?.timeZone ?? 'UTC',
    controller: {
      name,
      country,
      ...(contact !== undefined && { contact }),
      ...(address !== undefined && { address }),
      ...(email !== undefined && { email }),
      ...(phone !== undefined && { phone }),
      ...(url !== undefined && { url }),
    },
    law: { title: law ? terms.title(law) : request.jurisdiction, authority: terms.party(law?.authority ?? '') },
    policy: { id: policy.id, title: policy.title, version: policy.version },
    systems: answers.map(({ system, title, outcome, reason, records }) => ({
      system,
      title,
      outcome,
      ...(reason !== undefined && { reason }),
      records: records.length,
    })),
    values: valuesOf(answers, [...policy.categories.keys()], request.jurisdiction, terms),
    terms: terms.all(),
  };
}

/** By category in the policy's order, unknown ones last. */
function valuesOf(answers: readonly PackageAnswer[], order: readonly string[], jurisdiction: string, terms: Terms): CategoryValues[] {
  const byCategory = new Map<string, CategoryValues['records']>();
  for (const { system, records } of answers) {
    for (const { category, name, provenance, basis, values } of records) {
      const rows = byCategory.get(category) ?? [];
      rows.push({ system, name, provenance, ...(basis !== undefined && { basis: terms.basis(basis, jurisdiction) }), values });
      byCategory.set(terms.category(category), rows);
    }
  }
  const known = new Set(order);
  const inOrder = [...order, ...[...byCategory.keys()].filter((category) => !known.has(category))];
  return inOrder.flatMap((category) => {
    const records = byCategory.get(category);
    return records ? [{ category, records }] : [];
  });
}
