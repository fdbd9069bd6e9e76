import type { MappingProblem } from './mapping.js';
import type { MappingSource, TableSource } from './mapping-source.js';

/** PostgreSQL cuts longer identifiers off, and what is left may be another table's name. */
const IDENTIFIER_BYTES = 63;

/** What cannot be, once the form of each part is right. */
export function mappingConflicts({ tables }: MappingSource): MappingProblem[] {
  const problems: MappingProblem[] = [];
  const report = (at: string, problem: string, fix: string) => problems.push({ at, problem, fix });
  const byName = new Map(tables.map((table) => [table.table, table]));
  const rectified = new Map<string, string>();

  tables.forEach((table, index) => {
    const at = `tables[${index}]`;
    const children = tables.filter(({ through }) => through?.table === table.table);
    if (byName.get(table.table) !== table) report(`${at}.table`, `${table.table} is mapped again further down`, 'map a table once');
    rows(table, at, byName, report);
    if (table.erase === 'keep' || table.columns.some(({ erase }) => erase === 'keep')) {
      if (!table.keep) report(`${at}.keep`, 'is missing, and something is kept', 'say the reason, and the law where one demands it');
    }
    if (table.erase === 'row') {
      const kept = children.find(({ erase }) => erase !== 'row');
      if (kept) report(`${at}.erase`, `rows go while those of ${kept.table} stay`, `use columns, or row for ${kept.table} as well`);
    }

    if (table.collected === 'parent' && !table.through)
      report(`${at}.collected`, 'goes with through alone', 'name the column, or write ignore');
    const links = new Set(children.map(({ through }) => through?.references ?? 'id'));
    if (table.through) links.add(table.through.column);
    else if (!table.many) links.add(table.key ?? 'id');
    const seen = new Set<string>();
    table.columns.forEach(({ column, field = column, category, erase, rectify }, n) => {
      const here = `${at}.columns[${n}]`;
      if (seen.has(column)) report(`${here}.column`, `${column} is mapped twice`, 'map a column once');
      if (seen.has(`${category} ${field}`))
        report(`${here}.field`, `${category} has another field ${field} here`, 'give them different names');
      seen.add(column).add(`${category} ${field}`);
      if (table.erase === 'row' && erase === 'keep')
        report(`${here}.erase`, 'is kept in a row that is deleted', 'use columns for the table');
      if (links.has(column) && (erase === null || erase === 'null' || erase === 'anonymise')) {
        report(`${here}.erase`, `${column} is what rows are found by`, 'leave erase out, or use keep');
      }
      if (!rectify) return;
      if (links.has(column)) report(`${here}.rectify`, `${column} is what rows are found by`, 'leave rectify out');
      const other = rectified.get(`${category} ${field}`);
      if (other !== undefined)
        report(`${here}.rectify`, `${category} ${field} is rectified in ${other} too`, 'give one another field name');
      rectified.set(`${category} ${field}`, table.table);
    });
    for (const [where, name] of identifiers(table, at)) {
      if (Buffer.byteLength(name) > IDENTIFIER_BYTES) report(where, 'is longer than 63 bytes', 'use the name that the database has');
      if (name.includes('\0')) report(where, 'holds a NUL', 'use the name that the database has');
    }
  });
  return problems;
}

type Report = (at: string, problem: string, fix: string) => void;

function rows(table: TableSource, at: string, byName: ReadonlyMap<string, TableSource>, report: Report): void {
  const { find, through, many, key, ignoreCase = [] } = table;
  if (!find && !through) report(at, 'nothing says whose its rows are', 'add find, or through');
  if (find && through) report(at, 'has both find and through', 'use one of them');
  if (many && through) report(`${at}.many`, 'goes with find alone', 'remove it: through takes every row anyway');
  if (key !== undefined && (many || through)) report(`${at}.key`, 'goes with find of a single row alone', 'remove it');
  for (const scheme of ignoreCase) {
    if (find?.[scheme] === undefined) report(`${at}.ignoreCase`, `${scheme} is no scheme of find`, 'remove it, or add it to find');
  }
  if (!through) return;
  if (!byName.has(through.table)) {
    report(`${at}.through.table`, `${through.table} is not mapped`, `use one of: ${[...byName.keys()].join(', ')}`);
    return;
  }
  const passed = new Set([table.table]);
  for (let up = byName.get(through.table); up; up = up.through && byName.get(up.through.table)) {
    if (passed.has(up.table)) {
      report(`${at}.through`, 'leads round in a circle', 'let it end at a table with find');
      return;
    }
    passed.add(up.table);
  }
}

function identifiers({ table, find = {}, key = '', through, columns, collected = '' }: TableSource, at: string): [string, string][] {
  return [
    ...table.split('.').map((part): [string, string] => [`${at}.table`, part]),
    ...Object.entries(find).map(([scheme, column]): [string, string] => [`${at}.find.${scheme}`, column]),
    [`${at}.key`, key],
    [`${at}.collected`, collected],
    [`${at}.through.column`, through?.column ?? ''],
    [`${at}.through.references`, through?.references ?? ''],
    ...columns.map(({ column }, n): [string, string] => [`${at}.columns[${n}].column`, column]),
  ];
}
