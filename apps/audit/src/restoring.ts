import { loadPolicy, type Policy } from '@attesta/policy';
import { createPool } from '@attesta/service-kit';
import {
  digestOfState,
  restoreFromLog,
  sayUnsaid,
  WithholdingLog,
  type DerivedState,
  type Restored,
  type RestoreOptions,
} from '@attesta/transport';
import type pg from 'pg';
import { AUDIT_SOURCE } from './audit.js';
import { digestOfRows } from './digest.js';
import { Judge } from './judge.js';
import { migrate } from './migrate.js';
import { GROUP, Projector } from './projector.js';

/** What of the database follows from the log besides the registers. Not in it: saved views, exports, and what the patrol had seen. */
const BESIDES: DerivedState = {
  forgotten: 'select * from forgotten',
  service_event: 'select id, type, time, subject, data from service_event',
};

/** Digests of the registers as far as they have followed the feed, and of what else follows from the log. @param tx a repeatable-read transaction */
export async function digestOfAudit(tx: pg.PoolClient, policy: Policy): Promise<Record<string, string>> {
  const { rows } = await tx.query<{ position: string }>(
    'select coalesce(min(position), -1) as position from feed_cursor where consumer = $1',
    [GROUP],
  );
  const { registers } = await digestOfRows(tx, policy, Number(rows[0]!.position));
  return { ...registers, ...(await digestOfState(tx, BESIDES)) };
}

/** Builds the registers, and the service's own log, from the ledger's log. Findings that had been said are not said again. */
export async function restoreAudit({ entries, onProgress, policy: source, ...options }: RestoreOptions): Promise<Restored> {
  await migrate(options);
  const policy = loadPolicy(source);
  const pool = createPool({ url: options.databaseUrl, name: 'attesta-audit', max: 4 });
  const log = new WithholdingLog(pool);
  const projector = new Projector(policy, new Judge(policy, log));
  try {
    return await restoreFromLog({
      group: GROUP,
      source: AUDIT_SOURCE,
      pool,
      entries,
      streamOf,
      handle: projector.handle,
      finish: (tx) => sayUnsaid(tx, log, log.release()),
      onProgress,
    });
  } finally {
    await pool.end();
  }
}

/** The desk finds by its stream what was decided of a finding. */
function streamOf({ type, data }: { type: string; data: Record<string, unknown> }): string {
  if (type === 'attesta.finding.raised.v1') return 'findings';
  if (type.startsWith('attesta.finding.')) return `finding-${String(data.finding)}`;
  return type === 'attesta.erasures.replayed.v1' ? 'erasures' : 'access';
}
