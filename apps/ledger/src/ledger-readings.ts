import { secondsSince, type Reading } from '@attesta/service-kit';
import { topicPlans } from '@attesta/transport';
import type { Ledger } from './ledger.js';

interface Row {
  entries: string;
  unsigned: string;
  unsigned_since: Date | null;
  signed_at: Date | null;
  rejections: string;
  carried: string | null;
  uncarried_since: Date | null;
}

// A batch's first position is its key: the batch that holds a position is the last that begins at or before it.
const HEADS = `
  select h.size as entries, h.size - t.size as unsigned,
         (select sealed_at from sealed_batch where t.size < h.size and first <= t.size order by first desc limit 1) as unsigned_since,
         (select signed_at from checkpoint order by size desc limit 1) as signed_at,
         (select size from rejection_head) as rejections, r.position as carried,
         (select sealed_at from sealed_batch where r.position < h.size - 1 and first <= r.position + 1 order by first desc limit 1) as uncarried_since
    from log_head h
    cross join (select coalesce((select size from checkpoint order by size desc limit 1), 0) as size) t
    left join relay_cursor r on r.relay = $1`;

/** The heads of the log, each found by its key. Over Kafka, the topic of sealed entries is the ledger's outbox. */
export async function ledgerReadings({ pool, queued, cosigner, options: { now = () => new Date() } }: Ledger): Promise<Reading[]> {
  const { rows } = await pool.query<Row>({ name: 'ledger-readings', text: HEADS, values: [topicPlans().sealed.topic] });
  const { entries, unsigned, unsigned_since, signed_at, rejections, carried, uncarried_since } = rows[0]!;
  const at = now();
  return [
    { gauge: 'attesta_log_entries', value: Number(entries) },
    { gauge: 'attesta_log_unsigned_entries', value: Number(unsigned) },
    { gauge: 'attesta_log_unsigned_age_seconds', value: secondsSince(unsigned_since, at) },
    ...(signed_at ? [{ gauge: 'attesta_checkpoint_age_seconds', value: secondsSince(signed_at, at) } as const] : []),
    ...(cosigner
      ? ([
          { gauge: 'attesta_log_witnessed_age_seconds', value: secondsSince(new Date(await cosigner.witnessedSince()), at) },
          { gauge: 'attesta_witnesses_contradicting', value: cosigner.contradicting },
        ] as const)
      : []),
    { gauge: 'attesta_intake_queued_events', value: queued },
    { gauge: 'attesta_rejections', value: Number(rejections) },
    ...(carried === null
      ? []
      : ([
          { gauge: 'attesta_outbox_waiting_events', value: Number(entries) - 1 - Number(carried) },
          { gauge: 'attesta_outbox_age_seconds', value: secondsSince(uncarried_since, at) },
        ] as const)),
  ];
}
