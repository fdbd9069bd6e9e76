import type { Checkpoint, FrontierState } from '@attesta/proof';
import type pg from 'pg';
import type { KnownHead } from './integrity-head.js';

/** What witnesses vouch for, their cosignatures checked. */
export interface WitnessedHead {
  names: string[];
  /** Entries of the newest tree that enough of them signed; null where there is none. */
  size: number | null;
  /** As of when they did, by themselves (RFC 3339). */
  at: string | null;
  /** Why that is not enough; null where it is. */
  problem: string | null;
}

/** The newest checkpoint that held. */
export async function readHead(pool: pg.Pool): Promise<KnownHead> {
  const { rows } = await pool.query<{ key: string | null; size: string; root: Buffer | null }>('select key, size, root from integrity');
  const { key, size, root } = rows[0]!;
  return { key, size: Number(size), root: root && new Uint8Array(root) };
}

export async function keepHead(pool: pg.Pool, key: string, head: { checkpoint: Checkpoint; note: string }, now: Date): Promise<void> {
  const { checkpoint, note } = head;
  await pool.query(
    `update integrity set looked_at = $5, key = $1, note = $2, size = $3, root = $4, seen_at = case when size = $3 and note is not null then seen_at else $5 end`,
    [key, note, checkpoint.size, checkpoint.root, now],
  );
}

/** @param witnessed null where no witnesses are configured */
export async function keepWitnessed(pool: pg.Pool, witnessed: WitnessedHead | null): Promise<void> {
  await pool.query('update integrity set witnessed = $1 where witnessed is distinct from $1', [witnessed && JSON.stringify(witnessed)]);
}

/** It was looked at the head, and that did not hold. */
export async function noteLook(pool: pg.Pool, now: Date): Promise<void> {
  await pool.query('update integrity set looked_at = $1', [now]);
}

export async function readFrontier(pool: pg.Pool): Promise<{ verified: number; frontier: Buffer }> {
  const { rows } = await pool.query<{ verified: string; frontier: Buffer }>('select verified, frontier from integrity');
  return { verified: Number(rows[0]!.verified), frontier: rows[0]!.frontier };
}

export async function keepFrontier(pool: pg.Pool, { size, hashes }: FrontierState): Promise<void> {
  await pool.query('update integrity set verified = $1, frontier = $2', [size, Buffer.concat(hashes)]);
}

export async function beginSweep(pool: pg.Pool, now: Date): Promise<void> {
  await pool.query('update integrity set sweep_started_at = $1, sweep_position = -1', [now]);
}

/** @param checked so many entries of the whole were looked at */
export async function noteSweep(pool: pg.Pool, checked: number): Promise<void> {
  await pool.query('update integrity set sweep_position = $1', [checked - 1]);
}

export async function endSweep(pool: pg.Pool, now: Date, { size, rate }: { size: number; rate: number }): Promise<void> {
  await pool.query('update integrity set sweep_position = $1, sweep_completed_at = $2, sweep_rate = $3', [size - 1, now, rate]);
}

/** Of the fork that is known; null where nobody can tell, undefined where none is known. */
export async function forkedAt(pool: pg.Pool): Promise<number | null | undefined> {
  const { rows } = await pool.query<{ position: string | null }>(
    `select position from integrity_problem where part = 'checkpoint' and kind = 'fork' and ended_at is null`,
  );
  const [fork] = rows;
  return fork && (fork.position === null ? null : Number(fork.position));
}
