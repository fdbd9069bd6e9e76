import { splitNote, toBase64, type NoteSignature } from '@attesta/proof';
import type pg from 'pg';
import type { IntegrityPart } from './integrity-problems.js';
import type { WitnessedHead } from './integrity-state.js';

/** Whether the log is intact, as far as anybody has looked. Hashes and positions alone. */
export interface Integrity {
  /** False while a problem is open; null before the first look was through, and once nobody has looked for a minute. */
  intact: boolean | null;
  /** Of the newest checkpoint that held: entries, root (base64), the signed note. */
  size: number;
  root: string | null;
  checkpoint: string | null;
  /** When the log's newest checkpoint was first seen here, a second at most after it was signed. */
  seenAt: string | null;
  /** When witnesses signed it, by themselves; null without any that say so. With a witness policy: as of when enough of them signed. */
  signedAt: string | null;
  /**
   * Who else signed. With a witness policy: witnesses whose cosignatures of the newest tree that enough of them signed were checked. Without one: names as
   * they stand in the newest checkpoint, unchecked.
   */
  witnesses: string[];
  /** What enough witnesses vouch for, and why that is not enough; null without a witness policy. */
  witnessed: { size: number | null; problem: string | null } | null;
  /** Entries up to here were read as the ledger serves them, hashed, and lead to a signed root; -1 = none. */
  verifiedUpto: number;
  /** When it was last looked at the head of the log. */
  checkedAt: string | null;
  sweep: { startedAt: string | null; at: number | null; completedAt: string | null; entriesPerSecond: number | null };
  /** Open ones first, then those that ended, the newest first of each. */
  problems: ProblemView[];
}

export interface ProblemView {
  /** First position concerned; null for one of the whole log. */
  position: number | null;
  positions: number[];
  part: IntegrityPart;
  kind: string;
  detail: string;
  foundAt: string;
  /** When a later look at the whole found it gone; null while it is open. */
  endedAt: string | null;
}

interface IntegrityRow {
  note: string | null;
  size: string;
  root: Buffer | null;
  seen_at: Date | null;
  verified: string;
  looked_at: Date | null;
  sweep_started_at: Date | null;
  sweep_position: string | null;
  sweep_completed_at: Date | null;
  sweep_rate: number | null;
  witnessed: WitnessedHead | null;
}

/** Longer than this without a look, and nothing is claimed. */
const STALE_MS = 60_000;
const MOST_SHOWN = 200;

export async function readIntegrity(pool: pg.Pool, now: Date): Promise<Integrity> {
  const [{ rows }, problems] = await Promise.all([pool.query<IntegrityRow>('select * from integrity'), readProblems(pool)]);
  const row = rows[0]!;
  const verified = Number(row.verified);
  const fresh = row.looked_at !== null && now.getTime() - row.looked_at.getTime() < STALE_MS;
  const broken = problems.some(({ endedAt }) => endedAt === null);
  return {
    intact: broken ? false : fresh && verified > 0 ? true : null,
    size: Number(row.size),
    root: row.root && toBase64(row.root),
    checkpoint: row.note,
    seenAt: iso(row.seen_at),
    ...(row.witnessed
      ? {
          witnesses: row.witnessed.names,
          signedAt: row.witnessed.at,
          witnessed: { size: row.witnessed.size, problem: row.witnessed.problem },
        }
      : { ...witnessed(row.note), witnessed: null }),
    verifiedUpto: verified - 1,
    checkedAt: iso(row.looked_at),
    sweep: {
      startedAt: iso(row.sweep_started_at),
      at: row.sweep_position === null ? null : Number(row.sweep_position),
      completedAt: iso(row.sweep_completed_at),
      entriesPerSecond: row.sweep_rate === null ? null : Math.round(row.sweep_rate),
    },
    problems,
  };
}

async function readProblems(pool: pg.Pool): Promise<ProblemView[]> {
  const { rows } = await pool.query<{
    part: IntegrityPart;
    kind: string;
    position: string | null;
    positions: string[];
    detail: string;
    found_at: Date;
    ended_at: Date | null;
  }>('select * from integrity_problem order by ended_at desc nulls first, n desc limit $1', [MOST_SHOWN]);
  return rows.map(({ part, kind, position, positions, detail, found_at, ended_at }) => ({
    position: position === null ? null : Number(position),
    positions: positions.map(Number),
    part,
    kind,
    detail,
    foundAt: found_at.toISOString(),
    endedAt: iso(ended_at),
  }));
}

/** A cosignature (C2SP tlog-cosignature) is 8 bytes of seconds since 1970 before those of the signature. */
const COSIGNATURE = 72;

/** @param note one that holds: its first line names the log */
export function witnessed(note: string | null): { witnesses: string[]; signedAt: string | null } {
  if (note === null) return { witnesses: [], signedAt: null };
  const origin = note.slice(0, note.indexOf('\n'));
  const others = splitNote(note).signatures.filter(({ name }) => name !== origin);
  const times = others.filter(({ signature }) => signature.length === COSIGNATURE).map(secondsOf);
  return {
    witnesses: [...new Set(others.map(({ name }) => name))],
    signedAt: times.length === 0 ? null : new Date(Math.max(...times) * 1000).toISOString(),
  };
}

const secondsOf = ({ signature }: NoteSignature): number =>
  Number(new DataView(signature.buffer, signature.byteOffset, signature.byteLength).getBigUint64(0));

const iso = (time: Date | null): string | null => time && time.toISOString();
