import type { DisclosureRecorded } from '@attesta/events';
import type { Policy } from '@attesta/policy';
import type pg from 'pg';
import type { Span } from './links.projection.js';
import { Where, type Page } from './page.js';
import { defineRegister } from './register.js';
import { RECORD, recordParameters } from './timeline.projection.js';

/** What went to whom, where and on which ground (notice clauses 1.8, 2.6, 2.7, 4.8, 5.2, 5.3; PDPA s.27, s.28). */
export const disclosures = (policy: Policy) =>
  defineRegister({
    name: 'disclosures',
    table: 'disclosure',
    columns: {
      position: 'int8',
      subject: 'uuid',
      recipient: 'text',
      role: 'text',
      country: 'text',
      transfer_ground: 'text',
      categories: 'texts',
      purposes: 'texts',
      basis: 'text',
      basis_citation: 'text',
      consent: 'int8',
      initiator: 'text',
      legal_reference: 'text',
      channel: 'text',
      context: 'json',
      controller: 'text',
      jurisdiction: 'text',
      occurred_at: 'time',
      recorded_at: 'time',
      source: 'text',
    },
    order: [],
    rows({ position, entry, name, data, occurredAt, recordedAt }) {
      if (name !== 'attesta.disclosure.recorded') return [];
      const disclosure = data as DisclosureRecorded;
      const party = policy.parties.get(disclosure.recipient);
      return [
        {
          position,
          subject: entry.subject?.id ?? null,
          recipient: disclosure.recipient,
          role: party?.role ?? null,
          country: disclosure.country ?? party?.country ?? null,
          transfer_ground: disclosure.transferGround ?? null,
          categories: disclosure.categories,
          purposes: disclosure.purposes,
          basis: disclosure.basis,
          basis_citation: disclosure.basisCitation ?? null,
          consent: disclosure.consent ?? null,
          initiator: disclosure.initiator,
          legal_reference: disclosure.legalReference ?? null,
          channel: disclosure.channel ?? null,
          context: disclosure.context ?? null,
          controller: disclosure.controller ?? null,
          jurisdiction: disclosure.jurisdiction ?? null,
          occurred_at: occurredAt,
          recorded_at: recordedAt,
          source: entry.source,
        },
      ];
    },
  });

export interface DisclosureFilter extends Page {
  spans?: readonly Span[] | undefined;
  recipient?: string | undefined;
  role?: string | undefined;
  purpose?: string | undefined;
  category?: string | undefined;
  country?: string | undefined;
  initiator?: string | undefined;
  from?: string | undefined;
  to?: string | undefined;
}

export interface DisclosureRow {
  position: number;
  /** Null where the event names people as related only. */
  subject: string | null;
  through?: string;
  recipient: string;
  recipientTitle: string | null;
  /** Role of the recipient, by the policy. */
  role: string | null;
  country: string | null;
  transferGround: string | null;
  categories: string[];
  purposes: string[];
  basis: string;
  basisCitation: string | null;
  consent: number | null;
  initiator: string;
  legalReference: string | null;
  channel: string | null;
  context: Record<string, string> | null;
  controller: string | null;
  jurisdiction: string | null;
  occurredAt: string;
  recordedAt: string;
  source: string;
}

/** Newest first. */
export async function readDisclosures(pool: pg.Pool, policy: Policy, filter: DisclosureFilter): Promise<DisclosureRow[]> {
  const where = new Where(filter.spans ? recordParameters(filter.spans, filter) : []);
  if (!filter.spans) where.and('d.position <= ?', filter.asOf).and('d.position < ?', filter.cursor);
  where
    .and('d.recipient = ?', filter.recipient)
    .and('d.role = ?', filter.role)
    .and('? = any(d.purposes)', filter.purpose)
    .and('? = any(d.categories)', filter.category)
    .and('d.country = ?', filter.country)
    .and('d.initiator = ?', filter.initiator)
    .and('d.occurred_at >= ?::timestamptz', filter.from)
    .and('d.occurred_at < ?::timestamptz', filter.to);
  const from = filter.spans ? `${RECORD} r join disclosure d on d.position = r.position` : 'disclosure d';
  const { rows } = await pool.query<Stored>(
    `select d.*${filter.spans ? ', r.through' : ''} from ${from} where ${where.sql} order by d.position desc limit ${where.parameter(filter.limit)}`,
    where.values,
  );
  return rows.map((row) => fromStored(row, policy));
}

interface Stored {
  position: string;
  subject: string | null;
  through?: string;
  recipient: string;
  role: string | null;
  country: string | null;
  transfer_ground: string | null;
  categories: string[];
  purposes: string[];
  basis: string;
  basis_citation: string | null;
  consent: string | null;
  initiator: string;
  legal_reference: string | null;
  channel: string | null;
  context: Record<string, string> | null;
  controller: string | null;
  jurisdiction: string | null;
  occurred_at: Date;
  recorded_at: Date;
  source: string;
}

const fromStored = (row: Stored, policy: Policy): DisclosureRow => ({
  position: Number(row.position),
  subject: row.subject,
  ...(row.through !== undefined && { through: row.through }),
  recipient: row.recipient,
  recipientTitle: policy.parties.get(row.recipient)?.title ?? null,
  role: row.role,
  country: row.country,
  transferGround: row.transfer_ground,
  categories: row.categories,
  purposes: row.purposes,
  basis: row.basis,
  basisCitation: row.basis_citation,
  consent: row.consent === null ? null : Number(row.consent),
  initiator: row.initiator,
  legalReference: row.legal_reference,
  channel: row.channel,
  context: row.context,
  controller: row.controller,
  jurisdiction: row.jurisdiction,
  occurredAt: row.occurred_at.toISOString(),
  recordedAt: row.recorded_at.toISOString(),
  source: row.source,
});
