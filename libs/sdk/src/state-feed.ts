import type { StateChange } from '@attesta/decisions';
import { AttestaError, errorOf } from './errors.js';
import type { TokenSource } from './http-transport.js';
import { pauseMs, RETRY_DEFAULTS } from './retry.js';

export interface StateListener {
  changes(changes: StateChange[]): void;
  /** The source was in touch: nothing older than this moment is unknown. */
  heard(): void;
}

/** Where consent state comes from: `httpStateFeed`, or `kafkaStateFeed` of '@attesta/transport'. */
export interface StateFeed {
  /** Resolves when everything that was there has been told, and goes on until the signal. Changes may come twice or out of order. */
  start(listener: StateListener, signal: AbortSignal): Promise<void>;
}

export interface HttpStateOptions {
  /** Where the consent service answers. */
  url: string;
  token: TokenSource | string;
  fetch?: typeof fetch;
}

interface Changes {
  data: StateChange[];
  head: number;
  has_more: boolean;
}

const WAIT_MS = 10_000;
const TIMEOUT_MS = 30_000;

/** Consent state by long polling; through restarts of the service, from where it was. */
export function httpStateFeed(options: HttpStateOptions): StateFeed {
  return {
    async start(listener, signal) {
      let after = 0;
      const read = async (wait: number): Promise<boolean> => {
        const answer = await ask(options, `/v1/consent-state?after=${after}&limit=1000&wait_ms=${wait}`, {}, signal);
        const { data, head, has_more } = (await answer.json()) as Changes;
        if (data.length > 0) listener.changes(data);
        after = head;
        if (!has_more) listener.heard();
        return has_more;
      };
      const untilTold = async () => {
        while (!signal.aborted && (await read(0)));
      };
      await persist(untilTold, signal);
      void (async () => {
        while (!signal.aborted) await persist(() => read(WAIT_MS), signal);
      })();
    },
  };
}

/** Tells the consent service how far a consumer is; see `DecisionCache`. */
export function httpAcknowledge(options: HttpStateOptions): (consumer: string, changed: number, signal: AbortSignal) => Promise<void> {
  return async (consumer, changed, signal) => {
    const body = JSON.stringify({ consumer, changed });
    const headers = { 'content-type': 'application/json' };
    await ask(options, '/v1/consent-state/acknowledgements', { method: 'POST', headers, body }, signal);
  };
}

/** Tries until it works or the signal comes: an outage of the source only lets knowledge grow old. */
export async function persist(work: () => Promise<unknown>, signal: AbortSignal): Promise<void> {
  for (let attempt = 1; !signal.aborted; attempt++) {
    try {
      await work();
      return;
    } catch {
      await RETRY_DEFAULTS.sleep(pauseMs(Math.min(attempt, 6), undefined, RETRY_DEFAULTS), signal).catch(() => undefined);
    }
  }
}

/** @throws AttestaError */
async function ask(
  { url, token, fetch: send = fetch }: HttpStateOptions,
  path: string,
  init: RequestInit,
  signal: AbortSignal,
): Promise<Response> {
  const bearer = typeof token === 'string' ? token : await token();
  const headers = { ...(init.headers as Record<string, string>), authorization: `Bearer ${bearer}` };
  const either = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]);
  const response = await send(`${url.replace(/\/+$/, '')}${path}`, { ...init, headers, redirect: 'error', signal: either });
  if (!response.ok) throw await errorOf(response);
  if (response.status !== 204 && !response.headers.get('content-type')?.includes('json')) throw new AttestaError('The answer is not JSON.');
  return response;
}
