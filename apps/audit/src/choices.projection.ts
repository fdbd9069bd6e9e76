import type { ConsentCaptured } from '@attesta/events';
import { endOfDuration } from '@attesta/policy';
import type pg from 'pg';
import { readRegister, type RegisterFilter, type Through } from './register-page.js';
import { defineRegister, type Recorded } from './register.js';

/** Every choice about consent, as it was made: given, refused, withdrawn, asked for or put off (notice clauses 2.9, 3.3, 4.7, 7.6; GDPR Art. 7(1)). */
export const choices = defineRegister({
  name: 'choices',
  table: 'choice',
  columns: {
    position: 'int8',
    subject: 'uuid',
    purposes: 'texts',
    status: 'text',
    madeBy: 'text',
    method: 'text',
    noticeVersion: 'text?',
    language: 'text?',
    /** SHA-256 of the wording that was shown. */
    wordingDigest: 'text?',
    /** Those it is about; without them it is about all. */
    channels: 'texts?',
    categories: 'texts?',
    explicit: 'flag?',
    expiresAt: 'time?',
    controller: 'text?',
    jurisdiction: 'text?',
    occurredAt: 'time',
    recordedAt: 'time',
    source: 'text',
  },
  order: [],
  rows({ position, entry, name, data, occurredAt, recordedAt }) {
    if (name !== 'attesta.consent.captured') return [];
    const { by, channelPreferences, validFor, ...choice } = data as ConsentCaptured;
    const expiresAt = choice.status === 'given' && validFor !== undefined ? endOfDuration(occurredAt, validFor) : null;
    return [
      {
        ...choice,
        position,
        subject: entry.subject!.id,
        madeBy: by ?? 'subject',
        channels: channelPreferences ?? null,
        expiresAt,
        occurredAt,
        recordedAt,
        source: entry.source,
      },
    ];
  },
});

export type ChoiceRow = Recorded<typeof choices> & Through;

export interface ChoiceFilter extends RegisterFilter {
  purpose?: string | undefined;
  status?: string | undefined;
  method?: string | undefined;
}

/** Newest first. */
export const readChoices = (pool: pg.Pool, filter: ChoiceFilter): Promise<ChoiceRow[]> =>
  readRegister(pool, choices, filter, {
    '? = any(purposes)': filter.purpose,
    'status = ?': filter.status,
    'method = ?': filter.method,
  });
