import { endOfDuration } from '@attesta/policy';
import { defineRegister } from './register.js';

/** Per person and purpose: each time a consent was given, refused or withdrawn. What findings ask for. */
export const consents = defineRegister({
  name: 'consents',
  table: 'consent',
  columns: {
    position: 'int8',
    subject: 'uuid',
    purpose: 'text',
    status: 'text',
    method: 'text',
    noticeVersion: 'text?',
    /** Those it is about; without them it is about all. */
    channels: 'texts?',
    occurredAt: 'time',
    recordedAt: 'time',
    expiresAt: 'time?',
  },
  order: ['purpose'],
  keyedBy: 'subject',
  rows({ position, entry, name, data, occurredAt, recordedAt }) {
    const status = statusOf(name, data);
    if (status === undefined) return [];
    const { purposes, method, noticeVersion, channelPreferences, validFor } = data as {
      purposes: string[];
      method: string;
      noticeVersion?: string;
      channelPreferences?: string[];
      validFor?: string;
    };
    return purposes.map((purpose) => ({
      position,
      subject: entry.subject!.id,
      purpose,
      status,
      method,
      noticeVersion,
      channels: channelPreferences ?? null,
      occurredAt,
      recordedAt,
      expiresAt: status === 'given' && validFor !== undefined ? endOfDuration(occurredAt, validFor) : null,
    }));
  },
});

const CHOSEN = ['given', 'refused', 'withdrawn'] as const;
/** What the consent service decided, as a judge of processing sees it: there is a consent, there is a no, or there is none any more. */
const DECIDED: Readonly<Record<string, 'given' | 'refused' | 'withdrawn'>> = {
  'attesta.consent.given': 'given',
  'attesta.consent.renewed': 'given',
  'attesta.consent.refused': 'refused',
  'attesta.consent.withdrawn': 'withdrawn',
  'attesta.consent.revoked': 'withdrawn',
  'attesta.consent.invalidated': 'withdrawn',
};

function statusOf(name: string, data: Record<string, unknown>): 'given' | 'refused' | 'withdrawn' | undefined {
  if (name === 'attesta.consent.captured') return CHOSEN.find((status) => status === data.status);
  return DECIDED[name];
}
