import { createHash, randomBytes } from 'node:crypto';

/** What a browser does of a login: keeps cookies by path, and follows redirects when told to. */
export class Browser {
  private readonly cookies = new Map<string, { value: string; path: string }>();

  constructor(readonly origin: string) {}

  async get(url: string, headers: Record<string, string> = {}): Promise<Response> {
    return this.send('GET', url, headers);
  }

  async post(url: string, form: Record<string, string>, headers: Record<string, string> = {}): Promise<Response> {
    return this.send('POST', url, { origin: this.origin, ...headers }, new URLSearchParams(form));
  }

  private async send(method: string, url: string, headers: Record<string, string>, body?: URLSearchParams): Promise<Response> {
    const target = new URL(url, this.origin);
    const response = await fetch(target, {
      method,
      headers: { ...headers, cookie: this.cookiesFor(target.pathname) },
      redirect: 'manual',
      ...(body && { body }),
    });
    for (const line of response.headers.getSetCookie()) this.keep(line, target.pathname);
    return response;
  }

  private cookiesFor(path: string): string {
    const fitting = [...this.cookies].filter(([, cookie]) => path === cookie.path || path.startsWith(cookie.path.replace(/\/?$/, '/')));
    return fitting.map(([name, { value }]) => `${name}=${value}`).join('; ');
  }

  private keep(line: string, from: string): void {
    const [pair = '', ...attributes] = line.split('; ');
    const [name = '', value = ''] = pair.split(/=(.*)/s, 2);
    const path = attributes.find((one) => /^path=/i.test(one))?.slice(5) ?? from;
    if (value === '') this.cookies.delete(name);
    else this.cookies.set(name, { value, path });
  }
}

export interface Login {
  verifier: string;
  state: string;
  params: Record<string, string>;
}

/** An authorization request as the console makes it. */
export function newLogin(origin: string, changes: Record<string, string | undefined> = {}): Login {
  const verifier = randomBytes(32).toString('base64url');
  const state = randomBytes(16).toString('base64url');
  const params = {
    client_id: 'attesta-console',
    response_type: 'code',
    redirect_uri: `${origin}/console/callback`,
    scope: 'openid offline_access',
    state,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    ...changes,
  };
  return {
    verifier,
    state,
    params: Object.fromEntries(Object.entries(params).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]))),
  };
}
