import { listen } from '@attesta/event-log';
import type { NumberedTask, TaskSource } from '@attesta/transport';
import type pg from 'pg';

const CHANNEL = 'attesta_tasks';

/**
 * Puts tasks of connected systems in the order in which they are told. Near the end of a transaction, for the numbers are handed out under a lock
 * that lasts until its commit: whoever reads in their order misses none.
 */
export async function numberTasks(tx: Pick<pg.PoolClient, 'query'>, tasks: readonly string[]): Promise<void> {
  if (tasks.length === 0) return;
  await tx.query(
    `with head as (update task_head set number = number + $2 returning number - $2 as base)
     update task set number = base + o from unnest($1::uuid[]) with ordinality f (id, o), head where task.id = f.id`,
    [tasks, tasks.length],
  );
  await tx.query(`notify ${CHANNEL}`);
}

/** Open tasks as a relay reads them: no more of a person than that there is a request. */
export const taskSource = (pool: pg.Pool): TaskSource => ({
  async read(after, limit) {
    const { rows } = await pool.query<Omit<NumberedTask, 'number'> & { number: string }>(
      `select number, id as task, request, system, body->>'kind' as kind from task
        where open and box is not null and number > $1 order by number limit $2`,
      [after, limit],
    );
    return rows.map((row) => ({ ...row, number: Number(row.number) }));
  },
  watch: (wake) => listen(pool, CHANNEL, wake),
});
