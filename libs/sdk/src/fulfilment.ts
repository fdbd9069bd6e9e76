import { LRUCache } from 'lru-cache';
import { AttestaError } from './errors.js';
import { readAnswer, type FulfilmentAnswer, type FulfilmentTask, type TaskKind } from './fulfilment-task.js';
import { pauseMs, RETRY_DEFAULTS, type RetryOptions } from './retry.js';

/** Where tasks come from: `httpTasks`. */
export interface TaskFeed {
  /** Gives every open task, until the signal. What is open may come again and again; an outage is told as trouble and waited out. */
  start(listener: TaskListener, signal: AbortSignal): void;
}

/** None of it throws. */
export interface TaskListener {
  /** @returns false when there is nothing to do: the task is under way, or answered */
  task(task: FulfilmentTask): boolean;
  /** A try failed; there will be others. */
  trouble(error: unknown): void;
}

/** Hands an answer in (`httpAnswers`). @throws AttestaError; with a status when the service refused */
export type AnswerTask = (task: string, answer: FulfilmentAnswer) => Promise<void>;

type WithoutSubject<T> = T extends unknown ? Omit<T, 'subject'> : never;
/** An answer before the task's subject is put to it. */
export type HandlerAnswer = WithoutSubject<FulfilmentAnswer>;

/**
 * Does what a task asks. A task may come again when the process died, or the answer got lost: doing it twice must be the same as once.
 * What it throws is answered as `failed` with `retry`, by the error's name alone.
 */
export type TaskHandler = (task: FulfilmentTask) => Promise<HandlerAnswer> | HandlerAnswer;

export interface FulfilmentOptions {
  /** Id of this system, as it is registered. */
  system: string;
  /** Needed to `start`; systems that are called by webhook have none. */
  tasks?: TaskFeed;
  /** Needed to `start`; with a webhook, where slow answers go. */
  answer?: AnswerTask;
  /** What failed; other tries follow. A handler's own error comes as it was thrown, and may say more than a log should hold. */
  onError?: (error: unknown, task?: string) => void;
  /** Pauses between tries; there is no end of `attempts`. */
  retry?: Partial<Omit<RetryOptions, 'attempts'>>;
}

const MEMORY = 10_000;
/** A handler that fails again and again is given more time than a network: the service lists its task all the while. */
const FAILED_PATIENCE = 30;

/** A connected system's side of requests: takes tasks, lets handlers do them, and sees to it that answers arrive. */
export class Fulfilment {
  readonly system: string;
  private readonly handlers = new Map<TaskKind, TaskHandler>();
  private readonly retry: RetryOptions;
  private readonly handling = new Map<string, Promise<FulfilmentAnswer>>();
  private readonly delivering = new Map<string, Promise<void>>();
  private readonly delivered = new LRUCache<string, true>({ max: MEMORY });
  /** Last answers that no retry changes. Records are not kept: they are read again when they are asked for again. */
  private readonly settled = new LRUCache<string, FulfilmentAnswer>({ max: MEMORY });
  private readonly failures = new LRUCache<string, number>({ max: MEMORY });
  private running = false;
  private ending = new AbortController();

  constructor(private readonly options: FulfilmentOptions) {
    this.system = options.system;
    this.retry = { ...RETRY_DEFAULTS, ...options.retry };
  }

  onAccess = (handler: TaskHandler): this => this.on('access', handler);
  /** Without it the access handler answers, and the service leaves out what is not portable. */
  onPortability = (handler: TaskHandler): this => this.on('portability', handler);
  onRectification = (handler: TaskHandler): this => this.on('rectification', handler);
  onRestriction = (handler: TaskHandler): this => this.on('restriction', handler);
  onErasure = (handler: TaskHandler): this => this.on('erasure', handler);

  /** Whether slow answers can be handed in later. */
  get answersLater(): boolean {
    return this.options.answer !== undefined;
  }

  /** Takes tasks from the feed until `stop`. @throws AttestaError without `tasks` and `answer` */
  start(): void {
    const { tasks, answer } = this.options;
    if (!tasks || !answer) {
      throw new AttestaError('Taking tasks needs `tasks` and `answer`: give httpTasks and httpAnswers, or use taskWebhook instead.');
    }
    if (this.running) return;
    this.running = true;
    if (this.ending.signal.aborted) this.ending = new AbortController();
    const listener: TaskListener = { task: (task) => this.take(task), trouble: (error) => this.tell(error) };
    tasks.start(listener, this.ending.signal);
  }

  /** Takes no more tasks; resolves when those under way are done. An answer that could not be delivered by then is found anew at the next start. */
  async stop(): Promise<void> {
    this.running = false;
    this.ending.abort();
    await Promise.all([...this.handling.values(), ...this.delivering.values()]);
  }

  /** The answer to a task, for who has it otherwise than from the feed. The same task twice while under way is done once. Never rejects. */
  handle(task: FulfilmentTask): Promise<FulfilmentAnswer> {
    const settled = this.settled.get(task.task);
    if (settled) return Promise.resolve(settled);
    const running = this.handling.get(task.task);
    if (running) return running;
    const answering = this.run(task).finally(() => this.handling.delete(task.task));
    this.handling.set(task.task, answering);
    return answering;
  }

  /** Does a task and hands the answer in, however often that takes. @returns false when it is under way or handed in already */
  take(task: FulfilmentTask): boolean {
    const { answer } = this.options;
    if (!answer || this.delivering.has(task.task) || this.delivered.has(task.task)) return false;
    const delivery = this.deliver(task, answer).finally(() => this.delivering.delete(task.task));
    this.delivering.set(task.task, delivery);
    return true;
  }

  private on(kind: TaskKind, handler: TaskHandler): this {
    if (this.handlers.has(kind)) throw new AttestaError(`There is a handler of ${kind} already; give one.`);
    this.handlers.set(kind, handler);
    return this;
  }

  private async run(task: FulfilmentTask): Promise<FulfilmentAnswer> {
    const { subject, kind } = task;
    const handler = this.handlers.get(kind) ?? (kind === 'portability' ? this.handlers.get('access') : undefined);
    if (task.system !== this.system) return failed(subject, `the task is for another system than ${this.system}`, false);
    if (!handler) return failed(subject, 'no handler', false);
    try {
      const answer = readAnswer({ ...(await handler(task)), subject });
      if (!answer) return failed(subject, 'the handler gave no valid answer', false);
      if (answer.outcome !== 'data' && !worthAnother(answer)) this.settled.set(task.task, answer);
      return answer;
    } catch (error) {
      this.tell(error, task.task);
      return failed(subject, nameOf(error), true);
    }
  }

  private async deliver(task: FulfilmentTask, send: AnswerTask): Promise<void> {
    let answer = await this.handle(task);
    for (let attempt = 1; ; attempt++) {
      try {
        await send(task.task, answer);
        break;
      } catch (error) {
        this.tell(error, task.task);
        const status = error instanceof AttestaError ? error.status : undefined;
        if (isRefusal(status)) {
          if (isOver(status) || answer.outcome === 'failed') break;
          // Somebody has to hear that this answer can never arrive.
          answer = failed(task.subject, `the service refused the answer with status ${status}`, false);
        }
        if (!(await this.pause(attempt))) return;
      }
    }
    if (!worthAnother(answer)) {
      this.delivered.set(task.task, true);
      return;
    }
    const failures = (this.failures.get(task.task) ?? 0) + 1;
    this.failures.set(task.task, failures);
    await this.pause(failures, FAILED_PATIENCE);
  }

  /** @returns false when stopped meanwhile */
  private async pause(attempt: number, patience = 1): Promise<boolean> {
    const { signal } = this.ending;
    const retry = { ...this.retry, maxMs: this.retry.maxMs * patience };
    await this.retry.sleep(pauseMs(attempt, undefined, retry), signal).catch(() => undefined);
    return !signal.aborted;
  }

  private tell(error: unknown, task?: string): void {
    try {
      this.options.onError?.(error, task);
    } catch {
      // A listener's failure must not end the tasks.
    }
  }
}

const failed = (subject: string, reason: string, retry: boolean): FulfilmentAnswer => ({ outcome: 'failed', subject, reason, retry });
const worthAnother = (answer: FulfilmentAnswer): boolean => answer.outcome === 'failed' && answer.retry;

/** Sent again it would be refused again. A token or a role, in contrast, can be set right meanwhile. */
const isRefusal = (status: number | undefined): status is number =>
  status !== undefined && status >= 400 && status < 500 && ![401, 403, 408, 425, 429].includes(status);
/** The task is unknown, ended, or answered otherwise. */
const isOver = (status: number): boolean => [404, 409, 410].includes(status);

/** Class names only: whatever else an error says may be about the person. */
const nameOf = (error: unknown): string => (error instanceof Error && /^[A-Za-z]{1,64}$/.test(error.name) ? error.name : 'Error');
