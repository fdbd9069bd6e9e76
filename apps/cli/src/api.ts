import { AttestaError, type ProblemDocument, type TokenSource } from '@attesta/sdk';
import { codeOf, Failure } from './failure.js';

const TIMEOUT_MS = 30_000;

/** JSON requests to the services, with problem documents as AttestaError. */
export class Api {
  constructor(
    readonly url: string,
    private readonly token?: TokenSource,
  ) {}

  get(path: string): Promise<unknown> {
    return this.json('GET', path);
  }

  post(path: string, body: unknown = {}): Promise<unknown> {
    return this.json('POST', path, body);
  }

  /** The answer as it is, whatever its status. @throws Failure when none comes */
  async ask(method: string, path: string, body?: unknown): Promise<Response> {
    const token = await this.token?.();
    try {
      return await fetch(`${this.url}${path}`, {
        method,
        headers: {
          Accept: 'application/json',
          ...(token !== undefined && { Authorization: `Bearer ${token}` }),
          ...(body !== undefined && { 'Content-Type': 'application/json' }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        // A redirect would carry the token to whoever is named there.
        redirect: 'error',
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
    } catch (error) {
      throw unreachable(this.url, error);
    }
  }

  private async json(method: string, path: string, body?: unknown): Promise<unknown> {
    const response = await this.ask(method, path, body);
    const text = await response.text().catch((error: unknown) => {
      throw unreachable(this.url, error);
    });
    if (!response.ok) throw refusal(response.status, text);
    if (text === '') return undefined;
    try {
      return JSON.parse(text) as unknown;
    } catch {
      throw new Failure(`${this.url}${path} answered with something else than JSON`, 'Check that --url names an Attesta server.');
    }
  }
}

export function unreachable(url: string, error: unknown): Failure {
  return new Failure(
    `${url} cannot be reached (${codeOf(error)})`,
    'Start the system with npm start, or name another address with --url.',
    {
      cause: error,
    },
  );
}

/** An answer that is not a success, with its problem document if it has one. */
export function refusal(status: number, text: string): AttestaError {
  try {
    const value = JSON.parse(text) as ProblemDocument | null;
    if (value !== null && typeof value === 'object' && typeof value.title === 'string') {
      return new AttestaError(value.title, { status, problem: value });
    }
  } catch {
    // Whatever stands in between answered in its own words.
  }
  return new AttestaError(`the server answered with status ${status} and no reason; check that --url names an Attesta server`, { status });
}
