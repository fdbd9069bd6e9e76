import type { FulfilmentTask, HandlerAnswer, KeptCategory } from '@attesta/sdk';
import type { Catalog } from './catalog.js';
import type { MappedTable, Mapping } from './mapping.js';
import type { PersonTransaction } from './person-transaction.js';
import { blank, count, isReached, remove } from './statements.js';

const LINKS_KEPT = 'It links records that are kept';

/** Erases the task's categories, children before their parents. */
export async function erase(tx: PersonTransaction, mapping: Mapping, catalog: Catalog, task: FulfilmentTask): Promise<HandlerAnswer> {
  const scope = await tx.locate(mapping, task.identifiers);
  if (!mapping.tables.some((table) => isReached(table, scope))) return { outcome: 'nothing-held' };
  const erased = new Set<string>();
  const kept = new Map<string, KeptCategory>();
  for (const table of mapping.tables.toReversed()) {
    const plan = planOf(table, task.categories);
    for (const category of plan.erased) erased.add(category);
    if (!isReached(table, scope)) continue;
    if (plan.kept.size > 0 && Number((await tx.query(count(table, scope))).rows[0]?.[0]) > 0) {
      for (const one of keptOf(table, plan.kept)) kept.set(JSON.stringify(one), one);
    }
    if (plan.deletes) await tx.query(remove(table, scope));
    else if (plan.blanked.length > 0) await tx.query(blank(table, plan.blanked, scope, catalog));
  }
  const keeps = new Set([...kept.values()].map(({ category }) => category));
  return {
    outcome: 'done',
    // Of what was neither erased nor kept there was nothing: it is done as well.
    categories: task.categories.filter((category) => erased.has(category) || !keeps.has(category)),
    ...(kept.size > 0 && { kept: [...kept.values()] }),
  };
}

function planOf(table: MappedTable, categories: readonly string[]) {
  const named = table.columns.filter(({ category }) => categories.includes(category));
  const deletes = isDeleted(table, categories);
  const stays = ({ column, erase }: (typeof named)[number]) => table.erase === 'keep' || erase === 'keep' || table.links.has(column);
  const kept = deletes ? [] : named.filter(stays);
  const gone = deletes ? named : named.filter((column) => !stays(column));
  const categoriesOf = (columns: typeof named) => new Set(columns.map(({ category }) => category));
  return { deletes, blanked: deletes ? [] : gone, erased: categoriesOf(gone), kept: categoriesOf(kept) };
}

/** Only whole: a row goes when nothing in it, and nothing that hangs on it, is to stay. */
const isDeleted = ({ erase, columns, children }: MappedTable, categories: readonly string[]): boolean =>
  erase === 'row' &&
  columns.every(({ category }) => categories.includes(category)) &&
  children.every((child) => isDeleted(child, categories));

const keptOf = ({ keep }: MappedTable, categories: ReadonlySet<string>): KeptCategory[] =>
  [...categories].map((category) => ({ category, reason: keep?.reason ?? LINKS_KEPT, ...(keep?.law !== undefined && { law: keep.law }) }));
