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
    occurredAt: 'time',
    expiresAt: 'time?',
  },
  order: ['purpose'],
  keyedBy: 'subject',
  rows({ position, entry, name, data, occurredAt }) {
    const status = statusOf(name, data);
    if (status === undefined) return [];
    const { purposes, method, noticeVersion, validFor } = data as {
      purposes: string[];
      method: string;
      noticeVersion?: string;
      validFor?: string;
    };
    return purposes.map((purpose) => ({
      position,
      subject: entry.subject!.id,
      purpose,
      status,
      method,
      noticeVersion,
      occurredAt,
      expiresAt: status === 'given' && validFor !== undefined ? endOf(occurredAt, validFor) : null,
    }));
  },
});

function statusOf(name: string, data: Record<string, unknown>): 'given' | 'refused' | 'withdrawn' | undefined {
  if (name === 'attesta.consent.captured') return data.status as 'given' | 'refused' | 'withdrawn';
  if (name === 'attesta.consent.given') return 'given';
  return name === 'attesta.consent.withdrawn' ? 'withdrawn' : undefined;
}

const LATEST = Date.UTC(9999, 11, 31);

/** When an ISO 8601 duration from `start` has passed, in UTC; a date no calendar here holds counts as the year 9999. */
function endOf(start: number, duration: string): number {
  const [, years, months, weeks, days, hours, minutes, seconds] =
    /^P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/.exec(duration) ?? [];
  const n = (part: string | undefined) => Number(part ?? 0);
  const from = new Date(start);
  const month = from.getUTCMonth() + n(months) + 12 * n(years);
  // 31 January plus a month is the last of February.
  const last = new Date(Date.UTC(from.getUTCFullYear(), month + 1, 0)).getUTCDate();
  const shifted = new Date(start);
  shifted.setUTCFullYear(from.getUTCFullYear(), month, Math.min(from.getUTCDate(), last));
  const end = shifted.getTime() + (n(weeks) * 7 + n(days)) * 86_400_000 + n(hours) * 3_600_000 + n(minutes) * 60_000 + n(seconds) * 1_000;
  return Number.isNaN(end) || end > LATEST ? LATEST : end;
}
