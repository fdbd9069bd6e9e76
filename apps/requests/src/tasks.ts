import { hash, randomUUID } from 'node:crypto';
import { TASK_KINDS, type FulfilmentAnswer, type FulfilmentTask, type TaskKind } from '@attesta/sdk';
import type { FieldProblem } from '@attesta/events';
import { canonical } from '@attesta/proof';
import { endOfDuration } from '@attesta/policy';
import { Problem } from '@attesta/service-kit';
import type pg from 'pg';
import { TRANSITIONS, type NewTask } from './request.decider.js';
import { openTasks, type Status } from './request.state.js';
import type { OpenRequest } from './request-store.js';
import { noSuchRequest, type Requests } from './requests.js';
import type { System } from './systems.js';
import { answerProblems, readAnswer } from './task-answer.js';
import { issueTasks, TASK_COLUMNS, taskOf, whoIsAsked, type IssuedTask, type TaskRow } from './task-table.js';
import { callWebhook } from './webhook.js';

/** What the data protection officer decides when accepting. */
export interface Acceptance {
  refused: { category: string; ground: string }[];
}

const RETRIES_MS = [10_000, 60_000, 300_000, 1_800_000];
const HOURLY = 3_600_000;
/** Whoever said that the answer comes later is asked again, in case it was forgotten. */
const DAILY = 24 * HOURLY;
/** After so many failed tries the data protection officer is told; the tries go on. */
const TRIES_TOLD = 5;
const MOST = 50;
/** How long an acceptance waits for the ledger to give back what was said of the request. */
const PATIENCE_MS = 3_000;

/** What connected systems are asked to do, and what they answer. */
export class Tasks {
  constructor(private readonly requests: Requests) {}

  /** Accepts a request, and asks every system that holds what it is about. */
  async accept(id: string, actor: string, { refused }: Acceptance): Promise<OpenRequest> {
    const { dossier, systems: register } = this.requests;
    await this.followed(id);
    const refs = await this.refsFor(id);
    return this.requests.handle(id, actor, async (request, tx) => {
      const { state, subject } = request;
      const systems = await register.all();
      const refusals = new Set(refused.map(({ category }) => category));
      const asked = (await this.asked(tx, request, systems)).filter((category) => !refusals.has(category));
      if (state.right === 'erasure') request.spared = await dossier.survivors(tx, subject, state.jurisdiction, asked);
      const kept = new Set(request.spared.map(({ category }) => category));
      const categories = asked.filter((category) => !kept.has(category));
      const tasks = await this.plan(tx, request, systems, categories);
      request.decide({ kind: 'accept', categories, refused, tasks }, actor);
      await this.issue(tx, request, tasks, systems, refs);
    });
  }

  /** Open tasks of a system, oldest first. */
  async openOf(system: string, limit: number): Promise<FulfilmentTask[]> {
    const { rows } = await this.requests.pool.query<TaskRow>(
      `select ${TASK_COLUMNS} from task where system = $1 and open and box is not null order by issued_at, id limit $2`,
      [system, limit],
    );
    return Promise.all(rows.map((row) => taskOf(this.requests, row)));
  }

  /** A task that waits for its answer. */
  async find(task: string): Promise<FulfilmentTask | undefined> {
    const row = await this.row(task);
    return row?.open && row.box ? taskOf(this.requests, row) : undefined;
  }

  async systemOf(task: string): Promise<string | undefined> {
    return (await this.row(task))?.system;
  }

  /**
   * Takes a system's answer.
   * @throws Problem 404; 409 when the task ended, or was answered otherwise; 422 for an answer that is none, or is about somebody else
   */
  async answer(task: string, body: unknown, actor: string): Promise<'recorded' | 'duplicate'> {
    const row = await this.row(task);
    if (!row) throw noSuchTask();
    const answer = readAnswer(body);
    const digest = hash('sha256', canonical(answer), 'hex');
    if (!row.open) return again(row, digest);
    if (answer.subject !== row.subject) {
      await this.noteStuck(task, 'wrong-subject', actor);
      throw unfitting([
        {
          field: '/subject',
          code: 'wrong-subject',
          message: 'is not the person the task is about',
          fix: "answer with the task's own subject",
        },
      ]);
    }
    const problems = answerProblems(answer, row.body);
    if (problems.length > 0) throw unfitting(problems);
    if (answer.outcome === 'failed') return this.failed(row, answer, actor);
    if (row.request === null) {
      const ended = await this.requests.disposalTasks.answer(row, answer, digest, actor);
      return ended ? 'recorded' : again(await this.row(task), digest);
    }
    const sealed = answer.outcome === 'data' ? await this.requests.strongbox.sealJson(task, answer.records) : undefined;
    let taken = false;
    await this.requests.handle(row.request, actor, async (request, tx) => {
      // Of somebody who was forgotten meanwhile nothing is kept.
      const { rowCount } = await tx.query(
        `update task set open = false, digest = $2, answer_kek = case when box is not null then $3 end,
                answer = case when box is not null then $4::bytea end, next_at = null where id = $1 and open`,
        [task, digest, sealed?.kek ?? null, sealed?.box ?? null],
      );
      taken = rowCount === 1;
      if (!taken) return;
      const { outcome } = answer;
      request.decide(
        {
          kind: 'answer-task',
          task,
          outcome,
          ...(answer.outcome === 'done' && { categories: answer.categories, kept: answer.kept ?? [] }),
        },
        actor,
      );
    });
    // Another answer may have come in between.
    return taken ? 'recorded' : again(await this.row(task), digest);
  }

  /** The data protection officer settles a task that the system did not. @param told a recipient was told, and has acknowledged */
  settle(
    id: string,
    task: string,
    actor: string,
    { reason, acknowledged }: { reason: string; acknowledged: boolean },
  ): Promise<OpenRequest> {
    return this.requests.handle(id, actor, async (request, tx) => {
      const system = request.state.tasks[task]?.system;
      if (acknowledged && system !== undefined && (await this.requests.systems.find(system))) throw answersItself();
      if (acknowledged) request.decide({ kind: 'answer-task', task, outcome: 'done', reason }, actor);
      else request.decide({ kind: 'override-task', task, reason }, actor);
      await tx.query('update task set open = false, next_at = null where id = $1', [task]);
    });
  }

  /** By when a task that is issued now has to be answered (RFC 3339). */
  due(): string {
    return new Date(endOfDuration(this.requests.now().getTime(), this.requests.rules.task.answerWithin)).toISOString();
  }

  /** Sends what is due to systems with a webhook, and says who is late. */
  async tick(): Promise<void> {
    const { pool } = this.requests;
    const now = this.requests.now();
    for (let found = MOST; found === MOST;) {
      // Leased while it is under way: another process does not send it too, and a crash costs one lease.
      const { rows } = await pool.query<TaskRow>(
        `update task set next_at = $1::timestamptz + interval '1 minute' where id in (
           select id from task where open and next_at <= $1 order by next_at, id limit ${MOST} for update skip locked) returning ${TASK_COLUMNS}`,
        [now],
      );
      await Promise.all(rows.map((row) => this.send(row)));
      found = rows.length;
    }
    const { rows } = await pool.query<{ id: string }>(
      'select id from task where open and not late and due_at <= $1 and request is not null order by id',
      [now],
    );
    for (const { id } of rows)
      await this.noteStuck(id, 'no-answer', undefined).catch((error: unknown) => this.requests.options.onError?.(error));
  }

  /** A moment is enough where the ledger is not away. @throws Problem 503 */
  private async followed(id: string): Promise<void> {
    const { rows } = await this.requests.pool.query<{ status: Status }>('select status from request where id = $1', [id]);
    if (!rows[0]) throw noSuchRequest();
    if (!(TRANSITIONS.accept.from as readonly Status[]).includes(rows[0].status)) return; // it will be refused, and need not wait for that
    for (const until = performance.now() + PATIENCE_MS; !(await this.requests.dossier.follows(id));) {
      if (performance.now() > until) throw notSealedYet();
      await new Promise((wake) => setTimeout(wake, 50));
    }
  }

  /** What the request is about, where every system is asked for what it holds. */
  private async asked(tx: pg.PoolClient, { state, subject }: OpenRequest, systems: System[]): Promise<string[]> {
    if (state.right === 'rectification') return [...new Set(state.fields?.map(({ category }) => category) ?? state.categories ?? [])];
    if (!isKind(state.right)) return state.categories ?? [];
    if (state.categories) return state.categories;
    const held = [...(await this.requests.dossier.categories(tx, subject)), ...systems.flatMap(({ categories }) => categories)];
    return [...new Set(held)].sort();
  }

  private async plan(tx: pg.PoolClient, { state, subject }: OpenRequest, systems: System[], categories: string[]): Promise<NewTask[]> {
    const { right: kind } = state;
    if (!isKind(kind)) return [];
    const tellsRecipients = kind !== 'access' && kind !== 'portability';
    const recipients = tellsRecipients ? (await this.requests.dossier.recipients(tx, [{ subject, categories }])).get(subject) : undefined;
    const due = this.due();
    return whoIsAsked(systems, kind, categories, recipients).map((asked) => ({ task: randomUUID(), kind, due, ...asked }));
  }

  private async issue(
    tx: pg.PoolClient,
    request: OpenRequest,
    tasks: NewTask[],
    systems: System[],
    refs: string[] | undefined,
  ): Promise<void> {
    const { identifiers = [], changes } = (await this.requests.confidential(tx, request.id)) ?? {};
    const { id, subject, state } = request;
    const issued = tasks.map(({ task, system, kind, categories, due }): IssuedTask => ({
      task,
      request: id,
      disposal: null,
      subject,
      system,
      due,
      body: { kind, categories, ...(kind === 'restriction' && state.purposes && { purposes: state.purposes }) },
      hidden: {
        identifiers,
        ...(refs && { refs }),
        ...(changes && { changes: changes.filter(({ category }) => categories.includes(category)) }),
      },
    }));
    await issueTasks(tx, this.requests, issued, systems);
  }

  /** How systems find a person of whom nobody gave an identifier; undefined where somebody did. @throws Problem 503 */
  private async refsFor(id: string): Promise<string[] | undefined> {
    const { pool, options } = this.requests;
    const confidential = await this.requests.confidential(pool, id);
    if (confidential && confidential.identifiers.length > 0) return undefined;
    const { rows } = await pool.query<{ subject: string }>('select subject from request where id = $1', [id]);
    const { subject } = rows[0]!;
    const refs = await options.directory.refsOf([subject]).catch((cause: unknown) => {
      options.onError?.(cause);
      throw ledgerAway();
    });
    return refs[subject] ?? [];
  }

  private async send(row: TaskRow): Promise<void> {
    try {
      const system = await this.requests.systems.find(row.system);
      const secret = await this.requests.systems.secret(row.system);
      if (system?.url === undefined || secret === undefined || !row.box) return;
      const answer = await callWebhook(system.url, secret, await taskOf(this.requests, row), this.requests.now());
      if (answer !== undefined) await this.answer(row.id, answer, `webhook-${row.system}`);
      else await this.requests.pool.query('update task set next_at = $2 where id = $1 and open', [row.id, this.later(DAILY)]);
    } catch (error) {
      this.requests.options.onError?.(error);
      await this.retry(row);
    }
  }

  private async failed(row: TaskRow, { retry }: FulfilmentAnswer & { outcome: 'failed' }, actor: string): Promise<'recorded'> {
    if (retry) await this.retry(row);
    else await this.noteStuck(row.id, 'failed', actor);
    return 'recorded';
  }

  /** Another try later: ours where the system has a webhook, its own where it fetches its tasks. */
  private async retry({ id, system, attempts }: TaskRow): Promise<void> {
    const hasWebhook = (await this.requests.systems.find(system))?.url !== undefined;
    const next = this.later(RETRIES_MS[attempts] ?? HOURLY);
    await this.requests.pool.query('update task set attempts = attempts + 1, next_at = $2 where id = $1 and open', [
      id,
      hasWebhook ? next : null,
    ]);
    if (attempts + 1 === TRIES_TOLD) await this.noteStuck(id, 'failed', undefined);
  }

  private later(ms: number): Date {
    return new Date(this.requests.now().getTime() + ms);
  }

  private async noteStuck(task: string, reason: 'no-answer' | 'failed' | 'wrong-subject', actor: string | undefined): Promise<void> {
    const row = await this.row(task);
    if (!row?.open) return;
    if (row.request === null) return this.requests.disposalTasks.noteStuck(task, reason, actor);
    await this.requests.handle(row.request, actor, async (request, tx) => {
      await tx.query('update task set late = true where id = $1', [task]);
      if (request.state.status === 'accepted' && openTasks(request.state).includes(task))
        request.decide({ kind: 'note-stuck', task, reason, attempts: row.attempts }, actor);
    });
  }

  private async row(task: string): Promise<TaskRow | undefined> {
    const { rows } = await this.requests.pool.query<TaskRow>(`select ${TASK_COLUMNS} from task where id = $1`, [task]);
    return rows[0];
  }
}

const isKind = (right: string): right is TaskKind => (TASK_KINDS as readonly string[]).includes(right);

/** What a task that is not open says to an answer. @throws Problem 409 */
function again(row: TaskRow | undefined, digest: string): 'duplicate' {
  if (row?.digest === digest) return 'duplicate';
  throw Problem.conflict('The task ended already.', 'Nothing need be done.', 'task-ended');
}

const notSealedYet = () =>
  Problem.unavailable(
    'What was recorded of the person just before has not come through the ledger yet.',
    'Try again in a moment.',
    'ledger-behind',
    1,
  );
const ledgerAway = () =>
  Problem.unavailable(
    'The ledger does not answer, and systems need it to know whom they are asked about.',
    'Try again in a moment.',
    'ledger-unavailable',
    1,
  );
export const answersItself = () =>
  Problem.conflict('The system answers for itself.', 'Settle its task with a reason, without acknowledged.', 'connected-system');
export const unfitting = (errors: FieldProblem[]) =>
  new Problem({
    slug: 'answer-refused',
    status: 422,
    title: 'The answer does not fit the task',
    detail: 'Nothing was recorded; the task is still open.',
    fix: 'Mend what errors names and send it again.',
    errors,
  });
export const noSuchTask = () => Problem.notFound('There is no such task.', 'Fetch the open tasks of your system.', 'no-such-task');
