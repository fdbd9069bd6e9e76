import type pg from 'pg';
import { addPacked, BLOCK, blockOf, emptyBitmap, fullBitmap, keepOnly, positionsOf } from './search-blocks.js';
import type { Choice, Plan } from './search-plan.js';

/** Entries to be read next, all of them below those before: single ones, newest first, or all from one position to another. */
export type Part = { down: number } & ({ positions: number[] } | { from: number; to: number });

const FIRST_BLOCKS = 4;
const MOST_BLOCKS = 512;
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

/** More blocks at a time the longer nothing is found. */
async function* ofBlocks(tx: pg.PoolClient, plan: Plan, low: number, high: number): AsyncGenerator<Part> {
  const lowest = blockOf(low);
  let size = FIRST_BLOCKS;
  for (let top = blockOf(high); top >= lowest;) {
    const bottom = Math.max(lowest, top - size + 1);
    const built = await builtBlocks(tx, plan, bottom, top);
    const bits = await bitsOf(tx, plan.choices, bottom, top);
    let positions: number[] = [];
    for (let block = top; block >= bottom; block--) {
      const first = Math.max(low, block * BLOCK);
      const last = Math.min(high, (block + 1) * BLOCK - 1);
      const found = built.get(block);
      const upto = Math.min(last, found?.upto ?? -1);
      if (upto < last) {
        if (positions.length > 0) yield { positions, down: last + 1 };
        positions = [];
        yield { from: Math.max(first, upto + 1), to: last, down: Math.max(first, upto + 1) };
      }
      if (!found?.timely) continue;
      if (plan.choices.length === 0) yield { from: first, to: upto, down: first };
      else positions.push(...chosen(plan.choices, bits.get(block), block, first, upto));
      if (positions.length < ENOUGH) continue;
      yield { positions, down: first };
      positions = [];
    }
    yield { positions, down: Math.max(low, bottom * BLOCK) };
    top = bottom - 1;
    size = Math.min(size * 4, MOST_BLOCKS);
  }
}

function chosen(
  choices: readonly Choice[],
  bits: ReadonlyMap<string, Buffer> | undefined,
  block: number,
  first: number,
  last: number,
): number[] {
  // Most blocks hold nothing of what is rare.
  if (choices.some(({ terms, negated }) => !negated && !terms.some((term) => bits?.has(term)))) return [];
  const bitmap = fullBitmap();
  for (const { terms, negated } of choices) {
    const any = emptyBitmap();
    for (const term of terms) {
      const packed = bits?.get(term);
      if (packed) addPacked(any, packed);
    }
    keepOnly(bitmap, any, negated);
  }
  return positionsOf(bitmap, block, first, last);
}

interface Built {
  upto: number;
  /** Whether it may hold entries of the times that are asked for. */
  timely: boolean;
}

async function builtBlocks(tx: pg.PoolClient, { recorded, occurred }: Plan, bottom: number, top: number): Promise<Map<number, Built>> {
  const { rows } = await tx.query<{ block: number; upto: string; timely: boolean }>({
    name: 'search blocks',
    // A block whose entries are all set aside has no times, and nothing to find.
    text: `select block, upto, coalesce(recorded_from <= $4 and recorded_to >= $3 and occurred_from <= $6 and occurred_to >= $5, false) as timely
             from search_built where block between $1 and $2`,
    values: [bottom, top, ...[recorded, occurred].flatMap(({ from, to }) => [Math.max(from, -FAR), Math.min(to, FAR)])],
  });
  return new Map(rows.map(({ block, upto, timely }) => [block, { upto: Number(upto), timely }]));
}

/** Bits by block and term. */
async function bitsOf(
  tx: pg.PoolClient,
  choices: readonly Choice[],
  bottom: number,
  top: number,
): Promise<Map<number, Map<string, Buffer>>> {
  const terms = [...new Set(choices.flatMap((choice) => choice.terms))];
  const found = new Map<number, Map<string, Buffer>>();
  if (terms.length === 0) return found;
  const { rows } = await tx.query<{ term: string; block: number; bits: Buffer }>({
    name: 'search bits',
    text: 'select term, block, bits from search_block where term = any($1::text[]) and block between $2 and $3',
    values: [terms, bottom, top],
  });
  for (const { term, block, bits } of rows) {
    const known = found.get(block);
    if (known) known.set(term, bits);
    else found.set(block, new Map([[term, bits]]));
  }
  return found;
}
