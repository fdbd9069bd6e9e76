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
import { callWebhook } from './webhook.js';
import { numberTasks } from './task-source.js';

/** What the data protection officer decides when accepting. */
export interface Acceptance {
  refused: { category: string; ground: string }[];
}

interface TaskRow {
  id: string;
  request: string;
  subject: string;
  system: string;
  body: { kind: TaskKind; categories: string[]; purposes?: string[] };
  kek: string | null;
  box: Buffer | null;
  open: boolean;
  issued_at: Date;
  due_at: Date;
  attempts: number;
  digest: string | null;
}
type Hidden = Pick<FulfilmentTask, 'identifiers' | 'changes'>;

const COLUMNS = 'id, request, subject, system, body, kek, box, open, issued_at, due_at, attempts, digest';
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
    await this.followed(id);
    return this.requests.handle(id, actor, async (request, tx) => {
      const { state, subject } = request;
      const isErasure = state.right === 'erasure';
      const systems = await this.requests.systems.all();
      const without = new Set(refused.map(({ category }) => category));
      const asked = await this.asked(tx, request, systems);
      const survivors = isErasure
        ? (await this.requests.dossier.survivors(tx, subject, state.jurisdiction)).filter(
            ({ category }) => asked.includes(category) && !without.has(category),
          )
        : [];
      const kept = new Set([...without, ...survivors.map(({ category }) => category)]);
      const categories = asked.filter((category) => !kept.has(category));
      const tasks = await this.plan(tx, request, systems, categories);
      request.decide({ kind: 'accept', categories, refused, survivors, tasks }, actor);
      await this.issue(tx, request, tasks, systems);
    });
  }

  /** Open tasks of a system, oldest first. */
  async openOf(system: string, limit: number): Promise<FulfilmentTask[]> {
    const { rows } = await this.requests.pool.query<TaskRow>(
      `select ${COLUMNS} from task where system = $1 and open and box is not null order by issued_at, id limit $2`,
      [system, limit],
    );
    return Promise.all(rows.map((row) => this.taskOf(row)));
  }

  /** A task that waits for its answer. */
  async find(task: string): Promise<FulfilmentTask | undefined> {
    const row = await this.row(task);
    return row?.open && row.box ? this.taskOf(row) : undefined;
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

  /** Sends what is due to systems with a webhook, and says who is late. */
  async tick(): Promise<void> {
    const { pool } = this.requests;
    const now = this.requests.now();
    for (let found = MOST; found === MOST;) {
      // Leased while it is under way: another process does not send it too, and a crash costs one lease.
      const { rows } = await pool.query<TaskRow>(
        `update task set next_at = $1::timestamptz + interval '1 minute' where id in (
           select id from task where open and next_at <= $1 order by next_at, id limit ${MOST} for update skip locked) returning ${COLUMNS}`,
        [now],
      );
      await Promise.all(rows.map((row) => this.send(row)));
      found = rows.length;
    }
    const { rows } = await pool.query<{ id: string }>(`select id from task where open and not late and due_at <= $1 order by id`, [now]);
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
    const now = this.requests.now().getTime();
    const due = new Date(endOfDuration(now, this.requests.rules.task.answerWithin)).toISOString();
    const tasks: NewTask[] = [];
    for (const system of systems) {
      const held = system.categories.filter((category) => categories.includes(category));
      if (held.length > 0 && system.kinds.includes(kind))
        tasks.push({ task: randomUUID(), system: system.id, kind, categories: held, due });
    }
    if (kind === 'access' || kind === 'portability') return tasks;
    // Whoever was given the data is told too (notice clause 7.2, GDPR Art. 19): over their system where they have one, otherwise by hand.
    const connected = new Set(systems.flatMap(({ party }) => (party === undefined ? [] : [party])));
    for (const [party, given] of await this.requests.dossier.recipients(tx, subject, categories)) {
      if (!connected.has(party)) tasks.push({ task: randomUUID(), system: party, kind, categories: given, due });
    }
    return tasks;
  }

  private async issue(tx: pg.PoolClient, request: OpenRequest, tasks: NewTask[], systems: System[]): Promise<void> {
    const confidential = await this.requests.confidential(tx, request.id);
    const now = this.requests.now();
    for (const { task, system, kind, categories, due } of tasks) {
      const connected = systems.find(({ id }) => id === system);
      const hidden: Hidden = {
        identifiers: confidential?.identifiers ?? [],
        ...(confidential?.changes && { changes: confidential.changes.filter(({ category }) => categories.includes(category)) }),
      };
      const { kek, box } = await this.requests.strongbox.sealJson(task, hidden);
      const { purposes } = request.state;
      await tx.query(
        `insert into task (id, request, subject, system, body, kek, box, issued_at, due_at, next_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
        [
          task,
          request.id,
          request.subject,
          system,
          { kind, categories, ...(kind === 'restriction' && purposes && { purposes }) },
          connected ? kek : null,
          connected ? box : null,
          now,
          due,
          connected?.url === undefined ? null : now,
        ],
      );
    }
    const connected = tasks.filter(({ system }) => systems.some(({ id }) => id === system));
    await numberTasks(
      tx,
      connected.map(({ task }) => task),
    );
  }

  private async send(row: TaskRow): Promise<void> {
    try {
      const system = await this.requests.systems.find(row.system);
      const secret = await this.requests.systems.secret(row.system);
      if (system?.url === undefined || secret === undefined || !row.box) return;
      const answer = await callWebhook(system.url, secret, await this.taskOf(row), this.requests.now());
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
    await this.requests.handle(row.request, actor, async (request, tx) => {
      await tx.query('update task set late = true where id = $1', [task]);
      if (request.state.status === 'accepted' && openTasks(request.state).includes(task))
        request.decide({ kind: 'note-stuck', task, reason, attempts: row.attempts }, actor);
    });
  }

  private async row(task: string): Promise<TaskRow | undefined> {
    const { rows } = await this.requests.pool.query<TaskRow>(`select ${COLUMNS} from task where id = $1`, [task]);
    return rows[0];
  }

  private async taskOf({ id, request, subject, system, body, kek, box, issued_at, due_at }: TaskRow): Promise<FulfilmentTask> {
    const hidden = await this.requests.strongbox.openJson<Hidden>(id, { kek: kek!, box: box! });
    return {
      task: id,
      request,
      system,
      subject,
      ...body,
      ...hidden,
      issuedAt: issued_at.toISOString(),
      dueAt: due_at.toISOString(),
    };
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
const answersItself = () =>
  Problem.conflict('The system answers for itself.', 'Settle its task with a reason, without acknowledged.', 'connected-system');
const unfitting = (errors: FieldProblem[]) =>
  new Problem({
    slug: 'answer-refused',
    status: 422,
    title: 'The answer does not fit the task',
    detail: 'Nothing was recorded; the task is still open.',
    fix: 'Mend what errors names and send it again.',
    errors,
  });
export const noSuchTask = () => Problem.notFound('There is no such task.', 'Fetch the open tasks of your system.', 'no-such-task');
