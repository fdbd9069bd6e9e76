import { rfc3339Millis, type Entry } from '@attesta/events';
import { retriedTransaction } from '@attesta/transport';
import type pg from 'pg';
import { GATE } from './forgetting.js';
import { GROUP } from './projector.js';
import { BLOCK, packed } from './search-blocks.js';
import { termsOf } from './search-terms.js';

const AT_ONCE = 512;

/**
 * Builds the newest block that is not built to where the registers stand. One with parked entries is left alone: they may come yet.
 * @returns whether one was built
 */
export const buildBlock = (pool: pg.Pool): Promise<boolean> =>
  retriedTransaction(pool, async (tx) => {
    const { rows } = await tx.query<{ mine: boolean }>(`select pg_try_advisory_xact_lock(hashtext('attesta audit search')) as mine`);
    if (!rows[0]?.mine) return false;
    await tx.query(`select ${GATE.adding}`);
    // Whoever empties the registers comes before this or after it.
    await tx.query('lock table timeline in access share mode');
    const next = await unbuilt(tx);
    if (!next) return false;
    await dropBlocks(tx, [next.block]);
    await write(tx, next, await read(tx, next));
    return true;
  });

interface Unbuilt {
  block: number;
  upto: number;
}

async function unbuilt(tx: pg.PoolClient): Promise<Unbuilt | undefined> {
  const { rows } = await tx.query<{ block: number; upto: string }>({
    name: 'search unbuilt',
    text: `select b.block, b.upto from (
             select n::int as block, least(n * ${BLOCK} + ${BLOCK - 1}, c.position) as upto
               from (select case when count(*) = max(partitions) then min(position) end as position from feed_cursor where consumer = $1) c,
                    generate_series(0, c.position / ${BLOCK}) n) b
             left join search_built s using (block)
            where (s.upto is null or s.upto < b.upto) and not exists (
              select 1 from feed_parked where consumer = $1 and state = 'parked' and position between b.block::int8 * ${BLOCK} and b.upto)
            order by block desc limit 1`,
    values: [GROUP],
  });
  return rows[0] && { block: rows[0].block, upto: Number(rows[0].upto) };
}

interface Lookup {
  offsets: Map<string, number[]>;
  recorded: Span;
  occurred: Span;
}

async function read(tx: pg.PoolClient, { block, upto }: Unbuilt): Promise<Lookup> {
  const found: Lookup = { offsets: new Map(), recorded: new Span(), occurred: new Span() };
  const first = block * BLOCK;
  for (let from = first; from <= upto; from += AT_ONCE) {
    const { rows } = await tx.query<{ position: string; bytes: Buffer }>({
      name: 'search read',
      text: 'select position, bytes from timeline where position between $1 and $2 order by position',
      values: [from, Math.min(upto, from + AT_ONCE - 1)],
    });
    for (const { position, bytes } of rows) add(found, Number(position) - first, JSON.parse(bytes.toString()) as Entry);
  }
  return found;
}

function add({ offsets, recorded, occurred }: Lookup, offset: number, entry: Entry): void {
  for (const term of termsOf(entry)) {
    const known = offsets.get(term);
    if (known) known.push(offset);
    else offsets.set(term, [offset]);
  }
  recorded.add(rfc3339Millis(entry.recordedAt)!);
  occurred.add(rfc3339Millis(entry.time)!);
}

class Span {
  from: number | null = null;
  to: number | null = null;

  add(time: number): void {
    this.from = Math.min(this.from ?? time, time);
    this.to = Math.max(this.to ?? time, time);
  }
}

async function write(tx: pg.PoolClient, { block, upto }: Unbuilt, { offsets, recorded, occurred }: Lookup): Promise<void> {
  await tx.query({
    name: 'search write',
    text: 'insert into search_block (term, block, bits) select t, $1, b from unnest($2::text[], $3::bytea[]) x(t, b)',
    values: [block, [...offsets.keys()], [...offsets.values()].map(packed)],
  });
  await tx.query({
    name: 'search built',
    text: 'insert into search_built (block, upto, recorded_from, recorded_to, occurred_from, occurred_to) values ($1, $2, $3, $4, $5, $6)',
    values: [block, upto, recorded.from, recorded.to, occurred.from, occurred.to],
  });
}

/** Entries of these blocks are read themselves until the blocks are built again. */
export async function dropBlocks(tx: Pick<pg.PoolClient, 'query'>, blocks: readonly number[]): Promise<void> {
  for (const table of ['search_block', 'search_built']) await tx.query(`delete from ${table} where block = any($1::int[])`, [blocks]);
}
