import type { NewEvent } from '@attesta/event-log';
import type { EventTypes } from '@attesta/events';
import { Problem, refuseUnsealable } from '@attesta/service-kit';
import type { FulfilmentAnswer } from '@attesta/sdk';
import type pg from 'pg';
import { say, systemsAnswered, taskStuck } from './disposal-events.js';
import { REQUESTS_SOURCE } from './request-store.js';
import type { Requests } from './requests.js';
import type { TaskBody, TaskOutcome, TaskRow } from './task-table.js';
import { answersItself, noSuchTask, unfitting } from './tasks.js';

type StuckReason = EventTypes['attesta.disposal.task-stuck.v1']['reason'];

const MOST = 100;
/** Bytes that acknowledgements may have in an entry: 65,535 leave room for the rest. */
const MOST_BYTES = 60_000;

/** What systems and recipients answer to a disposal that nobody asked for. */
export class DisposalTasks {
  constructor(private readonly requests: Requests) {}

  /** Says who is late. */
  async tick(): Promise<void> {
    while ((await this.tellLate()) === MOST);
  }

  /** @returns false when the task had ended @throws Problem 422 for what cannot be sealed */
  answer(row: TaskRow & { disposal: string }, answer: FulfilmentAnswer, digest: string, actor: string): Promise<boolean> {
    const kept = answer.outcome === 'done' ? answer.kept : undefined;
    const outcome: TaskOutcome = { outcome: answer.outcome === 'done' ? 'done' : 'nothing-held', ...(kept && kept.length > 0 && { kept }) };
    return this.end(row.disposal, row.id, outcome, actor, digest);
  }

  /**
   * The data protection officer settles a task that a system did not, or that a letter did.
   * @throws Problem 404; 409 when it ended, or the system answers for itself
   */
  async settle(task: string, actor: string, { reason, acknowledged }: { reason: string; acknowledged: boolean }): Promise<DisposalTask> {
    const found = await this.task(task);
    if (!found) throw noSuchTask();
    if (acknowledged && (await this.requests.systems.find(found.system))) throw answersItself();
    if (!(await this.end(found.disposal, task, { outcome: acknowledged ? 'done' : 'overridden', reason }, actor))) throw hasEnded();
    return (await this.task(task))!;
  }

  /** Says once that a task is stuck. */
  noteStuck(task: string, reason: StuckReason, actor: string | undefined): Promise<void> {
    return this.requests.transact(async (tx) => {
      await this.sayStuck(tx, [task], reason, actor);
    });
  }

  async task(id: string): Promise<DisposalTask | undefined> {
    const { rows } = await this.requests.pool.query<DisposalTaskRow>(`select ${TOLD} from task where id = $1 and disposal is not null`, [
      id,
    ]);
    return rows[0] && toldOf(rows[0]);
  }

  /** Open tasks, or all of one disposal, those that are due first. @param after the last of the page before */
  async list(disposal: string | undefined, after: { due: string; task: string } | undefined, limit: number): Promise<DisposalTask[]> {
    const { rows } = await this.requests.pool.query<DisposalTaskRow>(
      `select ${TOLD} from task where disposal is not null and ($1::uuid is null or disposal = $1) and (open or $1 is not null)
          and ($2::timestamptz is null or (due_at, id) > ($2, $3::uuid)) order by due_at, id limit $4`,
      [disposal ?? null, after?.due ?? null, after?.task ?? null, limit],
    );
    return rows.map(toldOf);
  }

  private end(disposal: string, task: string, outcome: TaskOutcome, actor: string, digest?: string): Promise<boolean> {
    return this.requests.transact(async (tx) => {
      const { rows } = await tx.query<{ id: string; subject: string }>('select id, subject from disposal where id = $1 for update', [
        disposal,
      ]);
      const row = rows[0]!;
      const { rowCount } = await tx.query(
        'update task set open = false, digest = $2, outcome = $3, next_at = null where id = $1 and open',
        [task, digest ?? null, outcome],
      );
      if (rowCount === 0) return false;
      const { rows: tasks } = await tx.query<{ system: string; open: boolean; outcome: TaskOutcome | null }>(
        'select system, open, outcome from task where disposal = $1 order by system, id',
        [disposal],
      );
      // Whoever answers hears at once of what could not be sealed in the end.
      const acknowledgements = tasks.flatMap(({ system, outcome: ended }) =>
        ended ? [{ system, outcome: ended.outcome, ...(ended.kept && { kept: ended.kept }) }] : [],
      );
      const event = systemsAnswered(this.requests, row, acknowledgements, actor);
      this.refuseUnsealable(event);
      if (tasks.some(({ open }) => open)) return true;
      await tx.query('update disposal set answered = true where id = $1', [disposal]);
      // No system is asked any more, and what they needed to find the person is not either.
      await tx.query('update task set kek = null, box = null where disposal = $1', [disposal]);
      await say(tx, this.requests, [event]);
      return true;
    });
  }

  private async tellLate(): Promise<number> {
    return this.requests.transact(async (tx) => {
      const { rows } = await tx.query<{ id: string }>(
        `select id from task where open and not late and due_at <= $1 and disposal is not null order by due_at, id limit ${MOST} for update skip locked`,
        [this.requests.now()],
      );
      if (rows.length > 0)
        await this.sayStuck(
          tx,
          rows.map(({ id }) => id),
          'no-answer',
          undefined,
        );
      return rows.length;
    });
  }

  private async sayStuck(tx: pg.PoolClient, tasks: string[], reason: StuckReason, actor: string | undefined): Promise<void> {
    const { rows } = await tx.query<{ id: string; disposal: string; subject: string; system: string; attempts: number }>(
      'update task set late = true where id = any($1::uuid[]) and open and not late returning id, disposal, subject, system, attempts',
      [tasks],
    );
    await say(
      tx,
      this.requests,
      rows.map(({ id: task, disposal, subject, system, attempts }) =>
        taskStuck(this.requests, subject, { disposal, task, system, reason, attempts }, actor),
      ),
    );
  }

  private refuseUnsealable(event: NewEvent): void {
    if (Buffer.byteLength(JSON.stringify(event.data)) > MOST_BYTES) throw tooMuch();
    refuseUnsealable(REQUESTS_SOURCE, event, this.requests.policy, this.requests.now());
  }
}

/** A task of a disposal as the data protection officer sees it: without personal values. Times are RFC 3339. */
export interface DisposalTask {
  task: string;
  disposal: string;
  subject: string;
  system: string;
  categories: string[];
  action: string;
  collectedUntil: string;
  dueAt: string;
  attempts: number;
  stuck: boolean;
  outcome: string | null;
  /** Why it was settled by hand. */
  reason: string | null;
  kept: NonNullable<TaskOutcome['kept']>;
}

interface DisposalTaskRow {
  id: string;
  disposal: string;
  subject: string;
  system: string;
  body: TaskBody & { action: string; collectedUntil: string };
  open: boolean;
  due_at: Date;
  attempts: number;
  late: boolean;
  outcome: TaskOutcome | null;
}

const TOLD = 'id, disposal, subject, system, body, open, due_at, attempts, late, outcome';

const toldOf = ({ id, disposal, subject, system, body, open, due_at, attempts, late, outcome }: DisposalTaskRow): DisposalTask => ({
  task: id,
  disposal,
  subject,
  system,
  categories: body.categories,
  action: body.action,
  collectedUntil: body.collectedUntil,
  dueAt: due_at.toISOString(),
  attempts,
  stuck: open && late,
  outcome: outcome?.outcome ?? null,
  reason: outcome?.reason ?? null,
  kept: outcome?.kept ?? [],
});

const hasEnded = () => Problem.conflict('The task ended already.', 'Nothing need be done.', 'task-ended');
const tooMuch = () =>
  unfitting([
    { field: '/kept', code: 'too-long', message: 'makes more than an event holds', fix: 'give shorter reasons, or one for each category' },
  ]);
