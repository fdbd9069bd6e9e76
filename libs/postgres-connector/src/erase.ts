import type { FulfilmentTask, HandlerAnswer, KeptCategory } from '@attesta/sdk';
import type { Catalog } from './catalog.js';
import { staysAnonymous, type MappedTable, type Mapping } from './mapping.js';
import { TaskFailure, type PersonTransaction } from './person-transaction.js';
import { blank, count, isReached, remove } from './statements.js';

const LINKS_KEPT = 'It links records that are kept';

/** Erases the task's categories, children before their parents; with `collectedUntil`, in the rows that are as old. */
export async function erase(tx: PersonTransaction, mapping: Mapping, catalog: Catalog, task: FulfilmentTask): Promise<HandlerAnswer> {
  const scope = await tx.locate(mapping, task);
  if (!mapping.tables.some((table) => isReached(table, scope))) return { outcome: 'nothing-held' };
  const erased = new Set<string>();
  const kept = new Map<string, KeptCategory>();
  for (const table of mapping.tables.toReversed()) {
    const plan = planOf(table, task);
    for (const category of plan.erased) erased.add(category);
    if (!isReached(table, scope)) continue;
    if (task.collectedUntil !== undefined && (plan.deletes || plan.blanked.length > 0)) mustBeDated(table);
    if (plan.deletes) await tx.query(remove(table, scope));
    // Of a row that stays for newer ones that belong to it, what it says goes all the same.
    const leaves = !plan.deletes || (scope.until !== undefined && table.children.length > 0);
    if (!leaves) continue;
    if (plan.kept.size > 0 && Number((await tx.query(count(table, scope))).rows[0]?.[0]) > 0) {
      for (const one of keptOf(table, plan.kept)) kept.set(JSON.stringify(one), one);
    }
    if (plan.blanked.length > 0) await tx.query(blank(table, plan.blanked, scope, catalog));
  }
  const keeps = new Set([...kept.values()].map(({ category }) => category));
  return {
    outcome: 'done',
    // Of what was neither erased nor kept there was nothing: it is done as well.
    categories: task.categories.filter((category) => erased.has(category) || !keeps.has(category)),
    ...(kept.size > 0 && { kept: [...kept.values()] }),
  };
}

function planOf(table: MappedTable, task: FulfilmentTask) {
  const named = table.columns.filter(({ category }) => task.categories.includes(category));
  const stays = ({ column, erase }: (typeof named)[number]) => table.erase === 'keep' || erase === 'keep' || table.links.has(column);
  const blanked = named.filter((column) => !stays(column));
  const deletes = isDeleted(table, task);
  const categoriesOf = (columns: typeof named) => new Set(columns.map(({ category }) => category));
  return { deletes, blanked, erased: categoriesOf(deletes ? named : blanked), kept: categoriesOf(named.filter(stays)) };
}

/** Only whole: a row goes when nothing in it, and nothing that hangs on it, is to stay. */
const isDeleted = (table: MappedTable, task: FulfilmentTask): boolean =>
  table.erase === 'row' &&
  table.columns.every(({ category }) => task.categories.includes(category)) &&
  !(task.action === 'anonymise' && staysAnonymous(table, task.categories)) &&
  table.children.every((child) => isDeleted(child, task));

/** @throws TaskFailure where newer data could not be told apart */
function mustBeDated({ name, collected, rows }: MappedTable): void {
  if (collected?.by === 'parent' && rows.by === 'parent') return mustBeDated(rows.parent);
  if (collected) return;
  throw new TaskFailure(
    `the task spares what was collected later, and the mapping does not say when a ${name} was: name its column as collected, or write collected: ignore`,
  );
}

const keptOf = ({ keep }: MappedTable, categories: ReadonlySet<string>): KeptCategory[] =>
  [...categories].map((category) => ({ category, reason: keep?.reason ?? LINKS_KEPT, ...(keep?.law !== undefined && { law: keep.law }) }));
