/* What a process relies on in a database, and what a change takes from it. */
import type pg from 'pg';

interface Column {
  type: string;
  /** Whoever inserts must name it: it may not be null and has no default. */
  needed: boolean;
}

export interface Schema {
  /** By table or view, and column. */
  columns: Map<string, Map<string, Column>>;
  /** Names of constraints and unique indexes, and the table that each restricts. */
  restrictions: Map<string, string>;
  /** By name and types of arguments: what they answer. */
  functions: Map<string, string>;
}

const OURS = `n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast')`;

export async function schemaOf(pool: pg.Pool): Promise<Schema> {
  const columns = await pool.query<{ relation: string; name: string; type: string; needed: boolean }>(
    `select c.oid::regclass::text as relation, a.attname as name, format_type(a.atttypid, a.atttypmod) as type,
            a.attnotnull and not a.atthasdef and a.attidentity = '' as needed
       from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_attribute a on a.attrelid = c.oid
      where ${OURS} and c.relkind in ('r', 'p', 'v', 'm') and a.attnum > 0 and not a.attisdropped`,
  );
  const restrictions = await pool.query<{ name: string; relation: string }>(
    `select conname as name, conrelid::regclass::text as relation from pg_constraint k join pg_namespace n on n.oid = k.connamespace
      where ${OURS} and contype in ('c', 'f', 'u', 'x') and conrelid <> 0
     union select i.indexrelid::regclass::text, i.indrelid::regclass::text from pg_index i join pg_class c on c.oid = i.indrelid
       join pg_namespace n on n.oid = c.relnamespace where ${OURS} and i.indisunique`,
  );
  const functions = await pool.query<{ name: string; answers: string }>(
    `select p.oid::regprocedure::text as name, pg_get_function_result(p.oid) as answers from pg_proc p join pg_namespace n on n.oid = p.pronamespace
      where ${OURS}`,
  );
  const byRelation = new Map<string, Map<string, Column>>();
  for (const { relation, name, type, needed } of columns.rows) {
    byRelation.set(relation, (byRelation.get(relation) ?? new Map<string, Column>()).set(name, { type, needed }));
  }
  return {
    columns: byRelation,
    restrictions: new Map(restrictions.rows.map(({ name, relation }) => [name, relation])),
    functions: new Map(functions.rows.map(({ name, answers }) => [name, answers])),
  };
}

/** What somebody who relied on the schema before would miss, or be refused, in the one after. */
export function contractions(before: Schema, after: Schema): string[] {
  const found: string[] = [];
  for (const [relation, columns] of before.columns) {
    const now = after.columns.get(relation);
    if (!now) {
      found.push(`${relation} is gone`);
      continue;
    }
    for (const [name, { type }] of columns) {
      const column = now.get(name);
      if (!column) found.push(`${relation}.${name} is gone`);
      else if (column.type !== type) found.push(`${relation}.${name} is ${column.type}, was ${type}`);
    }
    for (const [name, { needed }] of now) if (needed && !columns.get(name)?.needed) found.push(`${relation}.${name} must be given`);
  }
  for (const [name, relation] of after.restrictions) {
    if (!before.restrictions.has(name) && before.columns.has(relation)) found.push(`${name} restricts ${relation}`);
  }
  for (const [name, answers] of before.functions) {
    const now = after.functions.get(name);
    if (now === undefined) found.push(`${name} is gone`);
    else if (now !== answers) found.push(`${name} answers otherwise`);
  }
  return found;
}
