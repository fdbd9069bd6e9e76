import fs from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { decodeJwt } from 'jose';
import { TokenVerifier } from '../access/token-verifier.js';
import { Browser, newLogin, type Login } from './browser-rig.js';
import { startIssuer } from './index.js';
import type { LocalIssuer } from './index.js';

interface Tokens {
  access_token: string;
  refresh_token: string;
  id_token: string;
  expires_in: number;
  error?: string;
}

describe('signing in with a browser', () => {
  const home = fs.mkdtempSync(path.join(os.tmpdir(), 'login-'));
  let server: { close(): Promise<void> };
  let issuer: LocalIssuer;
  let origin: string;
  let now = Date.now();
  beforeAll(async () => {
    const port = await freePort();
    origin = `http://127.0.0.1:${port}`;
    issuer = await startIssuer({
      home,
      issuer: `${origin}/oidc`,
      audience: 'attesta',
      clients: [{ id: 'dpo', roles: ['dpo'] }],
      accounts: [
        { id: 'dpo', name: 'Officer', roles: ['dpo'] },
        { id: 'operator', name: 'Operator', roles: ['operator'] },
      ],
      browserClients: [
        { id: 'attesta-console', redirectUris: [`${origin}/console/callback`], postLogoutRedirectUris: [`${origin}/console/`] },
      ],
      now: () => now,
    });
    server = await issuer.listen(port);
  });
  afterAll(async () => {
    await server.close();
    fs.rmSync(home, { recursive: true });
  });

  const passwordOf = (id: string) => issuer.accounts.find((account) => account.id === id)!.password;
  const authorize = (browser: Browser, { params }: Login, headers?: Record<string, string>) =>
    browser.get(`/oidc/auth?${new URLSearchParams(params).toString()}`, headers);
  const locationOf = (response: Response) => new URL(response.headers.get('location') ?? 'missing:', origin);
  const begin = async (browser: Browser, login: Login) => locationOf(await authorize(browser, login)).href;
  const exchange = async (form: Record<string, string>, headers: Record<string, string> = {}) => {
    const response = await fetch(`${origin}/oidc/token`, {
      method: 'POST',
      headers,
      body: new URLSearchParams({ client_id: 'attesta-console', ...form }),
    });
    return { status: response.status, response, body: (await response.json()) as Tokens };
  };
  const withCode = (code: string, { verifier, params }: Login, changes: Record<string, string> = {}) =>
    exchange({ grant_type: 'authorization_code', code, code_verifier: verifier, redirect_uri: params['redirect_uri']!, ...changes });
  const refresh = (token: string) => exchange({ grant_type: 'refresh_token', refresh_token: token });
  /** Types the password and follows to the application. */
  const codeOf = async (browser: Browser, login: Login, account = 'dpo') => {
    const page = await begin(browser, login);
    const typed = await browser.post(page, { account, password: passwordOf(account) });
    expect(typed.status).toBe(303);
    return locationOf(await browser.get(locationOf(typed).href)).searchParams.get('code')!;
  };
  const signIn = async (account = 'dpo', browser = new Browser(origin)) => {
    const login = newLogin(origin);
    const { status, body } = await withCode(await codeOf(browser, login, account), login);
    expect(status).toBe(200);
    return { browser, ...body };
  };

  it('leads from the application to the password and back, with a code for tokens of the account', async () => {
    const browser = new Browser(origin);
    const login = newLogin(origin);
    const page = await browser.get(await begin(browser, login));
    expect(page.status).toBe(200);
    const typed = await browser.post(page.url, { account: 'operator', password: passwordOf('operator') });
    const back = locationOf(await browser.get(locationOf(typed).href));
    expect(back.origin + back.pathname).toBe(`${origin}/console/callback`);
    expect(back.searchParams.get('state')).toBe(login.state);
    expect(back.searchParams.get('iss')).toBe(issuer.issuer);
    const { body } = await withCode(back.searchParams.get('code')!, login);
    expect(body.expires_in).toBe(900);
    expect(decodeJwt(body.access_token)).toMatchObject({ sub: 'operator', roles: ['operator'], sources: [], aud: 'attesta' });
    expect(decodeJwt(body.id_token)).toMatchObject({ sub: 'operator', name: 'Operator', roles: ['operator'], aud: 'attesta-console' });
    const verifier = new TokenVerifier({ issuer: issuer.issuer, audience: 'attesta' });
    await expect(verifier.verify(body.access_token)).resolves.toEqual({ sub: 'operator', roles: ['operator'], sources: [] });
  });

  it('asks once in a browser, until prompt=login', async () => {
    const { browser } = await signIn();
    expect(locationOf(await authorize(browser, newLogin(origin))).pathname).toBe('/console/callback');
    expect(locationOf(await authorize(browser, newLogin(origin, { prompt: 'login' }))).pathname).toMatch(/^\/oidc\/login\//);
    const silent = await authorize(new Browser(origin), newLogin(origin, { prompt: 'none' }));
    expect(locationOf(silent).searchParams.get('error')).toBe('login_required');
  });

  describe('the page', () => {
    const pageIn = async (headers: Record<string, string>, changes = {}) => {
      const browser = new Browser(origin);
      return browser.get(await begin(browser, newLogin(origin, changes)), headers);
    };

    it('speaks the language asked for', async () => {
      expect(await (await pageIn({ 'accept-language': 'fr, th;q=0.9, en;q=0.8' })).text()).toContain('<html lang="th">');
      expect(await (await pageIn({ 'accept-language': 'th' }, { ui_locales: 'en' })).text()).toContain('<html lang="en">');
      expect(await (await pageIn({})).text()).toContain('Sign in');
    });

    it('runs no script and sits in no frame', async () => {
      const page = await pageIn({});
      const policy = page.headers.get('content-security-policy');
      expect(policy).toMatch(/^default-src 'none'; style-src 'sha256-[\w+/=]+'; form-action 'self'; frame-ancestors 'none'/);
      expect(page.headers.get('cache-control')).toBe('no-store');
      expect(await page.text()).not.toMatch(/<script|style="| on\w+="|https?:/);
    });

    it('escapes what was typed', async () => {
      const browser = new Browser(origin);
      const page = await begin(browser, newLogin(origin));
      const answer = await browser.post(page, { account: '"><script>alert(1)</script>', password: 'x' });
      const html = await answer.text();
      expect(html).not.toContain('<script>');
      expect(html).toContain('&#34;&#62;&#60;script');
    });

    it('takes no more than the form can hold', async () => {
      const browser = new Browser(origin);
      const page = await begin(browser, newLogin(origin));
      expect((await browser.post(page, { account: 'dpo', password: 'x'.repeat(10_000) })).status).toBe(413);
    });
  });

  describe('refuses', () => {
    it('a wrong password as it does an account that does not exist', async () => {
      const answers = [];
      for (const account of ['operator', 'nobody']) {
        const browser = new Browser(origin);
        const answer = await browser.post(await begin(browser, newLogin(origin)), { account, password: 'guess' });
        expect(answer.status).toBe(422);
        answers.push((await answer.text()).replace(`value="${account}"`, ''));
      }
      expect(answers[0]).toBe(answers[1]);
      expect(answers[0]).toContain('aria-describedby="error"');
      expect(answers[0]).toContain('id="error" role="alert"');
    });

    it('to be asked quickly after five wrong passwords, whoever asks, the right one too; then not for long', async () => {
      for (const account of ['dpo', 'nobody-else']) {
        const browser = new Browser(origin);
        const page = await begin(browser, newLogin(origin));
        const statuses = [];
        for (let i = 0; i < 6; i++) statuses.push((await browser.post(page, { account, password: `guess ${i}` })).status);
        expect(statuses).toEqual([422, 422, 422, 422, 422, 429]);
        const right = await browser.post(page, { account, password: account === 'dpo' ? passwordOf('dpo') : 'x' });
        expect(right.status).toBe(429);
        expect(right.headers.get('retry-after')).toBe('1');
      }
      now += 1_000;
      await signIn();
      await signIn();
    });

    it('a password typed in another browser than the one that began', async () => {
      const page = await begin(new Browser(origin), newLogin(origin));
      const stranger = new Browser(origin);
      await begin(stranger, newLogin(origin));
      for (const browser of [stranger, new Browser(origin)]) {
        const answer = await browser.post(page, { account: 'dpo', password: passwordOf('dpo') });
        expect(answer.status).toBe(400);
        expect(await answer.text()).toContain(`href="${origin}/console/"`);
      }
    });

    it('a form that another site sends', async () => {
      const browser = new Browser(origin);
      const page = await begin(browser, newLogin(origin));
      for (const from of ['https://evil.example', 'null']) {
        expect((await browser.post(page, { account: 'dpo', password: passwordOf('dpo') }, { origin: from })).status).toBe(400);
      }
      expect((await browser.post(page, { account: 'dpo', password: passwordOf('dpo') })).status).toBe(303);
    });

    it('a login that was carried through already', async () => {
      const browser = new Browser(origin);
      const login = newLogin(origin);
      const page = await begin(browser, login);
      const resume = locationOf(await browser.post(page, { account: 'dpo', password: passwordOf('dpo') })).href;
      await browser.get(resume);
      expect((await browser.get(page)).status).toBe(400);
      expect((await browser.get(resume)).status).toBe(400);
    });

    it.each([
      ['no challenge', { code_challenge: undefined, code_challenge_method: undefined }, 'invalid_request'],
      ['a plain challenge', { code_challenge_method: 'plain' }, 'invalid_request'],
      ['a token instead of a code', { response_type: 'token' }, 'unsupported_response_type'],
    ])('%s', async (_, changes, error) => {
      const location = locationOf(await authorize(new Browser(origin), newLogin(origin, changes)));
      expect(location.pathname).toBe('/console/callback');
      const answer = location.searchParams.get('error') ?? new URLSearchParams(location.hash.slice(1)).get('error');
      expect(answer).toBe(error);
    });

    it.each([
      'https://evil.example/console/callback',
      '//evil.example',
      '/console/callback/../../evil',
      '/console/callback?next=https://evil.example',
      '/console/callback#x',
      '/console/',
    ])('to lead to %s', async (target) => {
      for (const redirect of [target, origin + target]) {
        const answer = await authorize(new Browser(origin), newLogin(origin, { redirect_uri: redirect }), { accept: 'text/html' });
        expect(answer.status).toBe(400);
        expect(answer.headers.get('location')).toBeNull();
        expect(await answer.text()).not.toContain('href="https://evil');
      }
    });

    it('a code with another verifier, with none, for another address, and a second time', async () => {
      const wrong: Record<string, string>[] = [
        { code_verifier: 'x'.repeat(43) },
        { code_verifier: '' },
        { redirect_uri: `${origin}/console/` },
      ];
      for (const changes of wrong) {
        const login = newLogin(origin);
        const code = await codeOf(new Browser(origin), login);
        const { status, body } = await withCode(code, login, changes);
        expect([status, body.error]).toEqual([400, 'invalid_grant']);
      }
      const login = newLogin(origin);
      const code = await codeOf(new Browser(origin), login);
      const first = await withCode(code, login);
      expect(first.status).toBe(200);
      expect((await withCode(code, login)).body.error).toBe('invalid_grant');
      // What the first use gave is void as well (RFC 6749 section 4.1.2).
      expect((await refresh(first.body.refresh_token)).body.error).toBe('invalid_grant');
    });

    it('a script of another origin at the token endpoint', async () => {
      const { refresh_token: token } = await signIn();
      const grant = { grant_type: 'refresh_token', refresh_token: token };
      const foreign = await exchange(grant, { origin: 'https://evil.example' });
      expect(foreign.status).toBe(400);
      expect(foreign.response.headers.get('access-control-allow-origin')).toBeNull();
      expect((await exchange(grant, { origin })).status).toBe(200);
    });
  });

  describe('renewing', () => {
    it('gives a new refresh token each time, and ends everything when an old one is used again', async () => {
      const { refresh_token: first } = await signIn();
      const second = await refresh(first);
      expect(second.status).toBe(200);
      expect(decodeJwt(second.body.access_token)).toMatchObject({ sub: 'dpo', roles: ['dpo'] });
      expect(second.body.refresh_token).not.toBe(first);
      expect((await refresh(first)).body.error).toBe('invalid_grant');
      expect((await refresh(second.body.refresh_token)).body.error).toBe('invalid_grant');
    });

    it('ends with signing out, in this browser alone', async () => {
      const other = await signIn('operator');
      const { browser, id_token: hint, refresh_token: token } = await signIn('dpo');
      const query = new URLSearchParams({ id_token_hint: hint, post_logout_redirect_uri: `${origin}/console/`, state: 's' });
      const page = await browser.get(`/oidc/session/end?${query.toString()}`);
      expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
      const html = await page.text();
      const xsrf = /name="xsrf" value="([^"]+)"/.exec(html)![1]!;
      expect(html).toContain('name="logout" value="yes"');
      expect((await browser.post('/oidc/session/end/confirm', { xsrf: 'guess', logout: 'yes' })).status).toBe(400);
      const done = await browser.post('/oidc/session/end/confirm', { xsrf, logout: 'yes' });
      expect(locationOf(done).href).toBe(`${origin}/console/?state=s`);
      expect((await refresh(token)).body.error).toBe('invalid_grant');
      expect((await refresh(other.refresh_token)).status).toBe(200);
      expect(locationOf(await authorize(browser, newLogin(origin))).pathname).toMatch(/^\/oidc\/login\//);
    });

    it('leads nowhere else after signing out', async () => {
      const { browser, id_token: hint } = await signIn();
      const query = new URLSearchParams({ id_token_hint: hint, post_logout_redirect_uri: 'https://evil.example/' });
      const answer = await browser.get(`/oidc/session/end?${query.toString()}`, { accept: 'text/html' });
      expect(answer.status).toBe(400);
      expect(await answer.text()).not.toContain('href="https://evil');
    });
  });

  it('is not for clients with a secret, nor are client credentials for the application', async () => {
    const answer = await authorize(new Browser(origin), newLogin(origin, { client_id: 'dpo' }));
    expect(answer.status).toBe(400);
    expect((await exchange({ grant_type: 'client_credentials' })).status).toBe(400);
  });

  it('keeps passwords over restarts, for the owner of the files only', async () => {
    const again = await startIssuer({
      home,
      issuer: issuer.issuer,
      audience: 'attesta',
      clients: [],
      accounts: [{ id: 'dpo', name: 'Officer', roles: ['dpo', 'auditor'] }],
    });
    expect(again.accounts).toEqual([{ id: 'dpo', name: 'Officer', roles: ['dpo', 'auditor'], password: passwordOf('dpo') }]);
    expect(passwordOf('dpo')).toMatch(/^(?:[a-z2-9]{4}-){4}[a-z2-9]{4}$/);
    expect(passwordOf('dpo')).not.toBe(passwordOf('operator'));
    expect(fs.statSync(path.join(home, 'oidc', 'issuer.json')).mode & 0o777).toBe(0o600);
  });
});

async function freePort(): Promise<number> {
  const server = http.createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
