import { rfc3339Millis } from '@attesta/events';
import type { Policy } from '@attesta/policy';
import type { FulfilmentRecord } from '@attesta/sdk';

/** Languages a package is written in. */
export type PackageLanguage = 'en' | 'th';

/** A sealed entry about the person: what the log says, without personal values. */
export interface PackageEntry {
  position: number;
  subject: string;
  type: string;
  source: string;
  /** When it happened (RFC 3339). */
  time: string;
  /** When it was sealed (RFC 3339). */
  recordedAt: string;
  data: Record<string, unknown>;
}

/** What one connected system said, or why it said nothing. */
export interface PackageAnswer {
  system: string;
  title: string;
  outcome: 'data' | 'done' | 'nothing-held' | 'failed' | 'overridden';
  reason?: string;
  records: readonly FulfilmentRecord[];
}

/** A request the person made, this one among them. Times are RFC 3339. */
export interface PackageRequest {
  id: string;
  right: string;
  status: string;
  receivedAt: string;
  endedAt?: string;
}

/** Everything a package is made of. Times are RFC 3339. */
export interface PackageInput {
  kind: 'access' | 'portability';
  language: PackageLanguage;
  request: { id: string; right: string; jurisdiction: string; receivedAt: string };
  /** Subject id of the person whose package it is. */
  subject: string;
  madeAt: string;
  policy: Policy;
  /** Everything sealed about the person, oldest first. */
  entries: readonly PackageEntry[];
  answers: readonly PackageAnswer[];
  requests: readonly PackageRequest[];
}

/** No package can be made of what was given. Its message holds no personal value. */
export class PackageRefused extends Error {
  override readonly name = 'PackageRefused';

  constructor(
    readonly why: 'other-person' | 'bad-time' | 'unknown-jurisdiction' | 'unknown-language',
    message: string,
  ) {
    super(message);
  }
}

/** @throws PackageRefused */
export function checkInput({ language, madeAt, policy, request, subject, entries }: PackageInput): void {
  const year = new Date(rfc3339Millis(madeAt) ?? NaN).getUTCFullYear();
  // What a ZIP can date (APPNOTE 4.4.6), a day from either end whatever the time zone.
  if (!(year > 1980 && year < 2099))
    throw new PackageRefused('bad-time', 'madeAt is no time of this century; give RFC 3339, such as 2026-01-31T09:00:00Z.');
  if (language !== 'en' && language !== 'th')
    throw new PackageRefused('unknown-language', 'A package is written in en or th; give one of these.');
  if (!policy.jurisdictions.has(request.jurisdiction)) {
    const known = [...policy.jurisdictions.keys()].join(', ');
    throw new PackageRefused('unknown-jurisdiction', `The request's jurisdiction is none of the policy; give one of: ${known}.`);
  }
  for (const entry of entries) {
    if (entry.subject === subject) continue;
    throw new PackageRefused(
      'other-person',
      `The entry at position ${entry.position} has another subject; give only entries of the person whose package it is.`,
    );
  }
}
