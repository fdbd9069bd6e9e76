export interface RetryOptions {
  /** How often a request is sent at most. */
  attempts: number;
  /** Milliseconds before the second attempt at most; doubles with each. */
  baseMs: number;
  /** No pause is longer, whatever a `Retry-After` asks for up to ten times this. */
  maxMs: number;
  random: () => number;
  sleep: (milliseconds: number, signal?: AbortSignal) => Promise<void>;
}

export const RETRY_DEFAULTS: RetryOptions = { attempts: 6, baseMs: 200, maxMs: 10_000, random: Math.random, sleep };

/** Worth sending again: the server was not able, or not willing just now. All other 4xx stay what they are. */
export const isTransient = (status: number): boolean => status === 429 || status >= 500;

/**
 * The pause after an attempt: a random share of a doubling bound (so that publishers who failed together do not return
 * together), and no less than what the server asked for.
 * @param attempt 1 for the first
 */
export function pauseMs(attempt: number, retryAfterMs: number | undefined, options: RetryOptions): number {
  const bound = Math.min(options.maxMs, options.baseMs * 2 ** (attempt - 1));
  const jittered = bound * options.random();
  return retryAfterMs === undefined ? jittered : Math.min(retryAfterMs, options.maxMs * 10) + jittered;
}

/** `Retry-After` in milliseconds: seconds or an HTTP date (RFC 9110 section 10.2.3). */
export function retryAfterMs(header: string | null, now: number): number | undefined {
  if (header === null) return undefined;
  if (/^\d{1,9}$/.test(header)) return Number(header) * 1000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

function sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = () => {
      clearTimeout(timer);
      reject(signal?.reason instanceof Error ? signal.reason : new Error('aborted'));
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', abort);
      resolve();
    }, milliseconds);
    if (signal?.aborted) abort();
    else signal?.addEventListener('abort', abort, { once: true });
  });
}
