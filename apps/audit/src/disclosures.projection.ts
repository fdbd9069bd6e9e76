import type { DisclosureRecorded } from '@attesta/events';
import type { Policy } from '@attesta/policy';
import type pg from 'pg';
import { PROCESSING } from './processing.js';
import { readRegister, type RegisterFilter, type Through } from './register-page.js';
import { defineRegister, type Recorded } from './register.js';

/** What went to whom, where and on which ground (notice clauses 1.8, 2.6, 2.7, 4.8, 5.2, 5.3; PDPA s.27, s.28). */
export const disclosures = (policy: Policy) =>
  defineRegister({
    name: 'disclosures',
    table: 'disclosure',
    columns: {
      position: 'int8',
      /** None where the event names people as related only. */
      subject: 'uuid?',
      recipient: 'text',
      /** Role of the recipient, by the policy. */
      role: 'text?',
      country: 'text?',
      transferGround: 'text?',
      initiator: 'text',
      legalReference: 'text?',
      channel: 'text?',
      ...PROCESSING,
    },
    order: [],
    rows({ position, entry, name, data, occurredAt, recordedAt }) {
      if (name !== 'attesta.disclosure.recorded') return [];
      const disclosure = data as DisclosureRecorded;
      const party = policy.parties.get(disclosure.recipient);
      return [
        {
          ...disclosure,
          position,
          subject: entry.subject?.id,
          role: party?.role,
          country: disclosure.country ?? party?.country,
          occurredAt,
          recordedAt,
          source: entry.source,
        },
      ];
    },
  });

export type DisclosureRow = Recorded<ReturnType<typeof disclosures>> & Through & { recipientTitle: string | null };

export interface DisclosureFilter extends RegisterFilter {
  recipient?: string | undefined;
  role?: string | undefined;
  purpose?: string | undefined;
  category?: string | undefined;
  country?: string | undefined;
  initiator?: string | undefined;
}

/** Newest first. */
export async function readDisclosures(pool: pg.Pool, policy: Policy, filter: DisclosureFilter): Promise<DisclosureRow[]> {
  const rows = await readRegister(pool, disclosures(policy), filter, {
    'recipient = ?': filter.recipient,
    'role = ?': filter.role,
    '? = any(purposes)': filter.purpose,
    '? = any(categories)': filter.category,
    'country = ?': filter.country,
    'initiator = ?': filter.initiator,
  });
  return rows.map((row) => ({ ...row, recipientTitle: policy.parties.get(row.recipient)?.title ?? null }));
}
