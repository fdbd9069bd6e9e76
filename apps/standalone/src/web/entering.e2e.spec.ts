import { createHash, randomBytes } from 'node:crypto';
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { describeBrowser, TestBrowser, type Size, type Visitor } from '@attesta/testing/browser';
import type { PersonSession } from '@attesta/requests';
import { subjectRef } from '@attesta/vault';
import { simpleParser } from 'mailparser';
import { SHIPPED_POLICY } from '../shipped-files.js';
import { startStandalone, type Standalone } from '../standalone.js';

const MINUTE = 60_000;

const LOOKS: [Size, 'en' | 'th'][] = [
  ['desktop', 'en'],
  ['phone', 'th'],
];

await describeBrowser('who may enter', () => {
  let home: string;
  let system: Standalone;
  let browser: TestBrowser;
  let visitor: Visitor | undefined;
  beforeAll(async () => {
    home = await fs.mkdtemp(path.join(os.tmpdir(), 'attesta-entering-'));
    await fs.chmod(home, 0o755); // PostgreSQL runs as another user when we are root
    system = await startStandalone({ home, port: 0, host: '127.0.0.1', origin: 'spec.localhost/log', policyFile: SHIPPED_POLICY });
    browser = await TestBrowser.start();
  }, 5 * MINUTE);
  afterEach(async () => {
    await visitor?.close();
    visitor = undefined;
  });
  afterAll(async () => {
    await browser?.stop();
    await system?.stop();
    await fs.rm(home, { recursive: true, force: true });
  }, MINUTE);
  const passwordOf = (account: string) => system.issuer.accounts.find(({ id }) => id === account)!.password;

  describe.each(LOOKS)('an officer on a %s, in %s', (size, language) => {
    it('signs in by keyboard, after a wrong password that is told beside the field', async () => {
      visitor = await browser.visitor({ size, language });
      const { page } = visitor;
      await page.goto(`${system.url}/console/`);
      await page.locator('#password').waitFor();
      expect(await page.locator('html').getAttribute('lang')).toBe(language);
      await looksRight('login');
      expect(await page.evaluate('document.activeElement.id')).toBe('account');
      await page.keyboard.type('auditor');
      await page.keyboard.press('Tab');
      await page.keyboard.type('guess');
      await page.keyboard.press('Enter');
      await page.locator('#error').waitFor();
      await looksRight('login-refused');
      expect(await page.evaluate('document.activeElement.id')).toBe('password');
      expect(await page.locator('#password').getAttribute('aria-describedby')).toBe('error');
      await page.keyboard.type(passwordOf('auditor'));
      await page.keyboard.press('Enter');
      await page.waitForURL(`${system.url}/console/**`);
      await page.goto(`${system.url}/oidc/session/end`);
      await looksRight('logout');
      await page.keyboard.press('Enter');
      await page.waitForURL(`${system.url}/oidc/session/end/success*`);
      await looksRight('logged-out');
      await page.goto(`${system.url}/oidc/login/none`);
      await looksRight('login-expired');
      expect(visitor.asked).toEqual([system.url]);
      expect(visitor.complaints).toEqual([]);
    });

    async function looksRight(name: string): Promise<void> {
      await visitor!.picture(name);
      expect({ name, violations: await visitor!.accessibility(), overflows: await visitor!.overflows() }).toEqual({
        name,
        violations: [],
        overflows: false,
      });
    }
  });

  describe('a person with a code', () => {
    const email = 'somebody.new@example.co.th';
    let token: string;
    const send = async <Body>(method: string, route: string, body?: object): Promise<{ status: number; body: Body }> => {
      const headers = { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) };
      const response = await fetch(system.url + route, { method, headers, ...(body && { body: JSON.stringify(body) }) });
      return { status: response.status, body: (await response.json()) as Body };
    };
    const subject = `email|${email}`;

    it('sees and changes what is theirs in every service, and nothing else', async () => {
      const { body: begun } = await send<{ session: string }>('POST', '/v1/sessions', { email, language: 'th' });
      const code = await codeFor(email);
      const opened = await send<PersonSession>('POST', `/v1/sessions/${begun.session}/token`, { code });
      expect(opened).toMatchObject({ status: 200, body: { subject: null } });
      token = opened.body.access_token;

      const { body: before } = await send<{ subject: string | null }>('POST', '/v1/consents/query', { subject });
      expect(before.subject).toBeNull();
      const purposes = ['analytics-cookies'];
      const choice = { subject, purposes, status: 'given', method: 'preference-center', noticeVersion: '2022-08-10' };
      const given = await send<{ id: string; subject: string; receipt: string }>('POST', '/v1/consents', choice);
      expect(given.status).toBe(201);
      expect((await send('POST', '/v1/consents/preview', { subject, purposes })).body).toMatchObject({ inForce: purposes });

      const named = await send<PersonSession>('POST', '/v1/sessions/current/named', {});
      expect(named).toMatchObject({ status: 200, body: { subject: given.body.subject } });
      token = named.body.access_token;
      const person = given.body.subject;
      expect((await settled(() => send('GET', given.body.receipt))).status).toBe(200);
      expect((await send('GET', `/v1/subjects/${person}/consent-history`)).body).toMatchObject({ data: [{ status: 'given' }] });
      expect((await send('POST', '/v1/consents', { ...choice, status: 'withdrawn' })).status).toBe(201);

      const asked = await send<{ request: string; needs: string[] }>('POST', '/v1/requests', { right: 'access', email });
      expect(asked).toMatchObject({ status: 202, body: { needs: [] } });
      expect((await send('GET', '/v1/requests/own')).body).toMatchObject({ data: [{ request: asked.body.request, identity: 'verified' }] });
      expect((await send('GET', `/v1/requests/${asked.body.request}`)).body).toMatchObject({ subject: person });

      const look = '?reason=My%20own%20record';
      const timeline = await settled(() => send<{ data: { type: string }[] }>('GET', `/v1/subjects/${person}/timeline${look}`));
      expect([timeline.status, timeline.body.data.length > 0]).toEqual([200, true]);
      for (const register of ['data-map', 'holdings', 'collections', 'disclosures'])
        expect([register, (await send('GET', `/v1/subjects/${person}/${register}${look}`)).status]).toEqual([register, 200]);

      const somebodyElse = await enrolled('somebody-else');
      for (const register of ['timeline', 'data-map', 'holdings', 'consents', 'consent-history'])
        expect([register, (await send('GET', `/v1/subjects/${somebodyElse}/${register}${look}`)).status]).toEqual([register, 403]);
      for (const route of ['/v1/requests', '/v1/collections?reason=test', '/v1/access-log?reason=test', '/ops/audit/progress'])
        expect([route, (await send('GET', route)).status]).toEqual([route, 403]);
    });
  });

  it(
    'an officer’s token opens what the role opens, and the access log names the account',
    async () => {
      const person = await enrolled('somebody');
      const looks = [`/v1/subjects/${person}/consents?reason=case%201`, '/v1/requests', '/v1/mail', '/ops/audit/dlq'];
      const statuses: Record<string, number[]> = {};
      for (const account of ['dpo-2', 'auditor', 'operator']) {
        const authorization = `Bearer ${await tokenOf(account)}`;
        statuses[account] = await Promise.all(
          looks.map(async (look) => (await fetch(system.url + look, { headers: { authorization } })).status),
        );
      }
      expect(statuses).toEqual({ 'dpo-2': [200, 200, 200, 403], auditor: [200, 200, 403, 403], operator: [403, 403, 403, 200] });
      const authorization = `Bearer ${await system.issuer.issueToken('auditor')}`;
      const log = await settled(async () => {
        const response = await fetch(`${system.url}/v1/access-log?actor=dpo-2&reason=test`, { headers: { authorization } });
        const { data } = (await response.json()) as { data: { actor: string }[] };
        return { status: data.length > 0 ? 200 : 404, data };
      });
      expect(log.data[0]).toMatchObject({ actor: 'dpo-2' });
    },
    3 * MINUTE,
  );

  /** As the console gets it, in a browser of its own. */
  async function tokenOf(account: string): Promise<string> {
    const { page } = await browser.visitor();
    const verifier = randomBytes(32).toString('base64url');
    const redirect = `${system.url}/console/callback`;
    const wanted = new URLSearchParams({
      client_id: 'attesta-console',
      response_type: 'code',
      scope: 'openid offline_access',
      redirect_uri: redirect,
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      code_challenge_method: 'S256',
    });
    await page.goto(`${system.url}/oidc/auth?${wanted.toString()}`);
    await page.locator('#account').fill(account);
    await page.locator('#password').fill(passwordOf(account));
    const [back] = await Promise.all([page.waitForRequest((one) => one.url().startsWith(redirect)), page.keyboard.press('Enter')]);
    const code = new URL(back.url()).searchParams.get('code')!;
    await page.context().close();
    const response = await fetch(`${system.url}/oidc/token`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'authorization_code',
        client_id: 'attesta-console',
        code,
        code_verifier: verifier,
        redirect_uri: redirect,
      }),
    });
    return ((await response.json()) as { access_token: string }).access_token;
  }

  /** The newest code that was mailed to an address; waits for one. */
  async function codeFor(address: string): Promise<string> {
    const folder = path.join(home, 'mail');
    for (const until = Date.now() + MINUTE; Date.now() < until; await pause()) {
      const names = (await fs.readdir(folder).catch(() => [])).filter((name) => name.endsWith('.eml'));
      const mails = await Promise.all(names.map(async (name) => simpleParser(await fs.readFile(path.join(folder, name)))));
      const mine = mails.filter(({ to }) => [to].flat().some((one) => one?.text.includes(address)));
      const code = /^\s*(\d{6})\s*$/m.exec(mine.at(-1)?.text ?? '')?.[1];
      if (code !== undefined) return code;
    }
    throw new Error('no code came');
  }

  async function enrolled(account: string): Promise<string> {
    const ref = subjectRef(system.ledger.secrets.pepper, 'account', account);
    return (await system.ledger.directory.subjectsOf([ref], true))[ref]!;
  }
});

/** What was just said takes a moment to be sealed and folded. */
async function settled<T extends { status: number }>(ask: () => Promise<T>): Promise<T> {
  for (const until = Date.now() + MINUTE; ; await pause()) {
    const answer = await ask();
    if (answer.status === 200 || Date.now() > until) return answer;
  }
}

const pause = () => new Promise((wake) => setTimeout(wake, 200));
