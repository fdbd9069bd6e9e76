import type { OutboundLinkRecorded } from '@attesta/events';
import type { Policy } from '@attesta/policy';
import type pg from 'pg';
import { defineRegister } from './register.js';

/** Links out to sites that are not ours. The event cannot name a person, and neither can a row (notice clause 6.4). */
export const outboundLinks = defineRegister({
  name: 'outbound-links',
  table: 'outbound_link',
  columns: { position: 'int8', recipient: 'text', page: 'text?', occurredAt: 'time' },
  order: [],
  rows({ position, name, data, occurredAt }) {
    if (name !== 'attesta.outbound-link.recorded') return [];
    const { recipient, page } = data as OutboundLinkRecorded;
    return [{ position, recipient, page, occurredAt }];
  },
});

export interface RecipientRow {
  recipient: string;
  title: string;
  role: string;
  country: string | null;
  clauses: string[];
  /** Whether we have control over what it does with the data (notice clauses 6.2, 6.4). */
  controlled: boolean;
  disclosures: number;
  /** People those disclosures were about. */
  subjects: number;
  lastDisclosure: { position: number; occurredAt: string } | null;
  /** Links that led to it; nothing about a person went along. */
  outboundLinks: number;
}

interface Counted {
  recipient: string;
  n: string;
  people: string;
  last: string | null;
  at: Date | null;
}

/** Every party of the policy, and what it received up to a position; parties that events named and the policy lost come last. */
export async function readRecipients(pool: pg.Pool, policy: Policy, asOf: number): Promise<RecipientRow[]> {
  const [received, followed] = await Promise.all([
    pool.query<Counted>(
      `select c.*, d.occurred_at as at from (
         select recipient, count(*) as n, count(distinct subject) as people, max(position) as last from disclosure where position <= $1 group by recipient
       ) c join disclosure d on d.position = c.last`,
      [asOf],
    ),
    pool.query<{ recipient: string; n: string }>(
      'select recipient, count(*) as n from outbound_link where position <= $1 group by recipient',
      [asOf],
    ),
  ]);
  const byRecipient = new Map(received.rows.map((row) => [row.recipient, row]));
  const links = new Map(followed.rows.map((row) => [row.recipient, Number(row.n)]));
  const names = new Set([...policy.parties.keys(), ...byRecipient.keys(), ...links.keys()]);
  return [...names].map((recipient) => {
    const party = policy.parties.get(recipient);
    const row = byRecipient.get(recipient);
    return {
      recipient,
      title: party?.title ?? recipient,
      role: party?.role ?? 'unknown',
      country: party?.country ?? null,
      clauses: party?.clauses ?? [],
      controlled: party?.controlled ?? party !== undefined,
      disclosures: Number(row?.n ?? 0),
      subjects: Number(row?.people ?? 0),
      lastDisclosure: row?.last ? { position: Number(row.last), occurredAt: row.at!.toISOString() } : null,
      outboundLinks: links.get(recipient) ?? 0,
    };
  });
}
