import { concat } from './bytes.js';
import type { LogFetch } from './log-reader.js';

export interface HttpLogOptions {
  /** Sent with every request, e.g. an authorization for logs whose entries are not open. */
  headers?: Record<string, string>;
  /** For one whole answer, body included. */
  timeoutMs?: number;
}

const ATTEMPTS = 3;

/**
 * Fetcher over HTTP for a log under a URL prefix ('https://host/log'). An answer that is too long is cut off and one that does not end is
 * given up, so that no server can hold a check or fill its memory. Statuses that pass (429, 5xx) and broken connections are tried again.
 */
export function httpLog(prefix: string, { headers = {}, timeoutMs = 30_000 }: HttpLogOptions = {}): LogFetch {
  const base = prefix.endsWith('/') ? prefix : `${prefix}/`;
  return async (path, { maxBytes }) => {
    for (let attempt = 1; ; attempt++) {
      const last = attempt === ATTEMPTS;
      const response = await request(base + path, headers, timeoutMs, maxBytes).catch((error: unknown) => {
        if (last || error instanceof AnswerError || isTimeout(error)) throw error;
        return undefined;
      });
      if (response?.bytes) return response.bytes;
      if (response && (last || !passes(response.status))) throw new AnswerError(`the log answers ${path} with status ${response.status}`);
      await new Promise((resolve) => setTimeout(resolve, attempt * 200));
    }
  };
}

class AnswerError extends Error {
  override readonly name = 'AnswerError';
}

function passes(status: number): boolean {
  return status === 429 || status >= 500;
}

function isTimeout(error: unknown): boolean {
  return error instanceof Error && error.name === 'TimeoutError';
}

async function request(
  url: string,
  headers: Record<string, string>,
  timeoutMs: number,
  maxBytes: number,
): Promise<{ status: number; bytes?: Uint8Array }> {
  const response = await fetch(url, { headers, signal: AbortSignal.timeout(timeoutMs) });
  if (response.status !== 200) {
    await response.body?.cancel();
    return { status: response.status };
  }
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of response.body ?? []) {
    length += part.length;
    // Leaving the loop cancels the body.
    if (length > maxBytes) throw new AnswerError(`the log's answer is longer than ${maxBytes} bytes`);
    parts.push(part);
  }
  return { status: 200, bytes: concat(parts) };
}
