import type { Policy } from '@attesta/policy';
import type { CollectionRow, LeftOutReason, PortabilityContent } from './package-content.js';
import type { FulfilmentRecord } from '@attesta/sdk';
import type { PackageAnswer } from './package-input.js';

/** PDPA s.24(3) and GDPR 6(1)(b) are what the right of transfer means by contract, whatever a policy calls them. */
const CONTRACT = /\bPDPA s\.\s?24\(3\)|\bGDPR Art\.\s?6\(1\)\(b\)/;

/** Whether a basis is consent, explicit or not, or a contract with the person (PDPA s.31, GDPR 20(1)(a)). */
export function isConsentOrContract(policy: Policy, jurisdiction: string, basis: string): boolean {
  const known = policy.bases.get(jurisdiction)?.get(basis);
  if (known) return known.kind === 'consent' || known.id === 'contract' || CONTRACT.test(known.citation);
  return basis === 'consent' || basis === 'contract';
}

/** Categories that the person themself provided on consent or contract, by what is sealed: it speaks where a record names no basis. */
export function providedLawfully(policy: Policy, collections: readonly CollectionRow[]): Set<string> {
  const found = collections.filter(
    ({ origin, basis, jurisdiction }) => origin === 'subject' && isConsentOrContract(policy, jurisdiction, basis),
  );
  return new Set(found.flatMap(({ categories }) => categories));
}

/** Why a record cannot be transferred; undefined when it can. */
export function whyNotPortable(
  record: Pick<FulfilmentRecord, 'category' | 'provenance' | 'basis'>,
  policy: Policy,
  jurisdiction: string,
  lawful: ReadonlySet<string>,
): LeftOutReason | undefined {
  if (record.provenance !== 'provided') return 'not-provided';
  if (record.basis !== undefined) return isConsentOrContract(policy, jurisdiction, record.basis) ? undefined : 'other-basis';
  return lawful.has(record.category) ? undefined : 'basis-unknown';
}

/** Parts the answers: those that may go with their records, and how many records of each category stay, and why. */
export function portable(
  answers: readonly PackageAnswer[],
  policy: Policy,
  jurisdiction: string,
  lawful: ReadonlySet<string>,
): { answers: PackageAnswer[]; leftOut: PortabilityContent['leftOut'] } {
  const counts = new Map<string, PortabilityContent['leftOut'][number]>();
  const kept = answers.map((answer) => ({
    ...answer,
    records: answer.records.filter((record) => {
      const reason = whyNotPortable(record, policy, jurisdiction, lawful);
      if (reason === undefined) return true;
      const key = JSON.stringify([record.category, reason]);
      const count = counts.get(key) ?? { category: record.category, reason, records: 0 };
      counts.set(key, { ...count, records: count.records + 1 });
      return false;
    }),
  }));
  return { answers: kept, leftOut: [...counts.values()] };
}
