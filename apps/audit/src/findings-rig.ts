import type { Happening } from '@attesta/testing';

/** For specs only: what findings are judged by, as it is sealed. */

const happening = (
  type: string,
  subject: string | undefined,
  data: Record<string, unknown>,
  time?: string,
  source?: string,
): Happening => ({
  type: `attesta.${type}.v1`,
  ...(subject !== undefined && { subject }),
  data,
  ...(time !== undefined && { time }),
  ...(source !== undefined && { source }),
});
const CONSENT = '//attesta/consent';

export const weighed = (subject: string, outcome: 'upheld' | 'rejected', purposes: string[], time?: string) =>
  happening('objection.decided', subject, { purposes, outcome, reason: 'weighed' }, time, CONSENT);

export const restriction = (subject: string, placed: boolean, scope: { purposes?: string[]; categories?: string[] } = {}, time?: string) =>
  placed
    ? happening('restriction.placed', subject, { ...scope, ground: 'accuracy-contested', method: 'online-form' }, time)
    : happening('restriction.lifted', subject, { ...scope, reason: 'corrected' }, time, CONSENT);

export const age = (subject: string, rules: string[], time?: string) =>
  happening('age.attested', subject, { rules, method: 'document' }, time);

export const guardian = (subject: string, of: string, recorded = true, time?: string) =>
  happening(
    `guardian.${recorded ? 'recorded' : 'ended'}`,
    subject,
    { related: [{ subject: of, role: 'guardian' }], method: 'document' },
    time,
  );

/** A notice that tells where data came from. */
export const told = (subject: string | undefined, covers?: number[], time?: string) =>
  happening(
    'notice.communicated',
    subject,
    { version: '2022-08-10', language: 'en', channel: 'email', about: 'third-party-source', ...(covers && { covers }) },
    time,
  );

export const registered = (purpose: string, time?: string) =>
  happening(
    'purpose.registered',
    undefined,
    {
      ...{ purpose, title: purpose, citation: 'Act s.1', separable: true, objection: 'decision' },
      bases: [{ jurisdiction: 'th-pdpa', bases: ['legitimate-interest', 'consent'] }],
    },
    time,
    CONSENT,
  );

export const quarantined = (purpose: string, time?: string) => happening('purpose.quarantined', undefined, { purpose }, time, CONSENT);

export const published = (version: string, purposes: string[], time: string) =>
  happening('notice.published', undefined, { version, language: 'en', digest: 'a'.repeat(64), effectiveAt: time, purposes }, time, CONSENT);
