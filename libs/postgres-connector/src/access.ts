import type { FulfilmentRecord, FulfilmentTask, HandlerAnswer } from '@attesta/sdk';
import type { MappedColumn, MappedTable, Mapping } from './mapping.js';
import type { PersonTransaction } from './person-transaction.js';
import { isReached, select } from './statements.js';

/** Access and portability: what is held of the task's categories; of portability, what the person provided. */
export async function access(tx: PersonTransaction, mapping: Mapping, task: FulfilmentTask): Promise<HandlerAnswer> {
  const scope = await tx.locate(mapping, task);
  const records: FulfilmentRecord[] = [];
  for (const table of mapping.tables) {
    const columns = table.columns.filter(
      ({ category, provenance }) => task.categories.includes(category) && (task.kind !== 'portability' || provenance === 'provided'),
    );
    if (columns.length === 0 || !isReached(table, scope)) continue;
    const { rows } = await tx.query(select(table, columns, scope));
    for (const row of rows) records.push(...recordsOf(table, columns, row as Value[]));
  }
  return records.length > 0 ? { outcome: 'data', records } : { outcome: 'nothing-held' };
}

type Value = FulfilmentRecord['values'][string];

/** A row as one record for each category, provenance and basis; where all is null, none. */
function recordsOf({ name }: MappedTable, columns: readonly MappedColumn[], row: readonly Value[]): FulfilmentRecord[] {
  const records = new Map<string, { about: Omit<FulfilmentRecord, 'values'>; values: [string, Value][] }>();
  columns.forEach(({ field, category, provenance, basis }, n) => {
    const key = `${category} ${provenance} ${basis}`;
    const record = records.get(key) ?? { about: { category, name, provenance, ...(basis !== undefined && { basis }) }, values: [] };
    record.values.push([field, row[n] ?? null]);
    records.set(key, record);
  });
  return [...records.values()]
    .filter(({ values }) => values.some(([, value]) => value !== null))
    .map(({ about, values }) => ({ ...about, values: Object.fromEntries(values) }));
}
