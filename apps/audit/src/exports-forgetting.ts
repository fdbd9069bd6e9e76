import type pg from 'pg';
import { JOB_COLUMNS, jobOf, type Job } from './exports.js';
import type { Fact } from './fact.js';
import type { Register } from './register.js';
import { parseSearch } from './search-language.js';
import { matcherOf } from './search-matching.js';

type Tx = Pick<pg.PoolClient, 'query'>;

/**
 * Files that hold these entries go, and those under way begin again without them. Behind GATE.forgetting, so that nobody is writing one.
 * @param facts as the registers had them @param registers whose rows follow from facts; an export of another is taken to hold them
 */
export async function dropExportsOf(tx: Tx, registers: readonly Register[], facts: readonly Fact[]): Promise<void> {
  const { rows } = await tx.query<object>(`select ${JOB_COLUMNS} from export where state in ('running', 'done') order by id for update`);
  const holding = rows.map(jobOf).filter((job) => holds(job, registers, facts));
  const those = (state: string) => [holding.filter((job) => job.state === state).map(({ id }) => id)];
  await tx.query('delete from export where id = any($1::uuid[])', those('done'));
  await tx.query('delete from export_chunk where export = any($1::uuid[])', those('running'));
  await tx.query(
    `update export set state = 'queued', worker = null, lease_until = null, rows = 0, bytes = 0, looked_to = null where id = any($1::uuid[])`,
    those('running'),
  );
}

function holds({ query, register: name, asOf }: Job, registers: readonly Register[], facts: readonly Fact[]): boolean {
  const until = facts.filter(({ position }) => position <= asOf);
  if (query === null) {
    const register = registers.find((one) => one.name === name);
    return register === undefined || until.some((fact) => register.rows(fact).length > 0);
  }
  const parsed = parseSearch(query);
  if (!parsed.ok) return true;
  const matches = matcherOf(parsed.query);
  return until.some(({ position, entry }) => matches(position, entry));
}

/** A query that names somebody is a trace of them, whatever became of its export. */
export async function dropExportsNaming(tx: Tx, people: readonly string[]): Promise<void> {
  await tx.query('delete from export where exists (select 1 from unnest($1::text[]) one where strpos(query, one) > 0)', [people]);
}
