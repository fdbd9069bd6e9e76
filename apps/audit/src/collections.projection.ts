import type { CollectionRecorded } from '@attesta/events';
import type pg from 'pg';
import { PROCESSING } from './processing.js';
import { readRegister, type RegisterFilter, type Through } from './register-page.js';
import { defineRegister, type Recorded } from './register.js';

/** What was collected, from whom, how and why (notice clauses 1 to 3). */
export const collections = defineRegister({
  name: 'collections',
  table: 'collection',
  columns: {
    position: 'int8',
    subject: 'uuid',
    occasion: 'text',
    method: 'text',
    channel: 'text',
    origin: 'text',
    originParty: 'text?',
    noticeVersion: 'text?',
    ...PROCESSING,
  },
  order: [],
  rows({ position, entry, name, data, occurredAt, recordedAt }) {
    if (name !== 'attesta.collection.recorded') return [];
    return [{ ...(data as CollectionRecorded), position, subject: entry.subject!.id, occurredAt, recordedAt, source: entry.source }];
  },
});

export type CollectionRow = Recorded<typeof collections> & Through;

export interface CollectionFilter extends RegisterFilter {
  category?: string | undefined;
  purpose?: string | undefined;
  channel?: string | undefined;
  method?: string | undefined;
  origin?: string | undefined;
  occasion?: string | undefined;
}

/** Newest first. */
export const readCollections = (pool: pg.Pool, filter: CollectionFilter): Promise<CollectionRow[]> =>
  readRegister(pool, collections, filter, {
    '? = any(categories)': filter.category,
    '? = any(purposes)': filter.purpose,
    'channel = ?': filter.channel,
    'method = ?': filter.method,
    'origin = ?': filter.origin,
    'occasion = ?': filter.occasion,
  });
