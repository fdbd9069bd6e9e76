import type pg from 'pg';
import type { ExportFormat } from './exports-format.js';
import { answerOf, columnsOf, selectionOf, type AnswerOf, type Shape } from './row-shape.js';

export type ExportState = 'queued' | 'running' | 'done' | 'failed' | 'cancelled' | 'expired';

const JOB = {
  id: 'uuid',
  query: 'text?',
  register: 'text?',
  format: 'text',
  reason: 'text',
  owner: 'text',
  role: 'text',
  asOf: 'int8',
  state: 'text',
  attempts: 'int8',
  rows: 'int8',
  total: 'int8?',
  lookedTo: 'int8?',
  bytes: 'int8',
  sha256: 'text?',
  failure: 'text?',
  createdAt: 'time',
  finishedAt: 'time?',
  expiresAt: 'time?',
} as const satisfies Shape;
const COLUMNS = columnsOf(JOB);
export const JOB_COLUMNS = selectionOf(COLUMNS);

export type Job = Omit<AnswerOf<typeof JOB>, 'format' | 'state' | 'createdAt'> & {
  format: ExportFormat;
  state: ExportState;
  createdAt: Date;
};

type Tx = Pick<pg.PoolClient, 'query'>;

export const jobOf = (row: object): Job => {
  const job = answerOf<typeof JOB>(COLUMNS, row);
  return { ...job, createdAt: new Date(job.createdAt) } as Job;
};

/** An export as it is answered. */
export interface ExportView {
  id: string;
  state: ExportState;
  format: ExportFormat;
  /** The query, or the register, it is of. */
  query: string | null;
  register: string | null;
  reason: string;
  /** Of whoever asks. */
  mine: boolean;
  /** Position of the log at which all of it stands. */
  as_of: number;
  progress: { rows: number; total: number | null; total_is: 'exact' | 'estimated' | null; percent: number };
  /** Of the file as it is downloaded. */
  bytes: number;
  sha256: string | null;
  failure: string | null;
  created_at: string;
  finished_at: string | null;
  expires_at: string | null;
}

export function exportView(job: Job, asking: string): ExportView {
  const { id, state, format, query, register, reason, bytes, sha256, failure } = job;
  return {
    id,
    state,
    format,
    query,
    register,
    reason,
    mine: job.owner === asking,
    as_of: job.asOf,
    progress: progressOf(job),
    bytes,
    sha256,
    failure,
    created_at: job.createdAt.toISOString(),
    finished_at: job.finishedAt,
    expires_at: job.expiresAt,
  };
}

/** How many rows a query finds is known at the end; on the way it is guessed from how much of the log was looked at. */
function progressOf({ state, rows, total, lookedTo, asOf }: Job): ExportView['progress'] {
  if (state === 'done' || state === 'expired') return { rows, total: rows, total_is: 'exact', percent: 100 };
  if (total !== null) return { rows, total, total_is: 'exact', percent: total === 0 ? 0 : Math.min(99, Math.floor((rows / total) * 100)) };
  const looked = lookedTo === null ? 0 : (asOf + 1 - lookedTo) / (asOf + 1);
  if (looked === 0) return { rows, total: null, total_is: null, percent: 0 };
  return { rows, total: Math.round(rows / looked), total_is: 'estimated', percent: Math.min(99, Math.floor(looked * 100)) };
}

export type NewExport = Pick<Job, 'id' | 'query' | 'register' | 'format' | 'reason' | 'owner' | 'role' | 'asOf' | 'createdAt'>;

/** @returns the export, new or as it stands; undefined where the id is another export's */
export async function addExport(tx: Tx, wanted: NewExport): Promise<{ job: Job; fresh: boolean } | undefined> {
  const { id, query, register, format, reason, owner, role, asOf, createdAt } = wanted;
  const added = await tx.query(
    `insert into export (id, query, register, format, reason, owner, role, as_of, state, created_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, 'queued', $9) on conflict (id) do nothing`,
    [id, query, register, format, reason, owner, role, asOf, createdAt],
  );
  const job = await findExport(tx, id, owner);
  if (!job || job.query !== query || job.register !== register || job.format !== format || job.reason !== reason) return undefined;
  return { job, fresh: added.rowCount === 1 };
}

/** @param owner undefined: whose it is does not matter */
export async function findExport(db: Tx, id: string, owner: string | undefined): Promise<Job | undefined> {
  const { rows } = await db.query<object>(`select ${JOB_COLUMNS} from export where id = $1 and ($2::text is null or owner = $2)`, [
    id,
    owner ?? null,
  ]);
  return rows[0] && jobOf(rows[0]);
}

/** Newest first. */
export async function listExports(
  db: Tx,
  owner: string | undefined,
  before: { time: Date; id: string } | undefined,
  limit: number,
): Promise<Job[]> {
  const { rows } = await db.query<object>(
    `select ${JOB_COLUMNS} from export where ($1::text is null or owner = $1) and ($2::timestamptz is null or (created_at, id) < ($2, $3::uuid))
      order by created_at desc, id desc limit $4`,
    [owner ?? null, before?.time ?? null, before?.id ?? null, limit],
  );
  return rows.map(jobOf);
}

export async function unfinishedOf(db: Tx, owner: string): Promise<number> {
  const { rows } = await db.query<{ n: string }>(`select count(*) as n from export where owner = $1 and state in ('queued', 'running')`, [
    owner,
  ]);
  return Number(rows[0]!.n);
}

/** What is not finished is cancelled, what is finished is removed. @returns which, or undefined where there is none */
export async function endExport(tx: Tx, id: string, owner: string | undefined, now: Date): Promise<'cancelled' | 'removed' | undefined> {
  const cancelled = await tx.query(
    `update export set state = 'cancelled', worker = null, lease_until = null, finished_at = $3, rows = 0, bytes = 0
      where id = $1 and ($2::text is null or owner = $2) and state in ('queued', 'running')`,
    [id, owner ?? null, now],
  );
  if (cancelled.rowCount === 1) {
    await tx.query('delete from export_chunk where export = $1', [id]);
    return 'cancelled';
  }
  const removed = await tx.query('delete from export where id = $1 and ($2::text is null or owner = $2)', [id, owner ?? null]);
  return removed.rowCount === 1 ? 'removed' : undefined;
}
