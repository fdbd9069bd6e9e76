import { secondsSince, serviceReadings, type Reading } from '@attesta/service-kit';
import { transaction } from '@attesta/transport';
import { AUDIT_SOURCE, type Audit } from './audit.js';
import { LedgerUnavailable } from './checkpoints.js';
import { openFindings } from './dashboard.js';
import type { IntegrityPart } from './integrity-problems.js';
import { GROUP } from './projector.js';

const PARTS: readonly IntegrityPart[] = ['checkpoint', 'log', 'registers'];

interface IntegrityRow {
  verified: string;
  looked_at: Date | null;
  sweep_completed_at: Date | null;
  problems: Partial<Record<IntegrityPart, number>>;
}

export async function auditReadings(audit: Audit): Promise<Reading[]> {
  const { pool, feed, now } = audit;
  const parts = await Promise.all([
    serviceReadings({ pool, group: GROUP, source: AUDIT_SOURCE, feed, now }),
    integrityReadings(audit),
    lagReadings(audit),
  ]);
  return parts.flat();
}

/** None while the ledger shows no checkpoint: then nobody knows how far the registers should be. */
async function lagReadings({ standing }: Audit): Promise<Reading[]> {
  try {
    const { lag } = await standing.recent();
    return [
      { gauge: 'attesta_register_lag_entries', value: lag.events },
      { gauge: 'attesta_register_lag_seconds', value: lag.seconds },
    ];
  } catch (error) {
    if (error instanceof LedgerUnavailable) return [];
    throw error;
  }
}

async function integrityReadings({ pool, now }: Audit): Promise<Reading[]> {
  const { rows } = await pool.query<IntegrityRow>(
    `select verified, looked_at, sweep_completed_at,
            coalesce((select jsonb_object_agg(part, n) from (select part, count(*) as n from integrity_problem where ended_at is null group by part) p), '{}') as problems
       from integrity`,
  );
  const { verified, looked_at, sweep_completed_at, problems } = rows[0]!;
  const age = (gauge: 'attesta_integrity_look_age_seconds' | 'attesta_integrity_sweep_age_seconds', then: Date | null): Reading[] =>
    then ? [{ gauge, value: secondsSince(then, now()) }] : [];
  return [
    ...PARTS.map((part): Reading => ({ gauge: 'attesta_integrity_problems', value: problems[part] ?? 0, labels: { part } })),
    { gauge: 'attesta_integrity_verified_entries', value: Number(verified) },
    ...age('attesta_integrity_look_age_seconds', looked_at),
    ...age('attesta_integrity_sweep_age_seconds', sweep_completed_at),
  ];
}

/** Counted by rule, which costs more than a look at a head: read now and then. */
export async function findingsReadings(audit: Audit): Promise<Reading[]> {
  const position = await audit.standing.position();
  const open = await transaction(audit.pool, (tx) => openFindings(tx, position), 'isolation level repeatable read read only');
  return open.map(({ rule, severity, count }) => ({ gauge: 'attesta_findings_open', value: count, labels: { rule, severity } }));
}
