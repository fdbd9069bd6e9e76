import { randomUUID } from 'node:crypto';
import { setTimeout as breathe } from 'node:timers/promises';
import type { Role } from '@attesta/service-kit';
import { PostgresFeed } from '@attesta/transport';
import supertest from 'supertest';
import { behindOwnIssuer, boxesOf, dump, foundIn } from './hostile-rig.js';
import type { Taken } from './intake.js';
import type { PackageLink } from './packages.js';
import type { RequestView } from './request-views.js';
import { refTo, RequestsRig } from './requests-rig.js';
import { Requests } from './requests.js';
import { accepted, call, newPerson, PullSystem, taskRows, until, type ProblemBody } from './tasks-rig.js';

const SELF = 'account|self';
let rig: RequestsRig;
beforeAll(async () => {
  rig = await RequestsRig.start();
});
afterAll(() => rig.stop());

const ask = (body: object, role?: Role) => rig.post<Taken>(role, '/v1/requests', body);
const byLetter = async (subject: string) => (await ask({ right: 'erasure', subject, channel: 'letter' }, 'dpo')).body.request;
const statusOf = async (id: string) => (await rig.get('dpo', `/v1/requests/${id}`)).body.status;
const types = async (id: string, type: string) => (await rig.said(id)).filter((one) => one.type === `request.${type}`);

/** Sends what waits, and finds the newest code. */
async function codeOf(id: string): Promise<string> {
  await rig.requests.tick();
  // Another look may be sending it just now.
  await until(async () => (await rig.db.pool.query('select 1 from outgoing where request = $1', [id])).rowCount === 0, 'sending');
  const letter = rig.letters.findLast((one) => one.request === id && one.kind === 'code');
  if (letter?.kind !== 'code') throw new Error('no code was sent');
  return letter.code;
}

/** Lets the ledger give back what is said meanwhile: whoever accepts waits for it. */
async function whileCarried<T>(work: Promise<T>): Promise<T> {
  let working = true;
  const done = work.finally(() => (working = false));
  while (working) {
    await rig.carry();
    await breathe();
  }
  return done;
}

describe('who may do what', () => {
  type Who = 'nobody' | Exclude<Role, 'subject'> | 'self' | 'stranger';
  const ALL = ['nobody', 'auditor', 'dpo', 'operator', 'publisher', 'self', 'stranger'] as const satisfies readonly Who[];
  const reason = 'It was agreed.';
  // In the order of ALL. `self` asks about their own, `stranger` is a person who asks about somebody else's.
  const MATRIX: [route: string, body: object | undefined, ...statuses: number[]][] = [
    ['POST /v1/requests', { right: 'access' }, 202, 403, 202, 403, 403, 202, 403],
    ['GET /v1/requests', undefined, 401, 200, 200, 403, 403, 403, 403],
    ['GET /v1/requests/own', undefined, 401, 403, 403, 403, 403, 200, 200],
    ['GET /v1/requests/:id', undefined, 401, 200, 200, 403, 403, 200, 403],
    ['POST /v1/requests/:id/status', {}, 404, 404, 200, 404, 404, 200, 403],
    ['POST /v1/requests/:id/details', { reason }, 401, 403, 200, 403, 403, 403, 403],
    ['POST /v1/requests/:id/code', {}, 404, 404, 202, 404, 404, 202, 403],
    ['POST /v1/requests/:id/identity', { code: '123456' }, 404, 404, 409, 404, 404, 409, 403],
    ['POST /v1/requests/:id/identity/attest', { outcome: 'verified' }, 401, 403, 200, 403, 403, 403, 403],
    ['POST /v1/requests/:id/clarification', { question: 'Which account?' }, 401, 403, 200, 403, 403, 403, 403],
    ['POST /v1/requests/:id/answer', { text: 'The old one' }, 404, 404, 409, 404, 404, 409, 403],
    ['POST /v1/requests/:id/accept', {}, 401, 403, 409, 403, 403, 403, 403],
    ['POST /v1/requests/:id/reject', { ground: 'no-ground', reason }, 401, 403, 200, 403, 403, 403, 403],
    ['POST /v1/requests/:id/extend', { until: '2026-05-01T00:00:00Z', reason }, 401, 403, 409, 403, 403, 403, 403],
    ['POST /v1/requests/:id/withdraw', {}, 404, 404, 200, 404, 404, 200, 403],
    ['POST /v1/requests/:id/give-up', {}, 401, 403, 200, 403, 403, 403, 403],
    ['POST /v1/requests/:id/reopen', { reason }, 401, 403, 409, 403, 403, 403, 403],
    ['POST /v1/requests/:id/tasks/:none/settle', { reason }, 401, 403, 409, 403, 403, 403, 403],
    ['POST /v1/requests/:id/package', {}, 404, 404, 404, 404, 404, 404, 403],
    ['POST /v1/sessions', { email: 'somebody@example.com' }, 202, 202, 202, 202, 202, 429, 429],
    ['POST /v1/sessions/:none/code', {}, 404, 404, 404, 404, 404, 404, 404],
    ['POST /v1/sessions/:none/token', { code: '123456' }, 404, 404, 404, 404, 404, 404, 404],
    // A token of an account names its person already.
    ['POST /v1/sessions/current/named', {}, 401, 403, 403, 403, 403, 409, 409],
    ['GET /people/jwks', undefined, 200, 200, 200, 200, 200, 200, 200],
    ['GET /people/.well-known/openid-configuration', undefined, 200, 200, 200, 200, 200, 200, 200],
    ['GET /v1/systems', undefined, 401, 200, 200, 200, 200, 403, 403],
    [
      'POST /v1/systems',
      { id: 's', title: 'S', source: '//s.test', categories: ['cookie'], kinds: ['access'] },
      401,
      403,
      200,
      200,
      403,
      403,
      403,
    ],
    ['GET /v1/fulfilment/tasks?system=storefront', undefined, 401, 403, 403, 403, 200, 403, 403],
    ['GET /v1/fulfilment/tasks/:none', undefined, 401, 403, 403, 403, 404, 403, 403],
    ['POST /v1/fulfilment/tasks/:none/answer', { outcome: 'nothing-held' }, 401, 403, 403, 403, 404, 403, 403],
    ['GET /v1/packages/none', undefined, 404, 404, 404, 404, 404, 404, 404],
    ['POST /v1/packages/none', {}, 404, 404, 404, 404, 404, 404, 404],
    ['GET /v1/mail', undefined, 401, 403, 200, 403, 403, 403, 403],
    ['GET /v1/mail/:none?reason=It%20was%20agreed', undefined, 401, 403, 404, 403, 403, 403, 403],
    ['POST /v1/mail/:none/settle', { reason: 'It was agreed' }, 401, 403, 404, 403, 403, 403, 403],
    ['GET /ops/requests/progress', undefined, 401, 200, 403, 200, 403, 403, 403],
    ['GET /ops/requests/dlq', undefined, 401, 403, 403, 200, 403, 403, 403],
  ];

  beforeAll(async () => {
    rig.directory.same(SELF);
    await rig.post('operator', '/v1/systems', {
      id: 'storefront',
      title: 'Shop',
      source: '//storefront.test',
      categories: ['page-view'],
      kinds: ['access'],
    });
  });

  test.each(MATRIX)('%s', async (route, body, ...statuses) => {
    const [method, path] = route.split(' ') as ['GET' | 'POST', string];
    const got: Record<string, number> = {};
    for (const who of ALL) {
      const person = who === 'self' ? SELF : `account|${newPerson(rig).account}`;
      const id = await byLetter(person);
      await rig.carry();
      const to = path.replace(':id', id).replace(':none', randomUUID());
      const token = who === 'nobody' ? undefined : rig.tokens[who === 'self' || who === 'stranger' ? 'subject' : who];
      const sent = route === 'POST /v1/requests' ? { ...body, subject: person } : body;
      got[who] = (await call(rig, token, method === 'GET' ? 'get' : 'post', to, sent)).status;
    }
    expect(got).toEqual(Object.fromEntries(ALL.map((who, i) => [who, statuses[i]])));
  });

  test('another role beside subject opens nobody else’s request', async () => {
    const callAs = await behindOwnIssuer(rig);
    const { account } = newPerson(rig);
    const id = await byLetter(`account|${account}`);
    for (const roles of [
      ['subject'],
      ['subject', 'operator'],
      ['subject', 'publisher'],
      ['subject', 'operator', 'publisher'],
    ] as Role[][]) {
      const got: Record<string, number> = {};
      got['read'] = (await callAs(roles, refTo(SELF), 'get', `/v1/requests/${id}`)).status;
      for (const command of ['status', 'code', 'answer', 'package', 'withdraw']) {
        got[command] = (await callAs(roles, refTo(SELF), 'post', `/v1/requests/${id}/${command}`, {})).status;
      }
      expect([roles, got]).toEqual([roles, { read: 403, status: 403, code: 403, answer: 403, package: 403, withdraw: 403 }]);
    }
    expect(await statusOf(id)).toBe('requires-action');
  });
});

describe('what is no command', () => {
  test('ids that are none, and bodies that are none, are refused without being repeated', async () => {
    const id = await byLetter(`account|${newPerson(rig).account}`);
    for (const bad of ['x', '1%27%3Bdrop%20table%20request', '..%2F..%2Fetc', `${id}0`, '00000000']) {
      for (const path of [`/v1/requests/${bad}/accept`, `/v1/requests/${bad}/status`, `/v1/requests/${id}/tasks/${bad}/settle`]) {
        expect([path, (await rig.post('dpo', path, { reason: 'It was agreed.' })).status]).toEqual([path, 400]);
      }
      expect((await rig.get('dpo', `/v1/requests/${bad}`)).status).toBe(400);
      expect((await rig.get('publisher', `/v1/fulfilment/tasks/${bad}`)).status).toBe(400);
    }
    expect((await rig.get('dpo', `/v1/requests/${randomUUID()}`)).status).toBe(404);
    const secret = 'somchai-jaidee-1990';
    const cases: [path: string, body: object, field: string][] = [
      ['', { right: [secret], email: 'a@example.com' }, '/right'],
      ['', { right: 'access', email: secret }, '/email'],
      ['', { right: 'access', email: { $ne: secret } }, '/email'],
      ['', { right: 'access', email: 'a@example.com', text: 7 }, '/text'],
      ['', { right: 'access', email: 'a@example.com', identifiers: { scheme: secret } }, '/identifiers'],
      ['', { right: 'access', email: 'a@example.com', identifiers: [secret] }, '/identifiers/0'],
      ['', { right: 'access', email: 'a@example.com', [secret]: 1 }, `/${secret}`],
      [
        '',
        { right: 'rectification', email: 'a@example.com', changes: [{ category: 'contact', field: 'phone', value: 7 }] },
        '/changes/0/value',
      ],
      [`/${id}/identity`, { code: secret }, '/code'],
      [`/${id}/identity`, { code: 123456 }, '/code'],
      [`/${id}/identity/attest`, { outcome: secret }, '/outcome'],
      [`/${id}/accept`, { refused: secret }, '/refused'],
      [`/${id}/extend`, { until: secret, reason: 'It takes longer.' }, '/until'],
      [`/${id}/reopen`, { reason: 'Complaint', complaint: secret }, '/complaint'],
      [`/${id}/tasks/${randomUUID()}/settle`, { reason: 'It was agreed.', acknowledged: secret }, '/acknowledged'],
    ];
    for (const [path, body, field] of cases) {
      const { status, body: problem } = await rig.post<ProblemBody>('dpo', `/v1/requests${path}`, body);
      expect([path, body, status, problem.errors?.[0]?.field]).toEqual([path, body, 400, field]);
      if (field !== `/${secret}`) expect(JSON.stringify(problem)).not.toContain(secret);
    }
    for (const query of [
      'overdue=perhaps',
      'limit=0',
      'limit=501',
      'limit=x',
      'cursor=x',
      `subject=${secret}`,
      'status=open',
      `right=${'x'.repeat(99)}`,
    ]) {
      expect([query, (await rig.get('dpo', `/v1/requests?${query}`)).status]).toEqual([query, 400]);
    }
  });

  test('a body that is too large is too large', async () => {
    const { token } = await PullSystem.register(rig, { id: 'large', categories: ['bank-account'] });
    const { request } = await accepted(rig, { right: 'access', categories: ['bank-account'] });
    const [task] = await taskRows(rig, request);
    const mib = (n: number) => 'x'.repeat(n * 1024 * 1024);
    expect((await ask({ right: 'access', email: 'a@example.com', text: mib(1) })).status).toBe(413);
    expect((await call(rig, token, 'post', `/v1/fulfilment/tasks/${task?.id}/answer`, JSON.stringify({ outcome: mib(17) }))).status).toBe(
      413,
    );
    expect((await call(rig, rig.tokens.dpo, 'post', '/v1/mail', mib(11))).status).toBe(413);
    expect(await statusOf(request)).toBe('accepted');
  });

  test('a personal value does not get into what is sealed', async () => {
    const id = await byLetter(`account|${newPerson(rig).account}`);
    const before = (await rig.said(id)).length;
    for (const value of ['somchai@example.com', '081 234 5678', '+66 81 234 5678', '1-1017-00230-70-8']) {
      const reason = `As ${value} says`;
      for (const [command, body] of [
        ['reject', { ground: 'no-ground', reason }],
        ['extend', { until: '2026-05-01T00:00:00Z', reason }],
        ['clarification', { question: reason }],
        ['reopen', { reason }],
        ['details', { reason }],
        [`tasks/${randomUUID()}/settle`, { reason }],
      ] as const) {
        const { status, body: problem } = await rig.post<ProblemBody>('dpo', `/v1/requests/${id}/${command}`, body);
        const field = command === 'clarification' ? '/question' : '/reason';
        expect([command, value, status, problem.errors?.[0]?.field]).toEqual([command, value, 400, field]);
        expect(JSON.stringify(problem)).not.toContain(value);
      }
    }
    expect(await rig.said(id)).toHaveLength(before);
    const system = await PullSystem.register(rig, { id: 'talks', categories: ['official-identifier'] });
    const { request, subject } = await accepted(rig, { right: 'erasure', categories: ['official-identifier'] });
    const { task } = await system.taskOf(request);
    const kept = [{ category: 'official-identifier', reason: 'somchai@example.com has a debt' }];
    expect((await system.answer(task, { outcome: 'done', subject, categories: [], kept })).status).toBe(422);
    expect(JSON.stringify(await rig.said(request))).not.toContain('somchai');
    expect(await statusOf(request)).toBe('accepted');
  });

  test('an id may be written in capitals', async () => {
    const { email } = newPerson(rig);
    const { body } = await ask({ right: 'access', email, text: 'Everything' });
    const at = `/v1/requests/${body.request.toUpperCase()}`;
    expect((await rig.post<object>('dpo', `${at}/details`, { reason: 'To handle it' })).body).toMatchObject({
      email,
      texts: ['Everything'],
    });
    await codeOf(body.request);
    expect((await rig.post(undefined, `${at}/code`, { receipt: body.receipt })).status).toBe(202);
    const proof = { receipt: body.receipt, code: await codeOf(body.request) };
    expect((await rig.post(undefined, `${at}/identity`, proof)).body).toMatchObject({ identity: 'verified' });
    expect((await rig.post('dpo', `${at}/accept`)).body).toMatchObject({ status: 'accepted' });
  });
});

describe('a code', () => {
  const issue = (id: string, email: string) =>
    rig.requests.handle(id, undefined, (open, tx) => rig.requests.identity.issue(tx, open, { email }));

  test('that is void is not sent any more', async () => {
    // Nobody sends meanwhile.
    const asker = await Requests.open({ ...rig.requests.options, feed: new PostgresFeed(rig.ledger), post: undefined });
    for (let round = 0; round < 4; round++) {
      const { email } = newPerson(rig);
      const { request } = await asker.intake.take({ right: 'access', channel: 'form', subject: `email|${email}`, email });
      for (let again = 0; again < 3; again++) {
        await asker.handle(request, undefined, (open, tx) => asker.identity.issue(tx, open, { email }));
      }
      const code = await codeOf(request);
      expect(rig.letters.filter((one) => one.request === request)).toHaveLength(1);
      expect((await asker.identity.prove(request, code)).state.identity).toBe('verified');
    }
    await asker.close();
  });

  test('stays good however many are asked for in the name of its owner', async () => {
    const { email } = newPerson(rig);
    const { body } = await ask({ right: 'access', email });
    for (let again = 1; again < rig.requests.rules.code.perHour; again++) await issue(body.request, email);
    const code = await codeOf(body.request);
    const letters = rig.letters.length;
    const stranger = await ask({ right: 'access', email });
    for (let again = 0; again < 3; again++) await issue(body.request, email);
    await rig.requests.tick();
    expect(rig.letters).toHaveLength(letters);
    // Who asked too often sees what everybody sees.
    const guess = { receipt: stranger.body.receipt, code: '123456' };
    expect((await rig.post(undefined, `/v1/requests/${stranger.body.request}/identity`, guess)).body).toMatchObject({ triesLeft: 4 });
    const proof = { receipt: body.receipt, code };
    expect((await rig.post(undefined, `/v1/requests/${body.request}/identity`, proof)).body).toMatchObject({ identity: 'verified' });
  });
});

describe('the same twice at once', () => {
  const twice = <T>(once: () => Promise<T>): Promise<T[]> => Promise.all([once(), once(), once()]);
  const statuses = (answers: { status: number }[]) => answers.map(({ status }) => status).sort();

  test('is done once', async () => {
    const { email } = newPerson(rig);
    const taken = await twice(() => ask({ id: 'twice-1', right: 'access', email, categories: ['identity'] }));
    expect(new Set(taken.map(({ body }) => body.request)).size).toBe(1);
    expect(taken.map(({ body }) => body.taken).sort()).toEqual(['duplicate', 'duplicate', 'received']);
    const { request } = taken[0]!.body;
    const at = `/v1/requests/${request}`;
    const receipt = taken.find(({ body }) => body.taken === 'received')?.body.receipt;
    const code = await codeOf(request);

    expect(statuses(await twice(() => rig.post(undefined, `${at}/identity`, { receipt, code })))).toEqual([200, 200, 200]);
    expect(await types(request, 'identity-verified')).toHaveLength(1);
    expect(statuses(await whileCarried(twice(() => rig.post('dpo', `${at}/accept`))))).toEqual([200, 409, 409]);
    expect(await types(request, 'accepted')).toHaveLength(1);
    await twice(() => rig.requests.tick());
    await until(async () => (await types(request, 'fulfilled')).length > 0, 'fulfilment');
    await rig.requests.tick();
    expect(await types(request, 'fulfilled')).toHaveLength(1);
    const letters = rig.letters.filter((one) => one.request === request);
    expect(letters.map(({ kind }) => kind)).toEqual(['code', 'package']);
    const letter = letters[1];
    const link = letter?.kind === 'package' ? letter.link.replace('https://privacy.example', '') : '';
    expect(statuses(await twice(() => rig.post(undefined, link)))).toEqual([200, 404, 404]);
    expect(await types(request, 'package-downloaded')).toHaveLength(1);
  });

  test('wrong codes at once are counted one by one', async () => {
    const { email } = newPerson(rig);
    const { body } = await ask({ right: 'access', email });
    const code = await codeOf(body.request);
    const wrong = String((Number(code) + 1) % 1_000_000).padStart(6, '0');
    const guesses = await Promise.all(
      Array.from({ length: 12 }, () =>
        rig.post(undefined, `/v1/requests/${body.request}/identity`, { receipt: body.receipt, code: wrong }),
      ),
    );
    expect(statuses(guesses)).toEqual([409, 409, 409, 409, 409, 409, 409, 409, 422, 422, 422, 422]);
    expect((await rig.post(undefined, `/v1/requests/${body.request}/identity`, { receipt: body.receipt, code })).status).toBe(409);
    expect(await types(body.request, 'identity-failed')).toHaveLength(1);
  });

  test('a link is drawn once', async () => {
    const { request } = await accepted(rig, { right: 'portability', categories: ['identity'] });
    await rig.requests.tick();
    const drawn = await twice(() => rig.post<PackageLink>('dpo', `/v1/requests/${request}/package`));
    expect(statuses(drawn)).toEqual([200, 409, 409]);
  });

  test('accepted, refused and withdrawn, it is one of them', async () => {
    for (let round = 0; round < 5; round++) {
      const id = await byLetter(`account|${newPerson(rig).account}`);
      await rig.post('dpo', `/v1/requests/${id}/identity/attest`, { outcome: 'verified' });
      const answers = await whileCarried(
        Promise.all([
          rig.post('dpo', `/v1/requests/${id}/accept`, {}),
          rig.post('dpo', `/v1/requests/${id}/reject`, { ground: 'no-ground', reason: 'It was agreed.' }),
          rig.post('dpo', `/v1/requests/${id}/reject`, { ground: 'kept-by-law', reason: 'It was agreed.' }),
        ]),
      );
      expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
      const ends = (await rig.said(id)).filter(({ type }) => /request\.(?:accepted|rejected)$/.test(type));
      expect(ends).toHaveLength(1);
    }
  });
});

describe('a process that is killed', () => {
  test('between the commit and what follows leaves nothing undone: another one makes the package and sends each letter once', async () => {
    const sent: string[] = [];
    const posting: ((error: Error) => void)[] = [];
    const sending = { now: 'hang' };
    await rig.requests.tick();
    const killed = await Requests.open({
      ...rig.requests.options,
      tickMs: 1,
      feed: new PostgresFeed(rig.ledger),
      // Hangs in the middle of sending, so that nothing that is committed then is followed up.
      post: (letter, { request }) =>
        sending.now === 'hang'
          ? new Promise((_, reject) => posting.push(reject))
          : Promise.resolve(void sent.push(`${letter.kind} ${request}`)),
    });
    const { email } = newPerson(rig);
    const person = newPerson(rig);
    const first = await killed.intake.take({
      right: 'access',
      categories: ['identity'],
      channel: 'form',
      subject: `email|${email}`,
      email,
    });
    await until(() => posting.length === 1);
    const second = await killed.intake.take({
      right: 'access',
      categories: ['identity'],
      channel: 'form',
      subject: `account|${person.account}`,
      email: person.email,
      proved: { method: 'email-code' },
    });
    await rig.carry();
    await killed.tasks.accept(second.request, 'dpo-7', { refused: [] });
    expect((await rig.db.pool.query('select 1 from package where request = $1', [second.request])).rowCount).toBe(0);
    // All that the process had open, as when it dies.
    await rig.db.pool.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and backend_xid is not null and pid <> pg_backend_pid()
          or datname = current_database() and state = 'idle in transaction'`,
    );
    const survivor = await Requests.open({
      ...rig.requests.options,
      feed: new PostgresFeed(rig.ledger),
      post: (letter, { request }) => Promise.resolve(void sent.push(`${letter.kind} ${request}`)),
    });
    await rig.carry();
    await survivor.tick();
    expect(await types(second.request, 'package-made')).toHaveLength(1);
    expect(await statusOf(second.request)).toBe('fulfilled');
    expect(sent.sort()).toEqual([`code ${first.request}`, `package ${second.request}`].sort());
    await survivor.tick();
    // Even if the dead one had only been slow.
    sending.now = 'send';
    for (const reject of posting) reject(new Error('The connection was closed'));
    await killed.tick();
    expect(sent).toHaveLength(2);
    await Promise.all([killed.close(), survivor.close()]);
  });

  test('or a package that cannot be made keeps nobody else waiting', async () => {
    const system = await PullSystem.register(rig, { id: 'odd', categories: ['third-party-activity'] });
    const both = [
      await accepted(rig, { right: 'access', categories: ['third-party-activity'] }),
      await accepted(rig, { right: 'access', categories: ['third-party-activity'] }),
    ].sort((a, b) => (a.request < b.request ? -1 : 1));
    const tasks = await Promise.all(both.map(({ request }) => system.taskOf(request)));
    await rig.db.pool.query(`
      create function spoil() returns trigger language plpgsql as $$ begin
        new.answer := set_byte(new.answer, length(new.answer) - 1, (get_byte(new.answer, length(new.answer) - 1) + 1) % 256);
        return new;
      end $$;
      create trigger spoil before update of answer on task for each row
        when (new.id = '${tasks[0]?.task}' and new.answer is not null) execute function spoil()`);
    for (const { task, subject } of tasks) {
      const records = [{ category: 'third-party-activity', name: 'visit', provenance: 'observed', values: { page: 'p' } }];
      expect((await system.answer(task, { outcome: 'data', subject, records })).status).toBe(200);
    }
    await rig.db.pool.query('drop function spoil cascade');
    const [broken, sound] = both.map(({ request }) => request);
    const letters = rig.letters.length;
    const { email } = newPerson(rig);
    await ask({ right: 'access', email });
    await rig.requests.tick().catch(() => undefined);
    await until(() => rig.letters.length === letters + 1, 'the letter to somebody else');
    await until(async () => (await statusOf(sound!)) === 'fulfilled', 'the other package');
    expect(await statusOf(broken!)).toBe('accepted');
    await rig.post('dpo', `/v1/requests/${broken}/withdraw`);
  });
});

describe('somebody who is forgotten', () => {
  test('leaves nothing that could be opened, but that there were requests', async () => {
    const system = await PullSystem.register(rig, { id: 'archive', categories: ['health'] });
    const person = newPerson(rig);
    const other = newPerson(rig);
    const requests: (RequestView | Taken)[] = [];
    const records = [{ category: 'health', name: 'visit', provenance: 'provided', values: { ward: 'Ward seventeen' } }];
    for (const one of [person, other]) {
      const asked = await accepted(rig, { right: 'access', categories: ['health'], email: one.email, text: 'Please hurry' }, one);
      const { task, subject } = await system.taskOf(asked.request);
      if (one === other) continue;
      requests.push(asked);
      await system.answer(task, { outcome: 'data', subject, records });
      await rig.requests.tick();
    }
    const open = await accepted(rig, { right: 'access', categories: ['health'] }, person);
    const erasure = await accepted(rig, { right: 'erasure', categories: ['health'] }, person);
    const unproved = await ask({ right: 'access', email: person.email });
    const drawn = await rig.post<PackageLink>('dpo', `/v1/requests/${requests[0]!.request}/package`);
    const link = drawn.body.link.replace('https://privacy.example', '');
    const late = await system.taskOf(open.request);
    expect(new Set(await boxesOf(rig, person.subject))).toEqual(new Set(['request', 'task', 'outgoing', 'code', 'package', 'known_ref']));

    await rig.seal({
      type: 'attesta.key.destroyed.v1',
      subject: person.subject,
      data: { keys: [{ subject: person.subject, key: 'health.1' }], scope: 'subject', reason: 'erasure', method: 'crypto-shredding' },
    });
    expect(await boxesOf(rig, person.subject)).toEqual([]);
    expect(new Set(await boxesOf(rig, other.subject))).toEqual(new Set(['request', 'task', 'known_ref']));
    expect((await rig.post(undefined, link)).status).toBe(404);
    expect((await supertest(rig.app.getHttpServer()).get(link)).status).toBe(404);
    expect((await rig.post(undefined, `/v1/requests/${unproved.body.request}/status`, { receipt: unproved.body.receipt })).status).toBe(
      404,
    );
    expect((await rig.post<object>('dpo', `/v1/requests/${open.request}/details`, { reason: 'To handle it' })).body).toEqual({
      identifiers: [],
      texts: [],
    });
    expect((await system.tasks()).map(({ subject }) => subject)).not.toContain(person.subject);
    const list = await rig.get<{ data: RequestView[] }>('dpo', `/v1/requests?subject=${person.subject}`);
    expect(list.body.data.map(({ request }) => request).sort()).toEqual(
      [requests[0]!.request, open.request, erasure.request, unproved.body.request].sort(),
    );

    // What comes late brings nothing back.
    const sent = rig.letters.length;
    const late2 = await system.answer(late.task, { outcome: 'data', subject: person.subject, records });
    expect([200, 404, 409]).toContain(late2.status);
    expect(await boxesOf(rig, person.subject)).toEqual([]);
    expect((await rig.post('dpo', `/v1/requests/${unproved.body.request}/code`)).status).toBe(202);
    await rig.requests.tick();
    expect(rig.letters).toHaveLength(sent);
    expect(foundIn(await dump(rig), 'Ward seventeen')).toEqual([]);
    expect((await boxesOf(rig, person.subject)).filter((found) => found !== 'package')).toEqual([]);
  });
});

test('the database never holds a personal value in clear', async () => {
  const system = await PullSystem.register(rig, { id: 'vault-like', categories: ['contact', 'address'] });
  const email = 'malee.srisuk@example.co.th';
  const account = 'malee-account-88213';
  rig.directory.same(`email|${email}`, `account|${account}`);
  const planted = [
    email,
    account,
    'มาลี ศรีสุข ขอข้อมูลของฉัน',
    'I am the sister of Anan Srisuk',
    'Sukhumvit 71 Lane 4, Bangkok',
    '0898765432',
    'A-7781-CARD',
    'Petchaburi Road 1188',
  ];
  const codes: string[] = [];
  const clean = async (when: string) => {
    const dumped = await dump(rig);
    for (const value of [...planted, ...codes]) expect([when, value, foundIn(dumped, value)]).toEqual([when, value, []]);
    expect([
      when,
      rig.errors.filter((error) => planted.some((value) => `${String(error)}${JSON.stringify(error)}`.includes(value))),
    ]).toEqual([when, []]);
  };
  // The dump would show them.
  await rig.db.pool.query('create table shown (text text, json jsonb, bytes bytea)');
  await rig.db.pool.query('insert into shown values ($1, $2, $3)', [planted[3], { a: planted[2] }, Buffer.from(planted[5]!)]);
  const dumped = await dump(rig);
  for (const i of [2, 3]) expect(foundIn(dumped, planted[i]!)).toHaveLength(1);
  expect(foundIn(dumped, planted[5]!).length + foundIn(dumped, Buffer.from(planted[5]!).toString('hex')).length).toBe(1);
  await rig.db.pool.query('drop table shown');

  for (const right of ['access', 'rectification', 'erasure'] as const) {
    const { body } = await ask({
      right,
      email,
      identifiers: [
        { scheme: 'account', value: account },
        { scheme: 'loyalty-card', value: planted[6] },
      ],
      text: planted[2],
      language: 'th',
      ...(right === 'rectification' && {
        changes: [
          { category: 'address', field: 'street', value: planted[4] },
          { category: 'contact', field: 'phone', value: planted[5] },
        ],
      }),
    });
    const at = `/v1/requests/${body.request}`;
    await clean(`${right}: asked`);
    codes.push(await codeOf(body.request));
    await clean(`${right}: code sent`);
    await rig.post(undefined, `${at}/identity`, { receipt: body.receipt, code: '000000' });
    await rig.post(undefined, `${at}/identity`, { receipt: body.receipt, code: codes.at(-1) });
    await rig.post('dpo', `${at}/clarification`, { question: 'Which of your accounts?' });
    await rig.post(undefined, `${at}/answer`, { receipt: body.receipt, text: planted[3] });
    await clean(`${right}: proved and answered`);
    expect((await rig.post('dpo', `${at}/accept`)).body.status).toBe('accepted');
    await clean(`${right}: accepted`);
    const { task, subject, categories } = await system.taskOf(body.request);
    const records = [{ category: 'address', name: 'customer', provenance: 'provided', values: { street: planted[7] } }];
    await system.answer(task, { outcome: 'failed', subject, reason: planted[7], retry: true });
    await system.answer(task, { outcome: 'data', subject, records: [{ ...records[0], category: 'health' }] });
    const answer = right === 'access' ? { outcome: 'data', subject, records } : { outcome: 'done', subject, categories };
    expect((await system.answer(task, answer)).status).toBe(200);
    await clean(`${right}: answered by the system`);
    for (const { task: other, system: name, outcome } of (await rig.get('dpo', at)).body.tasks) {
      if (outcome === null && name !== 'vault-like') await rig.post('dpo', `${at}/tasks/${other}/settle`, { reason: 'By hand.' });
    }
    await rig.requests.tick();
    expect(await statusOf(body.request)).toBe('fulfilled');
    await clean(`${right}: fulfilled`);
    const letter = rig.letters.findLast((one) => one.request === body.request && one.kind === 'package');
    if (letter?.kind === 'package') {
      const token = letter.link.slice(letter.link.lastIndexOf('/') + 1);
      planted.push(token);
      await clean(`${right}: link sent`);
      expect((await rig.post(undefined, `/v1/packages/${token}`)).status).toBe(200);
      await clean(`${right}: downloaded`);
    }
  }
});
