import { AttestaError, errorOf } from './errors.js';
import type { AnswerTask, TaskFeed, TaskListener } from './fulfilment.js';
import { readTask, type FulfilmentTask } from './fulfilment-task.js';
import { reasonOf, type TokenSource } from './http-transport.js';
import { pauseMs, RETRY_DEFAULTS, type RetryOptions } from './retry.js';

export interface HttpAnswersOptions {
  /** Where the requests service answers. */
  url: string;
  /** A token of a publisher whose sources cover the system, or how to get one (`clientCredentials`). */
  token: TokenSource | string;
  fetch?: typeof fetch;
}

export interface HttpTasksOptions extends HttpAnswersOptions {
  /** Id of the system, as it is registered. */
  system: string;
  /** Milliseconds that the service may hold a request back until there is a task, at most 20,000, the default. */
  waitMs?: number;
  /** Pauses between tries; there is no end of `attempts`. */
  retry?: Partial<Omit<RetryOptions, 'attempts'>>;
}

const PAGE = 50;
const TIMEOUT_MS = 15_000;

/** Tasks by long polling, through restarts of the service. */
export const httpTasks = (options: HttpTasksOptions): TaskFeed => ({
  start: (listener, signal) => void follow(options, listener, signal),
});

/** What `kafkaTasks` of '@attesta/transport' asks over HTTP: a task that news has come of, and those that are open. */
export const httpTaskClaims = (options: HttpTasksOptions) => ({
  fetch: async (task: string): Promise<FulfilmentTask | undefined> => {
    try {
      const response = await ask(options, `/v1/fulfilment/tasks/${encodeURIComponent(task)}`, { signal: AbortSignal.timeout(TIMEOUT_MS) });
      const found = readTask(await response.json());
      if (!found) throw notATask();
      return found;
    } catch (error) {
      if (error instanceof AttestaError && error.status === 404) return undefined;
      throw error;
    }
  },
  open: async (): Promise<FulfilmentTask[]> =>
    (await page({ ...options, waitMs: 0 }, new AbortController().signal)).map(readTask).filter((task) => task !== undefined),
});

/** Answers over HTTP, one try each. The personal values travel in the body alone. */
export const httpAnswers =
  (options: HttpAnswersOptions): AnswerTask =>
  async (task, answer) => {
    const path = `/v1/fulfilment/tasks/${encodeURIComponent(task)}/answer`;
    const headers = { 'Content-Type': 'application/json' };
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const response = await ask(options, path, { method: 'POST', headers, body: JSON.stringify(answer), signal });
    await response.body?.cancel();
  };

const notATask = () => new AttestaError('A task has not the form of one; the service may be newer than this SDK.');

async function follow(options: HttpTasksOptions, listener: TaskListener, signal: AbortSignal): Promise<void> {
  const retry = { ...RETRY_DEFAULTS, ...options.retry };
  for (let idle = 0; !signal.aborted;) {
    try {
      const open = await page(options, signal);
      const tasks = open.map(readTask);
      if (signal.aborted) return;
      if (tasks.includes(undefined)) listener.trouble(notATask());
      const fresh = tasks.filter((task) => task !== undefined && listener.task(task));
      // The service holds nothing back while there are open tasks, also when all of them are under way here.
      idle = fresh.length > 0 || open.length === 0 ? 0 : idle + 1;
    } catch (error) {
      if (signal.aborted) return;
      listener.trouble(error);
      idle++;
    }
    if (idle > 0) await retry.sleep(pauseMs(idle, undefined, retry), signal).catch(() => undefined);
  }
}

async function page(options: HttpTasksOptions, stop: AbortSignal): Promise<unknown[]> {
  const { system, waitMs = 20_000 } = options;
  const query = new URLSearchParams({ system, wait_ms: String(waitMs), limit: String(PAGE) });
  const signal = AbortSignal.any([stop, AbortSignal.timeout(waitMs + TIMEOUT_MS)]);
  const response = await ask(options, `/v1/fulfilment/tasks?${query}`, { signal });
  const { data } = (await response.json().catch(() => ({}))) as { data?: unknown };
  if (Array.isArray(data)) return data;
  throw new AttestaError('The answer is no list of tasks; check that the URL is that of the requests service.', {
    status: response.status,
  });
}

/** @throws AttestaError */
async function ask(options: HttpAnswersOptions, path: string, init: RequestInit): Promise<Response> {
  const { url, token, fetch: send = fetch } = options;
  let response: Response;
  try {
    const bearer = typeof token === 'string' ? token : await token();
    response = await send(`${url.replace(/\/+$/, '')}${path}`, {
      ...init,
      headers: { ...(init.headers as Record<string, string>), Authorization: `Bearer ${bearer}` },
      redirect: 'error', // a redirect would carry the token to whoever is named there
    });
  } catch (cause) {
    // The status of a token that was refused says nothing about the task.
    if (cause instanceof AttestaError) throw new AttestaError(cause.message, { cause });
    throw new AttestaError(`The requests service cannot be reached (${reasonOf(cause)}).`, { cause });
  }
  if (!response.ok) throw await errorOf(response);
  return response;
}
