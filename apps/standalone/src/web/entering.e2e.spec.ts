import { createHash, randomBytes } from 'node:crypto';
import { describeBrowser, type Size, type Visitor } from '@attesta/testing';
import type { PersonSession } from '@attesta/requests';
import { WebSystem } from './web-rig.js';

const LOOKS: [Size, 'en' | 'th'][] = [
  ['desktop', 'en'],
  ['phone', 'th'],
];

await describeBrowser('who may enter', () => {
  let web: WebSystem;
  let visitor: Visitor | undefined;
  beforeAll(async () => {
    web = await WebSystem.start();
  }, 180_000);
  afterEach(async () => {
    await visitor?.close();
    visitor = undefined;
  });
  afterAll(() => web?.stop());

  describe.each(LOOKS)('an officer on a %s, in %s', (size, language) => {
    it('signs in by keyboard, after a wrong password that is told beside the field', async () => {
      visitor = await web.visitor({ size, language });
      const { page } = visitor;
      await page.goto(`${web.url}/console/`);
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
      await page.keyboard.type(web.passwordOf('auditor'));
      await page.keyboard.press('Enter');
      await page.waitForURL(`${web.url}/console/**`);
      await page.goto(`${web.url}/oidc/session/end`);
      await looksRight('logout');
      await page.keyboard.press('Enter');
      await page.waitForURL(`${web.url}/oidc/session/end/success*`);
      await looksRight('logged-out');
      await page.goto(`${web.url}/oidc/login/none`);
      await looksRight('login-expired');
      expect(visitor.asked).toEqual([web.url]);
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
      const response = await fetch(web.url + route, { method, headers, ...(body && { body: JSON.stringify(body) }) });
      return { status: response.status, body: (await response.json()) as Body };
    };
    const subject = `email|${email}`;

    it('sees and changes what is theirs in every service, and nothing else', async () => {
      const { body: begun } = await send<{ session: string }>('POST', '/v1/sessions', { email, language: 'th' });
      const code = await web.codeFor(email);
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

      const collections = await web.ask<{ data: { subject: string }[] }>('auditor', 'GET', '/v1/collections?limit=1&reason=test');
      const other = collections.data[0]!.subject;
      for (const register of ['timeline', 'data-map', 'holdings', 'consents', 'consent-history'])
        expect([register, (await send('GET', `/v1/subjects/${other}/${register}${look}`)).status]).toEqual([register, 403]);
      for (const route of ['/v1/requests', '/v1/collections?reason=test', '/v1/access-log?reason=test', '/ops/audit/progress'])
        expect([route, (await send('GET', route)).status]).toEqual([route, 403]);
    });

    /** What was just said takes a moment to be sealed and folded. */
    async function settled<T extends { status: number }>(ask: () => Promise<T>): Promise<T> {
      for (const until = Date.now() + 30_000; ; await pause()) {
        const answer = await ask();
        if (answer.status === 200 || Date.now() > until) return answer;
      }
    }
  });

  it('an officer’s token opens what the role opens, and the access log names the account', async () => {
    const statuses: Record<string, number[]> = {};
    const { data } = await web.ask<{ data: { subject: string }[] }>('auditor', 'GET', '/v1/collections?limit=1&reason=test');
    const looks = [`/v1/subjects/${data[0]!.subject}/timeline?reason=case%201`, '/v1/requests', '/v1/mail', '/ops/audit/dlq'];
    for (const account of ['dpo-2', 'auditor', 'operator']) {
      const token = await tokenOf(account);
      statuses[account] = [];
      for (const look of looks)
        statuses[account].push((await fetch(web.url + look, { headers: { authorization: `Bearer ${token}` } })).status);
    }
    expect(statuses).toEqual({ 'dpo-2': [200, 200, 200, 403], auditor: [200, 200, 403, 403], operator: [403, 403, 403, 200] });
    const logOf = () => web.ask<{ data: { actor: string; action: string }[] }>('auditor', 'GET', '/v1/access-log?actor=dpo-2&reason=test');
    let log = await logOf();
    for (const until = Date.now() + 30_000; log.data.length === 0 && Date.now() < until; log = await logOf()) await pause();
    expect(log.data[0]).toMatchObject({ actor: 'dpo-2' });
  });

  /** As the console gets it: with a code that this browser's login gives. */
  async function tokenOf(account: string): Promise<string> {
    const officer = await web.officer(account, '/');
    const verifier = randomBytes(32).toString('base64url');
    const redirect = `${web.url}/console/callback`;
    const wanted = new URLSearchParams({
      client_id: 'attesta-console',
      response_type: 'code',
      scope: 'openid offline_access',
      redirect_uri: redirect,
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      code_challenge_method: 'S256',
    });
    const answer = await officer.page.context().request.get(`${web.url}/oidc/auth?${wanted.toString()}`, { maxRedirects: 0 });
    const code = new URL(answer.headers()['location']!).searchParams.get('code')!;
    await officer.close();
    const response = await fetch(`${web.url}/oidc/token`, {
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
});

const pause = () => new Promise((wake) => setTimeout(wake, 200));
