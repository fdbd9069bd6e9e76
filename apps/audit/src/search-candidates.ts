import type pg from 'pg';
import { Bitmap, BLOCK, blockOf } from './search-blocks.js';
import type { Choice, Plan } from './search-plan.js';

/** Entries to be read next, all of them below those before: single ones, newest first, or all from one position to another. */
export type Part = { down: number } & ({ positions: number[] } | { from: number; to: number });

const FIRST_BLOCKS = 4;
/** A block holds at most some kilobytes of the terms of a clause: no answer takes more than some megabytes. */
const MOST_BLOCKS = 1_024;
const ENOUGH = 64;
const PEOPLE_PAGE = 500;
/** No time is as far away (ms). */
const FAR = 1e15;

/** Where what is asked for may be, from `high` down to `low`. Each part ends looked at down to `down`. */
export async function* candidates(tx: pg.PoolClient, plan: Plan, low: number, high: number): AsyncGenerator<Part> {
  if (plan.people) yield* ofPeople(tx, plan.people, low, high);
  else yield* ofBlocks(tx, plan, low, high);
}

async function* ofPeople(tx: pg.PoolClient, people: string[], low: number, high: number): AsyncGenerator<Part> {
  for (let to = high; to >= low;) {
    const { rows } = await tx.query<{ position: string }>({
      name: 'search people',
      text: `select distinct position from timeline_subject where subject = any($1::uuid[]) and position between $2 and $3
              order by position desc limit ${PEOPLE_PAGE}`,
      values: [people, low, to],
    });
    const positions = rows.map(({ position }) => Number(position));
    const down = rows.length < PEOPLE_PAGE ? low : positions.at(-1)!;
    yield { positions, down };
    to = down - 1;
  }
}

/** More blocks at a time the longer nothing is found; all that may be taken at once where no block can have anything. */
async function* ofBlocks(tx: pg.PoolClient, plan: Plan, low: number, high: number): AsyncGenerator<Part> {
  const lowest = blockOf(low);
  const hopeless = plan.choices.some(({ terms, negated }) => !negated && terms.length === 0);
  const choose = chooser(plan.choices);
  let size = hopeless ? MOST_BLOCKS : FIRST_BLOCKS;
  for (let top = blockOf(high); top >= lowest;) {
    const bottom = Math.max(lowest, top - size + 1);
    const unlike = await unlikeBlocks(tx, plan, bottom, top);
    const bits: Bits = hopeless ? new Map() : await bitsOf(tx, plan.choices, bottom, top);
    let positions: number[] = [];
    for (let block = top; block >= bottom; block--) {
      const first = Math.max(low, block * BLOCK);
      const last = Math.min(high, (block + 1) * BLOCK - 1);
      const { upto: built, timely } = unlike.get(block) ?? { upto: last, timely: true };
      const upto = Math.min(last, built);
      if (upto < last) {
        if (positions.length > 0) yield { positions, down: last + 1 };
        positions = [];
        yield { from: Math.max(first, upto + 1), to: last, down: Math.max(first, upto + 1) };
      }
      if (!timely) continue;
      if (plan.choices.length === 0) yield { from: first, to: upto, down: first };
      else positions.push(...choose(bits, block, first, upto));
      if (positions.length < ENOUGH) continue;
      yield { positions, down: first };
      positions = [];
    }
    yield { positions, down: Math.max(low, bottom * BLOCK) };
    top = bottom - 1;
    size = Math.min(size * 4, MOST_BLOCKS);
  }
}

/** What is packed of each term, by block. */
type Bits = Map<string, Map<number, Buffer>>;

function chooser(choices: readonly Choice[]): (bits: Bits, block: number, first: number, last: number) => number[] {
  const [all, any] = [new Bitmap(), new Bitmap()];
  return (bits, block, first, last) => {
    // Most blocks hold nothing of what is rare.
    if (choices.some(({ terms, negated }) => !negated && !terms.some((term) => bits.get(term)?.has(block)))) return [];
    all.fill();
    for (const { terms, negated } of choices) {
      any.clear();
      for (const term of terms) {
        const packed = bits.get(term)?.get(block);
        if (packed) any.add(packed);
      }
      all.keepOnly(any, negated);
    }
    return all.positions(block, first, last);
  };
}

interface Unlike {
  /** Up to where it is built; -1 where it is not. */
  upto: number;
  /** Whether it may hold entries of the times that are asked for. */
  timely: boolean;
}

/** Blocks that are not built to their end, or hold nothing of the times that are asked for. */
async function unlikeBlocks(tx: pg.PoolClient, { recorded, occurred }: Plan, bottom: number, top: number): Promise<Map<number, Unlike>> {
  const { rows } = await tx.query<{ block: number; upto: string | null; timely: boolean }>({
    name: 'search blocks',
    // A block whose entries are all set aside has no times, and nothing to find.
    text: `select n as block, upto, timely from generate_series($1::int, $2::int) n
             left join (select block, upto, coalesce(recorded_from <= $4 and recorded_to >= $3 and occurred_from <= $6 and occurred_to >= $5, false) as timely
                          from search_built where block between $1 and $2) b on block = n
            where upto is null or upto < n::int8 * ${BLOCK} + ${BLOCK - 1} or not timely`,
    values: [bottom, top, ...[recorded, occurred].flatMap(({ from, to }) => [Math.max(from, -FAR), Math.min(to, FAR)])],
  });
  return new Map(rows.map(({ block, upto, timely }) => [block, { upto: Number(upto ?? -1), timely }]));
}

/** A row for each term: thousands of them would cost more than what they hold. */
async function bitsOf(tx: pg.PoolClient, choices: readonly Choice[], bottom: number, top: number): Promise<Bits> {
  const terms = [...new Set(choices.flatMap((choice) => choice.terms))];
  if (terms.length === 0) return new Map();
  const { rows } = await tx.query<{ term: string; heads: Buffer; bits: Buffer }>({
    name: 'search bits',
    text: `select term, string_agg(int4send(block) || int4send(octet_length(bits)), ''::bytea order by block) as heads,
                  string_agg(bits, ''::bytea order by block) as bits
             from search_block where term = any($1::text[]) and block between $2 and $3 group by term`,
    values: [terms, bottom, top],
  });
  return new Map(rows.map(({ term, heads, bits }) => [term, cut(heads, bits)]));
}

/** @param heads number and size of each block, four bytes each */
function cut(heads: Buffer, bits: Buffer): Map<number, Buffer> {
  const found = new Map<number, Buffer>();
  for (let at = 0, start = 0; at < heads.length; at += 8) {
    const end = start + heads.readInt32BE(at + 4);
    found.set(heads.readInt32BE(at), bits.subarray(start, end));
    start = end;
  }
  return found;
}
