import { createHash, randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { isTransient, retriedTransaction, transaction } from '@attesta/transport';
import type { Audit } from './audit.js';
import { EvidenceRefused, RegisterDiffers } from './evidence.js';
import { piecesOf, type Piece } from './exports-pieces.js';
import { countRows, exportable } from './exports-rows.js';
import { JOB_COLUMNS, jobOf, type Job } from './exports.js';
import { GATE } from './forgetting.js';

/** Another may take a job over whose worker has said nothing for so long. */
export const LEASE_MS = 120_000;
export const KEPT_MS = 7 * 86_400_000;
const REMEMBERED_MS = 90 * 86_400_000;
const MOST_ATTEMPTS = 5;
const compressed = promisify(gzip);

/** The job is somebody else's by now, or nobody's. */
class Lost extends Error {
  override name = 'Lost';
}

/** The registers do not hold all of it at the moment. */
class NotThere extends Error {
  override name = 'NotThere';
}

/**
 * Works the oldest export that waits, or whose worker fell silent. Each piece is read and written before anybody can be forgotten in between, and
 * only while the job is still this worker's; whoever takes one over begins it again.
 */
export class ExportWorker {
  private readonly id = randomUUID();
  private stopped = false;

  constructor(private readonly audit: Audit) {}

  stop(): void {
    this.stopped = true;
  }

  /** @returns whether one was finished, so that there may be more */
  async work(): Promise<boolean> {
    const job = await this.claim();
    if (!job) return false;
    try {
      await this.run(job);
      return true;
    } catch (error) {
      await this.ended(job, error);
      return false;
    }
  }

  /** Files are kept for seven days, what became of exports for ninety. */
  async expire(): Promise<void> {
    const now = this.audit.now();
    await retriedTransaction(this.audit.pool, async (tx) => {
      await tx.query(`update export set state = 'expired' where state = 'done' and expires_at <= $1`, [now]);
      await tx.query(`delete from export_chunk where export in (select id from export where state in ('expired', 'failed', 'cancelled'))`);
      await tx.query(`delete from export where state in ('expired', 'failed', 'cancelled') and finished_at < $1`, [
        new Date(now.getTime() - REMEMBERED_MS),
      ]);
    });
  }

  private async claim(): Promise<Job | undefined> {
    const now = this.audit.now();
    return retriedTransaction(this.audit.pool, async (tx) => {
      const { rows } = await tx.query<object>(
        `update export set state = 'running', worker = $1, lease_until = $2, attempts = attempts + 1, rows = 0, bytes = 0, looked_to = null
          where id = (select id from export where state = 'queued' or (state = 'running' and lease_until < $3)
                       order by created_at, id limit 1 for update skip locked)
         returning ${JOB_COLUMNS}`,
        [this.id, this.leaseUntil(), now],
      );
      const job = rows[0] && jobOf(rows[0]);
      if (!job) return undefined;
      await tx.query('delete from export_chunk where export = $1', [job.id]);
      if (job.attempts <= MOST_ATTEMPTS) return job;
      await tx.query(
        `update export set state = 'failed', failure = 'given-up', worker = null, lease_until = null, finished_at = $2 where id = $1`,
        [job.id, now],
      );
      return undefined;
    });
  }

  private async run(job: Job): Promise<void> {
    const { audit } = this;
    const register = exportable(audit.policy).find(({ name }) => name === job.register);
    if (register) await this.update(job, 'total = $3', [await countRows(audit.pool, register, job.asOf)]);
    const pieces = piecesOf(audit, job);
    const digest = createHash('sha256');
    try {
      for (let n = 0; ;) {
        const piece = await transaction(audit.pool, async (tx) => {
          await tx.query(`select ${GATE.adding}`);
          if (this.stopped || (await audit.standing.position()) < job.asOf) throw new NotThere();
          const next = await pieces.next();
          if (next.done) return undefined;
          await this.save(tx, job, n, next.value);
          return next.value;
        });
        if (!piece) break;
        digest.update(piece.bytes);
        if (piece.bytes.length > 0) n++;
      }
    } finally {
      await pieces.return(undefined);
    }
    const expires = new Date(audit.now().getTime() + KEPT_MS);
    await this.update(job, `state = 'done', sha256 = $3, finished_at = $4, expires_at = $5, worker = null, lease_until = null`, [
      digest.digest('hex'),
      audit.now(),
      expires,
    ]);
  }

  private async save(tx: Tx, job: Job, n: number, { bytes, rows, lookedTo }: Piece): Promise<void> {
    const { rowCount } = await tx.query(
      `update export set rows = rows + $3, bytes = bytes + $4, looked_to = coalesce($5, looked_to), lease_until = $6
        where id = $1 and worker = $2 and state = 'running'`,
      [job.id, this.id, rows, bytes.length, lookedTo ?? null, this.leaseUntil()],
    );
    if (rowCount !== 1) throw new Lost();
    if (bytes.length > 0)
      await tx.query('insert into export_chunk (export, n, bytes) values ($1, $2, $3)', [job.id, n, await compressed(bytes)]);
  }

  private async update({ id }: Job, set: string, values: unknown[]): Promise<void> {
    const { rowCount } = await this.audit.pool.query(`update export set ${set} where id = $1 and worker = $2 and state = 'running'`, [
      id,
      this.id,
      ...values,
    ]);
    if (rowCount !== 1) throw new Lost();
  }

  /** What failed because of the surroundings is tried again from the beginning; what cannot be exported is said to be so. */
  private async ended(job: Job, error: unknown): Promise<void> {
    if (error instanceof Lost) return;
    if (error instanceof NotThere) return this.giveBack(job, 'attempts - 1');
    if (isTransient(error)) return this.giveBack(job, 'attempts');
    if (!(error instanceof EvidenceRefused)) this.audit.options.onError?.(error);
    const failure = error instanceof EvidenceRefused ? error.why : error instanceof RegisterDiffers ? 'register-differs' : 'not-exported';
    await this.update(job, `state = 'failed', failure = $3, finished_at = $4, worker = null, lease_until = null`, [
      failure,
      this.audit.now(),
    ]);
  }

  private giveBack(job: Job, attempts: string): Promise<void> {
    return this.update(job, `state = 'queued', worker = null, lease_until = null, attempts = ${attempts}`, []).catch((failed: unknown) => {
      if (!(failed instanceof Lost)) throw failed;
    });
  }

  private leaseUntil(): Date {
    return new Date(this.audit.now().getTime() + LEASE_MS);
  }
}

type Tx = Parameters<Parameters<typeof transaction>[1]>[0];
