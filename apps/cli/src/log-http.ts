import { setTimeout as pause } from 'node:timers/promises';
import type { LogFetch } from '@attesta/proof';
import { AttestaError, type TokenSource } from '@attesta/sdk';
import { refusal, unreachable } from './api.js';

const TIMEOUT_MS = 60_000;
const ATTEMPTS = 4;
const FIRST_PAUSE_MS = 250;
const PROBLEM_BYTES = 64 * 1024;

/** What a path that is not there is answered with: that is what the log says, not that it could not be asked. */
export class NotThere extends Error {
  override readonly name = 'NotThere';
}

/** Gets the files of a log over HTTP. Remembers when the log could not be asked: what is missing then is no finding about the log. */
export class LogHttp {
  /** Why the log could not be asked (connection, access, server failure), the first time. */
  failure: Error | undefined;

  /** @param base with the log's own path, such as `http://localhost:4000/log` */
  constructor(
    readonly base: string,
    private readonly token?: TokenSource,
  ) {}

  /** `http://host:4000` and `http://host:4000/log` mean the same log. */
  static baseOf(url: string): string {
    return new URL(url).pathname.endsWith('/log') ? url : `${url}/log`;
  }

  readonly fetch: LogFetch = async (path, { maxBytes }) => {
    // Once the way to the log is broken, asking for the rest of a million tiles helps nobody.
    if (this.failure) throw this.failure;
    try {
      return await this.attempts(path, maxBytes);
    } catch (error) {
      if (!(error instanceof NotThere)) this.failure ??= error as Error;
      throw error;
    }
  };

  async text(path: string): Promise<string> {
    return new TextDecoder().decode(await this.fetch(path, { maxBytes: 1_000_000 }));
  }

  private async attempts(path: string, maxBytes: number): Promise<Uint8Array> {
    for (let attempt = 1; ; attempt++) {
      let failure: Error;
      try {
        const answer = await this.once(path, maxBytes);
        if (answer instanceof Uint8Array) return answer;
        failure = answer;
      } catch (error) {
        failure = unreachable(this.base, error);
      }
      const status = failure instanceof AttestaError ? (failure.status ?? 0) : 0;
      if (status === 404 || status === 410) throw new NotThere(`the log does not have ${path}`);
      if (attempt >= ATTEMPTS || (status !== 0 && status !== 429 && status < 500)) throw failure;
      await pause(FIRST_PAUSE_MS * 2 ** (attempt - 1));
    }
  }

  private async once(path: string, maxBytes: number): Promise<Uint8Array | AttestaError> {
    const token = await this.token?.();
    const response = await fetch(`${this.base}/${path}`, {
      headers: { Accept: '*/*', ...(token !== undefined && { Authorization: `Bearer ${token}` }) },
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (response.ok) return readAtMost(response, maxBytes);
    return refusal(response.status, new TextDecoder().decode(await readAtMost(response, PROBLEM_BYTES)));
  }
}

/** Reads one byte more than allowed at most: the reader of the log refuses such an answer by its length. */
async function readAtMost(response: Response, maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > maxBytes) break;
  }
  const bytes = chunks.length === 1 ? (chunks[0] as Uint8Array) : Buffer.concat(chunks);
  return length > maxBytes ? bytes.subarray(0, maxBytes + 1) : bytes;
}
