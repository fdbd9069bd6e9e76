import type pg from 'pg';
import type { BreachAlert, BreachHooks, BreachTelling } from './breaches.js';
import type { Notification } from './notification.js';
import { NOTIFICATION_SOURCE } from './source.js';

const TITLES: Readonly<Record<BreachAlert['kind'], string>> = {
  'breach-warned': 'The authority has to be told of a breach soon',
  'breach-overdue': 'The authority was not told of a breach in time',
  'breach-unassessed': 'The risk of a breach has not been assessed',
};

/** What follows from the breach register: urgent alerts, and people told one by one (notice clause 6.1). */
export const breachHooks = (notification: Notification): BreachHooks => ({
  alert(tx: pg.PoolClient, { kind, reference, jurisdiction, due, cause }: BreachAlert): Promise<void> {
    const body = { title: TITLES[kind], reference, detail: jurisdiction, due };
    const severity = kind === 'breach-overdue' ? 'violation' : 'warning';
    return notification.alerts.raise(
      tx,
      { kind, severity, urgent: true, body },
      { source: NOTIFICATION_SOURCE, id: cause },
      notification.now(),
    );
  },

  async tell(tx: pg.PoolClient, telling: BreachTelling): Promise<void> {
    const { breach, order, cause, words } = telling;
    const subjects = 'subjects' in telling ? telling.subjects : await whoIsMet(tx, telling.criteria);
    const { rows } = await tx.query<{ discovered: string }>(
      `select state->'recorded'->>'discoveredAt' as discovered from breach where id = $1`,
      [breach],
    );
    const body = { reference: `[BR-${breach.slice(0, 8)}]`, discovered: rows[0]?.discovered ?? notification.now().toISOString(), words };
    const due = { wave: breachWave(breach, order), template: 'breach', body };
    await notification.waves.begin(tx, due, { cause: { source: NOTIFICATION_SOURCE, id: cause } }, subjects);
  },
});

export const breachWave = (breach: string, order: number): string => `breach:${breach}:${order}`;

/** Undefined for a wave that no breach ordered. */
export function ofBreachWave(wave: string): { breach: string; order: number } | undefined {
  const [kind, breach, order] = wave.split(':');
  return kind === 'breach' ? { breach: breach!, order: Number(order) } : undefined;
}

/** Of whom data of these categories was collected in that time. */
async function whoIsMet(
  tx: pg.PoolClient,
  { categories, collectedFrom, collectedUntil }: { categories: string[]; collectedFrom?: string; collectedUntil?: string },
): Promise<string[]> {
  const { rows } = await tx.query<{ subject: string }>(
    `select distinct subject from collected
      where category = any($1) and ($2::timestamptz is null or last_at >= $2) and ($3::timestamptz is null or first_at <= $3) order by subject`,
    [categories, collectedFrom ?? null, collectedUntil ?? null],
  );
  return rows.map(({ subject }) => subject);
}
