import type { CollectionRecorded } from '@attesta/events';
import type pg from 'pg';
import type { Span } from './links.projection.js';
import { Where, type Page } from './page.js';
import { defineRegister } from './register.js';
import { RECORD, recordParameters } from './timeline.projection.js';

/** What was collected, from whom, how and why (notice clauses 1 to 3). */
export const collections = defineRegister({
  name: 'collections',
  table: 'collection',
  columns: {
    position: 'int8',
    subject: 'uuid',
    categories: 'texts',
    purposes: 'texts',
    basis: 'text',
    basis_citation: 'text',
    consent: 'int8',
    occasion: 'text',
    method: 'text',
    channel: 'text',
    origin: 'text',
    origin_party: 'text',
    notice_version: 'text',
    context: 'json',
    controller: 'text',
    jurisdiction: 'text',
    occurred_at: 'time',
    recorded_at: 'time',
    source: 'text',
  },
  order: [],
  rows({ position, entry, name, data, occurredAt, recordedAt }) {
    if (name !== 'attesta.collection.recorded') return [];
    const collection = data as CollectionRecorded;
    return [
      {
        position,
        subject: entry.subject!.id,
        categories: collection.categories,
        purposes: collection.purposes,
        basis: collection.basis,
        basis_citation: collection.basisCitation ?? null,
        consent: collection.consent ?? null,
        occasion: collection.occasion,
        method: collection.method,
        channel: collection.channel,
        origin: collection.origin,
        origin_party: collection.originParty ?? null,
        notice_version: collection.noticeVersion ?? null,
        context: collection.context ?? null,
        controller: collection.controller ?? null,
        jurisdiction: collection.jurisdiction ?? null,
        occurred_at: occurredAt,
        recorded_at: recordedAt,
        source: entry.source,
      },
    ];
  },
});

export interface CollectionFilter extends Page {
  /** A person's record; without it everybody. */
  spans?: readonly Span[] | undefined;
  category?: string | undefined;
  purpose?: string | undefined;
  channel?: string | undefined;
  method?: string | undefined;
  origin?: string | undefined;
  occasion?: string | undefined;
  from?: string | undefined;
  to?: string | undefined;
}

export interface CollectionRow {
  position: number;
  subject: string;
  through?: string;
  categories: string[];
  purposes: string[];
  basis: string;
  basisCitation: string | null;
  consent: number | null;
  occasion: string;
  method: string;
  channel: string;
  origin: string;
  originParty: string | null;
  noticeVersion: string | null;
  context: Record<string, string> | null;
  controller: string | null;
  jurisdiction: string | null;
  /** When it happened, by the publisher. */
  occurredAt: string;
  /** When it was sealed. A form filed late shows here. */
  recordedAt: string;
  source: string;
}

/** Newest first. */
export async function readCollections(pool: pg.Pool, filter: CollectionFilter): Promise<CollectionRow[]> {
  const where = new Where(filter.spans ? recordParameters(filter.spans, filter) : []);
  if (!filter.spans) where.and('c.position <= ?', filter.asOf).and('c.position < ?', filter.cursor);
  where
    .and('? = any(c.categories)', filter.category)
    .and('? = any(c.purposes)', filter.purpose)
    .and('c.channel = ?', filter.channel)
    .and('c.method = ?', filter.method)
    .and('c.origin = ?', filter.origin)
    .and('c.occasion = ?', filter.occasion)
    .and('c.occurred_at >= ?::timestamptz', filter.from)
    .and('c.occurred_at < ?::timestamptz', filter.to);
  const from = filter.spans ? `${RECORD} r join collection c on c.position = r.position` : 'collection c';
  const { rows } = await pool.query<Stored>(
    `select c.*${filter.spans ? ', r.through' : ''} from ${from} where ${where.sql} order by c.position desc limit ${where.parameter(filter.limit)}`,
    where.values,
  );
  return rows.map(fromStored);
}

interface Stored {
  position: string;
  subject: string;
  through?: string;
  categories: string[];
  purposes: string[];
  basis: string;
  basis_citation: string | null;
  consent: string | null;
  occasion: string;
  method: string;
  channel: string;
  origin: string;
  origin_party: string | null;
  notice_version: string | null;
  context: Record<string, string> | null;
  controller: string | null;
  jurisdiction: string | null;
  occurred_at: Date;
  recorded_at: Date;
  source: string;
}

const fromStored = (row: Stored): CollectionRow => ({
  position: Number(row.position),
  subject: row.subject,
  ...(row.through !== undefined && { through: row.through }),
  categories: row.categories,
  purposes: row.purposes,
  basis: row.basis,
  basisCitation: row.basis_citation,
  consent: row.consent === null ? null : Number(row.consent),
  occasion: row.occasion,
  method: row.method,
  channel: row.channel,
  origin: row.origin,
  originParty: row.origin_party,
  noticeVersion: row.notice_version,
  context: row.context,
  controller: row.controller,
  jurisdiction: row.jurisdiction,
  occurredAt: row.occurred_at.toISOString(),
  recordedAt: row.recorded_at.toISOString(),
  source: row.source,
});
