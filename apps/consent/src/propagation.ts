import { hash } from 'node:crypto';
import { uuidOf, type NewEvent } from '@attesta/event-log';
import { histogram } from '@attesta/service-kit';
import type { Consent } from './consent.js';

export interface ConsumerStanding {
  consumer: string;
  /** Withdrawals it has not acknowledged. */
  open: number;
  /** How long the oldest of them has been waiting, in milliseconds. */
  oldestOpenMs: number;
  acknowledged: number;
  /** From the withdrawal to the acknowledgement, in milliseconds; null without one. */
  p50Ms: number | null;
  p99Ms: number | null;
  maxMs: number | null;
}

const MOST = 500;

/** The objective of notice clauses 8.1 and 8.3: how long a withdrawal takes to everybody who acts on consents. */
export class Propagation {
  /** Of all consumers: they name themselves, which is no label. */
  private readonly lag = histogram('attesta_withdrawal_propagation_seconds');

  constructor(private readonly consent: Consent) {}

  /**
   * A consumer has applied every change up to a number. Withdrawals among them that it had not acknowledged are measured by our clock, which is late
   * rather than early. A consumer is measured from when it is first heard.
   */
  async acknowledge(consumer: string, changed: number): Promise<void> {
    for (let more = true; more;) more = await this.acknowledgeSome(consumer, changed);
  }

  private acknowledgeSome(consumer: string, changed: number): Promise<boolean> {
    return this.consent.transact(async (tx) => {
      const now = this.consent.now();
      await tx.query(
        `insert into consumer (name, acknowledged, first_seen, acknowledged_at) values ($1, 0, $2, $2)
         on conflict (name) do nothing`,
        [consumer, now],
      );
      const { rows: known } = await tx.query<{ first_seen: Date }>('select first_seen from consumer where name = $1 for update', [
        consumer,
      ]);
      const { rows } = await tx.query<{ source: string; id: string; subject: string; taken_at: Date }>(
        `select w.source, w.id, w.subject, w.taken_at from withdrawal w
          where w.changed <= $2 and w.taken_at >= $3
            and not exists (select 1 from propagation p where p.consumer = $1 and p.source = w.source and p.id = w.id)
          order by w.changed limit $4`,
        [consumer, changed, known[0]!.first_seen, MOST],
      );
      const measured = rows.map((row) => ({ ...row, milliseconds: Math.max(0, now.getTime() - row.taken_at.getTime()) }));
      await tx.query(
        `insert into propagation (consumer, source, id, milliseconds, acknowledged_at)
         select $1, m->>'source', m->>'id', (m->>'milliseconds')::int8, $3 from jsonb_array_elements($2::jsonb) m on conflict do nothing`,
        [consumer, JSON.stringify(measured), now],
      );
      await tx.query('update consumer set acknowledged = greatest(acknowledged, $2), acknowledged_at = $3 where name = $1', [
        consumer,
        changed,
        now,
      ]);
      for (const { milliseconds } of measured) this.lag.record(milliseconds / 1_000);
      await this.consent.say(
        tx,
        measured.map((one) => acknowledgement(consumer, one, now)),
      );
      return rows.length === MOST;
    });
  }

  async standing(): Promise<ConsumerStanding[]> {
    const { rows } = await this.consent.pool.query<Record<keyof ConsumerStanding, string | null>>(
      `select c.name as consumer, count(*) filter (where w.id is not null and p.id is null) as open,
              coalesce(max(extract(epoch from $1::timestamptz - w.taken_at) * 1000) filter (where p.id is null), 0)::int8 as "oldestOpenMs",
              count(p.id) as acknowledged,
              percentile_disc(0.5) within group (order by p.milliseconds) as "p50Ms",
              percentile_disc(0.99) within group (order by p.milliseconds) as "p99Ms",
              max(p.milliseconds) as "maxMs"
         from consumer c left join withdrawal w on w.taken_at >= c.first_seen
         left join propagation p on p.consumer = c.name and p.source = w.source and p.id = w.id
        group by c.name order by c.name`,
      [this.consent.now()],
    );
    const number = (value: string | null) => (value === null ? null : Number(value));
    return rows.map((row) => ({
      consumer: row.consumer!,
      open: Number(row.open),
      oldestOpenMs: Math.max(0, Number(row.oldestOpenMs)),
      acknowledged: Number(row.acknowledged),
      p50Ms: number(row.p50Ms),
      p99Ms: number(row.p99Ms),
      maxMs: number(row.maxMs),
    }));
  }
}

function acknowledgement(
  consumer: string,
  { source, id, subject, taken_at, milliseconds }: { source: string; id: string; subject: string; taken_at: Date; milliseconds: number },
  now: Date,
): NewEvent {
  return {
    id: uuidOf(`acknowledged\n${consumer}\n${hash('sha256', `${source}\n${id}`, 'hex')}`),
    type: 'attesta.withdrawal.acknowledged.v1',
    time: now.toISOString(),
    subject,
    data: {
      consumer,
      withdrawal: { source, id },
      takenAt: taken_at.toISOString(),
      acknowledgedAt: new Date(Math.max(now.getTime(), taken_at.getTime())).toISOString(),
      milliseconds,
    },
  };
}
