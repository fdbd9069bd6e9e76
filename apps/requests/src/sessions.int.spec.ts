import { randomUUID } from 'node:crypto';
import { MailSender } from '@attesta/mail';
import { TokenVerifier } from '@attesta/service-kit';
import { startSmtp, type TestSmtp } from '@attesta/testing';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { simpleParser } from 'mailparser';
import request from 'supertest';
import type { Taken } from './intake.js';
import { mailPost } from './letter-post.js';
import type { OwnView, Page } from './request-views.js';
import { refTo, RequestsRig } from './requests-rig.js';
import type { AskedSession, PersonSession } from './sessions.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
let rig: RequestsRig;
let smtp: TestSmtp;
let sender: MailSender;

beforeAll(async () => {
  smtp = await startSmtp();
  sender = await MailSender.open({ url: smtp.url, from: 'privacy@m-med.example' });
  rig = await RequestsRig.start(mailPost(sender));
  // Tokens are verified by the real clock.
  rig.time = new Date();
});
afterAll(async () => {
  await rig.stop();
  sender.close();
  await smtp.down();
});

let n = 0;
/** An address nobody else in this file has, and a network to call from. */
const somebody = () => ({ email: `someone${++n}@example.co.th`, from: `203.0.113.${n}` });

interface Reply<T> {
  status: number;
  body: T & { type?: string; triesLeft?: number };
  headers: Record<string, string>;
}
async function post<T = object>(url: string, body: object, { from, token }: { from?: string; token?: string } = {}): Promise<Reply<T>> {
  const call = request(rig.app.getHttpServer()).post(url);
  if (from !== undefined) call.set('x-forwarded-for', from);
  if (token !== undefined) call.set('authorization', `Bearer ${token}`);
  const { status, body: answer, headers } = await call.send(body);
  return { status, body: answer as Reply<T>['body'], headers };
}
const ask = ({ email, from }: { email: string; from: string }, more: object = {}) =>
  post<AskedSession>('/v1/sessions', { email, ...more }, { from });
const mailsTo = async (email: string) => {
  await rig.requests.tick();
  return Promise.all(smtp.taken.filter(({ to }) => to.includes(email)).map(({ raw }) => simpleParser(raw)));
};
const codesTo = async (email: string) => (await mailsTo(email)).map(({ text }) => /^ {4}(\d{6})$/m.exec(text ?? '')![1]!);
const prove = (session: string, code: string) => post<PersonSession>(`/v1/sessions/${session}/token`, { code });
const wrongCode = (right: string) => String((Number(right) + 1) % 1_000_000).padStart(6, '0');
async function sessionOf(person: { email: string; from: string }) {
  const { body } = await ask(person);
  const { status, body: opened } = await prove(body.session, (await codesTo(person.email)).at(-1)!);
  expect(status).toBe(200);
  return opened;
}

describe('a code', () => {
  it('comes by mail, in the language asked for, and opens what is the person’s for half an hour', async () => {
    const person = somebody();
    const id = rig.directory.same(`email|${person.email}`, `account|s-${n}`);
    const { status, body } = await ask(person, { language: 'th-TH' });
    expect([status, body]).toEqual([
      202,
      { session: expect.any(String) as string, expiresAt: new Date(rig.time.getTime() + 10 * MINUTE).toISOString() },
    ]);
    const [mail] = await mailsTo(person.email);
    expect([mail!.subject, mail!.headers.get('content-language')]).toEqual(['รหัสสำหรับเข้าศูนย์ความเป็นส่วนตัว', 'th']);
    const [code] = await codesTo(person.email);
    const proved = await prove(body.session, code!);
    expect([proved.status, proved.headers['cache-control']]).toEqual([200, 'no-store']);
    expect(proved.body).toEqual({ access_token: expect.any(String) as string, token_type: 'Bearer', expires_in: 1800, subject: id });
    const token = decodeJwt(proved.body.access_token);
    expect(token).toMatchObject({ iss: 'https://privacy.example/people', aud: 'attesta', roles: ['subject'], subject: id });
    expect(token.exp! - token.iat!).toBe(1800);
    expect(token.sub).toMatch(/^psn_[0-9a-f]{32}$/);
    expect(JSON.stringify(token)).not.toContain(person.email);
    expect(decodeProtectedHeader(proved.body.access_token)).toMatchObject({ alg: 'ES256', kid: expect.any(String) as string });
  });

  it('opens once', async () => {
    const person = somebody();
    const { body } = await ask(person);
    const [code] = await codesTo(person.email);
    const answers = await Promise.all([1, 2, 3, 4].map(() => prove(body.session, code!)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 404, 404, 404]);
    expect((await prove(body.session, code!)).body.type).toMatch(/session-ended$/);
  });

  it('is void once another is sent, and after ten minutes', async () => {
    const person = somebody();
    const { body } = await ask(person);
    const [first] = await codesTo(person.email);
    const again = await post<AskedSession>(`/v1/sessions/${body.session}/code`, {}, { from: person.from });
    expect([again.status, again.body.session]).toEqual([202, body.session]);
    const [, second] = await codesTo(person.email);
    if (first !== second) expect((await prove(body.session, first!)).body).toMatchObject({ triesLeft: 4 });
    rig.time = new Date(rig.time.getTime() + 10 * MINUTE);
    expect((await prove(body.session, second!)).status).toBe(422);
    await post(`/v1/sessions/${body.session}/code`, {}, { from: person.from });
    expect((await prove(body.session, (await codesTo(person.email)).at(-1)!)).status).toBe(200);
  });

  it('that is wrong five times ends the session, for the right one too, be they sent one by one or at once, with new codes between or not', async () => {
    for (const how of ['one by one', 'at once', 'new codes'] as const) {
      const person = somebody();
      const { body } = await ask(person);
      const [code] = await codesTo(person.email);
      const guesses = Array.from({ length: 4 }, () => wrongCode(code!));
      const guess = () => prove(body.session, guesses[0]!);
      const left: (number | undefined)[] = [];
      if (how === 'at once') left.push(...(await Promise.all(guesses.map(guess))).map((one) => one.body.triesLeft));
      else
        for (const _ of guesses) {
          if (how === 'new codes' && left.length < 3) await post(`/v1/sessions/${body.session}/code`, {}, { from: person.from });
          const newest = (await codesTo(person.email)).at(-1)!;
          left.push((await prove(body.session, wrongCode(newest))).body.triesLeft);
        }
      expect(left.toSorted()).toEqual([1, 2, 3, 4]);
      const newest = (await codesTo(person.email)).at(-1)!;
      expect((await prove(body.session, wrongCode(newest))).status).toBe(404);
      expect((await prove(body.session, newest)).status).toBe(404);
      expect((await post(`/v1/sessions/${body.session}/code`, {}, { from: person.from })).status).toBe(404);
    }
  });

  it('opens no session but its own', async () => {
    const [one, other] = [somebody(), somebody()];
    const [first, second] = [await ask(one), await ask(other)];
    const [code] = await codesTo(one.email);
    const [others] = await codesTo(other.email);
    if (code !== others) expect((await prove(second.body.session, code!)).status).toBe(422);
    expect((await prove(randomUUID(), code!)).status).toBe(404);
    expect((await prove(first.body.session, code!)).status).toBe(200);
  });

  it('outlives a restart of the service, as do the tokens', async () => {
    const person = somebody();
    const before = await sessionOf(somebody());
    const { body } = await ask(person);
    await rig.close();
    await rig.open();
    expect((await prove(body.session, (await codesTo(person.email)).at(-1)!)).status).toBe(200);
    expect((await rig.get(undefined, '/v1/requests/own')).status).toBe(401);
    const own = await request(rig.app.getHttpServer()).get('/v1/requests/own').set('authorization', `Bearer ${before.access_token}`);
    expect(own.status).toBe(200);
  });
});

describe('nothing tells', () => {
  it('whether somebody is known by an address, until it is proved', async () => {
    const [known, stranger] = [somebody(), somebody()];
    rig.directory.same(`email|${known.email}`);
    const { subjectsOf } = rig.directory;
    let asked = 0;
    rig.directory.subjectsOf = (...args) => (asked++, subjectsOf(...args));
    const answers = [await ask(known), await ask(stranger)];
    const shapes = answers.map(({ status, body, headers }) => ({
      status,
      body: { ...body, session: body.session.length },
      headers: Object.keys(headers),
    }));
    expect(shapes[0]).toEqual(shapes[1]);
    for (const { body } of answers) {
      expect((await prove(body.session, '12345')).status).toBe(400);
      expect((await post(`/v1/sessions/${body.session}/code`, {}, { from: known.from })).status).toBe(202);
    }
    // The time it takes cannot differ either: nobody is asked who it is.
    expect(asked).toBe(0);
    rig.directory.subjectsOf = subjectsOf;
    // A letter that waits gives way to a newer one.
    expect((await codesTo(known.email)).length).toBeGreaterThan(0);
    expect((await codesTo(stranger.email)).length).toBeGreaterThan(0);
    const people = rig.directory.subjects.size;
    const proved = await prove(answers[1]!.body.session, (await codesTo(stranger.email)).at(-1)!);
    expect(proved.body.subject).toBeNull();
    expect(decodeJwt(proved.body.access_token)['subject']).toBe(refTo(`email|${stranger.email}`));
    expect(rig.directory.subjects.size).toBe(people);
  });

  it('an address or a code to whoever reads the database', async () => {
    const person = somebody();
    await ask(person);
    const { rows } = await rig.db.pool.query<{ text: string }>(
      `select (select string_agg(s::text, '') from session s) || (select string_agg(c::text, '') from session_code c)
        || (select string_agg(o::text, '') from outgoing o) as text`,
    );
    const hex = Buffer.from(person.email).toString('hex');
    expect(rows[0]!.text).toContain(refTo(`email|${person.email}`));
    expect(rows[0]!.text).not.toMatch(new RegExp(`${person.email}|${hex}|${person.from}`, 'i'));
    await codesTo(person.email);
  });

  it('and nothing is kept when the time is over', async () => {
    await ask(somebody());
    await rig.later(HOUR);
    const { rows } = await rig.db.pool.query('select 1 from session union all select 1 from session_code');
    expect(rows).toEqual([]);
  });
});

describe('codes in an hour', () => {
  it('to one address are five, whoever asks, however they are asked for', async () => {
    const { email } = somebody();
    const statuses = [];
    const { body } = await ask({ email, from: '198.51.100.1' });
    for (let i = 2; i <= 3; i++) statuses.push((await ask({ email: email.toUpperCase(), from: `198.51.100.${i}` })).status);
    for (let i = 4; i <= 6; i++) statuses.push((await post(`/v1/sessions/${body.session}/code`, {}, { from: `198.51.100.${i}` })).status);
    expect(statuses).toEqual([202, 202, 202, 202, 429]);
    const refused = await ask({ email, from: '198.51.100.7' });
    expect([refused.status, refused.body.type, refused.headers['retry-after']]).toEqual([
      429,
      expect.stringMatching(/too-many-codes$/),
      '3600',
    ]);
    expect((await mailsTo(email)).length + (await mailsTo(email.toUpperCase())).length).toBeLessThanOrEqual(5);
    rig.time = new Date(rig.time.getTime() + HOUR);
    expect((await ask({ email, from: '198.51.100.8' })).status).toBe(202);
  });

  it.each([
    ['from one caller', () => '192.0.2.1'],
    ['from one network of IPv6', (i: number) => `2001:db8:0:7::${(i + 1).toString(16)}`],
  ])('%s are twenty, also when they come at once', async (_, from) => {
    const answers = await Promise.all(Array.from({ length: 25 }, (_value, i) => ask({ email: somebody().email, from: from(i) })));
    expect(answers.filter(({ status }) => status === 202)).toHaveLength(20);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(5);
    expect((await ask(somebody())).status).toBe(202);
  });
});

describe('with such a token a person', () => {
  it('asks for a right as proved by the code, and sees their own requests and nobody else’s', async () => {
    const person = somebody();
    const id = rig.directory.same(`email|${person.email}`, `account|r-${n}`);
    const { access_token: token } = await sessionOf(person);
    const taken = await post<Taken>('/v1/requests', { right: 'access', email: person.email }, { token });
    expect([taken.status, taken.body.status, taken.body.needs]).toEqual([202, 'acknowledged', []]);
    const unnamed = await post<Taken>('/v1/requests', { right: 'objection', purposes: ['marketing'] }, { token });
    expect(unnamed.status).toBe(202);
    const said = await rig.said(taken.body.request);
    expect(said.find(({ type }) => type === 'request.identity-verified')?.data).toMatchObject({ method: 'email-code' });
    const actors = (await rig.requests.log.readStream(`request-${taken.body.request}`)).map(({ actor }) => actor);
    expect(actors).toContain(decodeJwt(token).sub);

    const other = somebody();
    const strangers = await sessionOf(other);
    const get = (url: string, by: string) => request(rig.app.getHttpServer()).get(url).set('authorization', `Bearer ${by}`);
    const own = (await get('/v1/requests/own', token)).body as Page<OwnView>;
    expect(own.data.map(({ request: one }) => one).sort()).toEqual([taken.body.request, unnamed.body.request].sort());
    expect(own).toMatchObject({ next_cursor: null, has_more: false });
    for (const row of own.data) {
      expect(row).not.toHaveProperty('subject');
      expect(row).not.toHaveProperty('tasks');
    }
    const first = (await get('/v1/requests/own?limit=1', token)).body as Page<OwnView>;
    expect(first.has_more).toBe(true);
    const rest = (await get(`/v1/requests/own?limit=1&cursor=${first.next_cursor}`, token)).body as Page<OwnView>;
    expect([...first.data, ...rest.data]).toEqual(own.data);
    expect((await get(`/v1/requests/${taken.body.request}`, token)).body).toMatchObject({ subject: id, identity: 'verified' });
    expect((await get('/v1/requests/own', strangers.access_token)).body).toEqual({ data: [], next_cursor: null, has_more: false });
    expect((await get(`/v1/requests/${taken.body.request}`, strangers.access_token)).status).toBe(403);
    expect((await post(`/v1/requests/${taken.body.request}/withdraw`, {}, { token: strangers.access_token })).status).toBe(403);
    expect((await post('/v1/requests', { right: 'access', subject: `account|r-${n - 1}` }, { token: strangers.access_token })).status).toBe(
      403,
    );
    expect((await get('/v1/requests', token)).status).toBe(403);
  });

  it('who was a stranger is named once the ledger knows them, and not renewed by that', async () => {
    const person = somebody();
    const { access_token: token, subject } = await sessionOf(person);
    expect(subject).toBeNull();
    expect((await post<PersonSession>('/v1/sessions/current/named', {}, { token })).body.subject).toBeNull();
    await post('/v1/requests', { right: 'access', email: person.email }, { token });
    const named = await post<PersonSession>('/v1/sessions/current/named', {}, { token });
    expect(named.body.subject).toBe(rig.directory.subjects.get(refTo(`email|${person.email}`)));
    expect(decodeJwt(named.body.access_token)).toMatchObject({ sub: decodeJwt(token).sub, subject: named.body.subject });
    expect((await post('/v1/sessions/current/named', {}, { token: named.body.access_token })).status).toBe(409);
  });
});

describe('an address that is tied to somebody', () => {
  const tie = async (address: string, people: string[], more: object = {}, type = 'attesta.identifier.linked.v1') =>
    rig.seal(
      ...people.map((subject) => ({
        type,
        source: '//storefront.test',
        subject,
        data: { kind: 'contact', rule: 'verified-address', related: [{ subject: address, role: 'linked' }], ...more },
      })),
    );
  /** Somebody's address and account, which the ledger knows as two. */
  const two = () => {
    const person = somebody();
    return { person, address: rig.directory.same(`email|${person.email}`), account: rig.directory.same(`account|t-${n}`) };
  };

  it('opens what is the person’s when they proved it to the company, and their requests are about them', async () => {
    const { person, address, account } = two();
    await tie(address, [account]);
    const { access_token: token, subject } = await sessionOf(person);
    expect([subject, decodeJwt(token)['subject']]).toEqual([account, account]);
    const taken = await post<Taken>('/v1/requests', { right: 'access', email: person.email }, { token });
    expect([taken.status, taken.body.status]).toEqual([202, 'acknowledged']);
    const get = (url: string) => request(rig.app.getHttpServer()).get(url).set('authorization', `Bearer ${token}`);
    expect((await get(`/v1/requests/${taken.body.request}`)).body).toMatchObject({ subject: account, identity: 'verified' });
    const other = await post<Taken>('/v1/requests', { right: 'access', email: somebody().email }, { token });
    expect([other.status, other.body.type]).toEqual([403, expect.stringContaining('not-your-address')]);
  });

  it('opens the address alone when the tie was undone, does not say so, or is several people’s', async () => {
    for (const prepare of [
      async ({ address, account }: ReturnType<typeof two>) => {
        await tie(address, [account]);
        await tie(address, [account], {}, 'attesta.identifier.unlinked.v1');
      },
      ({ address, account }: ReturnType<typeof two>) => tie(address, [account], { rule: 'user-request' }),
      ({ address, account }: ReturnType<typeof two>) => tie(address, [account], { kind: 'device' }),
      ({ address, account }: ReturnType<typeof two>) => tie(address, [account, randomUUID()]),
    ]) {
      const found = two();
      await prepare(found);
      expect((await sessionOf(found.person)).subject).toBe(found.address);
    }
  });

  it('opens the address alone once the person is forgotten', async () => {
    const { person, address, account } = two();
    await tie(address, [account]);
    await rig.requests.pool.query('insert into forgotten (subject) values ($1)', [account]);
    expect((await sessionOf(person)).subject).toBe(address);
  });
});

it('what is no address, language or code is refused without being repeated', async () => {
  for (const body of [
    {},
    { email: 'nobody' },
    { email: 'a@b.co\r\nBcc: c@d.co' },
    { email: ['a@b.co'] },
    { email: 'a@b.co', language: 'en\n' },
    { email: 'a@b.co', admin: true },
  ]) {
    expect((await post('/v1/sessions', body, { from: somebody().from })).status).toBe(400);
  }
  const { body } = await ask(somebody());
  for (const code of ['12345', '1234567', '１２３４５６', 123456, ['123456'], null])
    expect((await post(`/v1/sessions/${body.session}/token`, { code })).status).toBe(400);
  expect((await post('/v1/sessions/x/token', { code: '123456' })).status).toBe(400);
});

it('other services verify such tokens by what is published', async () => {
  const { access_token: token } = await sessionOf(somebody());
  const served = async (url: string | URL | Request): Promise<Response> => {
    const { status, body } = await request(rig.app.getHttpServer()).get(new URL(url as string).pathname);
    return Response.json(body, { status });
  };
  // The library that fetches keys knows no other way.
  const real = globalThis.fetch;
  globalThis.fetch = served as typeof fetch;
  try {
    const verifier = new TokenVerifier({
      issuer: 'https://issuer.example',
      audience: 'attesta',
      peopleIssuer: 'https://privacy.example/people',
      fetch: served,
    });
    await expect(verifier.verify(token)).resolves.toMatchObject({ roles: ['subject'], provedBy: 'email-code' });
  } finally {
    globalThis.fetch = real;
  }
});
