/** An error as every service answers it (RFC 9457). */
export interface Problem {
  type: string;
  title: string;
  status: number;
  detail?: string;
  fix?: string;
  errors?: { field: string; message: string; fix?: string }[];
}

export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  constructor(readonly problem: Problem) {
    super(problem.detail ?? problem.title);
  }
}

export type Params = Readonly<Record<string, string | number | boolean | undefined>>;

const TIMEOUT_MS = 60_000;

/** Calls the services of this origin as whoever holds the token. @throws ProblemError for every answer that is no success */
export class Api {
  constructor(
    private readonly token: () => string | undefined,
    private readonly onUnauthorized: () => void = () => undefined,
  ) {}

  async get<T>(path: string, params: Params = {}): Promise<T> {
    return (await this.request('GET', withParams(path, params))).json() as Promise<T>;
  }

  async post<T>(path: string, body?: unknown, headers: Record<string, string> = {}): Promise<T> {
    const response = await this.request('POST', path, body ?? {}, headers);
    return (response.status === 204 ? undefined : await response.json()) as T;
  }

  async delete(path: string): Promise<void> {
    await this.request('DELETE', path);
  }

  async text(path: string, params: Params = {}): Promise<string> {
    return (await this.request('GET', withParams(path, params))).text();
  }

  async bytes(path: string): Promise<Uint8Array> {
    return new Uint8Array(await (await this.request('GET', path)).arrayBuffer());
  }

  /** Gets a file and hands it to the browser to keep. */
  async download(path: string, name: string, body?: unknown): Promise<void> {
    const response = await this.request(body === undefined ? 'GET' : 'POST', path, body);
    const url = URL.createObjectURL(await response.blob());
    const link = document.createElement('a');
    link.href = url;
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(url), TIMEOUT_MS);
  }

  private async request(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Response> {
    const token = this.token();
    let response: Response;
    try {
      response = await fetch(path, {
        method,
        headers: {
          accept: 'application/json, */*;q=0.5',
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...(token !== undefined && { authorization: `Bearer ${token}` }),
          ...headers,
        },
        signal: AbortSignal.timeout(TIMEOUT_MS),
        cache: 'no-store',
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
    } catch {
      throw new ProblemError({ type: 'about:blank', title: 'unreachable', status: 0 });
    }
    if (response.ok) return response;
    if (response.status === 401) this.onUnauthorized();
    throw new ProblemError(await problemOf(response));
  }
}

async function problemOf(response: Response): Promise<Problem> {
  const found = (await response.json().catch(() => undefined)) as Problem | undefined;
  return found?.title === undefined ? { type: 'about:blank', title: response.statusText, status: response.status } : found;
}

export function withParams(path: string, params: Params): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(params)) if (value !== undefined && value !== '') query.set(name, String(value));
  const text = query.toString();
  return text === '' ? path : `${path}?${text}`;
}
