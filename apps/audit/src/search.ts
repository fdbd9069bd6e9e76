import type { Entry } from '@attesta/events';
import { transaction } from '@attesta/transport';
import type pg from 'pg';
import { candidates, type Part } from './search-candidates.js';
import type { SearchQuery } from './search-language.js';
import { matcherOf } from './search-matching.js';
import { planOf, type Plan } from './search-plan.js';

/** An entry as the registers have it. */
export interface Found {
  position: number;
  bytes: Buffer;
  /** Of the entry as it was sealed, where `bytes` is what is left of it. */
  leafHash: Buffer | null;
  entry: Entry;
}

export interface Looked {
  /** Newest first. */
  rows: Found[];
  /** Every entry at or above it was looked at; undefined when none is left below. */
  down: number | undefined;
}

export interface Look {
  /** The newest entry to look at. */
  from: number;
  /** Rows at most; looking ends there. */
  limit: number;
}

/** What one look may cost. It ends soon after, and says how far it came. */
export interface Budget {
  /** Entries that are read. */
  reads: number;
  milliseconds: number;
}

const BUDGET: Budget = { reads: 20_000, milliseconds: 2_000 };
const FEWEST_READ = 64;
const MOST_READ = 1_000;

/**
 * Looks for entries, of one moment of the registers. A block of entries is looked up by bitmaps of its terms, so that neither rare nor common
 * terms nor their absence make it read much that nobody asked for; what is found is tested again by what it says.
 */
export const look = (pool: pg.Pool, query: SearchQuery, wanted: Look, budget = BUDGET): Promise<Looked> =>
  transaction(pool, (tx) => lookIn(tx, query, wanted, budget), 'isolation level repeatable read read only');

export async function lookIn(tx: pg.PoolClient, query: SearchQuery, { from, limit }: Look, budget = BUDGET): Promise<Looked> {
  const until = performance.now() + budget.milliseconds;
  const plan = await planOf(tx, query);
  const matches = matcherOf(query);
  const [low, high] = [Math.max(0, plan.positions.from), Math.min(from, plan.positions.to)];
  const rows: Found[] = [];
  let reads = 0;
  for await (const part of candidates(tx, plan, low, high)) {
    for await (const { some, down } of slices(tx, plan, part, limit)) {
      reads += some.length;
      for (const one of some) {
        if (!matches(one.position, one.entry)) continue;
        rows.push(one);
        if (rows.length === limit) return { rows, down: one.position > low ? one.position : undefined };
      }
      if (down > low && (reads >= budget.reads || performance.now() > until)) return { rows, down };
    }
  }
  return { rows, down: undefined };
}

interface Slice {
  some: Found[];
  down: number;
}

/** The entries of a part, more at a time the longer it takes. */
async function* slices(tx: pg.PoolClient, plan: Plan, part: Part, wanted: number): AsyncGenerator<Slice> {
  let size = Math.min(MOST_READ, Math.max(FEWEST_READ, wanted));
  if ('positions' in part) {
    for (let i = 0; i < part.positions.length; i += size, size = Math.min(size * 2, MOST_READ)) {
      const positions = part.positions.slice(i, i + size);
      yield { some: await read(tx, plan, 'position = any($1::int8[])', [positions], size), down: positions.at(-1)! };
    }
    yield { some: [], down: part.down };
    return;
  }
  for (let { to } = part; to >= part.from; size = Math.min(size * 2, MOST_READ)) {
    const some = await read(tx, plan, 'position between $1 and $2', [part.from, to], size);
    const down = some.length < size ? part.from : some.at(-1)!.position;
    yield { some, down };
    to = down - 1;
  }
}

async function read(tx: pg.PoolClient, { recorded, occurred }: Plan, where: string, values: unknown[], limit: number): Promise<Found[]> {
  const parameters = [...values];
  const bound = (condition: string, time: number) =>
    Number.isFinite(time) ? ` and ${condition} $${parameters.push(new Date(time).toISOString())}` : '';
  const bounds = [
    bound('recorded_at >=', recorded.from),
    bound('recorded_at <=', recorded.to),
    bound('time >=', occurred.from),
    bound('time <=', occurred.to),
  ];
  const { rows } = await tx.query<{ position: string; bytes: Buffer; leaf_hash: Buffer | null }>(
    `select position, bytes, leaf_hash from timeline where ${where}${bounds.join('')} order by position desc limit ${limit}`,
    parameters,
  );
  return rows.map(({ position, bytes, leaf_hash }) => ({
    position: Number(position),
    bytes,
    leafHash: leaf_hash,
    entry: JSON.parse(bytes.toString()) as Entry,
  }));
}
