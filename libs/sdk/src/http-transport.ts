import type { CloudEvent, Receipt } from '@attesta/events';
import { AttestaError, errorOf } from './errors.js';
import { isTransient, pauseMs, retryAfterMs } from './retry.js';
import type { RetryOptions } from './retry.js';

export type TokenSource = () => Promise<string> | string;

export interface HttpTransportOptions {
  /** Origin of the ledger, with or without a path. */
  url: string;
  token: TokenSource;
  fetch: typeof fetch;
  retry: RetryOptions;
  /** Milliseconds one attempt may take. */
  timeoutMs: number;
  now: () => number;
  /** W3C trace context of what is going on, sent along when it gives one. */
  traceparent?: () => string | undefined;
  signal?: AbortSignal;
}

/** CloudEvents over HTTP (structured and batched content mode), with retries. */
export class HttpTransport {
  constructor(private readonly options: HttpTransportOptions) {}

  /** @throws AttestaError, with the problem document when the event was rejected */
  async send(event: CloudEvent): Promise<Receipt> {
    return (await this.post('application/cloudevents+json', JSON.stringify(event))) as Receipt;
  }

  /** Rejected events are receipts, not errors. @throws AttestaError when the batch as a whole was not taken */
  async sendBatch(serialized: string[]): Promise<Receipt[]> {
    const answer = (await this.post('application/cloudevents-batch+json', `[${serialized.join(',')}]`)) as { receipts?: Receipt[] };
    if (!Array.isArray(answer.receipts) || answer.receipts.length !== serialized.length) {
      throw new AttestaError('Attesta answered without a receipt for each event; check that the URL is that of the ledger.', {
        status: 200,
      });
    }
    return answer.receipts;
  }

  private async post(contentType: string, body: string): Promise<unknown> {
    const { retry, now, signal } = this.options;
    for (let attempt = 1; ; attempt++) {
      let failure: AttestaError;
      let wait: number | undefined;
      try {
        const response = await this.attempt(contentType, body);
        if (response.ok) return await readJson(response);
        failure = await errorOf(response);
        if (!isTransient(response.status)) throw failure;
        wait = retryAfterMs(response.headers.get('retry-after'), now());
      } catch (error) {
        if (error instanceof AttestaError) throw error;
        if (signal?.aborted) throw new AttestaError('Publishing was aborted.', { cause: error });
        failure = new AttestaError(`Attesta cannot be reached (${reasonOf(error)}).`, { cause: error });
      }
      if (attempt >= retry.attempts) throw failure;
      await retry.sleep(pauseMs(attempt, wait, retry), signal).catch((error: unknown) => {
        throw new AttestaError('Publishing was aborted.', { cause: error });
      });
    }
  }

  private async attempt(contentType: string, body: string): Promise<Response> {
    const { url, fetch, timeoutMs, signal, traceparent } = this.options;
    const token = await this.bearer();
    const trace = traceparent?.();
    const deadline = AbortSignal.timeout(timeoutMs);
    return fetch(`${url.replace(/\/+$/, '')}/v1/events`, {
      method: 'POST',
      headers: {
        'Content-Type': contentType,
        Accept: 'application/json',
        Authorization: `Bearer ${token}`,
        ...(trace && { traceparent: trace }),
      },
      body,
      redirect: 'error', // a redirect would carry the token to whoever is named there
      signal: signal ? AbortSignal.any([signal, deadline]) : deadline,
    });
  }

  /** A token source that fails has retried for itself, or cannot be helped by sending again. */
  private async bearer(): Promise<string> {
    try {
      return await this.options.token();
    } catch (error) {
      if (error instanceof AttestaError) throw error;
      throw new AttestaError('No access token could be had.', { cause: error });
    }
  }
}

/** A body that breaks off is a network error: the request may be sent again. */
async function readJson(response: Response): Promise<unknown> {
  const text = await response.text();
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new AttestaError('Attesta answered with something else than JSON; check that the URL is that of the ledger.', {
      status: response.status,
      cause,
    });
  }
}

/** What kept an answer from coming, in a word: never an address or a token. */
export function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? (error.cause as { code?: unknown } | undefined) : undefined;
  if (typeof cause?.code === 'string') return cause.code;
  return error instanceof Error ? error.name : 'unknown';
}
