import type { Fact } from './fact.js';
import { dropExportsOf } from './exports-forgetting.js';
import { dropBlocks } from './search-index.js';
import { blockOf } from './search-blocks.js';
import type pg from 'pg';

/** Entries of which less is left now: search looks them up anew, and no file goes on holding them. @param facts as the registers had them */
export async function changedInSearch(tx: Pick<pg.PoolClient, 'query'>, facts: readonly Fact[]): Promise<void> {
  if (facts.length === 0) return;
  await dropBlocks(tx, [...new Set(facts.map(({ position }) => blockOf(position)))]);
  await dropExportsOf(tx, facts);
}
