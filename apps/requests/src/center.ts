import { clockFor, noticeAt, noticePeriod, restsOnConsent, type Clock, type Policy } from '@attesta/policy';

interface Titled {
  title: string;
  titleTh: string | null;
}

/** What anybody may know who has no account: what the notice itself makes public (notice clauses 1.7, 4, 7, 8; PDPA s.23, GDPR Art. 13). */
export interface Center {
  company: { name: string; officer: string | null; address: string | null; email: string | null; phone: string | null; url: string | null };
  laws: (Titled & { jurisdiction: string; authority: Titled })[];
  notice: { version: string; effectiveFrom: string; languages: string[] } | null;
  rights: CenterRight[];
  purposes: CenterPurpose[];
  categories: (Titled & { category: string; sensitive: boolean })[];
  recipients: (Titled & { party: string; role: string })[];
  /** What ends or is limited without a consent (clause 8.4). */
  services: (Titled & { service: string })[];
  /** Grounds on which a request may be refused. */
  refusals: (Titled & { ground: string; citation: string })[];
}

export interface CenterRight extends Titled {
  right: string;
  clauses: string[];
  /** By jurisdiction, the default one first. */
  laws: { jurisdiction: string; citation: string; clock: { duration: string; starts: Clock['starts']; extendable: boolean } | null }[];
}

export interface CenterPurpose extends Titled {
  purpose: string;
  clauses: string[];
  /** It may rest on consent, which the person may give and withdraw. */
  consent: boolean;
  /** The service goes on without it. */
  separable: boolean;
  objection: 'none' | 'decision' | 'absolute';
  channels: string[];
  /** The version of the notice that tells of it now; without one nobody can be asked. */
  noticeVersion: string | null;
}

/** @param at milliseconds */
export function centerOf(policy: Policy, at: number): Center {
  const { name, contact, address, email, phone, url } = policy.defaultController;
  return {
    company: { name, officer: contact ?? null, address: address ?? null, email: email ?? null, phone: phone ?? null, url: url ?? null },
    laws: lawsOf(policy).map(({ id, authority, ...law }) => ({
      jurisdiction: id,
      ...titled(law),
      authority: titled(policy.parties.get(authority)!),
    })),
    notice: noticeOf(policy, at),
    rights: [...policy.rights.values()].map(({ id, clauses = [], ...right }) => ({
      right: id,
      ...titled(right),
      clauses,
      laws: lawsOf(policy).flatMap(({ id: jurisdiction }) => {
        const citation = right.citations[jurisdiction];
        return citation === undefined ? [] : [{ jurisdiction, citation, clock: clockOf(clockFor(policy, id, jurisdiction)) }];
      }),
    })),
    purposes: [...policy.purposes.values()].map(({ id, clauses = [], bases, separable, objection, channels = [], ...purpose }) => ({
      purpose: id,
      ...titled(purpose),
      clauses,
      consent: Object.entries(bases).some(([law, some]) => some.some((basis) => restsOnConsent(policy, law, basis))),
      separable,
      objection,
      channels,
      noticeVersion: noticeAt(policy, id, at) ?? null,
    })),
    categories: [...policy.categories.values()].map(({ id, sensitive = false, ...category }) => ({
      category: id,
      ...titled(category),
      sensitive,
    })),
    recipients: [...policy.parties.values()].map(({ id, role, ...party }) => ({ party: id, ...titled(party), role })),
    services: [...policy.services.values()].map(({ id, ...service }) => ({ service: id, ...titled(service) })),
    refusals: [...policy.refusals.values()].map(({ id, citation, ...ground }) => ({ ground: id, ...titled(ground), citation })),
  };
}

const titled = ({ title, title_th }: { title: string; title_th?: string | undefined }): Titled => ({ title, titleTh: title_th ?? null });

const lawsOf = (policy: Policy) => policy.defaultController.jurisdictions.map((id) => policy.jurisdictions.get(id)!);

const clockOf = (clock: Clock | undefined) =>
  clock ? { duration: clock.duration, starts: clock.starts, extendable: clock.extension !== undefined } : null;

/** The newest version that anything is told by. */
function noticeOf(policy: Policy, at: number): Center['notice'] {
  const versions = new Set([...policy.purposes.keys()].flatMap((purpose) => noticeAt(policy, purpose, at) ?? []));
  const [newest] = [...versions].map((version) => ({ version, from: noticePeriod(policy, version)!.from })).sort((a, b) => b.from - a.from);
  if (!newest) return null;
  const languages = [...new Set(policy.notices.get(newest.version)!.map(({ language }) => language))];
  return { version: newest.version, effectiveFrom: new Date(newest.from).toISOString(), languages };
}
