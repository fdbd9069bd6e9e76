import type { StateChange } from '@attesta/decisions';
import { AttestaError, errorOf } from './errors.js';
import { reasonOf, type TokenSource } from './http-transport.js';
import { pauseMs, RETRY_DEFAULTS, type RetryOptions } from './retry.js';
import type { Knowledge, StateFeed, StateListener } from './state-feed.js';

export interface HttpStateOptions {
  /** Where the consent service answers. */
  url: string;
  /** A token of a publisher, or how to get one (`clientCredentials`). */
  token: TokenSource | string;
  /** Milliseconds that the service may hold a request back until something changes, at most 20,000. Default 5,000; knowledge is at most twice as old. */
  waitMs?: number;
  /** Pauses between tries; there is no end of `attempts`. */
  retry?: Partial<Omit<RetryOptions, 'attempts'>>;
  /** Milliseconds since the epoch. */
  now?: () => number;
  fetch?: typeof fetch;
}

/** Tells the consent service that everything up to a number has been applied. @throws AttestaError when it does not hear */
export type Acknowledge = (consumer: string, changed: number, signal: AbortSignal) => Promise<void>;

const PAGE = 1_000;
const TIMEOUT_MS = 15_000;

/** Consent state by long polling; through restarts of the service, from where it was. */
export const httpStateFeed = (options: HttpStateOptions): StateFeed => ({
  start: (listener, signal) => void follow(options, listener, signal),
});

export const httpAcknowledge =
  (options: HttpStateOptions): Acknowledge =>
  async (consumer, changed, signal) => {
    const body = JSON.stringify({ consumer, changed });
    const headers = { 'Content-Type': 'application/json' };
    await ask(options, '/v1/consent-state/acknowledgements', { method: 'POST', headers, body }, TIMEOUT_MS, signal);
  };

async function follow(options: HttpStateOptions, listener: StateListener, signal: AbortSignal): Promise<void> {
  const { waitMs = 5_000, now = Date.now } = options;
  const retry = { ...RETRY_DEFAULTS, ...options.retry };
  let after = 0;
  // Whoever is not up to date yet does not wait.
  let wait = 0;
  for (let failures = 0; !signal.aborted;) {
    try {
      // The answer is at least as new as the question.
      const asOf = now();
      const { data, has_more } = await page(options, after, wait, signal);
      if (data.length > 0) listener.changes(data);
      after = data.at(-1)?.changed ?? after;
      if (!has_more) listener.current({ changed: after, asOf } satisfies Knowledge);
      wait = has_more ? 0 : waitMs;
      failures = 0;
    } catch (error) {
      if (signal.aborted) return;
      listener.trouble(error);
      wait = 0;
      await retry.sleep(pauseMs(++failures, undefined, retry), signal).catch(() => undefined);
    }
  }
}

async function page(
  options: HttpStateOptions,
  after: number,
  wait: number,
  signal: AbortSignal,
): Promise<{ data: StateChange[]; has_more: boolean }> {
  const answer = await ask(options, `/v1/consent-state?after=${after}&limit=${PAGE}&wait_ms=${wait}`, {}, wait + TIMEOUT_MS, signal);
  const { data, has_more } = (await answer.json().catch(() => ({}))) as { data?: StateChange[]; has_more?: boolean };
  if (!Array.isArray(data) || typeof has_more !== 'boolean' || !data.every(({ changed }) => Number.isSafeInteger(changed))) {
    throw new AttestaError('The answer is not consent state; check that the URL is that of the consent service.', {
      status: answer.status,
    });
  }
  return { data, has_more };
}

/** @throws AttestaError */
async function ask(options: HttpStateOptions, path: string, init: RequestInit, timeoutMs: number, signal: AbortSignal): Promise<Response> {
  const { url, token, fetch: send = fetch } = options;
  let response: Response;
  try {
    const bearer = typeof token === 'string' ? token : await token();
    response = await send(`${url.replace(/\/+$/, '')}${path}`, {
      ...init,
      headers: { ...(init.headers as Record<string, string>), Authorization: `Bearer ${bearer}` },
      redirect: 'error', // a redirect would carry the token to whoever is named there
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    });
  } catch (cause) {
    if (cause instanceof AttestaError) throw cause;
    throw new AttestaError(`The consent service cannot be reached (${reasonOf(cause)}).`, { cause });
  }
  if (!response.ok) throw await errorOf(response);
  return response;
}
