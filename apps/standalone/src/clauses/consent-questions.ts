import assert from 'node:assert/strict';
import type { Decision } from '@attesta/decisions';
import { NOTICE_VERSION } from './drafts.js';
import type { Stage } from './stage.js';

export interface NoticeList {
  data: { version: string; current: boolean; languages: { language: string; sha256: string | null }[] }[];
}

export interface Chosen {
  id: string;
  changed: { purpose: string; status: string }[];
  consequences: { service: string; effect: string }[];
}

/** Gives, refuses or withdraws a consent by one call, as any service of the company does. */
export const chosen = (
  stage: Stage,
  subject: string,
  purpose: string,
  status: 'given' | 'refused' | 'withdrawn',
  more: Record<string, unknown> = {},
): Promise<Chosen> =>
  stage.post<Chosen>('publisher', '/v1/consents', {
    subject,
    purposes: [purpose],
    status,
    method: 'preference-center',
    ...(status === 'given' && { noticeVersion: NOTICE_VERSION }),
    ...more,
  });

/** Asks whether data may be used for a purpose. */
export const decided = (stage: Stage, subject: string, purpose: string, more: Record<string, unknown> = {}): Promise<Decision> =>
  stage.post<Decision>('publisher', '/v1/decisions', { subject, operation: 'use', categories: ['contact'], purpose, ...more });

/** The same, once what was published before has reached the consent service, positions included. */
export const settled = (
  stage: Stage,
  subject: string,
  purpose: string,
  decision: Decision['decision'],
  more: Record<string, unknown> = {},
): Promise<Decision> =>
  stage.eventually(`${purpose} ${decision}`, async () => {
    const found = await decided(stage, subject, purpose, more);
    const sealed = found.consent === null || found.consent.position !== null;
    return found.decision === decision && sealed ? found : undefined;
  });

export function codesOf({ reasons }: Decision): string[] {
  assert.ok(
    reasons.every(({ message, messageTh }) => message && messageTh),
    'each reason is in words, in both languages',
  );
  return reasons.map(({ code }) => code);
}
