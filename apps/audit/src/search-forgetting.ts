import type pg from 'pg';
import { dropExportsNaming, dropExportsOf } from './exports-forgetting.js';
import type { Fact } from './fact.js';
import type { Register } from './register.js';
import { blockOf } from './search-blocks.js';
import { dropBlocks } from './search-index.js';

/**
 * Of entries of which less is left now: search looks them up anew, and no file goes on holding more.
 * @param facts as the registers had them
 */
export async function forgetInSearch(
  tx: Pick<pg.PoolClient, 'query'>,
  registers: readonly Register[],
  people: readonly string[],
  facts: readonly Fact[],
): Promise<void> {
  await dropExportsNaming(tx, people);
  if (facts.length === 0) return;
  await dropBlocks(tx, [...new Set(facts.map(({ position }) => blockOf(position)))]);
  await dropExportsOf(tx, registers, facts);
}
