import type { FulfilmentTask, HandlerAnswer } from '@attesta/sdk';
import type { MappedColumn, MappedTable, Mapping } from './mapping.js';
import { TaskFailure, type PersonTransaction } from './person-transaction.js';
import { change, isReached } from './statements.js';

/** Puts the task's changes in, all of them or none. @throws TaskFailure for what cannot be changed here, or not without asking which row */
export async function rectify(tx: PersonTransaction, mapping: Mapping, task: FulfilmentTask): Promise<HandlerAnswer> {
  const changes = (task.changes ?? []).map(({ category, field, value }) => ({ ...columnFor(mapping, task, category, field), value }));
  if (changes.length === 0) throw new TaskFailure('the task names no change');
  if (new Set(changes.map(({ column }) => column)).size < changes.length) throw new TaskFailure('the task changes a field twice');
  const scope = await tx.locate(mapping, task);
  if (!mapping.tables.some((table) => isReached(table, scope))) return { outcome: 'nothing-held' };
  for (const { table, column, value } of changes) {
    const changed = isReached(table, scope) ? (await tx.query(change(table, column, value, scope))).rowCount : 0;
    if (changed === 0) throw new TaskFailure(`there is no ${table.name} to change`);
    if (changed !== 1) throw new TaskFailure(`there is more than one ${table.name}; which is meant has to be found out`);
  }
  return { outcome: 'done', categories: task.categories };
}

function columnFor(mapping: Mapping, task: FulfilmentTask, category: string, field: string): { table: MappedTable; column: MappedColumn } {
  for (const table of mapping.tables) {
    const column = table.columns.find((one) => one.rectify && one.category === category && one.field === field);
    if (column && task.categories.includes(category)) return { table, column };
  }
  // Nothing that somebody typed is repeated, but for names that look like names.
  const shown = [category, field].every((name) => /^[\w-]{1,40}$/.test(name)) ? `${category} ${field}` : 'a field of the task';
  throw new TaskFailure(`${shown} cannot be rectified here`);
}
