import { listen } from '@attesta/event-log';
import type { TaskSource } from '@attesta/transport';
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

interface Row {
  number: string;
  task: string;
  request: string | null;
  disposal: string | null;
  system: string;
  kind: string;
}

/** Open tasks as a relay reads them: no more of a person than that there is a request, or a disposal. */
export const taskSource = (pool: pg.Pool): TaskSource => ({
  async read(after, limit) {
    const { rows } = await pool.query<Row>(
      `select number, id as task, request, disposal, system, body->>'kind' as kind from task
        where open and box is not null and number > $1 order by number limit $2`,
      [after, limit],
    );
    return rows.map(({ number, task, request, disposal, system, kind }) => ({
      number: Number(number),
      task,
      ...(request === null ? { disposal: disposal! } : { request }),
      system,
      kind,
    }));
  },
  watch: (wake) => listen(pool, CHANNEL, wake),
});
