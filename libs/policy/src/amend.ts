import type { NoticePublished, PurposeRegistered } from '@attesta/events';
import type { Policy } from './policy.js';
import type { Notice, Purpose } from './policy-source.js';

/** A sealed event that adds to the policy while the system runs. `time` is the event's. */
export type Amendment =
  | { type: 'attesta.notice.published.v1'; time: string; data: NoticePublished }
  | { type: 'attesta.purpose.registered.v1'; time: string; data: PurposeRegistered };

/** Whether events of this type amend the policy. */
export const amends = (type: string): type is Amendment['type'] =>
  type === 'attesta.notice.published.v1' || type === 'attesta.purpose.registered.v1';

/**
 * The policy with what was published and registered since its file was written. The order in which the amendments come does not matter: of two
 * about the same text or purpose the earlier one counts. What is in the file is left as it is.
 */
export const amended = (policy: Policy, amendments: readonly Amendment[]): Policy => amendments.toSorted(inTime).reduce(amend, policy);

function inTime(a: Amendment, b: Amendment): number {
  const [one, other] = [JSON.stringify(a.data), JSON.stringify(b.data)];
  return Date.parse(a.time) - Date.parse(b.time) || (one < other ? -1 : one > other ? 1 : 0);
}

/** The policy with one more notice text or purpose. A registered text or purpose never changes. */
export function amend(policy: Policy, amendment: Amendment): Policy {
  return amendment.type === 'attesta.notice.published.v1'
    ? withNotice(policy, noticeOf(amendment.data, amendment.time))
    : withPurpose(policy, purposeOf(amendment.data));
}

/** @returns the same policy when it has a text of this version and language */
export function withNotice(policy: Policy, notice: Notice): Policy {
  const texts = policy.notices.get(notice.version) ?? [];
  if (texts.some((text) => text.language === notice.language)) return policy;
  return { ...policy, notices: new Map(policy.notices).set(notice.version, [...texts, notice]) };
}

function withPurpose(policy: Policy, purpose: Purpose): Policy {
  if (policy.purposes.has(purpose.id)) return policy;
  return { ...policy, purposes: new Map(policy.purposes).set(purpose.id, purpose) };
}

/** A notice cannot be in effect before it was published, whatever it says. */
function noticeOf({ version, language, digest, effectiveAt, purposes }: NoticePublished, publishedAt: string): Notice {
  const effective = Date.parse(effectiveAt) > Date.parse(publishedAt) ? effectiveAt : publishedAt;
  return {
    version,
    language,
    announced: publishedAt.slice(0, 10),
    sha256: digest,
    effectiveAt: effective,
    ...(purposes && { purposes }),
  };
}

/** The purpose that a registration makes. */
export function purposeOf({ purpose, title, titleTh, bases, citation, separable, objection, channels }: PurposeRegistered): Purpose {
  return {
    id: purpose,
    title,
    ...(titleTh !== undefined && { title_th: titleTh }),
    clauses: ['4.11'],
    bases: Object.fromEntries(bases.map((one) => [one.jurisdiction, one.bases])),
    separable,
    objection,
    registered: citation,
    ...(channels && { channels }),
  };
}
