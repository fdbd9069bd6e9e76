import type { Entry } from '@attesta/events';
import { TILE_WIDTH, tileWidth, type LogReader } from '@attesta/proof';
import { forgottenAmong } from '@attesta/service-kit';
import { transaction } from '@attesta/transport';
import type pg from 'pg';
import { factOf } from './fact.js';
import type { IntegrityProblem } from './integrity-problems.js';
import { peopleIn } from './remains.js';

const HASH = 32;

interface HeldRow {
  position: string;
  leaf: Buffer;
  /** What is left of the entry, where people in it are forgotten. */
  reduced: Buffer | null;
}

/**
 * Compares what our own timeline holds of a tile's entries with the leaf hashes that the log's tree has of them.
 * @param reached position up to which every entry is in the registers, or set aside
 * @throws what the log cannot answer
 */
export async function differingRows(
  pool: pg.Pool,
  reader: LogReader,
  n: number,
  size: number,
  reached: number,
): Promise<IntegrityProblem[]> {
  const width = tileWidth(0, n, size);
  const first = n * TILE_WIDTH;
  const leaves = await reader.tile(0, n, width);
  const sealed = new Lazy(() => reader.bundle(n, width));
  return transaction(
    pool,
    async (tx) => {
      const held = await rowsOf(tx, first, first + width);
      const problems: IntegrityProblem[] = [];
      const absent: number[] = [];
      for (let position = first; position < first + width && position <= reached; position++) {
        const row = held.get(position);
        const at = position - first;
        if (!row) absent.push(position);
        else if (Buffer.compare(row.leaf, leaves.subarray(at * HASH, (at + 1) * HASH)) !== 0) problems.push(other(position));
        else if (row.reduced && !(await isWhatIsLeft(tx, row.reduced, position, (await sealed.get())[at]))) problems.push(other(position));
      }
      return absent.length === 0 ? problems : [...problems, ...(await neitherHeldNorParked(tx, absent)).map(gone)];
    },
    'isolation level repeatable read read only',
  );
}

async function rowsOf(tx: pg.PoolClient, from: number, to: number): Promise<Map<number, HeldRow>> {
  const { rows } = await tx.query<HeldRow>({
    name: 'held-leaves',
    text: `select position, coalesce(leaf_hash, sha256('\\x00'::bytea || bytes)) as leaf, case when leaf_hash is not null then bytes end as reduced
             from timeline where position >= $1 and position < $2`,
    values: [from, to],
  });
  return new Map(rows.map((row) => [Number(row.position), row]));
}

async function isWhatIsLeft(tx: pg.PoolClient, left: Buffer, position: number, bytes: Uint8Array | undefined): Promise<boolean> {
  // The log lacks it, which the look at the log says.
  if (!bytes) return true;
  const entry = entryOf(bytes);
  if (!entry) return true;
  const forgotten = await forgottenAmong(tx, peopleIn(entry));
  return Buffer.compare(Buffer.from(factOf({ position, bytes, entry }, forgotten).bytes), left) === 0;
}

async function neitherHeldNorParked(tx: pg.PoolClient, positions: readonly number[]): Promise<number[]> {
  const { rows } = await tx.query<{ position: string }>('select position from feed_parked where position = any($1::int8[])', [positions]);
  const parked = new Set(rows.map(({ position }) => Number(position)));
  return positions.filter((position) => !parked.has(position));
}

/** Undefined for what somebody made of an entry in the ledger, which the look at the log names. */
function entryOf(bytes: Uint8Array): Entry | undefined {
  try {
    return JSON.parse(Buffer.from(bytes).toString()) as Entry;
  } catch {
    return undefined;
  }
}

const other = (position: number): IntegrityProblem => ({
  kind: 'edit',
  position,
  positions: [position],
  detail: `the registers hold something else for position ${position} than the log`,
});

const gone = (position: number): IntegrityProblem => ({
  kind: 'gap',
  position,
  positions: [position],
  detail: `the registers have no row for position ${position}`,
});

/** Asked for once, and only if at all. */
class Lazy<T> {
  private value: Promise<T> | undefined;
  constructor(private readonly make: () => Promise<T>) {}
  get(): Promise<T> {
    return (this.value ??= this.make());
  }
}
